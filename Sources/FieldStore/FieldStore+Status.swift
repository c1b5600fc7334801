internal import Foundation
internal import GRDB
internal import SurveyCoverage
public import SurveyLog
public import SurveyModel
public import SurveyStore
internal import SurveyWire

/// What a home holds that its owner should know.
public struct HomeStatus: Sendable {
    /// Edits that are here and that the server has not acknowledged.
    public let pending: Int
    public let drafts: Int
    /// Contested records.
    public let contested: Int
    /// Own edits that wait for review. What a revoked device holds is what it was told last: it gets
    /// no decisions any more.
    public let held: Int
    /// Of the villages that this user may read, households without a number or without members.
    public let flaggedHouseholds: Int
    /// The same of persons whose entry names no household any more.
    public let flaggedPersons: Int
    /// Pairs of entries there that are probably one, and of which nobody has said whether they are.
    public let probableDuplicates: Int
    /// Pairs of entries of which it is said that they are one, to no effect: too many hang together.
    public let pairsWithoutEffect: Int
    /// By the last synchronization the user or the device is revoked: what it sends is held.
    public let isRevoked: Bool
    /// Records that cannot be read because the disk has changed them.
    public let damaged: Int
    /// Milliseconds since the epoch; nil when never.
    public let lastSync: Int64?
    /// The current round, or the newest when all are closed.
    public let round: Round?
    public let user: RegisteredUser?
    public let clock: DeviceClock
}

/// Proof of what the server holds.
public struct Verification: Sendable {
    /// Edits of the own log.
    public let edits: UInt64
    /// Of these, how many the receipt proves.
    public let receipted: UInt64
    /// Those that it does not.
    public let missing: [Dot]
    /// Edits of other logs that are here and that the server has not acknowledged: taken from a
    /// damaged home, or lost by a server that was restored. Its receipt says nothing of them.
    public let others: Int
    /// The receipt's time by the server's clock; nil without a receipt.
    public let asOf: Int64?
    /// The receipt names a log that is not a prefix of this one.
    public let isForked: Bool
}

extension FieldStore {
    public func status() throws -> HomeStatus {
        try read { db in
            let identity = try Self.identity(db)
            // Those of others too: after a restore of the server they are here and not there.
            let sealed: Int64? = try db.value(
                """
                SELECT SUM(last - first + 1) FROM segment
                WHERE mark IS NULL AND running IS NULL
                    AND log IN (SELECT number FROM log WHERE public_key IS NULL)
                """)
            let unsealed = try OwnLog.end(db).counter - OwnLog.sealedEnd(db).counter
            let told = try db.row("SELECT last_sync, revoked, told_held FROM sync_state")
            return HomeStatus(
                pending: Int(sealed ?? 0) + Int(unsealed),
                drafts: try db.value("SELECT COUNT(*) FROM draft") ?? 0,
                contested: try Self.contestedCount(db),
                held: max(try Self.heldCount(identity, db), told?["told_held"] ?? 0),
                flaggedHouseholds: try Self.registerCount(.householdsFlagged, db),
                flaggedPersons: try Self.registerCount(.personsFlagged, db),
                probableDuplicates: try Self.registerCount(.probableDuplicates, db),
                pairsWithoutEffect: try Joined.pairsWithoutEffect(in: db),
                isRevoked: told?["revoked"] ?? false,
                damaged: try Projector.damagedRecords(db),
                lastSync: told?["last_sync"],
                round: try Rounds.choose(nil, in: db),
                user: try Accounts.find(identity.user, in: db), clock: try clock(db))
        }
    }

    /// Keeps what the server's notices say of this device as a whole.
    static func keep(_ notices: [Notice], _ db: Database) throws {
        try db.run(
            "UPDATE sync_state SET revoked = ?, told_held = ?",
            [
                notices.contains { $0.code == .revoked },
                notices.first { $0.code == .held }?.count ?? 0,
            ])
    }

    /// Bytes of the edits that wait to be sent, as they are stored.
    public func waitingBytes() throws -> Int {
        try SurveyDatabase.read(writer) { db in
            let identity = try Self.identity(db)
            let sealed: Int? = try db.value(
                """
                SELECT SUM(length(bytes)) FROM segment
                JOIN sealed_edit ON sealed_edit.number >= segment.number << 9
                    AND sealed_edit.number < (segment.number + 1) << 9
                WHERE mark IS NULL AND running IS NULL
                """)
            let unsealed = try OwnLog.unsealed(of: identity.replica, db)
            return (sealed ?? 0) + unsealed.reduce(0) { $0 + $1.encoded.byteCount }
        }
    }

    static func contestedCount(_ db: Database) throws -> Int {
        try db.value(
            """
            SELECT (SELECT COUNT(*) FROM check_state WHERE contested = 1
                        AND subject NOT IN (SELECT subject FROM joined))
                + (SELECT COUNT(*) FROM joined_check WHERE contested = 1)
                + (SELECT COUNT(*) FROM contested_register)
                + (SELECT COUNT(*) FROM finding WHERE contested = 1)
            """) ?? 0
    }

    /// A counter of the register, over the villages that this user may read: from here where the records
    /// are here, else as the server counted them.
    private static func registerCount(_ counter: Counter, _ db: Database) throws -> Int {
        let (scope, here) = (try scope(db), try here(db))
        func sum(_ table: String, _ areas: Set<AreaID>) throws -> Int {
            guard !areas.isEmpty else { return 0 }
            let list = areas.map { String($0.column) }.joined(separator: ",")
            return try Int.fetchOne(
                db,
                sql: """
                    SELECT SUM(value) FROM \(table)
                    WHERE round = 0 AND counter = ? AND area IN (\(list))
                    """, arguments: [Int64(counter.rawValue)]) ?? 0
        }
        return try sum("tally", scope.intersection(here))
            + sum("server_tally", scope.subtracting(here))
    }

    private static func heldCount(_ identity: HomeIdentity, _ db: Database) throws -> Int {
        let family = try ClosedLogs.familyList(identity, db)
        return try db.value(
            "SELECT COUNT(*) FROM exclusion WHERE log IN (\(family)) AND state = 'held'") ?? 0
    }

    private static func othersPending(_ identity: HomeIdentity, _ db: Database) throws -> Int {
        try db.value(
            """
            SELECT SUM(last - first + 1) FROM segment
            WHERE mark IS NULL AND running IS NULL
                AND log IN (SELECT number FROM log WHERE public_key IS NULL)
                AND log NOT IN (\(try ClosedLogs.familyList(identity, db)))
            """) ?? 0
    }

    /// Compares the last receipt with the own logs, by count and hash.
    public func verify() throws -> Verification {
        try SurveyDatabase.read(writer) { db in
            let identity = try Self.identity(db)
            let row = try db.row("SELECT receipt, receipt_signature FROM sync_state")
            let receipt = try (row?["receipt"] as Data?).map { bytes in
                try SignedReceipt(bytes: bytes, signature: row?["receipt_signature"] ?? Data())
                    .open(serverKey: identity.serverKey)
            }
            var (edits, missing) = (0, [Dot]())
            for replica in try ClosedLogs.family(identity, db) {
                let spans = try SegmentLog.spans(of: replica, in: db)
                let held = LogGraph.held(spans, ends: receipt?.ends(of: replica) ?? [])
                let here = Set(LogGraph.points(of: spans).keys)
                edits += here.count
                missing += here.subtracting(held).map { Dot(replica: replica, counter: $0.counter) }
            }
            let (sealed, end) = (try OwnLog.sealedEnd(db).counter, try OwnLog.end(db).counter)
            edits += Int(end - sealed)
            missing += (sealed..<end).map { Dot(replica: identity.replica, counter: $0 + 1) }
            return Verification(
                edits: UInt64(edits), receipted: UInt64(edits - missing.count),
                missing: missing.sorted(), others: try Self.othersPending(identity, db),
                asOf: receipt?.time,
                isForked: try receipt.map { try ClosedLogs.isForked($0, identity, db) } ?? false)
        }
    }
}
