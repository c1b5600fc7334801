internal import Foundation
internal import GRDB
public import SurveyCoverage
public import SurveyLog
public import SurveyMerge
public import SurveyModel
public import SurveyStore

/// A form as it was opened: what its author was shown.
public struct OpenForm: Sendable {
    public let form: Form
    public let record: RecordKey
    public let area: AreaID
    /// nil for an entry of the register, which belongs to no round.
    public let round: Round?
    /// The record when it was opened.
    public let state: RecordState
    /// The record's edits, and in which sections its author was shown each.
    public internal(set) var shown: [ShownEdit]
    /// The provisional answers of the record, under those of a draft that was left.
    public var answers: Answers
    /// Fields that were answered or confirmed.
    public var touched: Set<FieldTag>
    /// Sections that the draft had answered already.
    public var answered: Set<SectionTag>
    /// A draft that was left is taken up again.
    public let isResumed: Bool
    /// Saving puts an end to the draft. Not so for answers that a script set beside it.
    public let endsDraft: Bool
    /// The record under which its draft stands: of a check of a household perhaps another entry's.
    let draft: RecordKey
    /// Answers that another one made irrelevant: they come back when that one is taken back, and are
    /// kept with the draft.
    public var outOfPlace: [FieldTag: FieldValue] = [:]
    /// A draft of this form exists, which this opening does not take up.
    public let hasDraftBeside: Bool
    /// What the subject's check said in the round before: shown, and taken over by whoever confirms
    /// it.
    public internal(set) var lastRound = Answers()
    /// What stands in the form before anybody answers, when that is more than its record says.
    public internal(set) var prefilled = Answers()
    /// Fields that whoever opened the form has settled: they are not asked.
    public internal(set) var settled: Set<FieldTag> = []
    /// Codes that are not for whoever opened the form to choose.
    public internal(set) var withheld: [FieldTag: Set<String>] = [:]
    /// What is unusual about filling in this form about its subject.
    public internal(set) var subjectWarning: Label?
    /// The question at which somebody is who fills it in, kept with its draft.
    public var position: FieldTag?

    public var context: AssessmentContext? { round?.context }

    /// The rules that its answers are held to.
    public func validator(_ clock: DeviceClock) -> FormValidator {
        FormValidator(
            form: form, clock: clock, round: context?.year, before: replaced,
            lastRound: lastRound)
    }

    /// The answers that the author was shown, and that other ones replace. What arrived since a draft
    /// was begun stays beside them.
    private var replaced: Answers {
        Answers(
            joining: form.sections.map { section in
                let unseen = Set(news(in: section.tag).map(\.id))
                guard !unseen.isEmpty else {
                    return state.sections[section.tag]?.provisional ?? [:]
                }
                let known = state.included.filter {
                    !unseen.contains($0.id) && $0.header.sections.contains(section.tag)
                }
                let last = CausalDepth(state.included).deepest(known)
                return last?.body?.sections[section.tag] ?? [:]
            })
    }

    /// Why a value may not be given here; nil when it may.
    public func refusal(of value: FieldValue, to field: FieldDefinition) -> AnswerProblem.Reason? {
        withheld[field.tag]?.contains(value.plainText) == true ? .byAnother : nil
    }
}

/// An edit that the author of a form was shown when opening it.
public struct ShownEdit: Sendable, Hashable {
    public let reference: Reference
    /// Those that it writes.
    public let sections: Set<SectionTag>
    /// Those in which the author has seen what it says.
    public internal(set) var shownIn: Set<SectionTag>
}

/// What was saved.
public struct SavedEdit: Sendable {
    public let edit: Edit
    /// What the record comes to, for every combination of its siblings.
    public let outcome: Outcome?
    /// Why, by the answers as shown; contested sections by their policy.
    public let assessment: Assessment?
    public let contestedSections: [Section]
    /// The finding that it calls for; nil while what that rests on is contested.
    public let proposal: FindingProposal?
    /// The record's answers as shown.
    public let answers: Answers

    init(_ edit: Edit, _ state: RecordState, in context: AssessmentContext?) {
        self.edit = edit
        let form = Form.form(of: state.key.kind)
        contestedSections = state.contestedSections.compactMap { form?.section($0.section) }
        answers = state.answers
        outcome = context.flatMap { judge(state, in: $0) }
        assessment = context?.assess(state.key.kind, state.answers)
        proposal = context.flatMap { state.proposedFinding(in: $0) }
    }
}

extension FieldStore {
    /// Opens a check of a household or a person in a round (nil: the current one).
    ///
    /// - Parameters:
    ///   - resuming: takes up a draft that was left; false leaves it as it is.
    ///   - left: the draft that is meant, where each of several entries has one.
    public func openCheck(
        _ form: Form, subject text: String, round code: String?, resuming: Bool,
        left: RecordKey? = nil
    ) throws -> OpenForm {
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
            // Of entries that are one household, one stands for all: there two people meet.
            let subject = try Joined.canonical(of: Self.subject(text, of: form, db), in: db)
            let record = RecordKey(kind: form.kind, subject: subject, round: round.id)
            var open = try Self.open(
                form, record, area: try Self.area(of: record, db), round, resuming: resuming,
                left: left, db)
            open.lastRound = try Self.lastRound(before: record, db)
            open.subjectWarning = try Self.warning(about: subject, form, round, db)
            return open
        }
    }

    /// What is unusual about checking this subject: nobody was met, or they are not asked this.
    private static func warning(
        about subject: SubjectID, _ form: Form, _ round: Round, _ db: Database
    ) throws -> Label? {
        switch form.subject {
        case .household:
            let entry = RecordKey(kind: .household, subject: subject)
            if try Subjects.household(subject, round: nil, db)?.isSetAside == true {
                return Label(
                    zh: "此户已移出名册，不计入统计", en: "this household is set aside: this is not counted")
            }
            let answers = try Records.state(of: entry, in: db).answers
            guard let status = answers[Household.visitStatus], status != .interviewed,
                try Subjects.round(ofVisit: answers, db) == round.id
            else { return nil }
            return Label(
                zh: "入户状态为“\(status.label.zh)”，没有访到的户不应有检查结果",
                en:
                    "the visit status is \"\(status.label.en)\": who was not met has nothing checked"
            )
        case .person:
            let entry = RecordKey(kind: .person, subject: subject)
            let answers = try Records.state(of: entry, in: db).answers
            if try Subjects.isSetAside(person: subject, in: db) {
                return Label(
                    zh: "此人已移出名册，不计入统计", en: "this person is set aside: this is not counted")
            }
            if let presence = answers[Person.presence], presence == .movedOut || presence == .died {
                return Label(
                    zh: "此人\(presence.label.zh)，不在应查人员之内",
                    en: "\(presence.label.en): this person is not to be checked")
            }
            guard form.kind == .schooling, let born = answers[Person.birthDate],
                !round.isOfSchoolAge(bornOn: born)
            else { return nil }
            return Label(
                zh: "不在义务教育年龄（6–15 岁），不计入统计",
                en: "not of compulsory school age (6 to 15): this is not counted")
        default: return nil
        }
    }

    /// The answers of the newest other round in which the subject was checked.
    private static func lastRound(before record: RecordKey, _ db: Database) throws -> Answers {
        let checked = Set(try Records.rounds(ofChecks: record.kind, about: record.subject, in: db))
        guard
            let round = try Rounds.all(in: db).first(where: {
                $0.id != record.round && checked.contains($0.id)
            })
        else { return Answers() }
        let before = RecordKey(kind: record.kind, subject: record.subject, round: round.id)
        var answers = try Records.shown(before, in: db).answers
        // What was said of that day is said of no other.
        answers[Remarks.note] = nil
        answers[Remarks.skipped] = nil
        return answers
    }

    static func open(
        _ form: Form, _ record: RecordKey, area: AreaID, _ round: Round?, resuming: Bool,
        left: RecordKey? = nil, _ db: Database
    ) throws -> OpenForm {
        let state = try Records.shown(record, in: db)
        let place = try left ?? Draft.place(of: record, db)
        let draft = resuming ? try Draft.load(place, form, db) : nil
        let draftSections = Set(
            draft.map { $0.answers.keys.compactMap { form.section(containing: $0)?.tag } } ?? []
        ).union(draft?.answered ?? [])
        return OpenForm(
            form: form, record: record, area: area, round: round, state: state,
            shown: shown(
                state.included + (try OwnLog.held(in: state, db)), draft, draftSections),
            answers: Answers(joining: [state.answers.values, draft?.answers ?? [:]]),
            touched: Set(draft?.answers.keys.map { $0 } ?? []), answered: draft?.answered ?? [],
            isResumed: draft != nil, endsDraft: resuming, draft: place,
            outOfPlace: draft?.outOfPlace ?? [:],
            hasDraftBeside: try !resuming && Draft.exists(place, db),
            position: draft?.position)
    }

    /// What is shown on opening: everything, except what arrived since in sections of a draft.
    private static func shown(
        _ edits: [Edit], _ draft: Draft?, _ draftSections: Set<SectionTag>
    ) -> [ShownEdit] {
        let before = Dictionary(
            (draft?.shown ?? []).map { ($0.reference, $0.shownIn) }
        ) { a, _ in a }
        return edits.map { edit in
            let sections = Set(edit.header.sections)
            return ShownEdit(
                reference: edit.reference, sections: sections,
                shownIn: sections.subtracting(draftSections)
                    .union(before[edit.reference] ?? []))
        }
    }

    /// The one subject that a text stands for: a number, an id, the start of one, or the id of a
    /// record about it.
    static func subject(_ text: String, of form: Form, _ db: Database) throws -> SubjectID {
        let key = text.folded
        var found: [SubjectID] =
            switch form.subject {
            case .person: try Subjects.find(person: text, db)
            case .village: try Areas.find(village: key, in: db).map(\.id.subject)
            case .finding: try Findings.find(key, in: db)
            case .household, .pair, .register: try Subjects.find(household: text, db)
            }
        if found.isEmpty {
            found = try Records.find(text: key, in: db)
                .filter { Form.form(of: $0.kind)?.subject == form.subject }.map(\.subject)
        }
        guard let subject = found.first else { throw try unknown(text, for: form, db) }
        guard Set(found).count > 1 else { return subject }
        // Entries that are one are not two that somebody has to choose between.
        let standing =
            try [.household, .person].contains(form.subject)
            ? canonical(found, db) : Set(found)
        guard standing.count == 1, let only = standing.first else {
            throw try ambiguous(found, db)
        }
        return only
    }

    static func canonical(_ subjects: [SubjectID], _ db: Database) throws -> Set<SubjectID> {
        Set(try subjects.map { try Joined.canonical(of: $0, in: db) })
    }

    /// Where the register has a check's subject.
    static func area(of record: RecordKey, _ db: Database) throws -> AreaID {
        guard let area = try registeredArea(of: record, db) else {
            throw Failure(.unknownSubject, record.subject.text)
        }
        return area
    }

    static func registeredArea(of record: RecordKey, _ db: Database) throws -> AreaID? {
        if record.kind == .sameAs { return try areaOfPair(record, db) }
        if record.kind == .finding { return try Findings.finding(record, in: db)?.area }
        return try Subjects.area(of: record.subject, in: db)
    }

    /// Saves sections of a form as one edit, durably, and drops its draft.
    ///
    /// The edit covers what was shown when the form was opened, whatever arrived since.
    public func save(_ form: OpenForm, sections: Set<SectionTag>) throws -> SavedEdit {
        try save([(form, sections)])[0]
    }

    /// Saves several forms in one durable transaction: all of them or none.
    ///
    /// What follows from them in lists and coverage is projected by whoever reads next.
    ///
    /// - Parameter isImport: they say what a file says, and not what somebody answered.
    /// - Throws: `Failure` when one gives a number that another household, or another member of the
    ///   household, has already.
    public func save(
        _ forms: [(form: OpenForm, sections: Set<SectionTag>)], isImport: Bool = false
    ) throws -> [SavedEdit] {
        try writer.write { db in
            try Self.refuseTakenNumbers(in: forms, db)
            let clock = try clock(db)
            return try forms.map { form, sections in
                guard !sections.isEmpty else { throw Failure(.nothingToSave) }
                let validator = form.validator(clock)
                if let problem = validator.problems(in: form.answers, sections: sections).first {
                    throw Failure(problem)
                }
                let edit = try append(
                    form.record, in: form.area, form.body(of: sections),
                    seen: form.references(writing: sections), formVersion: form.form.version, db)
                if isImport {
                    try db.run("INSERT OR IGNORE INTO imported_edit VALUES (?)", [edit.id.bytes])
                }
                if form.endsDraft { try Draft.delete(form.draft, db) }
                return SavedEdit(edit, try Records.shown(form.record, in: db), in: form.context)
            }
        }
    }

    /// Appends an edit to the own log, inside a write transaction.
    func append(
        _ record: RecordKey, in area: AreaID, _ body: [SectionTag: SectionAnswers],
        seen: [Reference], formVersion: UInt32, _ db: Database
    ) throws -> Edit {
        let author = try author(db)
        let end = try OwnLog.end(db)
        let form = Form.form(of: record.kind)
        let edit: Edit
        do {
            edit = try Edit(
                header: EditHeader(
                    dot: Dot(replica: author.replica, counter: end.counter + 1),
                    record: record, area: area, sections: body.keys.sorted(), seen: seen,
                    author: author.user, deviceTime: environment.now(),
                    formVersion: formVersion),
                body: EditBody(
                    sections: body,
                    salt: form?.needsSalt(body) == true ? environment.random(16) : nil))
        } catch LogError.oversized {
            throw Failure(.oversizedEdit)
        }
        try LogSession(db).open(edit)
        try OwnLog.setEnd(edit.dot.counter, end.chain.appending(edit.id), db)
        return edit
    }
}

extension Section {
    /// Answers to fields that a newer version of this form has. Their author knew more than this
    /// version shows, so whoever writes the section here hands them on.
    func unknownAnswers(in state: SectionState?) -> SectionAnswers {
        let known = Set(fields.map(\.tag))
        return (state?.provisional ?? [:]).filter { !known.contains($0.key) }
    }
}

extension OpenForm {
    /// The answers of these sections as an edit's body; a cleared one is an explicit null.
    fileprivate func body(of sections: Set<SectionTag>) -> [SectionTag: SectionAnswers] {
        var body: [SectionTag: SectionAnswers] = [:]
        for section in form.sections where sections.contains(section.tag) {
            var answers: SectionAnswers = [:]
            for field in section.fields {
                if let value = self.answers.values[field.tag] { answers[field.tag] = value }
            }
            answers.merge(section.unknownAnswers(in: state.sections[section.tag])) { a, _ in a }
            body[section.tag] = answers
        }
        return body
    }

    /// What an edit of these sections covers: what its author was shown in every one of them.
    fileprivate func references(writing sections: Set<SectionTag>) -> [Reference] {
        shown.filter { edit in
            let common = edit.sections.intersection(sections)
            return !common.isEmpty && common.isSubset(of: edit.shownIn)
        }.map(\.reference).sorted()
    }

    /// Edits of a section that arrived after the draft was begun and were not shown since.
    public func news(in section: SectionTag) -> [Edit] {
        let unseen = Set(
            shown.filter { $0.sections.contains(section) && !$0.shownIn.contains(section) }
                .map(\.reference))
        return state.included.filter { unseen.contains($0.reference) }
    }

    /// The author has now seen everything that the record says of a section.
    public mutating func show(_ section: SectionTag) {
        for index in shown.indices where shown[index].sections.contains(section) {
            shown[index].shownIn.insert(section)
        }
    }
}
