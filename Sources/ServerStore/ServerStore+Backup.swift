public import Foundation
internal import GRDB
internal import Glibc
public import SurveyLog
public import SurveyModel
internal import SurveyStore

extension ServerStore {
    /// Writes a consistent copy while the server works, and notes how far it reaches.
    ///
    /// What devices delete on the strength of a backup must be in every one that may be restored. So
    /// a backup is noted before its file can be there, which holds devices back, and counts only
    /// when the file is whole and on the disk, which lets them go on.
    ///
    /// - Parameter isOnly: earlier backups will not be restored any more.
    /// - Returns: the point of the feed up to which everything is in the copy.
    @discardableResult
    public func backUp(to file: URL, isOnly: Bool) throws -> FeedCursor {
        guard !FileManager.default.fileExists(atPath: file.path) else {
            throw Failure(.fileExists, file.path)
        }
        try clearKilledBackups()
        let part = URL(filePath: file.path + ".part")
        let lock = try PartLock(part)
        defer { lock.release() }
        let now = environment.now()
        // The copy may hold more than its point says, never less.
        let (point, number) = try writer.write { db in
            let point = try Feed.head(in: db)
            try db.run(
                "INSERT INTO backup (time, sequence, hash, complete, file) VALUES (?, ?, ?, 0, ?)",
                [now, Int64(point.sequence), point.hash, file.standardizedFileURL.path])
            return (point, db.lastInsertedRowID)
        }
        do {
            try write(part, number, isOnly)
            // Unlike a rename this takes no other file's place.
            guard link(part.path, file.path) == 0 else {
                throw errno == EEXIST
                    ? Failure(.fileExists, file.path) : Failure(.storage, "errno \(errno)")
            }
            unlink(part.path)
            try Durable.sync(file.deletingLastPathComponent())
        } catch {
            unlink(part.path)
            try writer.write { db in try db.run("DELETE FROM backup WHERE number = ?", [number]) }
            throw error
        }
        try writer.write { db in try Self.complete(number, isOnly: isOnly, db) }
        return point
    }

    /// The copy itself, whole and on the disk. It knows itself: once restored, it may be restored
    /// again.
    private func write(_ part: URL, _ number: Int64, _ isOnly: Bool) throws {
        try writer.writeWithoutTransaction { db in
            try db.execute(sql: "VACUUM INTO ?", arguments: [part.path])
        }
        let copy = try DatabaseQueue(path: part.path)
        try copy.write { db in try Self.complete(number, isOnly: isOnly, db) }
        try copy.close()
        try Durable.sync(part)
    }

    /// Clears away what backups left that were killed: half a file with everybody's data. One that was
    /// whole counts.
    public func clearKilledBackups() throws {
        let killed = try writer.read { db in
            try db.rows("SELECT number, file FROM backup WHERE complete = 0 AND file IS NOT NULL")
                .map { (number: $0["number"] as Int64, file: $0["file"] as String) }
        }
        for (number, file) in killed {
            let part = URL(filePath: file + ".part")
            if FileManager.default.fileExists(atPath: part.path) {
                // Another process is writing it.
                guard let lock = try? PartLock(part) else { continue }
                unlink(part.path)
                lock.release()
            }
            let isWhole = FileManager.default.fileExists(atPath: file)
            try writer.write { db in
                try db.run(
                    isWhole
                        ? "UPDATE backup SET complete = 1 WHERE number = ?"
                        : "DELETE FROM backup WHERE number = ? AND complete = 0", [number])
            }
        }
    }

    private static func complete(_ number: Int64, isOnly: Bool, _ db: Database) throws {
        try db.run("UPDATE backup SET complete = 1 WHERE number = ?", [number])
        if isOnly { try db.run("DELETE FROM backup WHERE number != ?", [number]) }
    }

    /// Up to where the oldest backup that may still be restored holds the feed; nil when none is
    /// sure to be there.
    static func backedUp(in db: Database) throws -> FeedCursor? {
        let isThere: Int64? = try db.value("SELECT 1 FROM backup WHERE complete = 1")
        guard isThere != nil else { return nil }
        return try db.row("SELECT sequence, hash FROM backup ORDER BY sequence LIMIT 1").flatMap {
            FeedCursor(sequence: UInt64($0["sequence"] as Int64), storedHash: $0["hash"])
        }
    }

    /// Puts a backup in the place of a folder's database. What was there is kept beside it.
    ///
    /// The caller holds the folder alone.
    ///
    /// - Returns: where the database that was there is now; nil when there was none.
    public static func restore(
        _ file: URL, to folder: URL, environment: SystemEnvironment = .system
    ) throws -> URL? {
        let manager = FileManager.default
        guard manager.isReadableFile(atPath: file.path) else { throw Failure(.badFile, file.path) }
        try DataFolder.make(folder)
        try DataFolder.prepare(folder)
        let place = DatabaseFile(folder: folder)
        try? manager.removeItem(at: place.incoming)
        do {
            try manager.copyItem(at: file, to: place.incoming)
            try manager.setAttributes(
                [.posixPermissions: 0o600], ofItemAtPath: place.incoming.path)
            try verify(place.incoming)
        } catch {
            try? manager.removeItem(at: place.incoming)
            throw error
        }
        return try place.replace(keepingAside: "\(environment.now())")
    }

    /// A backup is a whole database of a server, of this version or an older one.
    private static func verify(_ file: URL) throws {
        let queue = try DatabaseQueue(path: file.path)
        let isServer = try queue.read { db in
            guard try String.fetchOne(db, sql: "PRAGMA integrity_check") == "ok" else {
                throw Failure(.damaged, file.lastPathComponent)
            }
            return try db.tableExists("server_key")
        }
        guard isServer else { throw Failure(.badFile, "\(file.lastPathComponent): no backup") }
        guard try !queue.read(ServerSchema.migrator.hasBeenSuperseded) else {
            throw Failure(.newerVersion)
        }
        try queue.close()
    }
}

/// Half a backup, held by the process that is writing it.
private final class PartLock {
    private var descriptor: Int32

    /// - Throws: `Failure` when another process has it, or it cannot be made.
    init(_ part: URL) throws(Failure) {
        descriptor = open(part.path, O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Failure(.storage, "errno \(errno)") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw Failure(.fileExists, part.path)
        }
        // SQLite writes into a file that is empty.
        ftruncate(descriptor, 0)
    }

    func release() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }
}
