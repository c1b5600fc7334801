import Foundation
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

    static func contains(_ key: StoredKey, in db: Database) throws -> Bool {
        try db.value(
            "SELECT 1 FROM dirty WHERE phase = ? AND subject = ? AND kind = ? AND round = ?",
            [Phase(key.kind).rawValue] + key.columns) as Int64? != nil
    }

    /// Those of some subjects whose register entries of a kind wait.
    static func contained(
        _ phase: Phase, _ kind: RecordKind, among subjects: [Int64], in db: Database
    ) throws -> [Int64] {
        guard
            try db.value("SELECT 1 FROM dirty WHERE phase = ? LIMIT 1", [phase.rawValue]) as Int64?
                != nil
        else { return [] }
        var contained: [Int64] = []
        try db.forEachRow(
            """
            SELECT subject FROM dirty
            WHERE phase = ? AND kind = ? AND round = 0 AND subject IN (KEYS)
            """, [phase.rawValue, Int64(kind.rawValue)], among: subjects
        ) { contained.append($0.integer(0)) }
        return contained
    }

    static func mark(_ record: StoredKey, in db: Database) throws {
        try RowWriter(
            "INSERT OR IGNORE INTO dirty (phase, subject, kind, round) VALUES (?, ?, ?, ?)", in: db
        ).write(
            integers: Phase(record.kind).rawValue, record.subject, Int64(record.kind.rawValue),
            record.round)
    }

    /// - Parameter records: a query for subject, kind and round of records.
    package static func mark(
        _ records: String, _ arguments: StatementArguments = [], in db: Database
    ) throws {
        try db.run(marking(records), arguments)
    }

    static func mark(_ records: String, among keys: [Int64], in db: Database) throws {
        try db.run(marking(records), among: keys)
    }

    private static func marking(_ records: String) -> String {
        """
        INSERT OR IGNORE INTO dirty (phase, subject, kind, round)
        SELECT \(phaseOfKind), subject, kind, round FROM (\(records))
        """
    }

    /// The phase of a row with a kind.
    static let phaseOfKind = """
        CASE WHEN kind >= \(RecordKind.area.rawValue) THEN \(Phase.register.rawValue)
            WHEN kind = \(RecordKind.household.rawValue) THEN \(Phase.households.rawValue)
            WHEN kind = \(RecordKind.person.rawValue) THEN \(Phase.persons.rawValue)
            ELSE \(Phase.others.rawValue) END
        """

    /// Takes the next records of a phase out: they count as projected from now on.
    static func take(_ phase: Phase, limit: Int, in db: Database) throws -> [StoredRecord] {
        var records: [StoredRecord] = []
        let rows = try db.rows(
            """
            SELECT subject, kind, round, \(subjectID("dirty.subject")) AS id FROM dirty
            WHERE phase = ? ORDER BY subject, kind, round LIMIT ?
            """, [phase.rawValue, limit])
        guard let last = rows.last else { return [] }
        for row in rows {
            let stored = StoredKey(
                subject: row["subject"],
                kind: RecordKind(rawValue: UInt32(truncatingIfNeeded: row["kind"] as Int64)),
                round: row["round"])
            // What names no subject is nobody's: it must not keep anybody waiting.
            guard let id = (row["id"] as Data?).flatMap({ SubjectID($0) }),
                let round = try? db.round(stored.round)
            else { continue }
            records.append(
                StoredRecord(
                    key: RecordKey(kind: stored.kind, subject: id, round: round), stored: stored))
        }
        try db.run(
            """
            DELETE FROM dirty WHERE phase = ? AND (subject, kind, round) <= (?, ?, ?)
            """,
            [
                phase.rawValue, last["subject"] as Int64, last["kind"] as Int64,
                last["round"] as Int64,
            ])
        // Where all of them were nobody's, the next ones may be somebody's.
        return records.isEmpty ? try take(phase, limit: limit, in: db) : records
    }
}
