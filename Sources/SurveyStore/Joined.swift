public import GRDB
public import SurveyModel

/// Register entries that are one household.
///
/// Two entries are joined while their *same-as* record says so and both are in one village: who
/// reads a village knows all that is said of its households, and decides the same. Joining is
/// transitive; the entry with the least id stands for all.
public enum Joined {
    /// The entries that are the same household, ascending; the household alone when there is none.
    public static func entries(of household: SubjectID, in db: Database) throws -> [SubjectID] {
        try db.rows(
            """
            SELECT other.subject FROM joined AS own
            JOIN joined AS other ON other.canonical = own.canonical
            WHERE own.subject = ? ORDER BY other.subject
            """, [household.bytes]
        ).map { try $0.parsed("joined.subject", SubjectID($0["subject"])) }
            .nonEmpty ?? [household]
    }

    /// The entry that stands for a household: where its checks are written.
    public static func canonical(of household: SubjectID, in db: Database) throws -> SubjectID {
        try entries(of: household, in: db)[0]
    }

    /// The entries of every household that has more than one, by the one that stands for all.
    static func all(in db: Database) throws -> [SubjectID: [SubjectID]] {
        try Dictionary(
            grouping: db.rows("SELECT canonical, subject FROM joined ORDER BY subject").map { row in
                (
                    canonical: try row.parsed("joined.canonical", SubjectID(row["canonical"])),
                    subject: try row.parsed("joined.subject", SubjectID(row["subject"]))
                )
            }, by: \.canonical
        ).mapValues { $0.map(\.subject) }
    }

    /// Everything that a household was ever said to be the same as, itself included: what must be
    /// counted again when something about it changes.
    static func linked(to household: SubjectID, in db: Database) throws -> Set<SubjectID> {
        try closure(
            of: household,
            """
            SELECT second AS other FROM same_as WHERE first = ?1
            UNION SELECT first FROM same_as WHERE second = ?1
            """, in: db)
    }

    /// The entries that are the same household, from what is said of pairs.
    static func closure(of household: SubjectID, in db: Database) throws -> [SubjectID] {
        try closure(
            of: household,
            """
            SELECT there.subject AS other FROM same_as
            JOIN household AS here ON here.subject = ?1
            JOIN household AS there
                ON there.subject IN (first, second) AND there.subject != ?1
            WHERE ?1 IN (first, second) AND same = 1 AND there.area = here.area
            """, in: db
        ).sorted()
    }

    private static func closure(of household: SubjectID, _ step: String, in db: Database) throws
        -> Set<SubjectID>
    {
        var found: Set<SubjectID> = [household]
        var open = [household]
        while let next = open.popLast() {
            for row in try db.rows(step, [next.bytes]) {
                let other = try row.parsed("same_as", SubjectID(row["other"]))
                if found.insert(other).inserted { open.append(other) }
            }
        }
        return found
    }
}

extension Array {
    fileprivate var nonEmpty: Self? { isEmpty ? nil : self }
}
