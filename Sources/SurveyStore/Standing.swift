public import GRDB
public import SurveyModel

/// Whether entries are part of the counts.
///
/// Entries that are one household, or one person, are set aside when each of them is: one that was
/// entered twice is set aside without the other.
enum Standing {
    /// A condition on a row of `household` or `person`.
    static func isSetAside(_ table: String) -> String {
        """
        (\(table).set_aside = 1 AND NOT EXISTS (
            SELECT 1 FROM joined AS own JOIN joined AS other ON other.canonical = own.canonical
            JOIN \(table) AS entry ON entry.subject = other.subject
            WHERE own.subject = \(table).subject AND entry.set_aside = 0))
        """
    }

    /// A condition on a row of `household` or `person`: no other entry stands for it.
    static func standsForItself(_ table: String) -> String {
        """
        NOT EXISTS (SELECT 1 FROM joined
            WHERE joined.subject = \(table).subject AND joined.canonical != joined.subject)
        """
    }
}

extension Subjects {
    /// Whether a person, or the person's household, is set aside.
    public static func isSetAside(person: SubjectID, in db: Database) throws -> Bool {
        try db.value(
            """
            SELECT \(Standing.isSetAside("person")) OR coalesce(\(Standing.isSetAside("household")), 0)
            FROM person LEFT JOIN household ON household.subject = person.household
            WHERE person.subject = \(subjectNumber())
            """, [person.bytes]) ?? false
    }
}
