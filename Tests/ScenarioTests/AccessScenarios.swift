import FieldStore
import Foundation
import GRDB
import ServerStore
import SurveyCoverage
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore
import SurveyWire
import Testing

@testable import FieldClient
@testable import SyncServer

@Suite struct AccessScenarios {
    private static let house = "520402109201-1"

    @Test func `a surveyor receives the assigned areas and nothing else`() async throws {
        let world = try World()
        let wang = try await world.device("wang", ["520402109201"])
        try await wang.sync()
        #expect(Set(try wang.households().map { $0.householdNo.prefix(12) }) == ["520402109201"])
        #expect(
            try wang.count(
                "SELECT COUNT(*) FROM segment "
                    + "WHERE area != 0 AND area NOT IN (SELECT area FROM scope)") == 0)
    }

    @Test func `a supervisor receives tallies, and records of the villages opened`() async throws {
        let world = try World()
        let wang = try await world.device("wang", ["520402109"])
        let chen = try await world.device("chen", ["5204"], role: .supervisor)
        try await wang.sync()
        try wang.check("housing", Self.house, .graded("C"))
        try await wang.sync()
        try await chen.sync()
        #expect(try chen.households().isEmpty)
        let total = try chen.coverage().rows.reduce(0) { $0 + $1.count(.housing).unsafe }
        #expect(total == 1)
        #expect(try chen.coverage().rows.map(\.households) == [4, 4, 4])
        #expect(try chen.coverage().rows[0].lastHeard != nil)

        try chen.store.open(try chen.store.villages("520402109201"))
        try await chen.sync()
        #expect(try chen.households().count == 4)
        #expect(try chen.coverage().rows.map(\.households) == [4, 4, 4])
        #expect(try chen.coverage().rows[0].count(.housing).unsafe == 1)
    }

    @Test func `what is not here is said, and nobody is added without looking`() async throws {
        let world = try World()
        let chen = try await world.device("chen", ["5204"], role: .supervisor)
        try await chen.sync()
        #expect(try chen.store.notHere().count == 3)
        let village = try #require(try chen.store.villages("520402109201").first)
        let warned = try chen.store.openNewHousehold(in: village)
        #expect(warned.subjectWarning?.zh.contains("lianhu pull 520402109201") == true)
        try chen.store.open([village])
        try await chen.sync()
        #expect(try chen.store.notHere().count == 2)
        #expect(try chen.store.notHere(of: [village]).isEmpty)
        #expect(try chen.store.openNewHousehold(in: village).subjectWarning == nil)
    }

    @Test func `opening a village outside the own subtree opens nothing`() async throws {
        let world = try World()
        let chen = try await world.device("chen", ["520423102"], role: .supervisor)
        try await chen.sync()
        try chen.store.open(try chen.store.villages("520402109201"))
        try await chen.sync()
        #expect(try chen.households().isEmpty)
        #expect(try chen.coverage().rows.map(\.area) == ["520423102201"])
    }

    @Test func `an edit outside the writer's areas is stored, held and counted nowhere`()
        async throws
    {
        let world = try World()
        let wang = try await world.device("wang", ["520402109"])
        try await wang.sync()
        let record = try wang.check("housing", Self.house, .graded("A")).edit.header.record
        _ = try world.server.assign(
            "wang", adding: [], removing: try world.server.areas(["520402109"]))
        let summary = try await wang.sync()
        #expect(summary.sent == 1, "late is not refused")
        #expect(summary.notices.map(\.code) == [.held, .areasChanged])
        #expect(try wang.store.status().held == 1)
        #expect(try wang.state(record).included.isEmpty)
        var counts = try world.coverage()
        #expect(counts.count(.housing).checked == 0 && counts.heldEdits == 1)
        #expect(try wang.store.verify().missing.isEmpty)

        _ = try world.server.assign(
            "wang", adding: try world.server.areas(["520402109201"]), removing: [])
        counts = try world.coverage()
        #expect(counts.count(.housing).safe == 1 && counts.heldEdits == 0)
        try await wang.sync()
        #expect(try wang.store.status().held == 0)
        #expect(try wang.state(record).answers[Housing.grade] == .a)
    }

    @Test func `a hold is numbered before the segment that it holds`() async throws {
        let world = try World()
        let wang = try await world.device("wang", ["520402109"])
        try await wang.sync()
        let edit = try wang.check("housing", Self.house, .graded("A")).edit
        _ = try world.server.assign(
            "wang", adding: [], removing: try world.server.areas(["520402109"]))
        try await wang.sync()
        let order = try world.segments().flatMap(\.edits).map { edit in
            edit.header.record.kind == .decision ? "decision" : edit.id.hex
        }
        let decision = try #require(order.firstIndex(of: "decision"))
        #expect(decision < (try #require(order.firstIndex(of: edit.id.hex))))
    }

    @Test func `a revoked device is told, its edits are kept and held, and it reads no more`()
        async throws
    {
        let world = try World()
        let wang = try await world.device("wang", ["520402109"])
        let li = try await world.device("li", ["520402109"])
        for device in [wang, li] { try await device.sync() }
        try li.check("housing", "520402109201-2", .graded("A"))
        try await li.sync()
        try wang.check("housing", Self.house, .graded("A"))
        let id = Base32.encode(try wang.store.identity().replica.bytes)
        #expect(try world.server.revokeDevice(String(id.prefix(8))))
        let summary = try await wang.sync()
        #expect(summary.sent == 1 && summary.received == 0)
        #expect(Set(summary.notices.map(\.code)) == [.revoked, .held])
        let counts = try world.coverage()
        #expect(counts.count(.housing).safe == 1 && counts.heldEdits == 1)
    }

    @Test func `a revoked user's devices read no more and no code is issued`() async throws {
        let world = try World()
        let wang = try await world.device("wang", ["520402109"])
        try await wang.sync()
        #expect(try world.server.revokeUser("wang"))
        #expect(try !world.server.revokeUser("wang"), "only a real change is written")
        let summary = try await wang.sync()
        #expect(summary.notices.map(\.code) == [.revoked])
        #expect(throws: Failure(.revokedUser)) { try world.server.issueCode(for: "wang") }
    }

    @Test func `an area taken away and given back loses nothing`() async throws {
        let world = try World()
        let wang = try await world.device("wang", ["520402109"])
        let li = try await world.device("li", ["520402109"])
        for device in [wang, li] { try await device.sync() }
        _ = try world.server.assign(
            "wang", adding: [], removing: try world.server.areas(["520402109"]))
        try await wang.sync()
        try li.check("housing", Self.house, .graded("B"))
        try await li.sync()
        try await wang.sync()
        let record = try world.record(
            .housing, try li.store.household(Self.house, round: nil).subject)
        #expect(try wang.state(record).included.isEmpty, "not in scope")
        _ = try world.server.assign(
            "wang", adding: try world.server.areas(["520402109201"]), removing: [])
        try await wang.sync()
        #expect(try wang.state(record).answers[Housing.grade] == .b)
    }

    @Test func `own edits come back to a device of the same log even in areas it lost`()
        async throws
    {
        let world = try World()
        let wang = try await world.device("wang", ["520402109"])
        try await wang.sync()
        let edit = try wang.check("housing", Self.house, .graded("A")).edit
        // The home as it was before the check comes back from a copy.
        let copy = world.folder.appending(path: "copy")
        try wang.copyHome(to: copy)
        try await wang.sync()
        let old = Device(
            name: "copy", store: try FieldStore.open(copy, environment: world.clock.environment),
            world: world)
        _ = try world.server.assign(
            "wang", adding: [], removing: try world.server.areas(["520402109"]))
        try await old.sync()
        #expect(try old.store.history(edit.header.record).entries.map(\.edit.id) == [edit.id])
    }

    @Test func `a code works once, for one device, for a day`() async throws {
        let world = try World()
        let wang = try await world.device("wang", ["520402109"])
        let (code, expires) = try world.server.issueCode(for: "wang")
        #expect(expires - world.clock.environment.now() > 23 * 3_600_000)
        func enrol(_ name: String) async throws {
            let store = try FieldStore.open(
                world.folder.appending(path: name), creating: true,
                environment: world.clock.environment)
            let key = try store.beginEnrolment(
                at: ServerAddress(url: "http://test", tlsAuthority: nil, allowsPlainHTTP: true),
                code: code)
            try await store.enrol(code, key: key, over: world.network)
        }
        world.network.fail(.losesResponse)
        await #expect(throws: Failure.self) { try await enrol("second") }
        try await enrol("second")
        await #expect(throws: Failure(.usedCode)) { try await enrol("third") }
        #expect(try world.server.devices().count == 2)

        let late = try world.server.issueCode(for: "wang").code
        world.clock.advance(by: 25 * 3_600_000)
        let store = try FieldStore.open(
            world.folder.appending(path: "late"), creating: true,
            environment: world.clock.environment)
        let key = try store.beginEnrolment(
            at: ServerAddress(url: "http://test", tlsAuthority: nil, allowsPlainHTTP: true),
            code: late)
        await #expect(throws: Failure(.expiredCode)) {
            try await store.enrol(late, key: key, over: world.network)
        }
        _ = wang
    }

    @Test func `a code of another server is refused on both sides`() async throws {
        let (world, other) = (try World(seed: 1), try World(seed: 2))
        try world.server.addUser("wang", role: .surveyor, areas: [])
        let code = try world.server.issueCode(for: "wang").code
        let store = try FieldStore.open(
            world.folder.appending(path: "wang"), creating: true,
            environment: world.clock.environment)
        let key = try store.beginEnrolment(
            at: ServerAddress(url: "http://test", tlsAuthority: nil, allowsPlainHTTP: true),
            code: code)
        await #expect(throws: Failure(.wrongServerKey)) {
            try await store.enrol(code, key: key, over: other.network)
        }
    }

    @Test func `a home of another server is refused and keeps everything`() async throws {
        let (world, other) = (try World(seed: 1), try World(seed: 2))
        let wang = try await world.device("wang", ["520402109"])
        try await wang.sync()
        try wang.check("housing", Self.house, .graded("A"))
        var session = try SyncSession(wang.store, transport: other.network)
        await #expect(throws: Failure(.otherServer)) { try await session.run() }
        #expect(try wang.store.status().pending == 1)
    }
}
