import Foundation
package import GRDB
package import SurveyLog

/// Where logs end, kept beside their segments: a receipt must not cost reading a whole log.
///
/// The usual log is one line: its segments follow one another from the first edit on. Of any other one,
/// with a gap, a fork or overlapping segments, the segments are read.
package enum LogEnds {
    /// Notes a segment that was just stored.
    static func note(_ frame: SegmentFrame, ofLog log: Int64, in db: Database) throws {
        let known = try db.row("SELECT counter, start, chain FROM log_end WHERE log = ?", [log])
        var end: (counter: UInt64, start: Data?, chain: Data?)
        if let known {
            end = (UInt64(known["counter"] as Int64), known["start"], known["chain"])
            guard end.start != nil else { return }
            let follows =
                frame.first == end.counter + 1 && frame.previous.bytes == end.chain
            end = follows ? (frame.last, end.start, frame.resulting.bytes) : (0, nil, nil)
        } else {
            // The first one, or the first one since the database is of this version.
            end = try line(ofLog: log, in: db) ?? (0, nil, nil)
        }
        try db.run(
            """
            INSERT INTO log_end (log, counter, start, chain) VALUES (?, ?, ?, ?)
            ON CONFLICT (log) DO UPDATE SET
                counter = excluded.counter, start = excluded.start, chain = excluded.chain
            """, [log, Int64(end.counter), end.start, end.chain])
    }

    /// The one end of a log that is a line; nil when it is none, or nobody knows.
    static func tip(of replica: ReplicaID, publicKey: Data, in db: Database) throws -> Tip? {
        guard
            let row = try db.row(
                """
                SELECT counter, start, chain FROM log_end
                WHERE log = (SELECT number FROM log WHERE replica = ?)
                """, [replica.bytes]),
            row["start"] as Data? == ChainValue(publicKey: publicKey).bytes,
            let chain = (row["chain"] as Data?).flatMap(ChainValue.init)
        else { return nil }
        return Tip(replica: replica, counter: UInt64(row["counter"] as Int64), chain: chain)
    }

    /// Whether some of a log's frames are what they were, of another place each time: what the disk changed
    /// is found within a few receipts, and none costs reading a whole log.
    package static func isSound(
        _ replica: ReplicaID, sampledAt place: UInt64, in db: Database
    ) throws -> Bool {
        guard
            let row = try db.row(
                """
                SELECT log, counter FROM log_end
                WHERE log = (SELECT number FROM log WHERE replica = ?) AND start IS NOT NULL
                """, [replica.bytes])
        else { return true }
        let (log, counter): (Int64, Int64) = (row["log"], row["counter"])
        let first = Int64(place % UInt64(counter + 1))
        let rows = try db.rows(
            """
            SELECT id, frame FROM segment WHERE log = ? AND first >= ? ORDER BY first LIMIT \(samples)
            """, [log, first])
        let others = try db.rows(
            """
            SELECT id, frame FROM segment WHERE log = ? AND first < ? ORDER BY first
            LIMIT \(samples - rows.count)
            """, [log, first])
        return (rows + others).allSatisfy { SegmentLog.frame($0) != nil }
    }

    private static let samples = 32

    /// From now on where a log ends is read from its segments.
    package static func distrust(_ replica: ReplicaID, in db: Database) throws {
        try db.run(
            """
            UPDATE log_end SET counter = 0, start = NULL, chain = NULL
            WHERE log = (SELECT number FROM log WHERE replica = ?)
            """, [replica.bytes])
    }

    /// A log as its segments are, from the first on; nil when they are no line.
    private static func line(ofLog log: Int64, in db: Database) throws
        -> (counter: UInt64, start: Data?, chain: Data?)?
    {
        let frames = try db.rows(
            "SELECT id, frame FROM segment WHERE log = ? ORDER BY first", [log]
        ).compactMap(SegmentLog.frame)
        guard let first = frames.first else { return nil }
        var (counter, chain): (UInt64, ChainValue) = (0, first.previous)
        for frame in frames {
            guard frame.first == counter + 1, frame.previous == chain else { return nil }
            (counter, chain) = (frame.last, frame.resulting)
        }
        return (counter, first.previous.bytes, chain.bytes)
    }

    /// Whether an end lies on a log that is one line here, where a segment ends: then all of its segments
    /// up to there lie below it. False also when only reading the log can tell.
    package static func isOnLine(_ tip: Tip, in db: Database) throws -> Bool {
        guard
            let log: Int64 = try db.value(
                """
                SELECT log FROM log_end JOIN log ON log.number = log_end.log
                WHERE replica = ? AND counter >= ? AND start IS NOT NULL
                """, [tip.replica.bytes, Int64(clamping: tip.counter)]),
            let row = try db.row(
                """
                SELECT id, frame FROM segment WHERE log = ? AND first <= ?
                ORDER BY first DESC LIMIT 1
                """, [log, Int64(clamping: tip.counter)]),
            let frame = SegmentLog.frame(row)
        else { return false }
        return frame.last == tip.counter && frame.resulting == tip.chain
    }
}
