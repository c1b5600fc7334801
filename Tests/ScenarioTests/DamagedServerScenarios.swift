import FieldStore
import Foundation
import GRDB
import ServerStore
import SurveyCoverage
import SurveyLog
import SurveyModel
import SurveyStore
import Testing

@testable import FieldClient
@testable import SyncServer

/// A server on whose disk one edit changed: everybody else is served as before.
@Suite struct DamagedServerScenarios {
    @Test func `a server whose disk changed a frame says so, and exchanges everything else`()
        async throws
    {
        let world = try World()
        let wang = try await world.device("wang", ["5204"])
        try await wang.sync()
        for number in 1...2 {
            try wang.check("housing", "\(World.villages[0])-\(number)", .graded("A"))
            try await wang.sync()
        }
        let replica = try wang.store.identity().replica
        try await world.server.writer.write { db in
            let frame = try #require(
                try Data.fetchOne(
                    db,
                    sql: """
                        SELECT frame FROM segment JOIN log ON log.number = segment.log
                        WHERE replica = ? ORDER BY first
                        """, arguments: [replica.bytes]))
            var bytes = Array(frame)
            bytes[0] ^= 0x20
            try db.execute(
                sql: "UPDATE segment SET frame = ? WHERE frame = ?",
                arguments: [Data(bytes), frame])
        }
        try wang.check("housing", "\(World.villages[0])-3", .graded("A"))
        let summary = try await wang.sync()
        let again = try await wang.sync()
        #expect(summary.roundTrips < 5 && again.roundTrips < 5)
        // Its receipt does not prove what it cannot show any more.
        #expect(try wang.store.verify().missing.map(\.counter) == [1])
        #expect(try world.coverage().count(.housing).safe == 3)
        #expect(!(try world.server.check(in: world.folder).isLogSound))
    }

    private static let house = "520402109201-1"

    private func move(_ device: Device, to village: String) throws -> Edit {
        try device.store.move(
            Self.house, to: try device.store.villages(village)[0], address: nil)[0].edit
    }

    /// Changes one byte of an edit on the server.
    private func flip(_ edit: Edit, _ world: World) throws { try world.server.writer.flip(edit.id) }

    private func holds(_ edit: Edit, _ world: World) throws -> Bool {
        try world.server.writer.read { db in try SegmentLog.contains(edit, in: db) }
    }

    @Test func `a household whose move was changed still moves for everybody else`() async throws {
        let world = try World()
        let (wang, li) = (
            try await world.device("wang", ["5204"]), try await world.device("li", ["5204"])
        )
        for device in [wang, li] { try await device.sync() }
        let first = try move(wang, to: World.villages[1])
        for device in [wang, li] { try await device.sync() }
        try flip(first, world)
        let second = try move(li, to: World.villages[2])
        try await li.sync()
        #expect(try li.store.status().pending == 0)
        #expect(try holds(second, world))
    }

    @Test func `a held edit that was changed keeps neither pushes nor rights from being stored`()
        async throws
    {
        let world = try World()
        let wang = try await world.device("wang", [World.villages[0]])
        let li = try await world.device("li", [World.villages[1]])
        for device in [wang, li] { try await device.sync() }
        // Where nobody let it move to.
        let held = try move(wang, to: World.villages[1])
        try await wang.sync()
        #expect(try world.server.excludedEdits().count == 1)
        try flip(held, world)
        try world.server.assign(
            "wang", adding: try world.server.areas([World.villages[2]]), removing: [])
        // Who reads the village where it is gets no more of it until the server is repaired.
        let check = try li.check("water", "\(World.villages[1])-2", ["litres_pcd": "60"]).edit
        try await li.sync()
        #expect(try holds(check, world) && li.store.status().pending == 0)
        #expect(try !world.server.check(in: world.folder).isSound)
    }
}
