public import GRDB
public import SurveyModel

/// Register entries that are one household, or one person.
///
/// Two entries of a kind are joined while their *same-as* record says so and both are in one village: who
/// reads a village knows all that is said of its people, and decides the same. Joining is
/// transitive; the entry with the least id stands for all. A person is where its household is: who
/// cannot see that, because it is in a village that they do not read, joins them with nobody.
public enum Joined {
    /// The entries that are the same, ascending; the subject alone when there is no other.
    public static func entries(of subject: SubjectID, in db: Database) throws -> [SubjectID] {
        try db.rows(
            """
            SELECT \(subjectID("other.subject")) AS subject FROM joined AS own
            JOIN joined AS other ON other.canonical = own.canonical
            WHERE own.subject = \(subjectNumber()) ORDER BY 1
            """, [subject.bytes]
        ).map { try $0.subject("joined.subject") }.nonEmpty ?? [subject]
    }

    /// The same by numbers, in the order of the ids.
    static func entries(of number: Int64, in db: Database) throws -> [Int64] {
        try db.rows(
            """
            SELECT other.subject AS number, \(subjectID("other.subject")) AS subject FROM joined AS own
            JOIN joined AS other ON other.canonical = own.canonical
            WHERE own.subject = ? ORDER BY 2
            """, [number]
        ).map { $0["number"] }.nonEmpty ?? [number]
    }

    /// The entry that stands for a household or a person: where their checks are written.
    public static func canonical(of subject: SubjectID, in db: Database) throws -> SubjectID {
        try entries(of: subject, in: db)[0]
    }

    /// Pairs of entries in one place that are said to be one and that nobody counts so, because they hang
    /// together with too many others.
    public static func pairsWithoutEffect(in db: Database) throws -> Int {
        guard try db.hasRows("same_as") else { return 0 }
        return try db.value(
            """
            SELECT COUNT(*) FROM same_as
            WHERE same = 1 AND first NOT IN (SELECT subject FROM joined) AND (
                (SELECT area FROM household WHERE subject = first)
                    = (SELECT area FROM household WHERE subject = second)
                OR (SELECT household.area FROM person
                        JOIN household ON household.subject = person.household
                        WHERE person.subject = first)
                    = (SELECT household.area FROM person
                        JOIN household ON household.subject = person.household
                        WHERE person.subject = second))
            """) ?? 0
    }

    /// The entries of everything that has more than one, in the order of their ids, by the one that stands
    /// for all.
    static func groups(in db: Database) throws -> [Int64: [Int64]] {
        var groups: [Int64: [Int64]] = [:]
        for row in try db.rows(
            """
            SELECT canonical, joined.subject AS subject FROM joined
            JOIN subject ON subject.number = joined.subject ORDER BY id
            """)
        {
            groups[row["canonical"] as Int64, default: []].append(row["subject"])
        }
        return groups
    }
}

extension Array {
    fileprivate var nonEmpty: Self? { isEmpty ? nil : self }
}
