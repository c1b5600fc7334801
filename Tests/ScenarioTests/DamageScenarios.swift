import FieldStore
import Foundation
import GRDB
import SurveyCoverage
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore
import SurveyWire
import Testing

@testable import FieldClient
@testable import ServerStore
@testable import SyncServer

/// Disks that change bytes, and operations that are interrupted: what is damaged is named and never
/// served, what is whole is never lost with it.
@Suite struct DamageScenarios {
    private static let house = "520402109201-1"

    private func day() async throws -> (World, Device, Device) {
        let world = try World()
        let wang = try await world.device("wang", ["5204"])
        let li = try await world.device("li", ["5204"])
        for device in [wang, li] { try await device.sync() }
        return (world, wang, li)
    }

    /// Changes one byte of a check that somebody wrote, as a dying disk does.
    private func flip(_ edit: EditID, _ writer: any DatabaseWriter) throws { try writer.flip(edit) }

    // MARK: Changed bytes

    @Test func `a changed answer is not signed into another village when its household moves`()
        async throws
    {
        let (world, wang, li) = try await day()
        let edit = try wang.check("housing", Self.house, .graded("A")).edit
        try await wang.sync()
        try await li.sync()
        try flip(edit.id, world.server.writer)
        let other = try #require(try world.server.areas(["520423102201"]).first)
        try wang.store.move(Self.house, to: other, address: nil)
        try await wang.sync()
        #expect(try wang.store.status().pending == 0)
        // Nobody was told what nobody wrote; all else went along.
        #expect(try wang.state(edit.header.record).included.map(\.id) == [edit.id])
        let repeated = try await world.server.writer.read { db in
            try Int64.fetchAll(db, sql: "SELECT number FROM repeated")
                .map { try LogSession(db).edit($0).id }
        }
        #expect(!repeated.isEmpty && !repeated.contains(edit.id))
        #expect(!(try world.server.check(in: world.folder).isLogSound))
    }

    @Test func `a changed answer on a device is not sent and holds up nothing else`() async throws {
        let (world, wang, li) = try await day()
        let damaged = try wang.check("housing", Self.house, .graded("A")).edit
        _ = try wang.store.deviceView()  // sealed
        let other = try wang.check("housing", "520402109201-2", .graded("B")).edit
        try flip(damaged.id, wang.store.writer)
        let summary = try await wang.sync()
        #expect(summary.damaged == 1)
        try await li.sync()
        #expect(try li.state(other.header.record).included.map(\.id) == [other.id])
        #expect(try li.state(damaged.header.record).included.isEmpty)
        // It is named, and everything else can still be read.
        #expect(throws: DamagedDatabase.self) { try wang.state(damaged.header.record) }
        #expect(try wang.households().count == 12)
        #expect(try wang.store.damage().count == 1)
        #expect(!(try wang.store.verify().missing.isEmpty))
        _ = world
    }

    @Test func `a changed frame on a device is not sent and holds up nothing else`() async throws {
        let (_, wang, _) = try await day()
        for number in 1...2 {
            try wang.check("housing", "520402109201-\(number)", .graded("A"))
            _ = try wang.store.deviceView()  // sealed
        }
        try await wang.store.writer.write { db in
            let frame = try #require(
                try Data.fetchOne(
                    db, sql: "SELECT frame FROM segment WHERE mark IS NULL ORDER BY number"))
            var bytes = Array(frame)
            bytes[0] ^= 0x20
            try db.execute(
                sql: "UPDATE segment SET frame = ? WHERE frame = ?",
                arguments: [Data(bytes), frame])
        }
        let summary = try await wang.sync()
        #expect(summary.sent == 1 && summary.damaged == 1)
    }

    @Test func `a record that the disk changed does not keep the others from being projected`()
        async throws
    {
        let (_, wang, _) = try await day()
        let damaged = try wang.check("housing", Self.house, .graded("A")).edit
        try flip(damaged.id, wang.store.writer)
        try await wang.store.writer.write { db in try Projector.rebuild(db) }
        #expect(try wang.store.status().damaged == 1)
        try wang.check("housing", "520402109201-2", .graded("B"))
        #expect(try wang.households().count { $0.checks[.housing] != nil } == 1)
    }

    // MARK: Recovering a home

    @Test func `recovering takes every edit that is whole, beside damaged ones`() async throws {
        let (world, wang, _) = try await day()
        var edits: [Edit] = []
        for number in 1...4 {
            edits.append(try wang.check("housing", "520402109201-\(number)", .graded("A")).edit)
        }
        _ = try wang.store.deviceView()  // the first four are sealed in one segment
        for number in 1...3 {
            edits.append(try wang.check("housing", "520402109202-\(number)", .graded("B")).edit)
        }
        try flip(edits[1].id, wang.store.writer)
        try flip(edits[4].id, wang.store.writer)
        let new = try await world.another(device: "new", of: "wang")
        let found = try new.store.recover(from: world.folder.appending(path: "wang"))
        #expect(found.edits == 5 && found.new == 5 && found.damaged == 2)
        #expect(try new.store.status().pending == 5)
        try await new.sync()
        let safe = try world.server.coverage(try world.round())
            .reduce(0) { $0 + $1.tally[.housingSafe] }
        #expect(safe == 5)
        #expect(try world.server.check(in: world.folder).isSound)
    }

    @Test func `recovering into an older copy of the same home loses nothing and goes on`()
        async throws
    {
        let (world, wang, li) = try await day()
        let early = try wang.check("housing", Self.house, .graded("A")).edit
        let copy = world.folder.appending(path: "copy")
        try wang.copyHome(to: copy)
        let late = try wang.check("housing", "520402109201-2", .graded("B")).edit
        let last = try wang.check("housing", "520402109201-3", .graded("B")).edit
        try flip(late.id, wang.store.writer)
        let store = try FieldStore.open(copy, environment: world.clock.environment)
        let restored = Device(name: "copy", store: store, world: world)
        let here = try restored.check("housing", "520402109201-4", .graded("A")).edit
        let found = try store.recover(from: world.folder.appending(path: "wang"))
        #expect(found.damaged == 1)
        try await restored.sync()
        try await restored.sync()
        try await li.sync()
        for edit in [early, last, here] {
            #expect(try li.state(edit.header.record).included.map(\.id) == [edit.id])
        }
        #expect(try store.verify().missing.isEmpty)
        try restored.check("housing", "520402109202-1", .graded("A"))
        try await restored.sync()
        #expect(try store.status().pending == 0)
    }

    // MARK: Salvage

    @Test func `a server with a damaged segment is written anew, and devices bring it back`()
        async throws
    {
        let (world, wang, li) = try await day()
        let first = try wang.check("housing", Self.house, .graded("A")).edit
        try await wang.sync()
        let second = try li.check("housing", "520402109201-2", .graded("B")).edit
        try await li.sync()
        try await wang.sync()
        try flip(first.id, world.server.writer)
        let report = try world.server.check(in: world.folder)
        #expect(report.badSegments.count == 1 && report.brokenFeed == nil)
        try world.server.close()
        let folder = world.folder.appending(path: "server")
        let salvaged = try ServerStore.salvage(folder, environment: world.clock.environment)
        #expect(salvaged.lost == 1)
        let server = try world.restore("server")
        #expect(try server.check(in: world.folder).isSound)
        for device in [li, wang, li] { try await device.sync() }
        for edit in [first, second] {
            let state = try server.read { db in
                try Records.state(of: edit.header.record, in: db)
            }
            #expect(state.included.map(\.id) == [edit.id])
        }
        #expect(try server.check(in: world.folder).isSound)
        #expect(try wang.store.verify().missing.isEmpty)
    }

    @Test(arguments: ["person", "household", "tally", "edit", "person_household"])
    func `a damaged page of a projection or an index is named, and the log rebuilds it`(
        place: String
    ) async throws {
        let (world, wang, _) = try await day()
        try wang.check("housing", Self.house, .graded("A"))
        try await wang.sync()
        let before = try world.coverage().tally
        let folder = world.folder.appending(path: "server")
        let page = try await world.server.writer.read { db in
            try #require(
                try Int.fetchOne(
                    db, sql: "SELECT rootpage FROM sqlite_master WHERE name = ?",
                    arguments: [place]))
        }
        try await world.server.writer.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        }
        try world.server.close()
        let handle = try FileHandle(forUpdating: folder.appending(path: "lianhu.sqlite"))
        try handle.seek(toOffset: UInt64(page - 1) * 4_096)
        try handle.write(contentsOf: Data(repeating: 0xA5, count: 200))
        try handle.close()
        let damaged = try ServerStore.open(
            folder, creating: false, environment: world.clock.environment)
        let report = try damaged.check(in: world.folder)
        #expect(!report.isSound && report.badSegments.isEmpty)
        #expect(!report.damagedPages.isEmpty, "\(report)")
        try? damaged.close()
        let salvaged = try ServerStore.salvage(folder, environment: world.clock.environment)
        #expect(salvaged.lost == 0)
        let server = try world.restore("server")
        #expect(try server.check(in: world.folder).isSound)
        #expect(try world.coverage(of: server).tally == before)
        #expect(try await wang.sync().roundTrips == 1)
    }

    // MARK: Interrupted operations

    @Test func `a restore that was interrupted is finished, and nobody serves meanwhile`()
        async throws
    {
        let (world, wang, _) = try await day()
        let backup = world.folder.appending(path: "monday")
        try world.server.backUp(to: backup, isOnly: true)
        try wang.check("housing", Self.house, .graded("A"))
        try await wang.sync()
        try world.server.close()
        let folder = world.folder.appending(path: "server")
        // Killed after the new file was finished and before it stood in the old one's place.
        try FileManager.default.copyItem(
            at: backup, to: folder.appending(path: "lianhu.sqlite.replacing"))
        #expect(throws: Failure(.interruptedRestore)) {
            try ServerStore.open(folder, creating: true)
        }
        let aside = try #require(try ServerStore.restore(backup, to: folder))
        #expect(FileManager.default.fileExists(atPath: aside.path))
        let restored = try world.restore("server")
        #expect(restored.key.publicKey == world.server.key.publicKey)
        try await wang.sync()
        #expect(try wang.store.verify().missing.isEmpty)
    }

    @Test func `what a restore puts aside has every commit, folded or in its journal`() async throws
    {
        let (world, wang, _) = try await day()
        let backup = world.folder.appending(path: "monday")
        try world.server.backUp(to: backup, isOnly: true)
        try wang.check("housing", Self.house, .graded("A"))
        try await wang.sync()
        // A reader that is still there keeps the journal from being folded.
        let folder = world.folder.appending(path: "server")
        let reader = try DatabaseQueue(path: folder.appending(path: "lianhu.sqlite").path)
        let aside = try await reader.read { _ in
            try #require(try ServerStore.restore(backup, to: folder))
        }
        try reader.close()
        let old = try DatabaseQueue(path: aside.path)
        let known = try await old.read { db in
            try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM check_state") ?? 0
        }
        let edits = try await old.read { db in
            try Int.fetchOne(
                db,
                sql: "SELECT COUNT(*) FROM edit WHERE kind = 3") ?? 0
        }
        #expect(edits == 1, "\(known)")
    }

    @Test func `a backup that was not finished counts for nothing`() async throws {
        let (world, wang, _) = try await day()
        let file = world.folder.appending(path: "monday")
        // Killed while it was written: the part is there, the backup is not.
        try Data("half".utf8).write(to: URL(filePath: file.path + ".part"))
        try await wang.sync()
        #expect(try wang.count("SELECT COUNT(backed_up_sequence) FROM sync_state") == 0)
        try world.server.backUp(to: file, isOnly: false)
        #expect(!FileManager.default.fileExists(atPath: file.path + ".part"))
        try await wang.sync()
        #expect(try wang.count("SELECT COUNT(backed_up_sequence) FROM sync_state") == 1)
        // The disk is full: no backup, and none is counted.
        #expect(throws: (any Error).self) {
            try world.server.backUp(
                to: world.folder.appending(path: "no such folder/tuesday"), isOnly: true)
        }
        try await wang.sync()
        #expect(try wang.count("SELECT COUNT(backed_up_sequence) FROM sync_state") == 1)
    }

    @Test func `a backup that may be there whole holds devices back, and no more`() async throws {
        let (world, wang, _) = try await day()
        func told() async throws -> Int? {
            try await wang.sync()
            return try await wang.store.writer.read { db in
                try Int.fetchOne(db, sql: "SELECT backed_up_sequence FROM sync_state")
            }
        }
        // Killed between the file's last byte and its being noted as whole.
        let first = try world.server.backUp(
            to: world.folder.appending(path: "monday"), isOnly: false)
        try await world.server.writer.write { db in
            try db.execute(sql: "UPDATE backup SET complete = 0")
        }
        #expect(try await told() == nil)
        try wang.check("housing", Self.house, .graded("A"))
        try await wang.sync()
        try world.server.backUp(to: world.folder.appending(path: "tuesday"), isOnly: false)
        #expect(try await told() == Int(first.sequence))
        let only = try world.server.backUp(
            to: world.folder.appending(path: "wednesday"), isOnly: true)
        #expect(try await told() == Int(only.sequence))
        // A restored backup knows that it may be restored again.
        let restored = try world.restoreBackup("wednesday")
        #expect(try await told() == Int(only.sequence))
        _ = restored
    }

    @Test func `a folder is not replaced while somebody works in it`() throws {
        let world = try World()
        let folder = world.folder.appending(path: "server")
        let one = try FileLock.working(in: folder)
        let other = try FileLock.working(in: folder)
        #expect(throws: Failure(.busyFolder)) { try other.makeExclusive() }
        withExtendedLifetime(one) {}
    }

    // MARK: The register after a restore

    @Test func `a register that is imported again before the devices return counts once`()
        async throws
    {
        let world = try World(households: 3)
        let backup = world.folder.appending(path: "monday")
        try world.server.backUp(to: backup, isOnly: true)
        let households = "household_no,village_code,head_name,household_type,address\n"
        let rows = (1...5).map { "N-\($0),520402109201,新户\($0),,\n" }.joined()
        let persons = (1...5).map { "N-\($0),1,新人,1980-01-01,,\n" }.joined()
        let heading = "household_no,person_no,name,birth_date,sex,relation\n"
        _ = try world.importRoster(households + rows, heading + persons)
        let wang = try await world.device("wang", ["5204"])
        try await wang.sync()
        try wang.check("housing", "N-1", .graded("A"))
        try await wang.sync()
        let before = try world.coverage().tally

        let restored = try world.restoreBackup("monday")
        var roster = try RosterImport(restored, folder: world.folder) { _ in }
        _ = try roster.run(
            households: try world.file("households.csv", households + rows),
            persons: try world.file("persons.csv", heading + persons), strict: true)
        for _ in 0..<2 { try await wang.sync() }
        #expect(try world.coverage(of: restored).tally == before)
        #expect(try wang.store.conflicts().isEmpty)
        #expect(try restored.check(in: world.folder).isSound)
    }

    @Test func `users, rounds and areas that are entered again are the same`() async throws {
        let world = try World(households: 1)
        let backup = world.folder.appending(path: "monday")
        try world.server.backUp(to: backup, isOnly: true)
        func enter(_ server: ServerStore) throws {
            _ = try server.importAreas(
                try world.file(
                    "more.csv",
                    World.areasCSV + "520402,西秀区,520402109,旧州镇,520402109203,新村,西秀区\n"),
                cityCode: "5204", cityName: "安顺市", strict: true)
            try server.openRound(
                code: "autumn", title: "秋", year: 2026, waterStandard: .tches2018,
                besideOthers: true)
            try server.addUser("li", role: .surveyor, areas: try server.areas(["5204"]))
        }
        try enter(world.server)
        let li = try await world.another(device: "li", of: "li")
        try await li.sync()
        let restored = try world.restoreBackup("monday")
        try enter(restored)
        for _ in 0..<2 { try await li.sync() }
        #expect(try restored.areaTree().villages.count == 4)
        #expect(try restored.users().count == 1)
        #expect(try restored.rounds().count == 2)
        #expect(try li.store.areaTree().villages.count == 4)
    }
}
