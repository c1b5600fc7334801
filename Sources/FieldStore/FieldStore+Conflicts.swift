internal import Foundation
internal import GRDB
public import SurveyLog
public import SurveyMerge
public import SurveyModel
internal import SurveyStore

/// A contested section with names for its authors.
public struct Conflict: Sendable {
    public let record: RecordKey
    public let form: Form
    public let section: Section
    public let state: SectionState
    /// What the subject is called by its number.
    public let subjectNo: String
    /// By what people know the subject; of a finding what it is about, of a pair the first.
    public let name: SubjectName
    /// What the author of each sibling had been shown of this section.
    public let shown: [EditID: [Edit]]

    /// Whether choosing a sibling takes a reason: another one is worse.
    public func takesReason(_ sibling: Sibling) -> Bool {
        form.unexplained(sibling.answers, than: siblings.map(\.answers)) != nil
    }

    /// The answers in an order that is the same in every section of a record: by who gave them.
    public var siblings: [Sibling] {
        state.siblings.map { ($0.edits.map(\.header.author).min() ?? .server, $0) }
            .sorted { ($0.0, $0.1.id) < ($1.0, $1.1.id) }.map { $0.1 }
    }
}

/// An edit of a record's history.
public struct HistoryEntry: Sendable {
    public let edit: Edit
    public let author: String
    /// nil when it counts.
    public let exclusion: Inclusion?
}

/// A record's edits, those first on which others stand.
public struct RecordHistory: Sendable {
    public let entries: [HistoryEntry]
    /// Of the entries, in their order.
    public let dots: [Dot]
    private let causes: History
    private let places: [Int]
    private let sections: [[SectionTag]]

    init(_ entries: [HistoryEntry]) {
        self.entries = entries
        dots = entries.map(\.edit.dot)
        let causes = History(entries.map(\.edit))
        places = entries.compactMap { causes.place(of: $0.edit.reference) }
        sections = entries.map(\.edit.header.sections)
        self.causes = causes
    }

    /// How an edit relates to another one.
    public func causality(of a: Edit, and b: Edit) -> Causality {
        causes.causality(of: a.reference, and: b.reference)
    }

    /// How an entry, by its index, relates to every one, in their order: nil where the two write no section
    /// in common, so that neither could have superseded the other.
    public func relations(of index: Int) -> [Causality?] {
        places.indices.map { other in
            guard other != index, sections[index].contains(where: sections[other].contains) else {
                return nil
            }
            return causes.causality(at: places[index], and: places[other])
        }
    }

    /// The edits known to an edit's author, the edit itself included.
    public func clock(of edit: Edit) -> VectorClock { causes.clock(of: edit.reference) }
}

extension FieldStore {
    public func conflicts() throws -> [Conflict] {
        try read { db in
            try Self.contestedRecords(db).flatMap { try Self.conflicts(of: $0, db) }
        }
    }

    /// What is contested about a household: its entry and its checks, those of its members, findings
    /// about any of them, and whether it is another entry's household.
    public func conflicts(about household: SubjectID) throws -> [Conflict] {
        try read { db in
            let members = try Subjects.persons(in: nil, household: household, round: nil, db)
            let subjects = Set(
                try ([household] + members.map(\.subject)).flatMap {
                    try Joined.entries(of: $0, in: db)
                })
            return try Self.contestedRecords(db).filter { try Self.belongs($0, to: subjects, db) }
                .flatMap { try Self.conflicts(of: $0, db) }
        }
    }

    private static func contestedRecords(_ db: Database) throws -> [RecordKey] {
        try db.rows(
            """
            SELECT kind, round, \(subjectID("contested.subject")) AS id FROM (
                SELECT subject, kind, round FROM check_state WHERE contested = 1
                    AND subject NOT IN (SELECT subject FROM joined)
                UNION SELECT subject, kind, 0 FROM contested_register
                UNION SELECT subject, \(RecordKind.finding.rawValue), round FROM finding
                    WHERE contested = 1
                UNION SELECT subject, kind, round FROM joined_check WHERE contested = 1
            ) AS contested
            """
        ).map { row in
            RecordKey(
                kind: RecordKind(rawValue: UInt32(truncatingIfNeeded: row["kind"] as Int64)),
                subject: try row.subject("contested", "id"), round: try db.round(row["round"]))
        }
    }

    private static func belongs(
        _ record: RecordKey, to subjects: Set<SubjectID>, _ db: Database
    ) throws -> Bool {
        switch record.kind {
        case .finding:
            return try Findings.finding(record, in: db).map { subjects.contains($0.about) } ?? false
        case .sameAs:
            let pair = try record.pair(in: Records.state(of: record, in: db).answers)
            return pair.map { subjects.contains($0.first) || subjects.contains($0.second) }
                ?? false
        default: return subjects.contains(record.subject)
        }
    }

    private static func conflicts(of record: RecordKey, _ db: Database) throws -> [Conflict] {
        guard let form = Form.form(of: record.kind) else { return [] }
        let number = try subjectNumber(record, db)
        let name = try name(of: subject(of: record, db), db)
        let whole = try Records.shown(record, in: db)
        return whole.contestedSections.compactMap { state in
            form.section(state.section).map {
                Conflict(
                    record: record, form: form, section: $0, state: state, subjectNo: number,
                    name: name, shown: shown(to: state, in: whole))
            }
        }
    }

    /// Whom a record speaks of, where its key does not say it.
    static func subject(of record: RecordKey, _ db: Database) throws -> SubjectID {
        switch record.kind {
        case .finding: return try Findings.finding(record, in: db)?.about ?? record.subject
        case .sameAs:
            return try record.pair(in: Records.state(of: record, in: db).answers)?.first
                ?? record.subject
        default: return record.subject
        }
    }

    private static func shown(to state: SectionState, in record: RecordState) -> [EditID: [Edit]] {
        let known = (record.included + record.excluded).filter {
            $0.header.sections.contains(state.section)
        }
        let edits = state.siblings.flatMap(\.edits)
        return Dictionary(
            edits.map { edit in
                let seen = Set(edit.header.seen)
                return (edit.id, known.filter { seen.contains($0.reference) })
            }
        ) { a, _ in a }
    }

    static func subjectNumber(_ record: RecordKey, _ db: Database) throws -> String {
        if record.kind == .sameAs,
            let pair = try record.pair(in: Records.state(of: record, in: db).answers)
        {
            return try [pair.first, pair.second].map {
                try subjectNumber(RecordKey(kind: .household, subject: $0), db)
            }.joined(separator: " = ")
        }
        if record.kind == .finding {
            let about = try Findings.finding(record, in: db)?.about
            return try about.flatMap { try Subjects.number(of: $0, in: db) } ?? record.subject.text
        }
        return try Subjects.number(of: record.subject, in: db) ?? record.subject.text
    }

    /// What a person decides about a contested section.
    public enum Resolution: Sendable {
        /// One of the siblings, by the start of its edit's id in hexadecimal.
        case choose(String)
        /// A third answer.
        case set([String: String])
    }

    /// Resolves a contested section by an edit whose `seen` names all siblings.
    ///
    /// - Parameters:
    ///   - shown: the section as whoever decides was shown it; nil decides about what is here, without
    ///     anybody looking.
    ///   - reason: why an answer is better than another one that it replaces, where the form asks for
    ///     that; it is written where the form has it.
    /// - Throws: `Failure` when another answer arrived since it was shown: what nobody has looked at
    ///   is not decided about.
    public func resolve(
        _ record: RecordKey, section key: String?, _ resolution: Resolution,
        shown: SectionState? = nil, reason: String? = nil
    ) throws -> SavedEdit {
        let (form, state, area, context) = try read { db in
            guard let form = Form.form(of: record.kind) else {
                throw Failure(.unknownRecord, record.text)
            }
            let state = try Records.shown(record, in: db)
            let area =
                try Self.registeredArea(of: record, db)
                ?? CausalDepth(state.included).deepest(state.included)?.header.area ?? .reserved
            return (form, state, area, try Rounds.find(record.round, in: db)?.context)
        }
        let contested = state.contestedSections
        guard !contested.isEmpty else { throw try notContested([record]) }
        let section: Section
        if let key {
            guard let found = form.section(key: key) else { throw Failure(.unknownSection, key) }
            section = found
        } else {
            guard contested.count == 1, let only = form.section(contested[0].section) else {
                throw Failure(
                    .usage,
                    Label(zh: "请用 --section 指明栏目", en: "name the section with --section"))
            }
            section = only
        }
        guard let contest = contested.first(where: { $0.section == section.tag }) else {
            throw Failure(.notContested, section.label)
        }
        guard shown == nil || contest == shown else { throw Failure(.newAnswers) }
        let answers = try answers(resolution, contest, section, form, state, context?.year)
        let body = try explained(answers, section, contest, form, state, reason)
        let edit = try writer.write { db in
            let now = try Records.shown(record, in: db).sections[section.tag]
            guard now == contest else { throw Failure(.newAnswers) }
            if case .set = resolution {
                try Self.refuseTakenNumber(in: answers, of: state, form, db)
            }
            let edit = try append(
                record, in: area, body,
                seen: state.references(
                    writing: Set(body.keys), own: OwnLog.held(in: state, db)),
                formVersion: form.version, db)
            try Projector.catchUp(db)
            return edit
        }
        let after = try read { db in try Records.shown(record, in: db) }
        return SavedEdit(edit, after, in: context)
    }

    /// What is written: the section, and why it is better than another answer to it.
    private func explained(
        _ answers: SectionAnswers, _ section: Section, _ contest: SectionState, _ form: Form,
        _ state: RecordState, _ reason: String?
    ) throws -> [SectionTag: SectionAnswers] {
        let others = contest.siblings.map(\.answers)
        guard let missing = form.unexplained(answers, than: others) else {
            return [section.tag: answers]
        }
        guard let reason = reason?.trimmed, !reason.isEmpty,
            let place = form.section(containing: missing.reason.tag)
        else {
            throw Failure(
                .badAnswer,
                message: Label(
                    zh: "“\(missing.grade.label.zh)”比另一个答案好。请用 --reason 写明原因。",
                    en: "\"\(missing.grade.label.en)\" is better than another answer. Say why "
                        + "with --reason."))
        }
        guard state.sections[place.tag]?.isContested != true else {
            throw Failure(contested: place, of: form)
        }
        // What was noted before stays.
        let noted = state.answers[missing.reason.tag]?.plainText
        var told = state.sections[place.tag]?.provisional ?? [:]
        do throws(AnswerProblem) {
            told[missing.reason.tag] = try missing.reason.parse(
                [noted, reason].compactMap { $0 }.joined(separator: "\n"))
        } catch {
            throw Failure(error)
        }
        return [section.tag: answers, place.tag: told]
    }

    private func answers(
        _ resolution: Resolution, _ contest: SectionState, _ section: Section, _ form: Form,
        _ state: RecordState, _ year: Int64?
    ) throws -> SectionAnswers {
        switch resolution {
        case .choose(let text):
            let matching = contest.siblings.filter { sibling in
                sibling.edits.contains { $0.id.hex.hasPrefix(text.lowercased()) }
            }
            guard matching.count == 1, !text.isEmpty else { throw Failure(.unknownEdit, text) }
            return matching[0].answers
        case .set(let texts):
            var answers = state.answers
            for (tag, value) in contest.provisional { answers[tag] = value }
            for (key, text) in texts {
                guard let field = section.fields.first(where: { $0.key == key }) else {
                    throw Failure(
                        AnswerProblem(field: key, reason: .unknownField(form: section.key)))
                }
                do throws(AnswerProblem) {
                    answers[field.tag] = try field.parse(text)
                } catch {
                    throw Failure(error)
                }
            }
            let validator = FormValidator(form: form, clock: try clock(), round: year)
            let named = Set(section.fields.filter { texts[$0.key] != nil }.map(\.tag))
            if named.contains(Household.visitStatus.definition.tag), form.kind == .household {
                let round = try read { db in try Rounds.choose(nil, in: db) }
                answers[Household.visitRound] = round?.id.subject.bytes
            }
            if form.kind == .finding, named.contains(Finding.state.definition.tag) {
                try say(state: answers[Finding.state], in: &answers)
            }
            answers = validator.clearingIrrelevant(answers, named: named)
            if let problem = validator.problems(in: answers, sections: [section.tag]).first {
                throw Failure(problem)
            }
            let known = section.fields.compactMap { field in
                answers.values[field.tag].map { (field.tag, $0) }
            }
            return Dictionary(uniqueKeysWithValues: known)
                .merging(section.unknownAnswers(in: contest)) { a, _ in a }
        }
    }

    /// Says what the program writes beside how far a finding is rectified. Nobody verifies what they
    /// were asked to decide about.
    private func say(state: FindingState?, in answers: inout Answers) throws {
        guard state != .verified else {
            throw Failure(Finding.state.definition.problem(.byAnother))
        }
        guard state == .rectified, answers[Finding.rectifiedBy] == nil else { return }
        answers[Finding.rectifiedBy] = try identity().user.subject.bytes
        if answers[Finding.rectifiedOn] == nil { answers[Finding.rectifiedOn] = try today() }
    }

    /// Every edit of a record: who, when by which clock, what, and how it relates to the others.
    public func history(_ record: RecordKey) throws -> RecordHistory {
        try read { db in
            let edits = try Self.edits(of: record, db)
            let depths = CausalDepth(edits)
            let depth = { (edit: Edit) in (depths.depth(of: edit.reference), edit.id) }
            var names: [UserID: String] = [.server: "lianhu-server"]
            return RecordHistory(
                try edits.sorted { depth($0) < depth($1) }.map { edit in
                    let author = edit.header.author
                    let name = try names[author] ?? Accounts.find(author, in: db)?.name ?? "?"
                    names[author] = name
                    return HistoryEntry(
                        edit: edit, author: name,
                        exclusion: try Records.exclusion(of: edit.id, in: db))
                })
        }
    }

    /// A check with those of its subject's other entries: they are shown as one.
    private static func edits(of record: RecordKey, _ db: Database) throws -> [Edit] {
        guard Form.form(of: record.kind)?.joinsEntries == true else {
            return try SegmentLog.edits(of: record, in: db)
        }
        return try Joined.entries(of: record.subject, in: db).flatMap {
            try SegmentLog.edits(
                of: RecordKey(kind: record.kind, subject: $0, round: record.round), in: db)
        }
    }

    /// The names of authors, for showing siblings.
    public func authorName(_ user: UserID) throws -> String {
        if user == .server { return "lianhu-server" }
        return try read { db in try Accounts.find(user, in: db)?.name } ?? "?"
    }
}

extension EditID {
    /// Lower-case hexadecimal, 64 characters: what people and scripts name an edit by.
    public var hex: String { bytes.hex }
}
