import Foundation
import GRDB
import SurveyLog
import SurveyModel
import SurveyStore

/// The server's numbered sequence of segments.
enum Feed {
    /// The end of the feed.
    static func head(in db: Database) throws -> FeedCursor {
        guard
            let row = try db.row(
                "SELECT number, running FROM segment ORDER BY number DESC LIMIT 1")
        else { return .start }
        return try cursor(row)
    }

    /// The cursor at a number; nil when the feed is shorter.
    static func cursor(at sequence: UInt64, in db: Database) throws -> FeedCursor? {
        guard sequence > 0 else { return .start }
        return try db.row(
            "SELECT number, running FROM segment WHERE number = ?", [Int64(clamping: sequence)]
        ).map(cursor)
    }

    /// Numbers a segment, unless it is known; inside the write transaction that stores it.
    static func append(_ segment: Segment, _ log: LogSession) throws -> (
        number: UInt64, isNew: Bool
    ) {
        let db = log.db
        if let known = try SegmentLog.number(of: segment.id, in: db) {
            return (UInt64(known), false)
        }
        let next = try head(in: db).appending(segment.id)
        let (number, _) = try log.insert(segment, running: next.hash)
        // Edits that were judged one by one lie in the segment now.
        if try db.hasRows("open_edit") {
            try log.forgetOpen(of: segment.frame.replica, through: segment.frame.last)
        }
        guard UInt64(number) == next.sequence else { throw DamagedDatabase("segment.number") }
        return (next.sequence, true)
    }

    /// The newest of these cursors that lies on this timeline; the start always does.
    static func match(_ candidates: [FeedCursor], in db: Database) throws -> FeedCursor {
        for candidate in candidates.sorted(by: { $0.sequence > $1.sequence })
        where try cursor(at: candidate.sequence, in: db) == candidate {
            return candidate
        }
        return .start
    }

    private static func cursor(_ row: Row) throws -> FeedCursor {
        guard
            let cursor = FeedCursor(
                sequence: UInt64(row["number"] as Int64), storedHash: row["running"])
        else { throw DamagedDatabase("segment.running") }
        return cursor
    }
}
