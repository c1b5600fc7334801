internal import Foundation
internal import GRDB
public import SurveyLog
public import SurveyMerge
public import SurveyModel
internal import SurveyStore

/// A form as it was opened: what its author was shown.
public struct OpenForm: Sendable {
    public let form: Form
    public let record: RecordKey
    public let area: AreaID
    public let context: AssessmentContext
    /// The record when it was opened.
    public let state: RecordState
    /// References that were shown, with the sections that each writes.
    public let shown: [ShownEdit]
    /// Answers of a draft that was left, or the provisional answers of the record.
    public var answers: Answers
    /// Sections that the draft had answered already.
    public var answered: Set<SectionTag>
    public let isResumed: Bool
}

/// An edit that the author of a form was shown when opening it.
public struct ShownEdit: Sendable, Hashable {
    public let reference: Reference
    public let sections: [SectionTag]
}

/// What was saved.
public struct SavedEdit: Sendable {
    public let edit: Edit
    public let assessment: Assessment?
}

extension FieldStore {
    /// Opens a check of a household or a person in a round (nil: the current one).
    public func openCheck(_ form: Form, subject text: String, round code: String?) throws
        -> OpenForm
    {
        try read { db in
            let round: Round
            if let code {
                guard let found = try Rounds.find(code: code, in: db) else {
                    throw Failure(.unknownRound, code)
                }
                round = found
            } else {
                guard let current = try Rounds.current(in: db) else {
                    throw Failure(.noOpenRound)
                }
                round = current
            }
            let subject = try Self.subject(text, of: form, db)
            let record = RecordKey(kind: form.kind, subject: subject, round: round.id)
            return try Self.open(form, record, area: try Self.area(of: record, db), round, db)
        }
    }

    static func open(
        _ form: Form, _ record: RecordKey, area: AreaID, _ round: Round, _ db: Database
    ) throws -> OpenForm {
        let state = try Records.state(of: record, in: db)
        if let draft = try Draft.load(record, form, db) {
            return OpenForm(
                form: form, record: record, area: area, context: round.context, state: state,
                shown: draft.shown, answers: draft.answers, answered: draft.answered,
                isResumed: true)
        }
        return OpenForm(
            form: form, record: record, area: area, context: round.context, state: state,
            shown: state.included.map {
                ShownEdit(reference: $0.reference, sections: $0.header.sections)
            },
            answers: state.answers, answered: [], isResumed: false)
    }

    /// The one subject that a text stands for.
    static func subject(_ text: String, of form: Form, _ db: Database) throws -> SubjectID {
        let found =
            form.subject == .person
            ? try Subjects.find(person: text, db) : try Subjects.find(household: text, db)
        guard found.count <= 1 else { throw Failure(.ambiguousSubject, text) }
        guard let subject = found.first else { throw Failure(.unknownSubject, text) }
        return subject
    }

    /// Where the register has a check's subject.
    static func area(of record: RecordKey, _ db: Database) throws -> AreaID {
        let table = record.kind == .medical ? "person" : "household"
        guard
            let area: Int64 = try db.value(
                "SELECT area FROM \(table) WHERE subject = ?", [record.subject.bytes])
        else { throw Failure(.unknownSubject, record.subject.text) }
        return AreaID(column: area)
    }

    /// Saves sections of a form as one edit, durably, and drops its draft.
    ///
    /// The edit covers what was shown when the form was opened, whatever arrived since.
    public func save(_ form: OpenForm, sections: Set<SectionTag>) throws -> SavedEdit {
        guard !sections.isEmpty else { throw Failure(.nothingToSave) }
        var body: [SectionTag: SectionAnswers] = [:]
        for section in form.form.sections where sections.contains(section.tag) {
            var answers: SectionAnswers = [:]
            for field in section.fields {
                if let value = form.answers.values[field.tag] { answers[field.tag] = value }
            }
            body[section.tag] = answers
        }
        let seen = form.shown.filter { !sections.isDisjoint(with: $0.sections) }
            .map(\.reference).sorted()
        let edit = try write(
            form.record, in: form.area, body, seen: seen, formVersion: form.form.version)
        let state = try read { db in try Records.state(of: form.record, in: db) }
        return SavedEdit(
            edit: edit, assessment: form.context.assess(form.record.kind, state.answers))
    }

    /// Appends an edit to the own log, in one durable transaction with its projection.
    func write(
        _ record: RecordKey, in area: AreaID, _ body: [SectionTag: SectionAnswers],
        seen: [Reference], formVersion: UInt32
    ) throws -> Edit {
        try writer.write { db in
            let identity = try Self.identity(db)
            let end = try OwnLog.end(db)
            let form = Form.form(of: record.kind)
            let edit: Edit
            do {
                edit = try Edit(
                    header: EditHeader(
                        dot: Dot(replica: identity.replica, counter: end.counter + 1),
                        record: record, area: area, sections: body.keys.sorted(), seen: seen,
                        author: identity.user, deviceTime: environment.now(),
                        formVersion: formVersion),
                    body: EditBody(
                        sections: body,
                        salt: form?.needsSalt(body) == true ? environment.random(16) : nil))
            } catch LogError.oversized {
                throw Failure(.oversizedEdit)
            }
            try SegmentLog.insert(edit, in: db)
            try OwnLog.setEnd(edit.dot.counter, end.chain.appending(edit.id), db)
            try Draft.delete(record, db)
            try Projector.catchUp(db)
            return edit
        }
    }
}
