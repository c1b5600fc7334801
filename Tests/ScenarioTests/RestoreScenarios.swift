import FieldStore
import Foundation
import ServerStore
import SurveyCoverage
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore
import SurveyWire
import Testing

@testable import FieldClient

/// Homes that were copied or came back from a copy, and servers that came back from a backup.
@Suite struct RestoreScenarios {
    private func pair() async throws -> (World, Device, Device) {
        let world = try World()
        let wang = try await world.device("wang", ["520402109"])
        let li = try await world.device("li", ["520402109"])
        for device in [wang, li] { try await device.sync() }
        return (world, wang, li)
    }

    private func copy(_ device: Device, _ name: String) throws -> Device {
        let home = device.world.folder.appending(path: name)
        try device.copyHome(to: home)
        return Device(
            name: name,
            store: try FieldStore.open(home, environment: device.world.clock.environment),
            world: device.world)
    }

    private func safe(_ world: World) throws -> Int { try world.coverage().count(.housing).safe }

    @Test func `a restored home takes its edits back and goes on in a new log`() async throws {
        let (world, wang, li) = try await pair()
        try wang.check("housing", "520402109201-1", .graded("A"))
        try await wang.sync()
        let restored = try copy(wang, "restored")
        for number in 2...4 { try wang.check("housing", "520402109201-\(number)", .graded("A")) }
        try await wang.sync()

        // The laptop is lost; last week's copy goes on, and has written before it syncs.
        let own = try restored.check("housing", "520402109202-1", .graded("A")).edit
        let before = try restored.store.identity().replica
        let summary = try await restored.sync()
        #expect(summary.notices.map(\.code).contains(.newLog))
        #expect(try restored.store.identity().replica != before)
        #expect(try safe(world) == 5)
        let proof = try restored.store.verify()
        #expect(proof.edits == 5 && proof.receipted == 5 && !proof.isForked)
        #expect(try restored.store.status().pending == 0)

        let next = try restored.check("housing", "520402109202-2", .graded("A")).edit
        #expect(next.dot.counter == 1 && next.dot.replica != own.dot.replica)
        let after = try await restored.sync()
        #expect(after.sent == 1 && after.roundTrips == 1 && after.notices.isEmpty)
        try await li.sync()
        #expect(try safe(world) == 6)
        #expect(try li.state(next.header.record).included.count == 1)
        #expect(try restored.store.verify().edits == 6)
    }

    @Test func `two copies of one home both go on, each in a log of its own`() async throws {
        let (world, wang, li) = try await pair()
        try wang.check("housing", "520402109201-1", .graded("A"))
        try await wang.sync()
        let twin = try copy(wang, "twin")
        try wang.check("housing", "520402109201-2", .graded("A"))
        try twin.check("housing", "520402109201-3", .graded("A"))
        for device in [wang, twin, wang, twin, li] { try await device.sync() }
        #expect(try safe(world) == 3)
        let replicas = try [wang, twin].map { try $0.store.identity().replica }
        #expect(Set(replicas).count == 2)
        for device in [wang, twin] {
            try device.check(
                "housing", "520402109202-\(device.name == "twin" ? 1 : 2)", .graded("A"))
            let summary = try await device.sync()
            #expect(summary.sent == 1 && !summary.notices.map(\.code).contains(.newLog))
        }
        #expect(try safe(world) == 5)
        for device in [wang, twin] { #expect(try device.store.verify().missing.isEmpty) }
    }

    @Test func `a copy that wrote nothing goes on without a new log`() async throws {
        let (_, wang, _) = try await pair()
        try wang.check("housing", "520402109201-1", .graded("A"))
        try await wang.sync()
        let same = try copy(wang, "same")
        #expect(try await same.sync().notices.isEmpty)
        #expect(try same.store.identity().replica == wang.store.identity().replica)
    }

    @Test func `a device that the restored server never knew is readmitted and relays`()
        async throws
    {
        let world = try World()
        try world.backUp(to: "backup")
        let wang = try await world.device("wang", ["520402109"])
        try await wang.sync()
        try wang.check("housing", "520402109201-1", .graded("A"))
        try await wang.sync()
        let restored = try world.restore("backup")
        try wang.check("housing", "520402109201-2", .graded("B"))
        try await wang.sync()
        #expect(try restored.devices().count == 1)
        #expect(try restored.users().map(\.name) == ["wang"])
        let rows = try restored.coverage(try #require(try restored.round("spring")))
        #expect(rows.reduce(0) { $0 + $1.tally[.housingSafe] } == 2)
        #expect(rows.reduce(0) { $0 + $1.tally[.heldEdits] } == 0)
        #expect(try wang.store.verify().missing.isEmpty)
    }

    @Test func `a closed log and its successor survive a server restored to before both`()
        async throws
    {
        let world = try World()
        try world.backUp(to: "backup")
        let wang = try await world.device("wang", ["520402109"])
        try await wang.sync()
        let old = try copy(wang, "old")
        try wang.check("housing", "520402109201-1", .graded("A"))
        try await wang.sync()
        try old.check("housing", "520402109201-2", .graded("A"))
        try await old.sync()
        try old.check("housing", "520402109201-3", .graded("A"))
        try await old.sync()
        let restored = try world.restore("backup")
        try await old.sync()
        let rows = try restored.coverage(try #require(try restored.round("spring")))
        #expect(rows.reduce(0) { $0 + $1.tally[.housingSafe] } == 3)
        #expect(try old.store.verify().missing.isEmpty)
    }

    @Test func `a log that follows a revoked one is revoked`() async throws {
        let (world, wang, _) = try await pair()
        let old = try copy(wang, "old")
        try wang.check("housing", "520402109201-1", .graded("A"))
        try await wang.sync()
        try old.check("housing", "520402109201-2", .graded("A"))
        try await old.sync()
        let id = Base32.encode(try wang.store.identity().replica.bytes)
        #expect(try world.server.revokeDevice(id))
        try old.check("housing", "520402109201-3", .graded("A"))
        let summary = try await old.sync()
        #expect(summary.notices.map(\.code).contains(.revoked))
        #expect(try safe(world) == 2)
        #expect(try world.coverage().heldEdits == 1)
    }
}
