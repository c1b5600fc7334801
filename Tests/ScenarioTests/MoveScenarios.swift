import FieldStore
import FoundationEssentials
import GRDB
import ServerStore
import SurveyCoverage
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore
import SurveyWire
import Synchronization
import Testing

@testable import FieldClient
@testable import SyncServer

/// Households that move, members that leave, and villages that change hands.
@Suite struct MoveScenarios {
    private static let (old, new) = (World.villages[0], World.villages[1])

    private func village(_ code: String, _ device: Device) throws -> Area {
        try device.store.villages(code)[0]
    }

    private func row(_ device: Device, _ village: String) throws -> CoverageRow {
        let table = try device.coverage()
        return table.rows.first { $0.area == village }!
    }

    private func serverRow(_ world: World, _ village: String) throws -> CoverageRow {
        let tree = try world.server.areaTree()
        let table = CoverageTable(
            try world.server.coverage(try world.round()), villages: tree.villages, tree: tree,
            by: .village)
        return table.rows.first { $0.area == village }!
    }

    @Test func `a household that moves takes its checks along, and no neighbour's`() async throws {
        let world = try World()
        let both = try await world.device("both", [Self.old, Self.new])
        let leaves = try await world.device("leaves", [Self.old])
        let arrives = try await world.device("arrives", [Self.new])
        for device in [both, leaves, arrives] { try await device.sync() }
        let moving = "\(Self.old)-1"
        let check = try leaves.check("housing", moving, .graded("A")).edit
        try leaves.check("housing", "\(Self.old)-2", .graded("A"))
        for device in [leaves, both] { try await device.sync() }

        try both.store.move(moving, to: try village(Self.new, both), address: "新址")
        for device in [both, leaves, arrives] { try await device.sync() }
        #expect(try arrives.state(check.header.record).included.map(\.id) == [check.id])
        #expect(try row(arrives, Self.new).households == 5)
        #expect(try row(arrives, Self.new).count(.housing).safe == 1)
        #expect(try row(leaves, Self.old).households == 3)
        #expect(try row(leaves, Self.old).count(.housing).safe == 1)
        #expect(try arrives.count("SELECT COUNT(*) FROM check_state") == 1, "no neighbour's check")
        #expect(try arrives.count("SELECT COUNT(*) FROM person WHERE area != 0") == 10)
        for village in [Self.old, Self.new] {
            #expect(try row(both, village).tally == serverRow(world, village).tally)
        }
        #expect(try world.server.check(in: world.folder).isSound)
    }

    @Test func `what still arrives in the old village follows the household`() async throws {
        let world = try World()
        let both = try await world.device("both", [Self.old, Self.new])
        let late = try await world.device("late", [Self.old])
        let arrives = try await world.device("arrives", [Self.new])
        for device in [both, late, arrives] { try await device.sync() }
        let check = try late.check("water", "\(Self.old)-1", ["litres_pcd": "60"]).edit
        try both.store.move("\(Self.old)-1", to: try village(Self.new, both), address: nil)
        for device in [both, late, arrives] { try await device.sync() }
        #expect(try arrives.state(check.header.record).included.map(\.id) == [check.id])
        #expect(try world.server.excludedEdits().isEmpty, "who has not heard of it is not late")
    }

    @Test func `an address that no form takes is refused by a move too`() async throws {
        let world = try World()
        let wang = try await world.device("wang", ["5204"])
        try await wang.sync()
        let target = try #require(try wang.store.villages(World.villages[1]).first)
        for address in [String(repeating: "长", count: 600), "一组\u{1B}[2J"] {
            let refusal = try failure {
                try wang.store.move("\(World.villages[0])-1", to: target, address: address)
            }
            #expect(refusal.problem == .badAnswer)
        }
        let reason = try failure {
            try wang.store.join(
                "\(World.villages[0])-1", "\(World.villages[0])-2", same: true,
                reason: String(repeating: "x", count: 2_000))
        }
        #expect(reason.problem == .badAnswer)
        #expect(try wang.store.status().pending == 0)
    }

    @Test func `a move into somebody else's village waits for review`() async throws {
        let world = try World()
        let mover = try await world.device("mover", [Self.old])
        let arrives = try await world.device("arrives", [Self.new])
        for device in [mover, arrives] { try await device.sync() }
        let edit = try mover.store.move(
            "\(Self.old)-1", to: try village(Self.new, mover), address: nil
        )[0].edit
        #expect(try await mover.sync().notices.map(\.code) == [.held])
        try await arrives.sync()
        #expect(try row(arrives, Self.new).households == 4)
        try world.server.review(edit.id.hex, .accept)
        try await arrives.sync()
        #expect(try row(arrives, Self.new).households == 5)
        #expect(try await mover.sync().notices.map(\.code) == [.accepted])
        // Reversible: the household is back where it was, on every device.
        try world.server.review(edit.id.hex, .reject)
        #expect(try await mover.sync().notices.map(\.code) == [.rejected])
        try await arrives.sync()
        #expect(try row(arrives, Self.new).households == 4)
        #expect(try row(mover, Self.old).households == 4)
    }

    @Test func `a finding that a review accepts counts where its household is`() async throws {
        let world = try World()
        let mover = try await world.device("mover", [Self.old])
        let stays = try await world.device("stays", [Self.old])
        for device in [mover, stays] { try await device.sync() }
        // Believing that the household is in the other village, where nobody let it move to.
        let household = "\(Self.old)-1"
        try mover.store.move(household, to: try village(Self.new, mover), address: nil)
        var form = try mover.store.openFinding(about: household, round: nil)
        form.answers[Finding.category] = .housing
        form.answers[Finding.level] = .local
        form.answers[Finding.severity] = .ordinary
        form.answers[Finding.summary] = "墙体开裂"
        form.answers[Finding.deadline] = CalendarDate(daysSinceEpoch: 30_000)
        let edit = try mover.store.save(form, sections: Set(form.form.sections.map(\.tag))).edit
        #expect(edit.header.area == (try village(Self.new, mover)).id)
        try await mover.sync()
        try await stays.sync()
        #expect(try row(stays, Self.old).tally[.findingsReceived] == 0)
        try world.server.review(edit.id.hex, .accept)
        try await stays.sync()
        #expect(try row(stays, Self.old).tally[.findingsReceived] == 1)
        #expect(try row(stays, Self.old).tally == serverRow(world, Self.old).tally)
    }

    @Test func `a person who joins another household is counted there`() async throws {
        let world = try World()
        let both = try await world.device("both", [Self.old, Self.new])
        let leaves = try await world.device("leaves", [Self.old])
        let arrives = try await world.device("arrives", [Self.new])
        for device in [both, leaves, arrives] { try await device.sync() }
        try leaves.check(
            "medical", "\(Self.old)-1/2",
            ["insurance": "1", "insured_year": "2026", "contract": "no"])
        for device in [leaves, both] { try await device.sync() }
        try both.store.transfer("\(Self.old)-1/2", to: "\(Self.new)-1")
        for device in [both, leaves, arrives] { try await device.sync() }
        #expect(try row(leaves, Self.old).persons == 7)
        #expect(try row(arrives, Self.new).persons == 9)
        #expect(try row(arrives, Self.new).count(.medical).safe == 1)
    }

    @Test func `a roster that names another village moves the household`() async throws {
        let world = try World()
        let arrives = try await world.device("arrives", [Self.new])
        try await arrives.sync()
        let report = try world.importRoster(
            "household_no,village_code,head_name,household_type,address\n"
                + "\(Self.old)-1,\(Self.new),户主1,,1组\n")
        #expect(report.changed == 1 && report.wrong == 0)
        try await arrives.sync()
        #expect(try row(arrives, Self.new).households == 5)
        #expect(try row(arrives, Self.new).persons == 10)
        #expect(try serverRow(world, Self.old).households == 3)
        #expect(try world.server.check(in: world.folder).isSound)
    }

    @Test func `a village that is taken away is pushed first and then goes`() async throws {
        let world = try World()
        let wang = try await world.device("wang", [Self.old, Self.new])
        let li = try await world.device("li", [Self.old])
        for device in [wang, li] { try await device.sync() }
        let others = try li.check("housing", "\(Self.old)-1", .graded("A")).edit
        for device in [li, wang] { try await device.sync() }
        try world.server.backUp(to: world.folder.appending(path: "backup"), isOnly: true)
        let own = try wang.check("housing", "\(Self.old)-2", .graded("A")).edit
        try world.server.assign("wang", adding: [], removing: try world.server.areas([Self.old]))

        let summary = try await wang.sync()
        #expect(summary.sent == 1)
        #expect(summary.notices.map(\.code) == [.held, .areasChanged, .evicted])
        #expect(try wang.state(others.header.record).included.isEmpty)
        #expect(try wang.state(own.header.record).excluded.map(\.id) == [own.id], "own edits stay")
        #expect(try wang.count("SELECT COUNT(*) FROM household") == 4)
        #expect(try wang.count("SELECT COUNT(*) FROM person") == 8)

        try world.server.assign("wang", adding: try world.server.areas([Self.old]), removing: [])
        try await wang.sync()
        #expect(try wang.state(others.header.record).included.map(\.id) == [others.id])
        #expect(try wang.count("SELECT COUNT(*) FROM household") == 8)
        #expect(try row(wang, Self.old).tally == serverRow(world, Self.old).tally)
    }

    @Test func `what no backup holds stays in the home`() async throws {
        let world = try World()
        let wang = try await world.device("wang", [Self.old, Self.new])
        let li = try await world.device("li", [Self.old])
        try world.server.backUp(to: world.folder.appending(path: "backup"), isOnly: true)
        for device in [wang, li] { try await device.sync() }
        let others = try li.check("housing", "\(Self.old)-1", .graded("A")).edit
        for device in [li, wang] { try await device.sync() }
        try world.server.assign("wang", adding: [], removing: try world.server.areas([Self.old]))
        try await wang.sync()
        #expect(try wang.state(others.header.record).included.map(\.id) == [others.id])

        // The backup is restored: the home still has what it lacks.
        let restored = try world.restoreBackup("backup")
        try await wang.sync()
        #expect(try restored.excludedEdits().isEmpty)
        let isHeld = try restored.read { db in try SegmentLog.contains(others, in: db) }
        #expect(isHeld)
    }

    @Test func `what was in time stays in time when a backup is restored`() async throws {
        let world = try World()
        let wang = try await world.device("wang", [Self.old])
        let boss = try await world.device("boss", ["5204"], role: .administrator)
        for device in [wang, boss] { try await device.sync() }
        try world.server.backUp(to: world.folder.appending(path: "backup"), isOnly: true)
        let edit = try wang.check("housing", "\(Self.old)-1", .graded("A")).edit
        try await wang.sync()
        try world.server.assign("wang", adding: [], removing: try world.server.areas([Self.old]))
        try await boss.sync()
        let late = try wang.check("housing", "\(Self.old)-2", .graded("A")).edit

        let restored = try world.restoreBackup("backup")
        for device in [boss, wang, boss] { try await device.sync() }
        #expect(try restored.users().first { $0.name == "wang" }?.areas == [])
        #expect(try restored.excludedEdits().map(\.edit.id) == [late.id])
        #expect(try boss.state(edit.header.record).included.map(\.id) == [edit.id])
    }

    @Test func `many segments are offered by their ids before their bodies`() async throws {
        let world = try World()
        let wang = try await world.device("wang", [Self.old])
        let li = try await world.device("li", [Self.old])
        for device in [wang, li] { try await device.sync() }
        try world.server.backUp(to: world.folder.appending(path: "backup"), isOnly: true)
        for number in 0..<24 {
            try li.check(
                "housing", "\(Self.old)-\(number % 4 + 1)", ["floors": "\(number % 3 + 1)"])
            try await li.sync()
        }
        try await wang.sync()
        let restored = try world.restoreBackup("backup", pageBytes: 2_000)
        // The feed goes on otherwise than it did.
        try restored.addUser("new", role: .surveyor, areas: [])
        try await li.sync()
        let sent = world.network.record.withLock { $0.requests.count }
        let summary = try await wang.sync()
        #expect(summary.notices.map(\.code) == [.rewound])
        let requests = try world.network.record.withLock { record in
            try record.requests[sent...].map {
                try SyncRequest(payload: try SealedMessage(bytes: $0).payload)
            }
        }
        #expect(requests.allSatisfy { $0.relayed.isEmpty }, "the server has them all")
        #expect(requests.map(\.offered.count).contains { $0 > 8 }, "before the last page is read")
        let edits = try restored.read { db in
            let log = LogSession(db)
            var count = 0
            try SegmentLog.forEachEdit(in: db) { edit in
                if try !log.isServers(edit.dot.replica) { count += 1 }
            }
            return count
        }
        #expect(edits == 24)
    }

    @Test func `a roster imported again after a restore makes no second household`() async throws {
        let world = try World()
        let wang = try await world.device("wang", [Self.old])
        try await wang.sync()
        try world.server.backUp(to: world.folder.appending(path: "backup"), isOnly: true)
        let households =
            "household_no,village_code,head_name,household_type,address\n"
            + "NEW-1,\(Self.old),新户,,\n"
        let persons =
            "household_no,person_no,name,birth_date,sex,relation\nNEW-1,1,新人,1980-01-01,,\n"
        _ = try world.importRoster(households, persons)
        try await wang.sync()
        let restored = try world.restoreBackup("backup")
        try await wang.sync()
        var roster = try RosterImport(restored, folder: world.folder) { _ in }
        let report = try roster.run(
            households: try world.file("households.csv", households),
            persons: try world.file("persons.csv", persons), strict: true)
        #expect(report.added == 0)
        try await wang.sync()
        #expect(try wang.households().count { $0.householdNo == "NEW-1" } == 1)
        #expect(try row(wang, Self.old).persons == 9)
        #expect(try wang.store.conflicts().isEmpty)
    }
}
