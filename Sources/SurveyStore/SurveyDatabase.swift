public import Foundation
public import GRDB
internal import SurveyModel

/// Opens the SQLite file that holds a segment log and its projections.
///
/// Durability: write-ahead log with `synchronous=FULL`, asserted after opening because GRDB's pool
/// sets NORMAL while it opens. What a commit acknowledged survives a power cut.
public enum SurveyDatabase {
    /// A commit waits until the disk has it.
    private static let waiting = "PRAGMA synchronous = FULL"

    /// Pages that a connection keeps: what a push, a village's entries and their counts take.
    private static let cacheKibibytes = 16_384

    /// How a file is worked on.
    public enum Access: Sendable {
        /// Beside other processes. Memory shared with them takes a file of its own.
        case shared
        /// By this process alone, which takes no room on the disk.
        case alone
        /// As it lies on a read-only disk.
        case readOnly
    }

    public static func configuration(busyTimeout: TimeInterval = 30, access: Access = .shared)
        -> Configuration
    {
        var configuration = Configuration()
        configuration.readonly = access == .readOnly
        configuration.busyMode = .timeout(busyTimeout)
        configuration.foreignKeysEnabled = false
        configuration.prepareDatabase { db in
            if access == .alone { try db.execute(sql: "PRAGMA locking_mode = EXCLUSIVE") }
            try db.execute(sql: "PRAGMA cache_size = -\(cacheKibibytes)")
            if !db.configuration.readonly {
                try db.execute(sql: "PRAGMA journal_mode = WAL; \(waiting)")
            }
        }
        return configuration
    }

    /// Opens a file as its disk allows: something else may have filled it, or it may be read-only.
    /// What is there can be read all the same.
    ///
    /// - Parameter connect: opens the file's path, or its URI.
    public static func open<Store>(
        _ file: URL, _ connect: (_ path: String, _ access: Access) throws -> Store
    ) throws -> Store {
        do {
            return try connect(file.path, .shared)
        } catch let error as DatabaseError where error.isOfTheDisk {
            if let store = try? connect(file.path, .alone) { return store }
            let journal = try? FileManager.default.attributesOfItem(atPath: file.path + "-wal")
            let path = file.path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed)
            guard DataFolder.isReadOnly(file.deletingLastPathComponent()),
                journal?[.size] as? Int ?? 0 == 0, let path,
                let store = try? connect("file:\(path)?immutable=1", .readOnly)
            else { throw error }
            return store
        }
    }

    /// Migrates an older file, refuses a newer one and another program's, and asserts durability.
    ///
    /// - Throws: `Failure` of `Problem.newerVersion`, `.otherProgram` or
    ///   `.storage`. Nothing was changed then.
    public static func prepare(_ writer: any DatabaseWriter, _ migrator: DatabaseMigrator) throws {
        if try !isCurrent(writer, migrator) {
            if try writer.read(migrator.hasBeenSuperseded) {
                // A newer version has made all of these migrations, and more.
                let isSame = try writer.read(migrator.hasCompletedMigrations)
                throw Failure(isSame ? .newerVersion : .otherProgram)
            }
            try requireRoom(toTakeOver: writer)
            try migrator.migrate(writer)
        }
        try writer.writeWithoutTransaction { db in
            try db.execute(sql: waiting)
            guard try Int.fetchOne(db, sql: "PRAGMA synchronous") == 2 else {
                throw Failure(.storage, "synchronous")
            }
        }
    }

    /// The log of an earlier version is copied before the old one goes, and what is deleted stands in the
    /// journal meanwhile.
    private static func requireRoom(toTakeOver writer: any DatabaseWriter) throws {
        let isOlder = try writer.read { db in
            try db.tableExists("segment_edit") && !db.tableExists("sealed_edit")
        }
        let manager = FileManager.default
        guard isOlder,
            let size = try manager.attributesOfItem(atPath: writer.path)[.size] as? Int,
            let free = try manager.attributesOfFileSystem(forPath: writer.path)[.systemFreeSize]
                as? Int, free < 2 * size
        else { return }
        let needed = (2 * size + 1_048_575) >> 20
        throw Failure(
            .storage,
            Label(
                zh: "升级数据库需要 \(needed) MB 可用空间",
                en: "\(needed) MB must be free to upgrade the database"))
    }

    /// Exactly these migrations were made: asked in one statement, because every process asks.
    private static func isCurrent(_ writer: any DatabaseWriter, _ migrator: DatabaseMigrator) throws
        -> Bool
    {
        try writer.unsafeRead { db in
            do {
                let made = try String.fetchOne(
                    db,
                    sql: """
                        SELECT group_concat(identifier, ' ')
                        FROM (SELECT identifier FROM grdb_migrations ORDER BY identifier)
                        """)
                return made == migrator.migrations.sorted().joined(separator: " ")
            } catch let error as DatabaseError where error.resultCode == .SQLITE_ERROR {
                return false  // a new file has no such table
            }
        }
    }

    /// Reads one state of the file.
    ///
    /// GRDB's own `read` of a queue forbids writing by a pragma that makes SQLite prepare every
    /// cached statement again, which takes longer than most of our reads.
    public static func read<T>(_ reader: any DatabaseReader, _ body: (Database) throws -> T) throws
        -> T
    {
        try reader.unsafeRead { db in
            var result: T?
            try db.inTransaction(.deferred) {
                result = try body(db)
                return .commit
            }
            return result!
        }
    }

    /// Reads what a transaction made that is then taken back: nothing is written to the disk.
    public static func readWithoutKeeping<T>(
        _ writer: any DatabaseWriter, _ body: (Database) throws -> T
    ) throws -> T {
        try writer.writeWithoutTransaction { db in
            // Otherwise pages for which there is no memory would go to the journal.
            try db.execute(sql: "PRAGMA cache_spill = OFF; PRAGMA temp_store = MEMORY")
            var result: T?
            try db.inTransaction(.immediate) {
                result = try body(db)
                return .rollback
            }
            return result!
        }
    }

    /// A transaction that does not wait for the disk: after a power cut it may not have happened,
    /// but then nothing after it has either. Only for what can be made again from what was there
    /// before.
    public static func writeWithoutWaiting(
        _ writer: any DatabaseWriter, _ body: (Database) throws -> Void
    ) throws {
        try writer.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA synchronous = NORMAL")
            let result = Result {
                try db.inTransaction(.immediate) {
                    try body(db)
                    return .commit
                }
            }
            try db.execute(sql: waiting)
            try result.get()
        }
    }
}
