public import GRDB
internal import SurveyLog
public import SurveyModel

/// A finding as a list shows it.
public struct FindingRow: Sendable {
    public let record: RecordKey
    /// The household, person or village that it is about.
    public let about: SubjectID
    public let area: AreaID
    public let category: FindingCategory?
    public let level: FindingLevel?
    public let severity: Severity?
    public let deadline: CalendarDate?
    public let state: FindingState
    public let isContested: Bool

    /// Past its deadline on a day, and not rectified.
    public func isOverdue(on today: CalendarDate) -> Bool {
        !state.isRectified && deadline.map { $0 < today } ?? false
    }
}

public enum Findings {
    /// The findings of a round, the most pressing first.
    ///
    /// - Parameters:
    ///   - about: whom, under any of these entries; nil for everybody's.
    ///   - carrying: with those of other rounds that nobody has verified.
    public static func all(
        in areas: Set<AreaID>?, round: RoundID, about: [SubjectID]? = nil, carrying: Bool = false,
        _ db: Database
    ) throws -> [FindingRow] {
        let carried = carrying ? "OR state != '4'" : ""
        let filter = areas.map { "AND area IN (\($0.sqlList))" } ?? ""
        let whom = about.map { "AND about IN (\(databaseQuestionMarks(count: $0.count)))" } ?? ""
        return try Row.fetchAll(
            db,
            sql: """
                SELECT \(columns) FROM finding WHERE (round = ? \(carried)) \(filter) \(whom)
                ORDER BY state IN ('3', '4'), deadline IS NULL, deadline, severity DESC, id
                """,
            arguments: [try db.number(of: round)]
                + StatementArguments(try (about ?? []).map { try db.number(of: $0) })
        ).map { try row($0, db) }
    }

    public static func finding(_ record: RecordKey, in db: Database) throws -> FindingRow? {
        try db.row(
            "SELECT \(columns) FROM finding WHERE subject = ? AND round = ?",
            [try db.number(of: record.subject), try db.number(of: record.round)]
        ).map { try row($0, db) }
    }

    /// Subjects of findings whose id begins with a text.
    public static func find(_ text: String, in db: Database) throws -> [SubjectID] {
        let text = text.lowercased()
        guard (4...26).contains(text.utf8.count) else { return [] }
        return try db.rows(
            """
            SELECT DISTINCT id AS subject FROM subject JOIN finding ON finding.subject = number
            WHERE \(Records.prefixCondition("id"))
            """, Records.prefixArguments(text)
        ).map { try $0.subject("finding.subject") }
            .filter { $0.text.hasPrefix(text) }
    }

    private static let columns = """
        finding.*, \(subjectID("finding.subject")) AS id, \(subjectID("finding.about")) AS whom
        """

    private static func row(_ row: Row, _ db: Database) throws -> FindingRow {
        FindingRow(
            record: RecordKey(
                kind: .finding,
                subject: try row.subject("finding.subject", "id"),
                round: try db.round(row["round"])),
            about: try row.subject("finding.about", "whom"),
            area: AreaID(column: row["area"]),
            category: FindingCategory(rawValue: row["category"]),
            level: FindingLevel(rawValue: row["level"]),
            severity: Severity(rawValue: row["severity"]), deadline: row.day("deadline"),
            state: FindingState(rawValue: row["state"]) ?? .open, isContested: row["contested"])
    }
}
