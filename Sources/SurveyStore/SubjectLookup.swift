internal import Foundation
public import GRDB
public import SurveyModel

/// Finding the subject that somebody means.
extension Subjects {
    /// What a person typed: an id, an unambiguous prefix of it, or the official number in any
    /// spelling. Of several that differ by spelling only, the one that is written as it was typed.
    ///
    /// - Returns: a few subjects at most; more than one mean that the text is ambiguous.
    public static func find(household text: String, _ db: Database) throws -> [SubjectID] {
        let key = text.typed.folded
        guard !key.isEmpty else { return [] }
        let byNumber = try subjects(
            """
            SELECT \(subjectID("household.subject")) AS subject, household_no AS number FROM household
            WHERE \(Numbers.household) = ? LIMIT 99
            """, [key], written: text.trimmed, db)
        return byNumber.isEmpty ? try find(prefix: text.folded, table: "household", db) : byNumber
    }

    /// As ``find(household:_:)``; a person's number is `household number/person number`.
    public static func find(person text: String, _ db: Database) throws -> [SubjectID] {
        let folded = text.typed.folded
        if let slash = folded.lastIndex(of: "/") {
            return try subjects(
                """
                SELECT \(subjectID("person.subject")) AS subject,
                    household_no || '/' || person_no AS number FROM household
                JOIN person ON household.subject = person.household
                WHERE coalesce(household.folded_no, household_no) = ?1 AND ?1 != ''
                    AND coalesce(person.folded_no, person_no) = ?2 LIMIT 99
                """,
                [
                    String(folded[..<slash]),
                    folded[folded.index(after: slash)...].foldedPlace,
                ], written: text.trimmed, db)
        }
        let byNumber = try subjects(
            """
            SELECT \(subjectID("person.subject")) AS subject, person_no AS number FROM person
            WHERE \(Numbers.person) = ? LIMIT 9
            """, [text.typed.foldedPlace], written: text.trimmed, db)
        return byNumber.isEmpty ? try find(prefix: folded, table: "person", db) : byNumber
    }

    private static func subjects(
        _ sql: String, _ arguments: StatementArguments, written text: String, _ db: Database
    ) throws -> [SubjectID] {
        guard !text.isEmpty else { return [] }
        let rows = try db.rows(sql, arguments)
        let exact = rows.filter {
            let number: String = $0["number"]
            return number == text || number.shown == text
        }
        return try (exact.isEmpty ? rows : exact).prefix(9).map { row in
            try row.subject("subject")
        }
    }

    private static func find(prefix text: String, table: String, _ db: Database) throws
        -> [SubjectID]
    {
        let text = text.lowercased()
        guard (4...26).contains(text.utf8.count) else { return [] }
        let arguments = Records.prefixArguments(text)
        return try subjects(
            """
            SELECT id AS subject FROM subject JOIN \(table) ON \(table).subject = number
            WHERE \(Records.prefixCondition("id"))
            """, arguments, db
        ).filter { $0.text.hasPrefix(text) }
    }

    private static func subjects(_ sql: String, _ arguments: StatementArguments, _ db: Database)
        throws -> [SubjectID]
    {
        try db.rows(sql, arguments).map { row in
            try row.subject("subject")
        }
    }
}

extension String {
    /// As lists print a number: with a mark in place of what is not seen.
    fileprivate var shown: String {
        String(
            String.UnicodeScalarView(unicodeScalars.map { $0.isUnprintable ? "\u{FFFD}" : $0 }))
    }

    /// Without the marks of a number that was copied from a list.
    fileprivate var typed: String {
        String(String.UnicodeScalarView(unicodeScalars.filter { $0 != "\u{FFFD}" }))
    }
}
