import Foundation
import GRDB
import SurveyLog
import SurveyModel

/// Takes over the log of an earlier version, which kept each edit in a row of its own: the same segments,
/// byte for byte, damaged ones as they are. Everything else is projected again from them.
enum OlderLog {
    private static let parts = ["segment", "edit", "segment_edit", "excerpt", "record"]
    private static let projections = [
        "dirty", "damaged_record", "household", "person", "former_member", "contested_register",
        "check_state", "held_check", "contribution", "finding", "same_as", "joined", "joined_check",
        "duplicate",
    ]

    /// - Parameter make: makes the tables of today.
    static func adopt(_ db: Database, _ make: () throws -> Void) throws {
        try db.execute(sql: "DROP TRIGGER segment_delete")
        for index in [
            "segment_log", "segment_area", "segment_about", "segment_unmarked", "edit_dot",
            "edit_record", "segment_edit_edit", "excerpt_edit",
        ] {
            try db.execute(sql: "DROP INDEX \(index)")
        }
        for table in projections { try db.execute(sql: "DROP TABLE \(table)") }
        for table in parts {
            try db.execute(sql: "ALTER TABLE \(table) RENAME TO older_\(table)")
        }
        try make()
        try db.execute(
            sql:
                "INSERT OR IGNORE INTO subject (id) SELECT subject FROM older_record ORDER BY subject"
        )
        try copySegments(db)
        try copyOpenEdits(db)
        for table in parts { try db.execute(sql: "DROP TABLE older_\(table)") }
        try db.execute(sql: "UPDATE tally SET value = 0")
        try DirtyRecords.mark("SELECT DISTINCT subject, kind, round FROM edit", in: db)
    }

    /// A segment of a database of that version.
    static func segment(_ number: Int64, in db: Database) throws -> Segment {
        guard
            let row = try db.row(
                "SELECT frame, signature FROM segment WHERE number = ?", [number])
        else { throw DamagedDatabase("segment") }
        let edits = try db.rows(
            """
            SELECT edit.header, edit.body, edit.body_hash FROM segment_edit
            JOIN edit ON edit.number = segment_edit.edit WHERE segment = ? ORDER BY position
            """, [number])
        do throws(LogError) {
            return try Segment(
                frame: row["frame"], edits: edits.map { StoredEdits.bytes(of: encoded($0)) },
                signature: row["signature"])
        } catch {
            throw DamagedDatabase("segment.frame")
        }
    }

    private static let columns = """
        edit.number AS number, edit.id AS id, header, body, body_hash, log, counter, kind, round,
        subject.number AS subject
        """
    private static let rest = """
        JOIN older_record AS record ON record.number = edit.record
        JOIN subject ON subject.id = record.subject
        """

    private static func copySegments(_ db: Database) throws {
        let numbers = try Int64.fetchAll(
            db, sql: "SELECT number FROM older_segment ORDER BY number")
        for number in numbers {
            let rows = try db.rows(
                """
                SELECT position, \(columns) FROM older_segment_edit AS place
                JOIN older_edit AS edit ON edit.number = place.edit \(rest)
                WHERE segment = ? ORDER BY position
                """, [number])
            try db.run(
                """
                INSERT INTO segment (number, id, log, area, first, last, about, mark, running, frame,
                    signature)
                SELECT number, id, log, area, first, last, about, mark, running, frame, signature
                FROM older_segment WHERE number = ?
                """, [number])
            for row in rows {
                let position: Int64 = row["position"]
                let edit = number << 9 | position << 1
                try db.run(
                    "INSERT INTO sealed_edit (number, bytes) VALUES (?, ?)",
                    [edit, StoredEdits.bytes(of: encoded(row))])
                try insert(row, as: edit, db)
                for repeated in try db.rows(
                    """
                    SELECT \(columns) FROM older_excerpt AS excerpt
                    JOIN older_edit AS edit ON edit.number = excerpt.edit \(rest) WHERE holder = ?
                    """, [row["number"] as Int64])
                {
                    try insert(repeated, as: edit | 1, db)
                    try db.run(
                        "INSERT INTO repeated (log, counter, number) VALUES (?, ?, ?)",
                        [repeated["log"] as Int64, repeated["counter"] as Int64, edit | 1])
                }
            }
        }
    }

    /// Edits that no segment carries and nothing repeats are a device's own that it has not sealed.
    private static func copyOpenEdits(_ db: Database) throws {
        for row in try db.rows(
            """
            SELECT \(columns) FROM older_edit AS edit \(rest)
            WHERE edit.number NOT IN (SELECT edit FROM older_segment_edit)
                AND edit.number NOT IN (SELECT edit FROM older_excerpt)
            """)
        {
            let counter: Int64 = row["counter"]
            try db.run(
                "INSERT OR IGNORE INTO open_edit (log, counter, id, edit) VALUES (?, ?, ?, ?)",
                [
                    row["log"] as Int64, counter, row["id"] as Data,
                    StoredEdits.bytes(of: encoded(row)),
                ])
            try insert(row, as: -2 * counter, db)
        }
    }

    private static func insert(_ row: Row, as number: Int64, _ db: Database) throws {
        // A device may have written any round into a key; each has a number.
        let round: Int64 = row["round"]
        let id: Data = row["id"]
        try db.run(
            """
            INSERT OR IGNORE INTO edit (subject, kind, round, number, proof) VALUES (?, ?, ?, ?, ?)
            """,
            [
                row["subject"] as Int64, row["kind"] as Int64,
                try db.makeNumber(of: RoundID(column: round)), number,
                EditID(id)?.proof ?? 0,
            ])
    }

    private static func encoded(_ row: Row) -> EncodedEdit {
        let body: Data? = row["body"]
        return EncodedEdit(
            header: row["header"],
            content: body.map { .body($0) } ?? .erased(hash: row["body_hash"] ?? Data()))
    }
}
