import FieldStore
import Foundation
import ServerStore
import SurveyCoverage
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore
import Testing

@testable import FieldClient
@testable import SyncServer

/// Codes, names and parents of places change; the places stay.
@Suite struct AreaScenarios {
    private static let heading =
        "county_code,county,township_code,township,village_code,village,managing_unit\n"
    /// Two townships of two villages each.
    private static let old = [
        "520403,平坝区,520403001,安平街道,520403001201,甲村,平坝区",
        "520403,平坝区,520403001,安平街道,520403001202,乙村,平坝区",
        "520403,平坝区,520403002,鼓楼街道,520403002201,丙村,平坝区",
        "520403,平坝区,520403002,鼓楼街道,520403002202,丁村,平坝区",
    ]
    /// The same with their codes exchanged.
    private static let swapped = [
        "520403,平坝区,520403002,安平街道,520403002201,甲村,平坝区",
        "520403,平坝区,520403002,安平街道,520403002202,乙村,平坝区",
        "520403,平坝区,520403001,鼓楼街道,520403001201,丙村,平坝区",
        "520403,平坝区,520403001,鼓楼街道,520403001202,丁村,平坝区",
    ]

    private static func roster(_ code: (String) -> String = { $0 }) -> String {
        "household_no,village_code,head_name,household_type,address\n"
            + [("H1", "520403001201", "王一"), ("H2", "520403002201", "李二")]
            .map { "\($0),\(code($1)),\($2),1,\n" }.joined()
    }

    private func world() throws -> World {
        let world = try World(households: 1)
        #expect(try importing(Self.old, world).added == 4)
        _ = try world.importRoster(Self.roster())
        return world
    }

    @discardableResult
    private func importing(
        _ rows: [String], _ world: World, partial: Bool = false, accept: Bool = false
    ) throws -> ImportReport {
        try world.server.importAreas(
            try world.file("more.csv", Self.heading + rows.joined(separator: "\n") + "\n"),
            cityCode: "5204", cityName: "安顺市", strict: false, isPartial: partial,
            acceptPlan: accept)
    }

    private func area(_ code: String, _ world: World) throws -> Area {
        try #require(try world.server.areaTree().find(code).first)
    }

    private func rows(_ world: World, _ round: String, _ level: RollUp) throws -> [String: Int] {
        let round = try #require(try world.server.round(round))
        let tree = try world.server.areaTree(of: round)
        let table = CoverageTable(
            try world.server.coverage(round), villages: tree.villages, tree: tree, by: level)
        return Dictionary(
            uniqueKeysWithValues: table.rows.map { ("\($0.area) \($0.name)", $0.households) })
    }

    private func kinds(_ report: ImportReport) -> [String: [AreaPlan.Kind]] {
        Dictionary(
            uniqueKeysWithValues: (report.plan?.changes ?? []).map {
                ($0.before?.name ?? $0.after?.name ?? "", $0.kinds)
            })
    }

    // MARK: Codes that move

    @Test func `codes that were given to other places change nothing until that is accepted`()
        async throws
    {
        let world = try world()
        let before = try world.segments().count
        let report = try importing(Self.swapped, world)
        #expect(report.isStopped && report.changed + report.added == 0)
        #expect(try world.segments().count == before)
        #expect(kinds(report).count == 6)
        #expect(kinds(report).values.allSatisfy { $0 == [.renumbered] })
        #expect(report.plan?.undecided == 0)
    }

    @Test func `places keep their households, assignments and closed rounds when codes move`()
        async throws
    {
        let world = try world()
        let li = try await world.device("li", ["520403001"])
        try await li.sync()
        try li.check("housing", "H1", .graded("D"))
        try await li.sync()
        try world.server.closeRound(code: "spring")
        let spring = try rows(world, "spring", .township)
        #expect(spring["520403001 安平街道"] == 1)

        let report = try importing(Self.swapped, world, accept: true)
        #expect(report.changed == 6 && !report.isStopped)
        #expect(report.plan?.users == [])
        let again = try importing(Self.swapped, world)
        #expect(again.unchanged == 4 && again.changed + again.added == 0 && !again.isStopped)

        #expect(try rows(world, "spring", .township) == spring)
        try world.server.openRound(
            code: "autumn", title: "秋", year: 2026, waterStandard: .tches2018)
        #expect(try rows(world, "autumn", .township)["520403002 安平街道"] == 1)
        #expect(try area("520403002", world).name == "安平街道")
        try await li.sync()
        #expect(try li.households().map(\.householdNo) == ["H1"])
        let closed = try #require(try li.store.round("spring"))
        let (table, _) = try li.store.coverage(round: closed, villages: nil, by: .township)
        #expect(table.rows.map(\.area) == ["520403001"] && table.rows.map(\.name) == ["安平街道"])
        #expect(table.rows[0].count(.housing).unsafe == 1)

        // The roster with the new codes says nothing new.
        let roster = try world.importRoster(
            Self.roster { $0.hasPrefix("520403001") ? "520403002201" : "520403001201" })
        #expect(roster.unchanged == 2 && roster.changed + roster.wrong == 0)
        // With the old ones it would put each household where the other is.
        let old = try world.importRoster(Self.roster())
        #expect(old.isStopped && old.changed == 0 && old.moves.count == 2)
    }

    @Test func `a register that is imported back the way it came undoes what it did`() throws {
        let world = try world()
        try importing(Self.swapped, world, accept: true)
        let report = try importing(Self.old, world, accept: true)
        #expect(report.changed == 6)
        #expect(try area("520403001", world).name == "安平街道")
        #expect(try area("520403001201", world).formerCodes == ["520403002201"])
    }

    @Test func `one code with two names in a file is an error with both lines`() throws {
        let world = try world()
        let before = try world.segments().count
        let report = try importing(
            Self.old + ["520403,平坝区,520403002,鼓楼镇,520403002203,戊村,平坝区"], world)
        #expect(report.isRefused && report.wrong == 1)
        #expect(report.problems.map(\.line) == [6] && report.problems.map(\.column) == ["township"])
        #expect(report.problems[0].text(.en).contains("line 4"))
        #expect(try world.segments().count == before)
    }

    @Test func `a village that two places could be is left to a person`() throws {
        let world = try World(households: 1)
        try importing(
            Self.old + ["520403,平坝区,520403003,乐平镇,520403003201,甲村,平坝区"], world)
        let report = try importing(
            [
                "520403,平坝区,520403009,新镇,520403009201,甲村,平坝区",
                "520403,平坝区,520403001,安平街道,520403001202,乙村,平坝区",
                "520403,平坝区,520403003,乐平镇,520403003209,己村,平坝区",
            ], world, accept: true)
        #expect(report.isStopped && report.plan?.undecided == 1)
        #expect(kinds(report)["甲村"] == [.ambiguous])
    }

    @Test func `a partial file leaves the rest of its townships alone`() throws {
        let world = try world()
        let more = ["520403,平坝区,520403001,安平街道,520403001203,新村,平坝区"]
        let whole = try importing(more, world)
        #expect(whole.isStopped)
        #expect(kinds(whole) == ["新村": [.added], "甲村": [.withdrawn], "乙村": [.withdrawn]])
        let partial = try importing(more, world, partial: true)
        #expect(partial.added == 1 && !partial.isStopped)
        #expect(try world.server.areaTree().villages.count { $0.isWithdrawn } == 0)
    }

    // MARK: Merged and withdrawn

    @Test func `a township that others take in gives nobody more and takes nobody's villages`()
        async throws
    {
        let world = try world()
        let li = try await world.device("li", ["520403001"])
        let he = try await world.device("he", ["520403002"])
        let report = try importing(
            [
                "520403,平坝区,520403002,鼓楼街道,520403002201,丙村,平坝区",
                "520403,平坝区,520403002,鼓楼街道,520403002202,丁村,平坝区",
                "520403,平坝区,520403002,鼓楼街道,520403002203,甲村,平坝区",
                "520403,平坝区,520403002,鼓楼街道,520403002204,乙村,平坝区",
            ], world, accept: true)
        #expect(kinds(report)["安平街道"] == [.merged])
        #expect(kinds(report)["甲村"] == [.renumbered, .moved])
        #expect(report.plan?.users.sorted() == ["he", "li"])
        for device in [li, he] { try await device.sync() }
        #expect(try li.households().map(\.householdNo) == ["H1"])
        #expect(try he.households().map(\.householdNo) == ["H2"])
        #expect(try li.store.readableVillages().map(\.name) == ["甲村", "乙村"])
        #expect(try rows(world, "spring", .township)["520403001 安平街道"] == 1)
        world.clock.advance(by: 1_000)
        try world.server.openRound(
            code: "autumn", title: "秋", year: 2026, waterStandard: .tches2018, besideOthers: true)
        #expect(try rows(world, "autumn", .township)["520403002 鼓楼街道"] == 2)
    }

    @Test func `a merged village keeps its households and counts with what took it in`()
        async throws
    {
        let world = try world()
        let li = try await world.device("li", ["520403001"])
        let he = try await world.device("he", ["520403001202"])
        for device in [li, he] { try await device.sync() }
        let plan = try world.server.mergeAreas(["520403001201"], into: "520403001202")
        #expect(plan.changes.map(\.kinds) == [[.merged]] && plan.users.isEmpty)
        try world.server.openRound(
            code: "autumn", title: "秋", year: 2026, waterStandard: .tches2018, besideOthers: true)
        for device in [li, he] { try await device.sync() }
        #expect(try rows(world, "spring", .village)["520403001201 甲村"] == 1)
        let autumn = try rows(world, "autumn", .village)
        #expect(autumn["520403001202 乙村"] == 1 && autumn["520403001201 甲村"] == nil)
        let villages = try li.store.villages("520403001202")
        #expect(try li.store.households(in: villages, round: nil).map(\.householdNo) == ["H1"])
        #expect(try he.households().isEmpty, "a merge gives nobody more")
        try li.check("housing", "H1", .graded("A"))
        try await li.sync()
        #expect(try world.server.excludedEdits().isEmpty)

        // A roster that has the household under the other village says nothing new.
        let roster = try world.importRoster(
            Self.roster { $0 == "520403001201" ? "520403001202" : $0 })
        #expect(roster.unchanged == 2 && roster.moves.isEmpty)
        let old = try world.importRoster(Self.roster())
        #expect(old.problems.map(\.column) == ["village_code"])
        #expect(old.problems[0].text(.en).contains("520403001202"))

        _ = try world.server.mergeAreas(["520403001201"], into: "520403001202", undo: true)
        #expect(try area("520403001201", world).isWithdrawn == false)
        #expect(try rows(world, "spring", .village)["520403001201 甲村"] == 1)
    }

    @Test func `withdrawn villages leave later rounds when they are empty, and no earlier one`()
        async throws
    {
        let world = try world()
        #expect(throws: Failure(.occupiedArea, "520403001")) {
            try world.server.withdrawAreas(["520403001"])
        }
        _ = try world.server.withdrawAreas(["520403001201", "520403001202"])
        try world.server.openRound(
            code: "autumn", title: "秋", year: 2026, waterStandard: .tches2018, besideOthers: true)
        #expect(try rows(world, "spring", .village).keys.contains("520403001202 乙村"))
        let autumn = try rows(world, "autumn", .village)
        #expect(autumn["520403001202 乙村"] == nil && autumn["520403001201 甲村"] == 1)
        #expect(try area("520403001202", world).isWithdrawn, "the old code is still known")
        let li = try await world.device("li", ["520403001"])
        try await li.sync()
        let village = try #require(try li.store.villages("520403001202").first)
        #expect(throws: Failure(.withdrawnVillage, "520403001202")) {
            try li.store.openNewHousehold(in: village)
        }
        _ = try world.server.withdrawAreas(["520403001201", "520403001202"], undo: true)
        #expect(try rows(world, "autumn", .village)["520403001202 乙村"] == nil)
        try world.server.openRound(
            code: "winter", title: "冬", year: 2026, waterStandard: .tches2018, besideOthers: true)
        #expect(try rows(world, "winter", .village)["520403001202 乙村"] == 0)
    }

    @Test func `a merge of townships is taken back whole`() throws {
        let world = try world()
        let before = try area("520403001201", world)
        _ = try world.server.mergeAreas(["520403001"], into: "520403002")
        #expect(try area("520403001201", world).parent == area("520403002", world).id)
        #expect(try area("520403001", world).isWithdrawn)
        #expect(throws: Failure(.notWithdrawn, "520403001")) {
            try world.server.withdrawAreas(["520403001"], undo: true)
        }
        _ = try world.server.mergeAreas(["520403001"], into: "520403002", undo: true)
        #expect(try area("520403001201", world) == before)
        #expect(try area("520403002201", world).parent == area("520403002", world).id)
    }

    @Test func `codes of townships are exchanged with those below, and exchanged back`() throws {
        let world = try world()
        let swap = [(old: "520403001", new: "520403002"), (old: "520403002", new: "520403001")]
        let plan = try world.server.renumberAreas(swap)
        #expect(plan.changes.count == 6)
        #expect(try area("520403002201", world).name == "甲村")
        #expect(throws: Failure(.takenCode, "520403001")) {
            try world.server.renumberAreas([(old: "520403002", new: "520403001")])
        }
        _ = try world.server.renumberAreas(swap)
        #expect(try area("520403001201", world).name == "甲村")
    }

    @Test func `a register file says itself what was withdrawn, merged and renumbered`() throws {
        let world = try world()
        let file = try world.file(
            "more.csv",
            """
            county_code,county,township_code,township,village_code,village,managing_unit,status,merged_into,former_code
            520403,平坝区,520403001,安平街道,520403001201,甲村,平坝区,withdrawn,520403001209,
            520403,平坝区,520403001,安平街道,520403001209,新乙村,平坝区,active,,520403001202

            """)
        func run() throws -> ImportReport {
            try world.server.importAreas(
                file, cityCode: "5204", cityName: "安顺市", strict: true, isPartial: true,
                acceptPlan: true)
        }
        #expect(kinds(try run()) == ["甲村": [.merged], "乙村": [.renamed, .renumbered]])
        let again = try run()
        #expect(again.changed + again.added == 0 && !again.isStopped)
        let merged = try area("520403001201", world)
        #expect(try merged.mergedInto == area("520403001209", world).id)
    }

    @Test func `numbers that begin with a village's old code stop the roster`() throws {
        let world = try world()
        try importing(Self.swapped, world, accept: true)
        let roster =
            "household_no,village_code,head_name,household_type,address\n"
            + "520403001201-9,520403002201,王九,1,\n"
        let report = try world.importRoster(roster)
        #expect(report.isStopped && report.added == 0)
        #expect(report.oldNumbers.map(\.code) == ["520403001201"])
        var allowed = try RosterImport(world.server, folder: world.folder) { _ in }
        #expect(
            try allowed.run(
                households: try world.file("households.csv", roster), persons: nil, strict: true,
                allowMoves: true
            ).added == 1)
        #expect(try world.importRoster(roster).unchanged == 1, "it is known where it is")
    }
}
