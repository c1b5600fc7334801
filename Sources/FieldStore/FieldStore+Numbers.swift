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
    /// Who has the number already that a register entry is about to get; nil when it is free, or when
    /// the entry had it before.
    public func numberOwner(of form: OpenForm) throws -> SubjectName? {
        guard form.form.section(key: "identity") != nil else { return nil }
        return try read { db in
            try Self.numberOwner(of: form, db).map { try Self.name(of: $0, db) }
        }
    }

    private static func numberOwner(of form: OpenForm, _ db: Database) throws -> SubjectID? {
        let (answers, before) = (form.answers, form.state.answers)
        switch form.record.kind {
        case .household:
            guard let number = answers[Household.householdNo],
                number != before[Household.householdNo]
            else { return nil }
            let same = try Joined.entries(of: form.record.subject, in: db)
            return try subjects(
                "SELECT subject FROM household WHERE household_no = ? ORDER BY subject", [number],
                db
            ).first { !same.contains($0) }
        case .person:
            guard let number = answers[Person.personNo], number != before[Person.personNo],
                let household = answers[Person.household].flatMap(SubjectID.init)
            else { return nil }
            return try members(
                of: household, "person_no = ?", [number], db
            ).first { $0 != form.record.subject }
        default: return nil
        }
    }

    /// Numbers are looked up in what the register says now, so it has to be up to date first.
    static func refuseTakenNumbers(
        in forms: [(form: OpenForm, sections: Set<SectionTag>)], _ db: Database
    ) throws {
        let giving = forms.map { $0.form }.filter { $0.form.section(key: "identity") != nil }
        guard !giving.isEmpty else { return }
        try Projector.catchUp(db)
        for form in giving {
            guard let owner = try numberOwner(of: form, db) else { continue }
            throw Failure(.takenNumber, try name(of: owner, db).whole)
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
                of: household, "name = ? AND birth_date = ?", [name, Int64(born.daysSinceEpoch)], db
            ).filter { $0 != person }.map { try Self.name(of: $0, db) }
        }
    }

    /// The numbers of a household's members, and one more than the greatest.
    static func numbers(in household: SubjectID, _ db: Database) throws
        -> (taken: Set<String>, next: String)
    {
        let entries = try Joined.entries(of: household, in: db)
        let marks = databaseQuestionMarks(count: entries.count)
        let taken = try db.rows(
            "SELECT person_no FROM person WHERE household IN (\(marks))",
            StatementArguments(entries.map(\.bytes))
        ).map { $0["person_no"] as String }
        return (Set(taken), String((taken.compactMap { Int($0) }.max() ?? 0) + 1))
    }

    /// Members of a household, or of another entry that is the same one.
    private static func members(
        of household: SubjectID, _ condition: String, _ arguments: StatementArguments,
        _ db: Database
    ) throws -> [SubjectID] {
        let entries = try Joined.entries(of: household, in: db)
        let marks = databaseQuestionMarks(count: entries.count)
        return try subjects(
            """
            SELECT subject FROM person WHERE household IN (\(marks)) AND \(condition)
            ORDER BY person_no, subject
            """, StatementArguments(entries.map(\.bytes)) + arguments, db)
    }

    private static func subjects(
        _ sql: String, _ arguments: StatementArguments, _ db: Database
    ) throws -> [SubjectID] {
        try db.rows(sql, arguments).compactMap { SubjectID($0["subject"] as Data) }
    }
}
