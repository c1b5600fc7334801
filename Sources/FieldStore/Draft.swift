import Foundation
import GRDB
import SurveyLog
public import SurveyModel
public import SurveyStore

/// A form that was opened and left, with what its author was shown.
///
/// Keeps for each section that was touched what its author had been shown then, so that a sync in
/// between cannot make the edit cover what nobody looked at.
struct Draft {
    /// Answers that were given or confirmed; the others are those of the record, as it is now.
    let answers: [FieldTag: FieldValue]
    let answered: Set<SectionTag>
    let shown: [ShownEdit]
    /// The question at which its author was; nil when that is not known.
    let position: FieldTag?
    /// Answers that another one made irrelevant: they come back with the right one.
    let outOfPlace: [FieldTag: FieldValue]

    private struct Shown: Codable {
        let replica: Data
        let counter: UInt64
        let check: Data
        let sections: [UInt32]
        let shownIn: [UInt32]
    }

    private struct Stored: Codable {
        let answers: [String: String]
        let answered: [UInt32]
        /// The key of a field.
        let position: String?
        let outOfPlace: [String: String]?
    }

    static func load(_ record: RecordKey, _ form: Form, _ db: Database) throws -> Draft? {
        guard
            let row = try db.row(
                "SELECT answers, shown FROM draft WHERE kind = ? AND round = ? AND subject = ?",
                key(record))
        else { return nil }
        let decoder = JSONDecoder()
        let stored = try decoder.decode(Stored.self, from: Data((row["answers"] as String).utf8))
        let shown = try decoder.decode([Shown].self, from: Data((row["shown"] as String).utf8))
        return Draft(
            answers: values(stored.answers, form),
            answered: Set(stored.answered.map(SectionTag.init)),
            shown: try shown.map { entry in
                guard let replica = ReplicaID(entry.replica),
                    let reference = Reference(
                        dot: Dot(replica: replica, counter: entry.counter), check: entry.check)
                else { throw DamagedDatabase("draft.shown") }
                return ShownEdit(
                    reference: reference, sections: Set(entry.sections.map(SectionTag.init)),
                    shownIn: Set(entry.shownIn.map(SectionTag.init)))
            }, position: stored.position.flatMap { form.field(key: $0)?.tag },
            outOfPlace: values(stored.outOfPlace ?? [:], form))
    }

    /// Answers by their fields' keys. What this version cannot read stays as the record has it: the
    /// rest goes on.
    private static func values(_ texts: [String: String], _ form: Form) -> [FieldTag: FieldValue] {
        var answers: [FieldTag: FieldValue] = [:]
        for (name, text) in texts {
            guard let field = form.field(key: name) else { continue }
            switch field.type {
            case .texts:
                answers[field.tag] = .codes(
                    normalizing: text.split(separator: " ").map(String.init))
            case .identifier: continue
            default: answers[field.tag] = try? field.parse(text)
            }
        }
        return answers
    }

    static func save(_ form: OpenForm, at time: Int64, _ db: Database) throws {
        var answers: [String: String] = [:]
        for field in form.form.fields where form.touched.contains(field.tag) {
            answers[field.key] = form.answers.values[field.tag]?.plainText ?? ""
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let stored = try encoder.encode(
            Stored(
                answers: answers, answered: form.answered.map(\.rawValue).sorted(),
                position: form.position.flatMap { form.form.field($0)?.key },
                outOfPlace: Dictionary(
                    uniqueKeysWithValues: form.outOfPlace.compactMap { tag, value in
                        form.form.field(tag).map { ($0.key, value.plainText) }
                    })))
        let shown = try encoder.encode(
            form.shown.map {
                Shown(
                    replica: $0.reference.dot.replica.bytes, counter: $0.reference.dot.counter,
                    check: $0.reference.check, sections: $0.sections.map(\.rawValue).sorted(),
                    shownIn: $0.shownIn.map(\.rawValue).sorted())
            })
        try db.run(
            """
            INSERT OR REPLACE INTO draft (kind, round, subject, answers, shown, changed, about)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            key(form.draft) + [
                String(decoding: stored, as: UTF8.self),
                String(decoding: shown, as: UTF8.self), time, form.about?.bytes,
            ])
    }

    static func exists(_ record: RecordKey, _ db: Database) throws -> Bool {
        try db.value(
            "SELECT 1 FROM draft WHERE kind = ? AND round = ? AND subject = ?", key(record))
            as Int64? != nil
    }

    static func delete(_ record: RecordKey, _ db: Database) throws {
        try db.run(
            "DELETE FROM draft WHERE kind = ? AND round = ? AND subject = ?", key(record))
    }

    /// The record under which a form's draft stands: its own; of a check of a household, where that has
    /// none, another entry's. That they are one may have become known after the form was left, and
    /// may be taken back, so the draft stays where it is.
    static func place(of record: RecordKey, _ db: Database) throws -> RecordKey {
        guard Form.checks.contains(where: { $0.kind == record.kind }),
            try !exists(record, db)
        else { return record }
        let others = try Joined.entries(of: record.subject, in: db).map {
            RecordKey(kind: record.kind, subject: $0, round: record.round)
        }
        return try others.first { try exists($0, db) } ?? record
    }

    private static func key(_ record: RecordKey) -> StatementArguments {
        [Int64(record.kind.rawValue), record.round.column, record.subject.bytes]
    }

    // MARK: Of what is not there yet

    /// The records that new forms about these subjects were left with, the last one first: their keys
    /// were made when the forms were opened.
    static func newRecords(
        _ kind: RecordKind, about subjects: [SubjectID], round: RoundID = .register, _ db: Database
    ) throws -> [RecordKey] {
        try db.rows(
            """
            SELECT kind, subject, round FROM draft
            WHERE kind = ? AND round = ?
                AND about IN (\(databaseQuestionMarks(count: subjects.count)))
            ORDER BY changed DESC
            """,
            [Int64(kind.rawValue), round.column] + StatementArguments(subjects.map(\.bytes))
        ).map { try $0.recordKey() }.filter { try !SegmentLog.contains($0, in: db) }
    }

    /// The check that called for a finding about its subject; nil for one of somebody's own.
    static func check(callingFor finding: RecordKey, about subject: SubjectID) -> RecordKey? {
        Form.checks.lazy.map {
            RecordKey(kind: $0.kind, subject: subject, round: finding.round)
        }.first { check in
            FindingCategory.allCases.contains { .finding($0, about: check) == finding }
        }
    }
}

extension OpenForm {
    /// What a register entry or a finding is about, where its record's key does not say it.
    fileprivate var about: SubjectID? {
        let bytes: Data? =
            switch record.kind {
            case .household: answers[Household.village]
            case .person: answers[Person.household]
            case .finding: answers[Finding.about]
            default: nil
            }
        return bytes.flatMap(SubjectID.init)
    }
}

/// A form that was left.
public struct LeftDraft: Sendable {
    public let form: Form
    public let record: RecordKey
    /// The register has nothing of it: a household, a member or a finding that is being added.
    public let isNew: Bool
    /// What people call its subject; of something new, what it is about.
    public let subjectNo: String
    /// Whom it is about: of something new, the village, the household or the person it belongs to.
    public let about: SubjectID
    /// The household at which its author was, by the entry that stands for it; nil when the draft is
    /// about a village.
    public let household: SubjectID?
    /// The round that it belongs to, when that is not the current one.
    public let otherRound: Round?
    /// The check that called for it, when it is a new finding.
    public let after: RecordKey?
}

extension FieldStore {
    /// Keeps a form as it stands; what was shown stays that of its first opening.
    public func saveDraft(_ form: OpenForm) throws {
        try writer.write { db in try Draft.save(form, at: environment.now(), db) }
    }

    /// Forms that were left, the last one first.
    public func drafts() throws -> [LeftDraft] {
        try read { db in
            let current = try Rounds.current(in: db)?.id
            return try db.rows(
                """
                SELECT kind, round, subject, about FROM draft ORDER BY changed DESC
                """
            ).compactMap { row -> LeftDraft? in
                let record = try row.recordKey()
                guard let form = Form.form(of: record.kind) else { return nil }
                let isWritten = try SegmentLog.contains(record, in: db)
                let about = (row["about"] as Data?).flatMap(SubjectID.init)
                let isNew = about != nil && !isWritten
                let number =
                    if isNew, let about {
                        try Subjects.number(of: about, in: db) ?? about.text
                    } else {
                        try Self.subjectNumber(record, db)
                    }
                let whom = isNew || record.kind == .finding ? about : nil
                return LeftDraft(
                    form: form, record: record, isNew: isNew, subjectNo: number,
                    about: whom ?? record.subject,
                    household: try Subjects.household(at: whom ?? record.subject, in: db)
                        .map { try Joined.canonical(of: $0, in: db) },
                    otherRound: try record.round == current
                        ? nil : Rounds.find(record.round, in: db),
                    after: isNew && record.kind == .finding
                        ? about.flatMap { Draft.check(callingFor: record, about: $0) } : nil)
            }
        }
    }

    /// Opens a form that was left, where its author left it.
    public func open(_ draft: LeftDraft) throws -> OpenForm {
        let (subject, about) = (draft.record.subject.text, draft.about.text)
        switch draft.record.kind {
        case .household where draft.isNew:
            guard let village = try areaTree()[AreaID(draft.about)] else {
                throw Failure(.unknownArea, draft.subjectNo)
            }
            return try openNewHousehold(in: village, resuming: true)
        case .household: return try openHousehold(subject, resuming: true)
        case .person where draft.isNew: return try openNewPerson(in: about, resuming: true)
        case .person: return try openPerson(subject, resuming: true)
        case .finding where draft.isNew:
            return try openFinding(
                about: about, round: draft.otherRound?.code, resuming: true, left: draft.record)
        case .finding: return try openFinding(subject, verifying: false, resuming: true)
        default:
            return try openCheck(
                draft.form, subject: subject, round: draft.otherRound?.code, resuming: true,
                left: draft.record)
        }
    }

    /// Gives up what was left of a form. Not so what was left beside it.
    public func discardDraft(_ form: OpenForm) throws {
        guard form.endsDraft else { return }
        try writer.write { db in try Draft.delete(form.draft, db) }
    }
}
