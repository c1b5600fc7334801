package import GRDB
package import SurveyLog
package import SurveyModel

/// Edits by their places in a log.
extension SegmentLog {
    /// The last place of a log at which an edit is stored; 0 before the first.
    package static func lastCounter(of replica: ReplicaID, in db: Database) throws -> UInt64 {
        let last: Int64? = try db.value(
            """
            SELECT counter FROM edit WHERE log = (SELECT number FROM log WHERE replica = ?)
            ORDER BY counter DESC LIMIT 1
            """, [replica.bytes])
        return UInt64(last ?? 0)
    }

    /// The places in a log of its edits of a record, ascending.
    package static func counters(of record: RecordKey, by replica: ReplicaID, in db: Database)
        throws -> [UInt64]
    {
        guard let number = try existingRecordNumber(of: record, in: db) else { return [] }
        return try db.rows(
            """
            SELECT counter FROM edit
            WHERE record = ? AND log = (SELECT number FROM log WHERE replica = ?)
            ORDER BY counter
            """, [number, replica.bytes]
        ).map { UInt64($0["counter"] as Int64) }
    }

    /// Most edits that a log wrote of any of some records.
    package static func mostEdits(
        of records: Set<RecordKey>, by replica: ReplicaID, in db: Database
    ) throws -> Int {
        let log = try logNumber(of: replica, in: db)
        var most = 0
        for (kind, keys) in Dictionary(grouping: records, by: \.kind) {
            for (round, keys) in Dictionary(grouping: keys, by: \.round) {
                try db.forEachRow(
                    """
                    SELECT COUNT(*) FROM record
                    CROSS JOIN edit ON edit.record = record.number AND log = ?
                    WHERE kind = ? AND round = ? AND subject IN (KEYS) GROUP BY record.number
                    """,
                    [
                        log.databaseValue, Int64(kind.rawValue).databaseValue,
                        round.column.databaseValue,
                    ], among: keys.map(\.subject.bytes)
                ) { most = max(most, $0[0]) }
            }
        }
        return most
    }

    /// Edits at a place of a log; several after a fork.
    package static func edits(of replica: ReplicaID, at counter: UInt64, in db: Database) throws
        -> [Edit]
    {
        try sound(
            db.rows(
                """
                SELECT edit.id, header, body, body_hash FROM edit
                JOIN log ON log.number = edit.log WHERE replica = ? AND counter = ?
                """, [replica.bytes, Int64(clamping: counter)]))
    }
}
