internal import Foundation
internal import GRDB
internal import SurveyLog
internal import SurveyMerge
public import SurveyModel
internal import SurveyStore

/// What a surveyor corrects in the register: where a household is, whom a person belongs to, which
/// entries are one, and which do not belong there.
extension FieldStore {
    /// Moves a household into another village, with every entry that is the same household. Its
    /// edits follow it with the next synchronization.
    ///
    /// - Parameter address: the new address; nil clears the old one.
    /// - Returns: one edit for each entry, the one that was named first.
    @discardableResult
    public func move(_ text: String, to village: Area, address: String?) throws -> [SavedEdit] {
        guard village.level == .village else { throw Failure(.unknownArea, village.code) }
        try Self.requireStanding(village)
        return try amend(Household.form, section: "location") { db in
            try Self.entries(text, of: Household.form, db)
        } change: { answers, _ in
            answers[Household.villageCode] = village.code
            answers[Household.village] = village.id.subject.bytes
            answers[Household.address.definition.tag] = try Self.value(
                address, of: Household.address.definition)
        }
    }

    /// Takes a household out of the counts, with every entry that is the same household, or takes it
    /// back. Its members go with it. What is written about it stays.
    ///
    /// - Parameter reason: why; demanded of what is set aside.
    /// - Returns: one edit for each entry, the one that was named first.
    @discardableResult
    public func setAside(household text: String, _ isSetAside: Bool = true, reason: String?) throws
        -> [SavedEdit]
    {
        try amend(Household.form, section: "standing") { db in
            try Self.entries(text, of: Household.form, db)
        } change: { answers, _ in
            answers[Household.setAside] = isSetAside
            answers[Household.setAsideReason.definition.tag] = try Self.value(
                reason, of: Household.setAsideReason.definition)
        }
    }

    /// The same of a person.
    @discardableResult
    public func setAside(person text: String, _ isSetAside: Bool = true, reason: String?) throws
        -> [SavedEdit]
    {
        try amend(Person.form, section: "standing") { db in
            try Self.entries(text, of: Person.form, db)
        } change: { answers, _ in
            answers[Person.setAside] = isSetAside
            answers[Person.setAsideReason.definition.tag] = try Self.value(
                reason, of: Person.setAsideReason.definition)
        }
    }

    /// The entry that was named, then the others that are the same.
    private static func entries(_ text: String, of form: Form, _ db: Database) throws
        -> [SubjectID]
    {
        let named = try subject(text, of: form, db)
        return try [named] + Joined.entries(of: named, in: db).filter { $0 != named }
    }

    /// Says that two register entries are one household, or one person, or that they are not.
    ///
    /// - Parameter form: of households or of persons.
    /// - Throws: `Failure` when they are not in one village: then the one that is elsewhere has to
    ///   be moved first.
    @discardableResult
    public func join(
        _ text: String, _ other: String, of form: Form = Household.form, same: Bool,
        reason: String?
    ) throws -> SavedEdit {
        let (edit, record) = try writer.write { db in
            try Projector.catchUp(db)
            let subjects = try [text, other].map { try Self.subject($0, of: form, db) }
            let (first, second) = (subjects.min()!, subjects.max()!)
            guard first != second else { throw Failure(.sameEntry) }
            let areas = try Set(subjects.map { try Subjects.area(of: $0, in: db) })
            guard areas.count == 1, let area = areas.first.flatMap({ $0 }) else {
                throw Failure(.otherVillage)
            }
            let record = RecordKey.sameAs(first, second)
            let state = try Records.state(of: record, in: db)
            guard !state.isContested else { throw Failure(contested: nil, of: SameAs.form) }
            var answers = Answers()
            answers[SameAs.first] = first.bytes
            answers[SameAs.second] = second.bytes
            answers[SameAs.same] = same
            answers[SameAs.reason.definition.tag] = try Self.value(
                reason, of: SameAs.reason.definition)
            let section = SameAs.form.sections[0]
            let validator = FormValidator(form: SameAs.form, clock: try clock(db))
            if let problem = validator.problems(in: answers, sections: [section.tag]).first {
                throw Failure(problem)
            }
            let edit = try append(
                record, in: area, [section.tag: answers.values],
                seen: state.references(
                    writing: [section.tag], own: OwnLog.held(in: state, db)),
                formVersion: SameAs.form.version, db)
            try Projector.catchUp(db)
            return (edit, record)
        }
        return try read { db in
            SavedEdit(edit, try Records.state(of: record, in: db), in: nil)
        }
    }

    /// What somebody typed as an answer of a field; nothing is null.
    private static func value(_ text: String?, of field: FieldDefinition) throws -> FieldValue {
        do throws(AnswerProblem) {
            return try field.parse(text ?? "")
        } catch {
            throw Failure(error)
        }
    }

    /// Where the register has both entries of a pair, else the first of them.
    static func areaOfPair(_ record: RecordKey, _ db: Database) throws -> AreaID? {
        let answers = try Records.state(of: record, in: db).answers
        guard let pair = record.pair(in: answers) else { return nil }
        return try Subjects.area(of: pair.first, in: db)
    }

    /// Puts a person into another household.
    @discardableResult
    public func transfer(_ text: String, to household: String) throws -> SavedEdit {
        try amend(Person.form, section: "membership") { db in
            [try Self.subject(text, of: Person.form, db)]
        } change: { answers, db in
            let target = try Joined.canonical(
                of: Self.subject(household, of: Household.form, db), in: db)
            answers[Person.household] = target.bytes
        }[0]
    }

    /// The same where the person's number is free there.
    ///
    /// - Throws: `Failure` when another member of that household has it.
    @discardableResult
    public func move(person text: String, to household: String) throws -> SavedEdit {
        try read { db in
            let person = try Self.subject(text, of: Person.form, db)
            let target = try Self.subject(household, of: Household.form, db)
            let record = RecordKey(kind: .person, subject: person)
            let number = try Records.state(of: record, in: db).answers[Person.personNo] ?? ""
            let same = try Joined.entries(of: person, in: db)
            let owner = try Self.members(of: target, "person_no = ?", [number], db)
                .first { !same.contains($0) }
            if let owner { throw Failure(.takenNumber, try Self.name(of: owner, db).place) }
        }
        return try transfer(text, to: household)
    }

    /// Writes one section of a register entry, from what it says now. A contested section takes a
    /// person who looks at both answers.
    private func amend(
        _ form: Form, section key: String, _ subjects: @Sendable (Database) throws -> [SubjectID],
        change: @Sendable (inout Answers, Database) throws -> Void
    ) throws -> [SavedEdit] {
        let section = form.section(key: key)!
        let edits = try writer.write { db in
            try Projector.catchUp(db)
            let edits = try subjects(db).map { subject in
                let record = RecordKey(kind: form.kind, subject: subject)
                let state = try Records.state(of: record, in: db)
                let before = state.sections[section.tag]
                guard before?.isContested != true else {
                    throw Failure(contested: section, of: form)
                }
                var answers = Answers(before?.provisional ?? [:])
                try change(&answers, db)
                let validator = FormValidator(form: form, clock: try clock(db))
                if let problem = validator.problems(in: answers, sections: [section.tag]).first {
                    throw Failure(problem)
                }
                // Written where the subject is now: who reads that village must hear of it.
                return try append(
                    record, in: try Self.area(of: record, db), [section.tag: answers.values],
                    seen: state.references(
                        writing: [section.tag], own: OwnLog.held(in: state, db)),
                    formVersion: form.version, db)
            }
            try Projector.catchUp(db)
            return edits
        }
        return try read { db in
            try edits.map {
                SavedEdit($0, try Records.state(of: $0.header.record, in: db), in: nil)
            }
        }
    }
}
