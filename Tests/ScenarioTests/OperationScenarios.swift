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
import Synchronization
import Testing

@testable import FieldClient
@testable import SyncServer

/// What an administrator does to keep a server healthy: backup, restore, check, review.
@Suite struct OperationScenarios {
    private static let house = "520402109201-1"

    private func day() async throws -> (World, Device, Device) {
        let world = try World()
        let wang = try await world.device("wang", ["520402109"])
        let li = try await world.device("li", ["520402109"])
        for device in [wang, li] { try await device.sync() }
        try wang.check("housing", Self.house, .graded("A"))
        try li.check("housing", Self.house, .graded("C"))
        try li.check("housing", "520402109201-2", .graded("B"))
        for device in [wang, li] { try await device.sync() }
        return (world, wang, li)
    }

    private func write(_ world: World, _ sql: String) throws {
        try world.server.writer.write { db in try db.execute(sql: sql) }
    }

    // MARK: Check

    @Test func `a sound server is found sound`() async throws {
        let (world, _, _) = try await day()
        let report = try world.server.check(in: world.folder)
        #expect(report.isSound, "\(report)")
        #expect(report.segments == (try world.segments().count))
    }

    @Test(arguments: [
        ("UPDATE check_state SET outcome = 1, contested = 0", "check_state"),
        ("DELETE FROM person WHERE person_no = '1'", "person"),
        ("UPDATE tally SET value = value + 1", "tally"),
        ("INSERT INTO contested_register VALUES (3, 1)", "contested_register"),
        (
            "INSERT INTO held_check SELECT subject, kind, round, 1, 1 FROM edit LIMIT 1",
            "held_check"
        ),
        ("INSERT INTO exclusion VALUES (x'00', 1, 1, 'held', NULL)", "exclusion"),
        ("DELETE FROM edit WHERE kind = 3", "edit"),
        ("UPDATE edit SET proof = proof + 1 WHERE kind = 3", "edit"),
    ])
    func `a projection that was tampered with is named and repaired`(sql: String, table: String)
        async throws
    {
        let (world, _, _) = try await day()
        let before = try world.coverage().tally
        try write(world, sql)
        let report = try world.server.check(in: world.folder)
        #expect(report.isLogSound)
        #expect(report.differences.keys.contains(table))
        try world.server.repair()
        #expect(try world.server.check(in: world.folder).isSound)
        #expect(try world.coverage().tally == before)
    }

    @Test(arguments: [
        "UPDATE sealed_edit SET bytes = zeroblob(length(bytes)) WHERE number = 4 << 9",
        "UPDATE segment SET signature = zeroblob(64) WHERE number = 5",
        "DELETE FROM sealed_edit WHERE number = 7 << 9",
        "UPDATE segment SET running = zeroblob(8) WHERE number = 6",
    ])
    func `a log that was tampered with is found and not repaired in silence`(sql: String)
        async throws
    {
        let (world, _, _) = try await day()
        try write(world, sql)
        let report = try world.server.check(in: world.folder)
        #expect(!report.isLogSound)
    }

    // MARK: Backup

    @Test
    func `a backup is taken while the server works, and restored it is healed by its devices`()
        async throws
    {
        let (world, wang, li) = try await day()
        let file = world.folder.appending(path: "monday.sqlite")
        let point = try world.server.backUp(to: file, isOnly: true)
        #expect(point.sequence > 0)
        #expect(throws: Failure(.fileExists, file.path)) {
            try world.server.backUp(to: file, isOnly: false)
        }
        try wang.check("housing", "520402109201-3", .graded("A"))
        try await wang.sync()
        try await li.sync()

        let folder = world.folder.appending(path: "restored")
        #expect(try ServerStore.restore(file, to: folder) == nil)
        let restored = try world.restore("restored")
        #expect(restored.key.publicKey == world.server.key.publicKey)
        // Another device than the author brings it back.
        try await li.sync()
        let rows = try restored.coverage(try world.round())
        #expect(rows.reduce(0) { $0 + $1.tally[.housingSafe] } == 2)
        #expect(try restored.check(in: world.folder).isSound)
        try await wang.sync()
        #expect(try wang.store.verify().missing.isEmpty)
    }

    @Test func `a disk that gives one lock to two is found out`() throws {
        let world = try World()
        #expect(throws: Never.self) {
            try DataFolder.prepare(world.folder.appending(path: "server"))
        }
        #expect(!DataFolder.excludes(3, 4) { _, _ in .taken })
        #expect(!DataFolder.excludes(3, 4) { _, _ in .impossible })
        #expect(DataFolder.excludes(3, 4) { $1 ? .heldByAnother : .taken })
        // Another process holds it: then locks do hold.
        #expect(DataFolder.excludes(3, 4) { _, _ in .heldByAnother })
    }

    @Test func `half a backup is cleared away with the next one, a whole one counts`() async throws
    {
        let (world, _, _) = try await day()
        let folder = world.folder
        // One that was killed while it was written, and one that was killed when it was whole.
        let killed = try world.file("killed.sqlite.part", "half of everybody's data")
        let whole = try world.file("whole.sqlite", "")
        try write(
            world,
            """
            INSERT INTO backup (time, sequence, hash, complete, file) VALUES
                (1, 1, zeroblob(8), 0, '\(folder.path)/killed.sqlite'),
                (2, 2, zeroblob(8), 0, '\(whole.path)'),
                (3, 3, zeroblob(8), 0, NULL)
            """)
        try world.server.backUp(to: folder.appending(path: "next.sqlite"), isOnly: false)
        #expect(!FileManager.default.fileExists(atPath: killed.path))
        #expect(
            !FileManager.default.fileExists(atPath: folder.path + "/next.sqlite.part"))
        let rows = try await world.server.writer.read { db in
            try Row.fetchAll(db, sql: "SELECT time, complete FROM backup ORDER BY time")
                .map { [$0["time"] as Int64, $0["complete"] as Int64] }
        }
        #expect(rows.prefix(2) == [[2, 1], [3, 0]] && rows.count == 3)
    }

    @Test func `what is no backup is refused and nothing is touched`() async throws {
        let (world, wang, _) = try await day()
        let server = world.folder.appending(path: "server")
        let text = try world.file("text", "no database")
        #expect(throws: (any Error).self) { try ServerStore.restore(text, to: server) }
        let home = FieldStore.file(in: world.folder.appending(path: "wang"))
        try wang.copyHome(to: world.folder.appending(path: "w2"))
        #expect(throws: Failure.self) { try ServerStore.restore(home, to: server) }
        #expect(try world.coverage().households == 12)
        let left = try FileManager.default.contentsOfDirectory(atPath: server.path)
        #expect(!left.contains { $0.contains("restoring") })
    }

    @Test func `the response names the oldest backup that may still be restored`() async throws {
        let (world, wang, _) = try await day()
        func told() async throws -> UInt64? {
            try await wang.sync()
            let sequence = try await wang.store.writer.read { db in
                try Int64.fetchOne(db, sql: "SELECT backed_up_sequence FROM sync_state")
            }
            return sequence.map(UInt64.init)
        }
        #expect(try await told() == nil)
        let first = try world.server.backUp(
            to: world.folder.appending(path: "1"), isOnly: false)
        try wang.check("housing", "520402109201-3", .graded("A"))
        try await wang.sync()
        let second = try world.server.backUp(
            to: world.folder.appending(path: "2"), isOnly: false)
        #expect(first.sequence < second.sequence)
        #expect(try await told() == first.sequence)
        let third = try world.server.backUp(to: world.folder.appending(path: "3"), isOnly: true)
        #expect(try await told() == third.sequence)
    }

    // MARK: Review

    @Test func `a held edit is accepted, then rejected, then accepted again`() async throws {
        let (world, wang, li) = try await day()
        _ = try world.server.assign(
            "wang", adding: [], removing: try world.server.areas(["520402109"]))
        let edit = try wang.check("housing", "520402109201-3", .graded("A")).edit
        try await wang.sync()
        let held = try world.server.excludedEdits()
        #expect(held.map(\.edit.id) == [edit.id] && held[0].author == "wang")
        let id = edit.id.hex
        for (verdict, safe) in [(Verdict.accept, 2), (.reject, 1), (.accept, 2)] {
            try world.server.review(String(id.prefix(10)), verdict)
            #expect(try world.coverage().count(.housing).safe == safe)
            // Every device is told, also the author, who may not read the village any more.
            for device in [wang, li] { try await device.sync() }
            for device in [wang, li] {
                #expect(try device.state(edit.header.record).included.count == safe - 1)
            }
        }
        #expect(try world.server.check(in: world.folder).isSound)
        #expect(throws: Failure(.unknownEdit, "ffffffff")) {
            try world.server.review("ffffffff", .accept)
        }
    }

    @Test func `accepted here and rejected there, apart, is held until somebody decides`()
        async throws
    {
        let (world, wang, _) = try await day()
        _ = try world.server.assign(
            "wang", adding: [], removing: try world.server.areas(["520402109"]))
        let edit = try wang.check("housing", "520402109201-3", .graded("A")).edit
        try await wang.sync()
        try world.backUp(to: "backup")
        try world.server.review(edit.id.hex, .accept)
        try await wang.sync()
        let restored = try world.restore("backup")
        try restored.review(edit.id.hex, .reject)
        try await wang.sync()
        #expect(try restored.excludedEdits().map(\.edit.id) == [edit.id])
        try restored.review(edit.id.hex, .accept)
        #expect(try restored.excludedEdits().isEmpty)
    }
}
