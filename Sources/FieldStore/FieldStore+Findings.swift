internal import Foundation
internal import GRDB
internal import SurveyLog
internal import SurveyMerge
public import SurveyModel
public import SurveyStore

/// Problems that were found: written down, rectified by somebody, verified by somebody else.
extension FieldStore {
    /// The findings of a round, the most pressing first, with what their subjects are called.
    public func findings(in villages: [Area]?, round: Round, about text: String? = nil) throws
        -> [(row: FindingRow, subjectNo: String)]
    {
        try read { db in
            let about = try text.map { try Self.anySubject($0, db) }
            return try Findings.all(
                in: villages.map { Set($0.map(\.id)) }, round: round.id, about: about, db
            ).map { ($0, try Subjects.number(of: $0.about, in: db) ?? $0.about.text) }
        }
    }

    /// Opens the finding that a check calls for, filled in; nil when the check gives no cause or the
    /// finding is there and not rectified.
    ///
    /// - Parameter resuming: takes up a draft that was left of it.
    public func proposeFinding(
        after check: SavedEdit, round: Round, in language: Language, resuming: Bool = false
    ) throws -> OpenForm? {
        let record = check.edit.header.record
        guard let assessment = check.assessment,
            let proposal = FindingProposal(record.kind, assessment, check.answers)
        else { return nil }
        return try read { db in
            let finding = RecordKey.finding(proposal.category, about: record)
            if let known = try Findings.finding(finding, in: db), !known.state.isRectified {
                return nil
            }
            let today = environment.today
            let validator = FormValidator(form: Finding.form, today: today)
            var open = try Self.open(
                Finding.form, finding, area: try Self.area(of: record, db), round,
                resuming: resuming, db)
            open.prefill { answers in
                let proposed = proposal.answers(language, today: today)
                answers = Answers(sections: [answers.values, proposed.values])
                answers[Finding.about] = record.subject.bytes
                // One that comes again is not rectified any more.
                answers = validator.clearingIrrelevant(answers, named: [])
            }
            open.settle(Finding.about)
            return open
        }
    }

    /// The same after a check that was saved before, by its record's id or its start.
    public func proposeFinding(
        after text: String, in language: Language, resuming: Bool = false
    ) throws -> OpenForm? {
        let key = try record(text)
        let (saved, round) = try read { db -> (SavedEdit?, Round?) in
            let state = try Records.shown(key, in: db)
            let round = try Rounds.find(key.round, in: db)
            return (state.included.last.map { SavedEdit($0, state, in: round?.context) }, round)
        }
        guard let saved, let round else { throw Failure(.unknownRecord, text) }
        return try proposeFinding(after: saved, round: round, in: language, resuming: resuming)
    }

    /// Opens a new finding about a household, a person or a village.
    ///
    /// - Parameter resuming: takes up the last one about it that was left.
    public func openFinding(about text: String, round code: String?, resuming: Bool = false) throws
        -> OpenForm
    {
        try read { db in
            let round = try Self.currentRound(code, db)
            let subject = try Self.anySubject(text, db)
            guard let area = try Subjects.area(of: subject, in: db) else {
                throw Failure(.unknownSubject)
            }
            let left =
                resuming
                ? try Draft.newRecord(
                    .finding, about: Joined.entries(of: subject, in: db), round: round.id, db)
                : nil
            let record =
                left
                ?? RecordKey(kind: .finding, subject: environment.newSubject(), round: round.id)
            var open = try Self.open(
                Finding.form, record, area: area, round, resuming: resuming, db)
            open.prefill {
                $0[Finding.about] = subject.bytes
                $0[Finding.state] = .open
                $0[Finding.level] = .local
            }
            open.settle(Finding.about)
            open.settle(Finding.state)
            return open
        }
    }

    /// Opens a finding to say that it is rectified, or with `verifying` that somebody else saw it.
    ///
    /// - Parameter resuming: takes up a draft that was left of a rectification; a verification has
    ///   none, and what somebody left before the finding was rectified is not said of it.
    public func openFinding(_ text: String, verifying: Bool, resuming: Bool = false) throws
        -> OpenForm
    {
        try read { db in
            let identity = try Self.identity(db)
            let rows = try Self.findings(text, db)
            guard let row = rows.first else { throw Failure(.unknownRecord, text) }
            guard rows.count == 1 else {
                throw Failure(
                    .ambiguousSubject, rows.map(\.record.subject.text).joined(separator: ", "))
            }
            guard let round = try Rounds.find(row.record.round, in: db) else {
                throw Failure(.unknownRound, row.record.round.text)
            }
            var open = try Self.open(
                Finding.form, row.record, area: row.area, round,
                resuming: resuming && !verifying, db)
            let section = Finding.form.section(containing: Finding.state.definition.tag)!.tag
            guard !open.state.contestedSections.contains(where: { $0.section == section }) else {
                throw Failure(.contestedSection, "rectification")
            }
            if verifying {
                guard open.answers[Finding.state]?.isRectified == true else {
                    throw Failure(.notRectified)
                }
                guard open.answers[Finding.rectifiedBy] != identity.user.subject.bytes else {
                    throw Failure(.ownRectification)
                }
                open.answers[Finding.state] = .verified
                open.answers[Finding.verifiedBy] = identity.user.subject.bytes
                open.answers[Finding.verifiedOn] = environment.today
                open.settle(Finding.state)
            } else {
                open.prefill(writing: false) {
                    $0[Finding.state] = .rectified
                    $0[Finding.rectifiedBy] = identity.user.subject.bytes
                    $0[Finding.rectifiedOn] = environment.today
                    $0[Finding.verifiedBy] = nil
                    $0[Finding.verifiedOn] = nil
                }
            }
            return open
        }
    }

    /// Households at which, or at whose members, something is overdue.
    public func overdueHouseholds(_ round: Round) throws -> Set<SubjectID> {
        try read { db in
            Set(
                try db.rows(
                    """
                    SELECT DISTINCT coalesce(person.household, about) AS household FROM finding
                    LEFT JOIN person ON person.subject = about
                    WHERE round = ? AND state NOT IN ('3', '4') AND deadline < ?
                    """, [round.id.column, Int64(environment.today.daysSinceEpoch)]
                ).compactMap { SubjectID($0["household"] as Data) })
        }
    }

    static func currentRound(_ code: String?, _ db: Database) throws -> Round {
        if let code {
            guard let found = try Rounds.find(code: code, in: db) else {
                throw Failure(.unknownRound, code)
            }
            return found
        }
        guard let current = try Rounds.current(in: db) else { throw Failure(.noOpenRound) }
        return current
    }

    /// The one household, person or village that a text stands for.
    static func anySubject(_ text: String, _ db: Database) throws -> SubjectID {
        let text = text.halfWidth.trimmed
        let found = Set(
            try Subjects.find(household: text, db)
                + (text.contains("/") || text.utf8.count == 26
                    ? Subjects.find(person: text, db) : [])
                + Areas.find(village: text, in: db).map(\.id.subject))
        guard found.count <= 1 else {
            throw Failure(
                .ambiguousSubject, found.map(\.text).sorted().joined(separator: ", "))
        }
        guard let subject = found.first else { throw Failure(.unknownSubject) }
        return try Joined.canonical(of: subject, in: db)
    }

    /// The findings that a text stands for: by the start of their id, or those of a subject that are
    /// not verified yet.
    private static func findings(_ text: String, _ db: Database) throws -> [FindingRow] {
        let rounds = try Rounds.all(in: db).map(\.id)
        func rows(_ subject: SubjectID) throws -> [FindingRow] {
            try rounds.compactMap {
                try Findings.finding(
                    RecordKey(kind: .finding, subject: subject, round: $0), in: db)
            }
        }
        let short = text.hasPrefix("finding-") ? String(text.dropFirst(8)) : text
        let byID = try Findings.find(String(short.prefix(26)), in: db).flatMap(rows)
        guard byID.isEmpty else { return byID }
        let subject = try anySubject(text, db)
        return try rounds.flatMap { try Findings.all(in: nil, round: $0, about: subject, db) }
            .filter { $0.state != .verified }
    }
}

extension FindingProposal {
    func answers(_ language: Language, today: CalendarDate) -> Answers {
        var answers = Answers()
        answers[Finding.category] = category
        answers[Finding.level] = .local
        answers[Finding.origin] = .named
        answers[Finding.severity] = severity
        answers[Finding.summary] = summary[language]
        answers[Finding.deadline] = CalendarDate(
            daysSinceEpoch: today.daysSinceEpoch + severity.days)
        answers[Finding.state] = .open
        return answers
    }
}
