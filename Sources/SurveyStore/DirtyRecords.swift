package import GRDB
import SurveyModel

/// Records whose projection is behind their edits: noted in the transaction that brings the edits, and
/// projected before anything is read.
package enum DirtyRecords {
    /// What is projected before what: the register decides what counts and adds to what is dirty;
    /// persons look at households, and checks at both.
    enum Phase: Int64, CaseIterable {
        case register, households, persons, others

        init(_ kind: RecordKind) {
            switch kind {
            case .household: self = .households
            case .person: self = .persons
            case _ where kind >= .area: self = .register
            default: self = .others
            }
        }
    }

    static func isAny(in db: Database) throws -> Bool { try db.hasRows("dirty") }

    static func contains(_ key: RecordKey, in db: Database) throws -> Bool {
        try db.value(
            """
            SELECT 1 FROM record JOIN dirty ON phase = ? AND dirty.record = record.number
            WHERE kind = ? AND round = ? AND subject = ?
            """,
            [
                Phase(key.kind).rawValue, Int64(key.kind.rawValue), key.round.column,
                key.subject.bytes,
            ]) as Int64? != nil
    }

    static func mark(_ record: Int64, _ kind: RecordKind, in db: Database) throws {
        try db.run(
            "INSERT OR IGNORE INTO dirty (phase, record) VALUES (?, ?)",
            [Phase(kind).rawValue, record])
    }

    /// - Parameter numbers: a query for the numbers of records.
    package static func mark(
        _ numbers: String, _ arguments: StatementArguments = [], in db: Database
    ) throws {
        try db.run(marking(numbers), arguments)
    }

    static func mark(
        _ numbers: String, among keys: some Collection<some DatabaseValueConvertible>,
        in db: Database
    ) throws {
        try db.run(marking(numbers), among: keys)
    }

    private static func marking(_ numbers: String) -> String {
        """
        INSERT OR IGNORE INTO dirty (phase, record)
        SELECT \(phaseOfKind), number FROM record WHERE number IN (\(numbers))
        """
    }

    /// The phase of a row of `record`.
    static let phaseOfKind = """
        CASE WHEN kind >= \(RecordKind.area.rawValue) THEN \(Phase.register.rawValue)
            WHEN kind = \(RecordKind.household.rawValue) THEN \(Phase.households.rawValue)
            WHEN kind = \(RecordKind.person.rawValue) THEN \(Phase.persons.rawValue)
            ELSE \(Phase.others.rawValue) END
        """

    /// Takes the next records of a phase out: they count as projected from now on.
    static func take(_ phase: Phase, limit: Int, in db: Database) throws -> [ProjectedBatch.Record]
    {
        let records = try db.rows(
            """
            SELECT number, kind, round, subject FROM dirty
            CROSS JOIN record ON record.number = dirty.record
            WHERE phase = ? ORDER BY dirty.record LIMIT ?
            """, [phase.rawValue, limit]
        ).map { row in
            ProjectedBatch.Record(number: row["number"], key: try row.recordKey())
        }
        guard let last = records.last else {
            // Whatever is left names no record: nobody must wait for it.
            try db.run("DELETE FROM dirty WHERE phase = ?", [phase.rawValue])
            return []
        }
        try db.run(
            "DELETE FROM dirty WHERE phase = ? AND record <= ?", [phase.rawValue, last.number])
        return records
    }
}
