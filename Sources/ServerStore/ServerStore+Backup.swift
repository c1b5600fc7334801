public import Foundation
internal import GRDB
public import SurveyLog
public import SurveyModel
internal import SurveyStore

extension ServerStore {
    /// Writes a consistent copy while the server works, and notes how far it reaches.
    ///
    /// - Parameter isOnly: earlier backups will not be restored any more.
    /// - Returns: the point of the feed up to which everything is in the copy.
    @discardableResult
    public func backUp(to file: URL, isOnly: Bool) throws -> FeedCursor {
        guard !FileManager.default.fileExists(atPath: file.path) else {
            throw Failure(.fileExists, file.path)
        }
        let now = environment.now()
        // Noted first: the copy may hold more than its point says, never less.
        let (point, number) = try writer.write { db in
            let head = try Feed.head(in: db)
            try db.run(
                "INSERT INTO backup (time, sequence, hash) VALUES (?, ?, ?)",
                [now, Int64(head.sequence), head.hash])
            return (head, db.lastInsertedRowID)
        }
        do {
            try writer.writeWithoutTransaction { db in
                try db.execute(sql: "VACUUM INTO ?", arguments: [file.path])
            }
        } catch {
            try? FileManager.default.removeItem(at: file)
            try writer.write { db in try db.run("DELETE FROM backup WHERE number = ?", [number]) }
            throw error
        }
        if isOnly {
            try writer.write { db in try db.run("DELETE FROM backup WHERE number < ?", [number]) }
        }
        return point
    }

    /// Up to where the oldest backup that may still be restored holds the feed.
    static func backedUp(in db: Database) throws -> FeedCursor? {
        try db.row("SELECT sequence, hash FROM backup ORDER BY sequence LIMIT 1").flatMap { row in
            FeedCursor(sequence: UInt64(row["sequence"] as Int64), storedHash: row["hash"])
        }
    }

    /// Puts a backup in the place of a folder's database. What was there is kept beside it.
    ///
    /// The caller makes sure that nobody serves the folder.
    ///
    /// - Returns: where the database that was there is now; nil when there was none.
    public static func restore(
        _ file: URL, to folder: URL, environment: SystemEnvironment = .system
    ) throws -> URL? {
        let manager = FileManager.default
        guard manager.isReadableFile(atPath: file.path) else { throw Failure(.badFile, file.path) }
        do {
            try manager.createDirectory(
                at: folder, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        } catch {
            throw Failure(.badFolder, folder.path)
        }
        let target = folder.appending(path: "lianhu.sqlite")
        let incoming = folder.appending(path: "lianhu.sqlite.restoring")
        try? manager.removeItem(at: incoming)
        do {
            try manager.copyItem(at: file, to: incoming)
            try manager.setAttributes([.posixPermissions: 0o600], ofItemAtPath: incoming.path)
            try verify(incoming)
        } catch {
            try? manager.removeItem(at: incoming)
            throw error
        }
        let aside = try putAside(target, environment)
        try manager.moveItem(at: incoming, to: target)
        return aside
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

    private static func putAside(_ target: URL, _ environment: SystemEnvironment) throws -> URL? {
        let manager = FileManager.default
        guard manager.fileExists(atPath: target.path) else { return nil }
        // Everything into the one file, so that no journal of the old one meets the new one.
        if let queue = try? DatabaseQueue(path: target.path) {
            try? queue.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
            }
            try? queue.close()
        }
        let aside = URL(filePath: target.path + ".before-\(environment.now())")
        try manager.moveItem(at: target, to: aside)
        for suffix in ["-wal", "-shm"] {
            try? manager.removeItem(atPath: target.path + suffix)
        }
        return aside
    }
}
