public import Foundation
internal import GRDB
internal import SurveyLog
internal import SurveyModel
internal import SurveyStore

/// What was found in a damaged home.
public struct Recovered: Sendable {
    /// Edits of that home's own logs that can be read and verify.
    public var edits = 0
    /// Of these, edits that this home did not have yet.
    public var new = 0
    /// Edits of that home's own logs that cannot be read any more.
    public var damaged = 0
    /// Of these, edits that the server had acknowledged.
    public var acknowledged = 0
    /// Edits of others that cannot be read: the server has them.
    public var others = 0
    public var drafts = 0
    /// Drafts that cannot be read, or whose form has a draft here.
    public var lostDrafts = 0
}

extension FieldStore {
    /// Segments of this home that cannot be read or do not verify, by their rows.
    ///
    /// - Throws: `DamagedDatabase` when SQLite itself finds its file damaged.
    public func damage() throws -> [Int64] {
        try writer.read { db in
            let identity = try Self.identity(db)
            let pages = try String.fetchAll(db, sql: "PRAGMA integrity_check(1)")
            guard pages == ["ok"] else { throw DamagedDatabase("SQLite") }
            return try Int64.fetchAll(db, sql: "SELECT number FROM segment ORDER BY number")
                .filter { number in
                    guard let segment = try? Self.readable(number, db) else { return true }
                    return (try? Self.verify(segment, identity, db)) == nil
                }
        }
    }

    /// Takes from a damaged home what its owner wrote and this server may not have yet: it is sent
    /// with the next synchronization. Everything else comes from the server anyway.
    ///
    /// Nothing of the damaged home is changed. What was not sealed is sealed with its key.
    ///
    /// - Throws: `Failure` when that key cannot be read.
    public func recover(from damaged: URL) throws -> Recovered {
        let file = Self.file(in: damaged)
        guard FileManager.default.fileExists(atPath: file.path) else {
            throw Failure(.badFolder, damaged.path)
        }
        // On a copy: reading a home with a journal beside it writes to it.
        let copy = FileManager.default.temporaryDirectory
            .appending(path: "lianhu-recover-\(UUID().uuidString)", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(
            at: copy, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(at: copy) }
        for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: file.path + suffix)
        {
            try FileManager.default.copyItem(
                atPath: file.path + suffix, toPath: Self.file(in: copy).path + suffix)
        }
        let old = try Self.examine(copy)
        return try writer.write { db in
            var result = old.found
            // When this home is a copy of the damaged one, the log goes on in both: what is saved
            // here is sealed before the other branch comes beside it.
            try OwnLog.seal(Self.identity(db), db)
            let log = LogSession(db)
            for segment in old.segments {
                for edit in segment.edits where try !log.contains(edit) { result.new += 1 }
                try log.insert(segment)
            }
            for draft in old.drafts {
                if try draft.take(db) { result.drafts += 1 } else { result.lostDrafts += 1 }
            }
            try Projector.catchUp(db)
            return result
        }
    }

    /// Reads a home, with the schema of a new one where its own cannot be read.
    private static func examine(_ home: URL) throws -> DamagedHome {
        do {
            return try examine(file: file(in: home))
        } catch let failure as Failure where failure.problem == .unrecoverable {
            let new = home.appending(path: "new", directoryHint: .isDirectory)
            try FieldStore.open(new, creating: true).close()
            guard let schema = try SchemaPages(of: file(in: new)) else { throw failure }
            try schema.replace(in: file(in: home))
            let found = try examine(file: file(in: home))
            // A home that an older version made has its tables on other pages: what is read there is
            // nobody's, and that nothing was found would be no answer.
            guard !found.segments.isEmpty || !found.drafts.isEmpty else { throw failure }
            return found
        }
    }

    private static func examine(file: URL) throws -> DamagedHome {
        do {
            let queue = try DatabaseQueue(path: file.path)
            defer { try? queue.close() }
            // An older version's home has its log in other tables.
            if try queue.read({ try !$0.tableExists("open_edit") }) {
                try? FieldSchema.migrator.migrate(queue)
            }
            return try queue.writeWithoutTransaction { db in try DamagedHome(db) }
        } catch let error as DatabaseError
            where [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode)
        {
            throw Failure(.unrecoverable)
        }
    }

    /// A segment, nil when there is none with that number.
    private static func readable(_ number: Int64, _ db: Database) throws -> Segment? {
        let row = try Row.fetchOne(
            db, sql: "SELECT number FROM segment WHERE number = ?", arguments: [number])
        guard row != nil else { return nil }
        let segment = try SegmentLog.segment(number, in: db)
        // Ids were checked when they were stored; here the bytes may have changed since.
        return try Segment(bytes: segment.encoded())
    }
}
