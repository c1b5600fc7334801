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
                SELECT * FROM finding WHERE (round = ? \(carried)) \(filter) \(whom)
                ORDER BY state IN ('3', '4'), deadline IS NULL, deadline, severity DESC, subject
                """,
            arguments: [round.column] + StatementArguments((about ?? []).map(\.bytes))
        ).map(row)
    }

    public static func finding(_ record: RecordKey, in db: Database) throws -> FindingRow? {
        try db.row(
            "SELECT * FROM finding WHERE subject = ? AND round = ?",
            [record.subject.bytes, record.round.column]
        ).map(row)
    }

    /// Subjects of findings whose id begins with a text.
    public static func find(_ text: String, in db: Database) throws -> [SubjectID] {
        let text = text.lowercased()
        guard (4...26).contains(text.utf8.count) else { return [] }
        return try db.rows(
            "SELECT DISTINCT subject FROM finding WHERE \(Records.prefixCondition)",
            Records.prefixArguments(text)
        ).map { try $0.parsed("finding.subject", SubjectID($0["subject"])) }
            .filter { $0.text.hasPrefix(text) }
    }

    private static func row(_ row: Row) throws -> FindingRow {
        FindingRow(
            record: RecordKey(
                kind: .finding,
                subject: try row.parsed("finding.subject", SubjectID(row["subject"])),
                round: RoundID(column: row["round"])),
            about: try row.parsed("finding.about", SubjectID(row["about"])),
            area: AreaID(column: row["area"]),
            category: FindingCategory(rawValue: row["category"]),
            level: FindingLevel(rawValue: row["level"]),
            severity: Severity(rawValue: row["severity"]), deadline: row.day("deadline"),
            state: FindingState(rawValue: row["state"]) ?? .open, isContested: row["contested"])
    }
}
