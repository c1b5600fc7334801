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
    /// Edits of that home's own log that cannot be read any more, here or in a segment.
    public var damaged = 0
    /// Segments of whatever log that cannot be read or do not verify.
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
        let (segments, found) = try queue.read { old in try Self.ownSegments(keys, old) }
        try queue.close()
        return try writer.write { db in
            var result = found
            // When this home is a copy of the damaged one, the log goes on in both: what is saved
            // here is sealed before the other branch comes beside it.
            try OwnLog.seal(Self.identity(db), db)
            for segment in segments {
                for edit in segment.edits where try !SegmentLog.contains(edit, in: db) {
                    result.new += 1
                }
                try SegmentLog.insert(segment, in: db)
            }
            try Projector.catchUp(db)
            return result
        }
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

    /// The segments of the home's own logs that can be read, and what can be read of others: edits
    /// that still are what their author signed are sealed again, each alone.
    private static func ownSegments(_ keys: OwnKeys, _ old: Database) throws
        -> (segments: [Segment], found: Recovered)
    {
        var result = Recovered()
        var segments: [Segment] = []
        let publicKeys = keys.closed + [keys.open.publicKey]
        let byReplica = Dictionary(publicKeys.map { (ReplicaID(publicKey: $0), $0) }) { a, _ in a }
        let last = try? Int64.fetchOne(old, sql: "SELECT MAX(number) FROM segment")
        for number in stride(from: Int64(1), through: last ?? 0, by: 1) {
            do {
                guard let segment = try readable(number, old) else { continue }
                guard let key = byReplica[segment.frame.replica] else { continue }
                try segment.verify(publicKey: key, serverKey: key)
                segments.append(segment)
            } catch {
                result.unreadable += 1
            }
        }
        let sealed = Set(segments.flatMap(\.edits).map(\.id))
        segments += try alone(keys.open, except: sealed, old, &result)
        result.edits = Set(segments.flatMap(\.edits).map(\.id)).count
        return (segments, result)
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

    /// Edits of the open log that no readable segment carries, saved and not sealed yet or sealed
    /// beside a damaged one. Their place in the log follows from the ids that stand there, the ids
    /// of damaged edits included.
    private static func alone(
        _ key: LogKey, except sealed: Set<EditID>, _ old: Database, _ result: inout Recovered
    ) throws -> [Segment] {
        let log = try? Int64.fetchOne(
            old, sql: "SELECT number FROM log WHERE replica = ?", arguments: [key.replica.bytes])
        guard let log else { return [] }
        // By row, one by one: a damaged page ends a scan, but not the next look-up.
        let last = try? Int64.fetchOne(old, sql: "SELECT MAX(number) FROM edit")
        var entries: [UInt64: (id: EditID, edit: Edit?)] = [:]
        for number in stride(from: Int64(1), through: last ?? 0, by: 1) {
            guard
                let row = try? Row.fetchOne(
                    old,
                    sql: """
                        SELECT log, counter, id, header, body, body_hash FROM edit WHERE number = ?
                        """, arguments: [number]),
                row["log"] as Int64? == log, let counter: Int64 = row["counter"], counter > 0,
                let id = (row["id"] as Data?).flatMap(EditID.init)
            else { continue }
            entries[UInt64(counter)] = (id, try? SegmentLog.edit(row))
        }
        var segments: [Segment] = []
        var chain = ChainValue(publicKey: key.publicKey)
        for counter in stride(from: UInt64(1), through: entries.keys.max() ?? 0, by: 1) {
            // Beyond a gap no place in the log is known any more.
            guard let (id, edit) = entries[counter] else {
                result.damaged += entries.keys.count {
                    $0 > counter && !sealed.contains(entries[$0]!.id)
                }
                break
            }
            if !sealed.contains(id) {
                if let edit, let segment = try? Segment.seal([edit], after: chain, key: key) {
                    segments.append(segment)
                } else {
                    result.damaged += 1
                }
            }
            chain = chain.appending(id)
        }
        return segments
    }
}
