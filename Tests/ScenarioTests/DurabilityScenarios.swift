import FieldStore
import GRDB
import SurveyStore
import Testing

@testable import FieldClient
@testable import ServerStore

/// What is acknowledged is on the disk; what can be made again need not be.
@Suite struct DurabilityScenarios {
    private func day() async throws -> (World, Device) {
        let world = try World()
        let wang = try await world.device("wang", ["5204"])
        try await wang.sync()
        return (world, wang)
    }

    private func isDurable(_ writer: any DatabaseWriter) throws -> Bool {
        try writer.writeWithoutTransaction { db in
            try Int.fetchOne(db, sql: "PRAGMA synchronous") == 2
        }
    }

    @Test func `what is saved waits for the disk, also after a projection that did not`()
        async throws
    {
        let (world, wang) = try await day()
        for grade in ["A", "B"] {
            try wang.check("housing", "520402109201-1", .graded(grade))
            // Lists are projected without waiting.
            #expect(try wang.households().count > 0)
            #expect(try wang.count("SELECT COUNT(*) FROM dirty") == 0)
            #expect(try isDurable(wang.store.writer))
        }
        try await wang.sync()
        try world.server.catchUp()
        #expect(try isDurable(world.server.writer))
    }

    @Test func `a mark of a record that is not there keeps nobody waiting`() async throws {
        let (world, _) = try await day()
        try await world.server.writer.write { db in
            try db.execute(sql: "INSERT INTO dirty VALUES (3, 999999, 3, 0)")
        }
        try world.server.catchUp()
        #expect(try await world.server.writer.read { try !Projector.isBehind($0) })
    }

    @Test func `a projection that fails leaves the disk waited for`() async throws {
        let (_, wang) = try await day()
        struct Stop: Error {}
        #expect(throws: Stop.self) {
            try SurveyDatabase.writeWithoutWaiting(wang.store.writer) { _ in throw Stop() }
        }
        #expect(try isDurable(wang.store.writer))
    }
}
