public import Foundation
internal import GRDB
internal import SurveyLog
public import SurveyModel
internal import SurveyStore

/// What came out of a damaged database.
public struct Salvaged: Sendable {
    public var segments = 0
    /// Segments that cannot be read or do not verify. Devices that have them bring them back.
    public var lost = 0
    /// Where the damaged database is now.
    public var aside: URL?
}

extension ServerStore {
    /// Makes a new database of everything in a damaged one that can be read and verifies.
    ///
    /// The feed keeps its numbers up to the first segment that is lost. Devices that read further
    /// find that their place in the feed is gone, as after a restore, and bring back what is
    /// missing. The caller holds the folder alone.
    ///
    /// - Throws: `Failure` when the server's key cannot be read: then only a backup helps.
    public static func salvage(
        _ folder: URL, environment: SystemEnvironment = .system,
        progress: (Int, Int) -> Void = { _, _ in }
    ) throws -> Salvaged {
        let place = DatabaseFile(folder: folder)
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: place.incoming.path + suffix)
        }
        let damaged = try DatabaseQueue(path: place.file.path)
        var result = Salvaged()
        do {
            guard
                let seed = try? damaged.read({
                    try Data.fetchOne($0, sql: "SELECT seed FROM server_key")
                })
            else { throw Failure(.damaged, "server_key") }
            var configuration = Configuration()
            configuration.prepareDatabase { db in
                // Nothing counts before the whole file is on the disk.
                try db.execute(sql: "PRAGMA synchronous = OFF")
            }
            let queue = try DatabaseQueue(path: place.incoming.path, configuration: configuration)
            try ServerSchema.migrator.migrate(queue)
            try queue.write { db in try db.run("INSERT INTO server_key VALUES (1, ?)", [seed]) }
            let key = try LogKey(seed: seed).publicKey
            try damaged.writeWithoutTransaction { old in
                try copySegments(old, queue, serverKey: key, &result, progress)
                try queue.write { db in try copyTables(old, db) }
            }
            try queue.write { db in
                try Projector.catchUp(db)
                try dropBackupsElsewhere(db)
            }
            try queue.close()
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o600], ofItemAtPath: place.incoming.path)
        } catch {
            try? FileManager.default.removeItem(at: place.incoming)
            throw error
        }
        try? damaged.close()
        result.aside = try place.replace(keepingAside: "\(environment.now())")
        return result
    }

    private static func copySegments(
        _ old: Database, _ queue: DatabaseQueue, serverKey: Data, _ result: inout Salvaged,
        _ progress: (Int, Int) -> Void
    ) throws {
        // By number, one by one: a damaged page ends a scan, but not the next look-up.
        guard let last = try? Int.fetchOne(old, sql: "SELECT MAX(number) FROM segment") else {
            throw Failure(.damaged, "segment")
        }
        for number in stride(from: 1, through: last, by: 1) {
            if number.isMultiple(of: 200) { progress(number, last) }
            do {
                let segment = try SegmentLog.salvaged(Int64(number), in: old)
                try queue.write { db in
                    let device = try Accounts.device(segment.frame.replica, in: db)
                    try segment.verify(publicKey: device?.publicKey, serverKey: serverKey)
                    _ = try Feed.append(segment, LogSession(db))
                    // Enrolments verify what follows.
                    if segment.frame.area == .reserved { try Projector.catchUpRegister(db) }
                }
                result.segments += 1
            } catch let error as DatabaseError where !error.isOfDamage {
                throw error
            } catch {
                result.lost += 1
            }
        }
        progress(last, last)
    }

    /// What no segment says: codes, import rows, backups, when villages were heard from. As far as
    /// it can be read; without an import row the next import finds its record by its number.
    private static func copyTables(_ old: Database, _ db: Database) throws {
        for table in ["enrolment_code", "backup", "heard"] {
            try forEach("SELECT * FROM \(table)", in: old) { row in
                let marks = databaseQuestionMarks(count: row.count)
                try db.execute(
                    sql: "INSERT OR REPLACE INTO \(table) VALUES (\(marks))",
                    arguments: StatementArguments(row.databaseValues))
            }
        }
        let isOlder = (try? !old.tableExists("subject")) ?? false
        let subject = isOlder ? "import_row.subject" : subjectID("import_row.subject")
        try forEach("SELECT kind, key, \(subject) AS id, area, digest FROM import_row", in: old) {
            row in
            guard let id = (row["id"] as Data?).flatMap({ SubjectID($0) }) else { return }
            try db.run(
                "INSERT OR REPLACE INTO import_row VALUES (?, ?, ?, ?, ?)",
                [
                    row["kind"] as Int64, row["key"] as String, try db.makeNumber(of: id),
                    row["area"] as Int64, row["digest"] as Data,
                ])
        }
    }

    /// As far as rows can be read.
    private static func forEach(
        _ sql: String, in db: Database, _ body: (Row) throws -> Void
    ) rethrows {
        guard let rows = try? Row.fetchCursor(db, sql: sql) else { return }
        while let row = try? rows.next() { try body(row) }
    }

    /// A backup whose point is not on this timeline any more holds nothing that devices may rely on.
    private static func dropBackupsElsewhere(_ db: Database) throws {
        for row in try db.rows("SELECT number, sequence, hash FROM backup") {
            let cursor = FeedCursor(
                sequence: UInt64(row["sequence"] as Int64), storedHash: row["hash"])
            guard let cursor, try Feed.cursor(at: cursor.sequence, in: db) == cursor else {
                try db.run("DELETE FROM backup WHERE number = ?", [row["number"] as Int64])
                continue
            }
        }
    }
}

extension DatabaseError {
    /// The file's content is wrong, not the disk under it.
    var isOfDamage: Bool {
        resultCode == .SQLITE_CORRUPT || resultCode == .SQLITE_NOTADB
            || resultCode == .SQLITE_MISMATCH
    }
}
