internal import Foundation
internal import GRDB
internal import SurveyLog
internal import SurveyMerge
public import SurveyModel
internal import SurveyStore

/// What a surveyor corrects in the register: where a household is, and whom a person belongs to.
extension FieldStore {
    /// Moves a household into another village. Its edits follow it with the next synchronization.
    ///
    /// - Parameter address: the new address; nil clears the old one.
    @discardableResult
    public func move(_ text: String, to village: Area, address: String?) throws -> SavedEdit {
        guard village.level == .village else { throw Failure(.unknownArea, village.code) }
        return try amend(text, Household.form, section: "location") { answers, _ in
            answers[Household.villageCode] = village.code
            answers[Household.village] = village.id.subject.bytes
            answers[Household.address] = address
        }
    }

    /// Puts a person into another household.
    @discardableResult
    public func transfer(_ text: String, to household: String) throws -> SavedEdit {
        try amend(text, Person.form, section: "membership") { answers, db in
            let target = try Self.subject(household, of: Household.form, db)
            answers[Person.household] = target.bytes
        }
    }

    /// Writes one section of a register entry, from what it says now. A contested section takes a
    /// person who looks at both answers.
    private func amend(
        _ text: String, _ form: Form, section key: String,
        _ change: @Sendable (inout Answers, Database) throws -> Void
    ) throws -> SavedEdit {
        let section = form.section(key: key)!
        let (edit, record) = try writer.write { db in
            try Projector.catchUp(db)
            let subject = try Self.subject(text, of: form, db)
            let record = RecordKey(kind: form.kind, subject: subject)
            let state = try Records.state(of: record, in: db)
            let before = state.sections[section.tag]
            guard before?.isContested != true else { throw Failure(.contestedSection, key) }
            var answers = Answers(before?.provisional ?? [:])
            try change(&answers, db)
            let validator = FormValidator(form: form, today: environment.today)
            if let problem = validator.problems(in: answers, sections: [section.tag]).first {
                throw Failure(problem)
            }
            // Written where the subject is now: who reads that village must hear of it.
            let edit = try append(
                record, in: try Self.area(of: record, db),
                [section.tag: answers.values],
                seen: state.references(writing: [section.tag]), formVersion: form.version, db)
            try Projector.catchUp(db)
            return (edit, record)
        }
        return try read { db in
            SavedEdit(edit, try Records.state(of: record, in: db), in: nil)
        }
    }
}
