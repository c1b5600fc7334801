internal import Foundation
internal import GRDB
internal import SurveyCoverage
public import SurveyLog
internal import SurveyModel
public import SurveyStore

/// What a home holds that its owner should know.
public struct HomeStatus: Sendable {
    /// Edits that the server has not acknowledged.
    public let pending: Int
    public let drafts: Int
    /// Contested records.
    public let contested: Int
    /// Own edits that wait for review.
    public let held: Int
    /// Milliseconds since the epoch; nil when never.
    public let lastSync: Int64?
    public let round: Round?
    public let user: RegisteredUser?
}

/// Proof of what the server holds.
public struct Verification: Sendable {
    /// Edits of the own log.
    public let edits: UInt64
    /// Of these, how many the receipt proves.
    public let receipted: UInt64
    /// Those that it does not.
    public let missing: [Dot]
    /// The receipt's time by the server's clock; nil without a receipt.
    public let asOf: Int64?
    /// The receipt names a log that is not a prefix of this one.
    public let isForked: Bool
}

extension FieldStore {
    public func status() throws -> HomeStatus {
        try read { db in
            let identity = try Self.identity(db)
            let sealed: Int64? = try db.value(
                """
                SELECT SUM(last - first + 1) FROM segment JOIN log ON log.number = segment.log
                WHERE replica = ? AND mark IS NULL
                """, [identity.replica.bytes])
            let unsealed = try OwnLog.end(db).counter - OwnLog.sealedEnd(db).counter
            return HomeStatus(
                pending: Int(sealed ?? 0) + Int(unsealed),
                drafts: try db.value("SELECT COUNT(*) FROM draft") ?? 0,
                contested: try Self.contestedCount(db), held: try Self.heldCount(identity, db),
                lastSync: try db.value("SELECT last_sync FROM sync_state"),
                round: try Rounds.current(in: db),
                user: try Accounts.find(identity.user, in: db))
        }
    }

    static func contestedCount(_ db: Database) throws -> Int {
        try db.value(
            """
            SELECT (SELECT COUNT(*) FROM check_state WHERE contested = 1)
                + (SELECT COUNT(*) FROM contested_register)
            """) ?? 0
    }

    private static func heldCount(_ identity: HomeIdentity, _ db: Database) throws -> Int {
        try db.value(
            """
            SELECT COUNT(*) FROM exclusion JOIN log ON log.number = exclusion.log
            WHERE replica = ? AND state = 'held'
            """, [identity.replica.bytes]) ?? 0
    }

    /// Compares the last receipt with the own log, by count and hash.
    public func verify() throws -> Verification {
        try writer.read { db in
            let identity = try Self.identity(db)
            let end = try OwnLog.end(db)
            let row = try db.row("SELECT receipt, receipt_signature FROM sync_state")
            var receipted: UInt64 = 0
            var asOf: Int64?
            var isForked = false
            if let bytes = row?["receipt"] as Data? {
                let signed = SignedReceipt(
                    bytes: bytes, signature: row?["receipt_signature"] ?? Data())
                let receipt = try signed.open(serverKey: identity.serverKey)
                asOf = receipt.time
                let spans = try SegmentLog.spans(of: identity.replica, in: db)
                let branch = try OwnLog.branch(identity, spans, db)
                for tip in receipt.tips {
                    let common = branch.common(with: tip, spans)
                    receipted = max(receipted, common)
                    isForked = isForked || common < tip.counter
                }
            }
            let missing = receipted < end.counter ? (receipted + 1)...end.counter : nil
            return Verification(
                edits: end.counter, receipted: receipted,
                missing: missing?.map { Dot(replica: identity.replica, counter: $0) } ?? [],
                asOf: asOf, isForked: isForked)
        }
    }
}
