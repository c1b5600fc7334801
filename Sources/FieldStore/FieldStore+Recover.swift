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
    /// Segments that cannot be read or do not verify.
    public var unreadable = 0
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
    public func recover(from damaged: URL) throws -> Recovered {
        let file = Self.file(in: damaged)
        guard FileManager.default.fileExists(atPath: file.path) else { throw Failure(.noHome) }
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
        let queue = try DatabaseQueue(path: Self.file(in: copy).path)
        let keys = try queue.read(Self.ownKeys)
        let result = try queue.write { old in
            var result = Recovered()
            let segments = try Self.ownSegments(keys, old, &result)
            try writer.write { db in
                for segment in segments where try SegmentLog.insert(segment, in: db).isNew {
                    result.new += segment.edits.count
                }
                try Projector.catchUp(db)
            }
            return result
        }
        try queue.close()
        return result
    }

    private struct OwnKeys {
        /// The open log's key; of closed logs only the public part is left.
        let open: LogKey
        let closed: [Data]
    }

    private static func ownKeys(_ old: Database) throws -> OwnKeys {
        guard let seed = try Data.fetchOne(old, sql: "SELECT seed FROM home") else {
            throw Failure(.noHome)
        }
        let closed = try? Data.fetchAll(old, sql: "SELECT public_key FROM closed_log")
        return OwnKeys(open: try LogKey(seed: seed), closed: closed ?? [])
    }

    private static func ownSegments(
        _ keys: OwnKeys, _ old: Database, _ result: inout Recovered
    ) throws -> [Segment] {
        var segments: [Segment] = []
        var sealed: Set<EditID> = []
        let publicKeys = keys.closed + [keys.open.publicKey]
        let byReplica = Dictionary(publicKeys.map { (ReplicaID(publicKey: $0), $0) }) { a, _ in a }
        let last = try? Int64.fetchOne(old, sql: "SELECT MAX(number) FROM segment")
        for number in stride(from: Int64(1), through: last ?? 0, by: 1) {
            do {
                guard let segment = try readable(number, old) else { continue }
                guard let key = byReplica[segment.frame.replica] else { continue }
                try segment.verify(publicKey: key, serverKey: key)
                segments.append(segment)
                sealed.formUnion(segment.edits.map(\.id))
            } catch {
                result.unreadable += 1
            }
        }
        segments += try unsealed(keys.open, sealed, old)
        result.edits = Set(segments.flatMap(\.edits).map(\.id)).count
        return segments
    }

    /// A segment, nil when there is none with that number.
    private static func readable(_ number: Int64, _ db: Database) throws -> Segment? {
        let row = try Row.fetchOne(
            db, sql: "SELECT number FROM segment WHERE number = ?", arguments: [number])
        guard row != nil else { return nil }
        let segment = try SegmentLog.segment(number, in: db)
        // Ids were checked when they were stored; here the bytes may have changed since.
        return try Segment(bytes: try segment.encoded())
    }

    /// Edits that were saved and not sealed yet, sealed now: as far as they follow each other.
    private static func unsealed(_ key: LogKey, _ sealed: Set<EditID>, _ old: Database) throws
        -> [Segment]
    {
        guard let row = try? Row.fetchOne(old, sql: "SELECT * FROM own_log"),
            var chain = ChainValue(row["sealed_chain"] as Data)
        else { return [] }
        let edits =
            (try? OwnLog.edits(
                from: UInt64(row["sealed_counter"] as Int64) + 1, of: key.replica, old)) ?? []
        var segments: [Segment] = []
        for edit in edits where !sealed.contains(edit.id) {
            guard let whole = try? Edit(edit.encoded), whole.id == edit.id,
                let segment = try? Segment.seal([edit], after: chain, key: key)
            else { break }
            segments.append(segment)
            chain = segment.frame.resulting
        }
        return segments
    }
}
