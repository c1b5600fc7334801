import Foundation
import GRDB
import SurveyLog
import SurveyModel
import SurveyStore
import SurveyWire

/// The logs that a device has had: one, unless its home was restored or copied.
enum ClosedLogs {
    /// Whether a receipt speaks of a branch of the own log that is not this device's.
    ///
    /// Either it is ahead of this device (the home came back from a backup) or off its chain (the
    /// home was copied, and the copy wrote too).
    static func isForked(_ receipt: Receipt, _ identity: HomeIdentity, _ db: Database) throws
        -> Bool
    {
        let ends = receipt.ends(of: identity.replica)
        let own = try OwnLog.sealedEnd(db)
        guard !ends.allSatisfy({ $0.counter == own.counter && $0.chain == own.chain }) else {
            return false
        }
        guard try !ends.allSatisfy({ try LogEnds.isOnLine($0, in: db) }) else { return false }
        let spans = try SegmentLog.spans(of: identity.replica, in: db)
        let branch = try OwnLog.branch(identity, spans, db)
        return ends.contains { branch.chain(at: $0.counter) != $0.chain }
    }

    /// Closes the own log and starts another, endorsed by its key.
    ///
    /// First everything is sealed under the old key: it is pushed unchanged, as a branch of its own.
    static func close(_ identity: HomeIdentity, _ environment: SystemEnvironment, _ db: Database)
        throws
    {
        try OwnLog.seal(identity, db)
        let next = try LogKey(seed: environment.random(32))
        let endorsement = try Endorsement(of: next, by: identity.key)
        try db.run(
            "INSERT INTO closed_log (public_key, next_key, signature) VALUES (?, ?, ?)",
            [identity.key.publicKey, endorsement.publicKey, endorsement.signature])
        try db.run("UPDATE home SET seed = ?", [next.seed])
        let start = ChainValue(publicKey: next.publicKey).bytes
        try db.run(
            "UPDATE own_log SET counter = 0, chain = ?, sealed_counter = 0, sealed_chain = ?",
            [start, start])
    }

    /// This device's identity, for a server that does not know its key.
    static func readmission(_ identity: HomeIdentity, _ db: Database) throws -> Readmission {
        let rows = try db.rows("SELECT * FROM closed_log ORDER BY position")
        let enrolment: Data? = try db.value("SELECT enrolment FROM home")
        return Readmission(
            root: rows.first?["public_key"] ?? identity.key.publicKey,
            enrolments: enrolment.map { [$0] } ?? [],
            endorsements: rows.map {
                Endorsement(publicKey: $0["next_key"], signature: $0["signature"])
            })
    }

    /// The replicas of all logs of this device, the open one last.
    static func family(_ identity: HomeIdentity, _ db: Database) throws -> [ReplicaID] {
        try db.rows("SELECT public_key FROM closed_log ORDER BY position").map {
            ReplicaID(publicKey: $0["public_key"])
        } + [identity.replica]
    }

    /// The numbers of those logs, as a list for SQL.
    static func familyList(_ identity: HomeIdentity, _ db: Database) throws -> String {
        try family(identity, db).compactMap {
            try db.value("SELECT number FROM log WHERE replica = ?", [$0.bytes]) as Int64?
        }.map(String.init).joined(separator: ",")
    }
}
