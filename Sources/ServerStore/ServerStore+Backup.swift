public import Foundation
internal import GRDB
internal import Glibc
public import SurveyLog
public import SurveyModel
internal import SurveyStore

extension ServerStore {
    /// Writes a consistent copy while the server works, and notes how far it reaches.
    ///
    /// The copy has another name until it is whole and on the disk, and it counts only then: what
    /// devices delete on the strength of a backup must be in one.
    ///
    /// - Parameter isOnly: earlier backups will not be restored any more.
    /// - Returns: the point of the feed up to which everything is in the copy.
    @discardableResult
    public func backUp(to file: URL, isOnly: Bool) throws -> FeedCursor {
        guard !FileManager.default.fileExists(atPath: file.path) else {
            throw Failure(.fileExists, file.path)
        }
        // Read first: the copy may hold more than its point says, never less.
        let point = try writer.read(Feed.head)
        let part = URL(filePath: file.path + ".part")
        try? FileManager.default.removeItem(at: part)
        do {
            try writer.writeWithoutTransaction { db in
                try db.execute(sql: "VACUUM INTO ?", arguments: [part.path])
            }
            try Durable.sync(part)
            // Unlike a rename this takes no other file's place.
            guard link(part.path, file.path) == 0 else {
                throw errno == EEXIST
                    ? Failure(.fileExists, file.path) : Failure(.storage, "errno \(errno)")
            }
            unlink(part.path)
            try Durable.sync(file.deletingLastPathComponent())
        } catch {
            try? FileManager.default.removeItem(at: part)
            throw error
        }
        let now = environment.now()
        try writer.write { db in
            if isOnly { try db.run("DELETE FROM backup", []) }
            try db.run(
                "INSERT INTO backup (time, sequence, hash) VALUES (?, ?, ?)",
                [now, Int64(point.sequence), point.hash])
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
    /// The caller holds the folder alone.
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
