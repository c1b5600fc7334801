internal import Foundation
internal import GRDB
internal import SurveyLog
internal import SurveyMerge
internal import SurveyModel
internal import SurveyStore

/// Numbers by which people find households and their members: each is given once.
///
/// Two devices that do not know of each other may still give one number twice; then both entries are
/// kept, and the number stands for neither until one of them gets another.
extension FieldStore {
    /// The entry that already has the number that a register entry is about to get; nil when it is
    /// free, or when the entry had it before.
    public func numberOwner(of form: OpenForm) throws -> SubjectName? {
        guard form.form.section(key: "identity") != nil else { return nil }
        return try read { db in
            try Self.numberOwner(
                of: form.record, form.answers, before: form.state.answers, db
            ).map { try Self.name(of: $0, db) }
        }
    }

    private static func numberOwner(
        of record: RecordKey, _ answers: Answers, before: Answers, _ db: Database
    ) throws -> SubjectID? {
        switch record.kind {
        case .household:
            guard let number = answers[Household.householdNo]?.folded,
                number != before[Household.householdNo]?.folded
            else { return nil }
            let same = try Joined.entries(of: record.subject, in: db)
            return try subjects(
                """
                SELECT \(subjectID("household.subject")) AS subject FROM household
                WHERE coalesce(folded_no, household_no) = ? ORDER BY 1
                """, [number], db
            ).first { !same.contains($0) }
        case .person:
            guard let number = answers[Person.personNo]?.foldedPlace,
                number != before[Person.personNo]?.foldedPlace,
                let household = answers[Person.household].flatMap(SubjectID.init)
            else { return nil }
            let same = try Joined.entries(of: record.subject, in: db)
            return try members(of: household, "coalesce(folded_no, person_no) = ?", [number], db)
                .first { !same.contains($0) }
        default: return nil
        }
    }

    /// Numbers are looked up in what the register says now, so it has to be up to date first.
    ///
    /// - Throws: `Failure` when a number is somebody else's, or given twice by these forms.
    static func refuseTakenNumbers(
        in forms: [(form: OpenForm, sections: Set<SectionTag>)], _ db: Database
    ) throws {
        let giving = forms.map { $0.form }.filter { $0.form.section(key: "identity") != nil }
        guard !giving.isEmpty else { return }
        try Projector.catchUp(db)
        var given: [GivenNumber: SubjectID] = [:]
        for form in giving {
            let owner = try numberOwner(
                of: form.record, form.answers, before: form.state.answers, db)
            if let owner { throw Failure(.takenNumber, try name(of: owner, db).place) }
            // An entry that keeps its number gives none, though another may have it too.
            guard let number = GivenNumber(form.record, form.answers),
                number != GivenNumber(form.record, form.state.answers)
            else { continue }
            let other = given.updateValue(form.record.subject, forKey: number)
            guard other == nil || other == form.record.subject else {
                throw Failure(.takenNumber, number.number)
            }
        }
    }

    /// The same of the answer with which somebody settles what is contested.
    static func refuseTakenNumber(
        in section: SectionAnswers, of state: RecordState, _ form: Form, _ db: Database
    ) throws {
        guard form.section(key: "identity") != nil else { return }
        try Projector.catchUp(db)
        var answers = state.answers
        for (tag, value) in section { answers[tag] = value }
        let owner = try numberOwner(of: state.key, answers, before: state.answers, db)
        if let owner { throw Failure(.takenNumber, try name(of: owner, db).place) }
    }

    /// A number as it is given once: a household's anywhere, a member's in the household.
    private struct GivenNumber: Hashable {
        let household: Data?
        let number: String

        init?(_ record: RecordKey, _ answers: Answers) {
            switch record.kind {
            case .household:
                guard let number = answers[Household.householdNo]?.folded else { return nil }
                (household, self.number) = (nil, number)
            case .person:
                guard let number = answers[Person.personNo]?.foldedPlace else { return nil }
                (household, self.number) = (answers[Person.household], number)
            default: return nil
            }
        }
    }

    /// Other members of the household with the name and the date of birth of one that was saved:
    /// probably the same person.
    public func twins(of saved: SavedEdit) throws -> [SubjectName] {
        let answers = saved.answers
        guard saved.edit.header.record.kind == .person, let name = answers[Person.name],
            let born = answers[Person.birthDate],
            let household = answers[Person.household].flatMap(SubjectID.init)
        else { return [] }
        let person = saved.edit.header.record.subject
        return try read { db in
            try Self.members(
                of: household, "birth_date = ?", [Int64(born.daysSinceEpoch)], db
            ).filter { try !Self.isSettled(person, $0, db) }.map { try Self.name(of: $0, db) }
                .filter { $0.name.folded == name.folded }
        }
    }

    /// Whether somebody has said of two entries whether they are one; of one entry there is no doubt.
    private static func isSettled(_ one: SubjectID, _ other: SubjectID, _ db: Database) throws
        -> Bool
    {
        try one == other
            || !Records.state(of: .sameAs(one, other), in: db).included.isEmpty
    }

    /// The numbers of a household's members as they are looked up, and one that none of them has: one
    /// more than the greatest that a household can need.
    static func numbers(in household: SubjectID, _ db: Database) throws
        -> (taken: Set<String>, next: String)
    {
        let entries = try Joined.entries(of: household, in: db)
        let marks = databaseQuestionMarks(count: entries.count)
        let taken = try db.rows(
            """
            SELECT coalesce(folded_no, person_no) AS number FROM person WHERE household IN (\(marks))
            """, StatementArguments(try entries.map { try db.number(of: $0) })
        ).map { $0["number"] as String }
        // A number may have come from anywhere and be of any size.
        let places = Set(taken.compactMap { Int($0) })
        var next = (places.filter { (0..<10_000).contains($0) }.max() ?? 0) + 1
        while places.contains(next) { next += 1 }
        return (Set(taken), String(next))
    }

    /// Members of a household, or of another entry that is the same one.
    static func members(
        of household: SubjectID, _ condition: String, _ arguments: StatementArguments,
        _ db: Database
    ) throws -> [SubjectID] {
        let entries = try Joined.entries(of: household, in: db)
        let marks = databaseQuestionMarks(count: entries.count)
        return try subjects(
            """
            SELECT \(subjectID("person.subject")) AS subject FROM person
            WHERE household IN (\(marks)) AND \(condition) ORDER BY person_no, 1
            """, StatementArguments(try entries.map { try db.number(of: $0) }) + arguments, db)
    }

    private static func subjects(
        _ sql: String, _ arguments: StatementArguments, _ db: Database
    ) throws -> [SubjectID] {
        try db.rows(sql, arguments).compactMap { SubjectID($0["subject"] as Data) }
    }
}
