internal import Foundation
internal import GRDB
internal import SurveyCoverage
internal import SurveyLog
internal import SurveyMerge
public import SurveyModel
public import SurveyStore

/// Problems that were found: written down, rectified by somebody, verified by somebody else.
extension FieldStore {
    /// The findings of a round, the most pressing first, with what their subjects are called.
    ///
    /// - Parameter carrying: with those of other rounds that nobody has verified: a new round does not
    ///   settle them.
    public func findings(
        in villages: [Area]?, round: Round, about text: String? = nil, carrying: Bool = false
    ) throws -> [(row: FindingRow, subjectNo: String)] {
        try read { db in
            let about = try text.map { try Joined.entries(of: Self.anySubject($0, db), in: db) }
            return try Findings.all(
                in: villages.map { Set($0.map(\.id)) }, round: round.id, about: about,
                carrying: carrying, db
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
        guard let proposal = check.proposal else { return nil }
        return try read { db in
            try open(proposal, after: record, round, in: language, resuming: resuming, db)
        }
    }

    /// The same after a check that was saved before.
    public func proposeFinding(
        after check: RecordKey, in language: Language, resuming: Bool = false
    ) throws -> OpenForm? {
        try read { db in
            guard let (proposal, round) = try Self.proposal(after: check, db) else { return nil }
            return try open(proposal, after: check, round, in: language, resuming: resuming, db)
        }
    }

    /// The same, by the id of the check's record or its start.
    public func proposeFinding(
        after text: String, in language: Language, resuming: Bool = false
    ) throws -> OpenForm? {
        let check = try record(text)
        guard try read({ db in try Rounds.find(check.round, in: db) }) != nil else {
            throw Failure(.unknownRecord, text)
        }
        return try proposeFinding(after: check, in: language, resuming: resuming)
    }

    /// The category of the finding that a check calls for, when nobody has written down any about
    /// its subject; nil when there is one, or no cause.
    public func missingFinding(after check: RecordKey) throws -> FindingCategory? {
        try read { db in
            guard let (proposal, round) = try Self.proposal(after: check, db) else { return nil }
            let known = try Findings.all(
                in: nil, round: round.id, about: Joined.entries(of: check.subject, in: db), db)
            return known.contains { $0.category == proposal.category } ? nil : proposal.category
        }
    }

    private static func proposal(after check: RecordKey, _ db: Database) throws
        -> (FindingProposal, Round)?
    {
        guard let round = try Rounds.find(check.round, in: db) else { return nil }
        return try Records.shown(check, in: db).proposedFinding(in: round.context)
            .map { ($0, round) }
    }

    private func open(
        _ proposal: FindingProposal, after check: RecordKey, _ round: Round,
        in language: Language, resuming: Bool, _ db: Database
    ) throws -> OpenForm? {
        let finding = RecordKey.finding(proposal.category, about: check)
        if let known = try Findings.finding(finding, in: db), !known.state.isRectified {
            return nil
        }
        let today = try clock(db).today
        let validator = FormValidator(form: Finding.form, today: today)
        var open = try Self.open(
            Finding.form, finding, area: try Self.area(of: check, db), round,
            resuming: resuming, db)
        open.prefill { answers in
            let proposed = proposal.answers(language, today: today)
            answers = Answers(joining: [answers.values, proposed.values])
            answers[Finding.about] = check.subject.bytes
            // One that comes again is not rectified any more.
            answers = validator.clearingIrrelevant(answers, named: [])
        }
        open.settle(Finding.about)
        // Who did what about it is said when it is there.
        open.withheld[Finding.state.definition.tag] = [
            FindingState.rectified.rawValue, FindingState.verified.rawValue,
        ]
        return open
    }

    /// Opens a new finding about a household, a person or a village.
    ///
    /// - Parameters:
    ///   - resuming: takes up the last one about it that was left, but for what a check proposed.
    ///   - left: the one that is meant, where several were left.
    public func openFinding(
        about text: String, round code: String?, resuming: Bool = false, left: RecordKey? = nil
    ) throws -> OpenForm {
        try read { db in
            let round = try Self.currentRound(code, db)
            let subject = try Self.anySubject(text, db)
            guard let area = try Subjects.area(of: subject, in: db) else {
                throw Failure(.unknownSubject, text)
            }
            let record =
                try left ?? (resuming ? Self.leftFinding(about: subject, round.id, db) : nil)
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

    private static func leftFinding(about subject: SubjectID, _ round: RoundID, _ db: Database)
        throws -> RecordKey?
    {
        let entries = try Joined.entries(of: subject, in: db)
        return try Draft.newRecords(.finding, about: entries, round: round, db).first { record in
            entries.allSatisfy { Draft.check(callingFor: record, about: $0) == nil }
        }
    }

    /// Opens a finding to say that it is rectified, or with `verifying` that somebody else saw it.
    ///
    /// - Parameter resuming: takes up a draft that was left of a rectification; a verification has
    ///   none, and what somebody left before the finding was rectified is not said of it.
    /// - Throws: `Failure` when it is verified already, see ``reopenFinding(_:)``.
    public func openFinding(_ text: String, verifying: Bool, resuming: Bool = false) throws
        -> OpenForm
    {
        try read { db in
            let user = try Self.identity(db).user.subject.bytes
            let row = try Self.finding(text, db)
            guard row.state != .verified else { throw Failure(.verifiedFinding) }
            var open = try Self.open(row, resuming: resuming && !verifying, db)
            if verifying {
                guard open.answers[Finding.state]?.isRectified == true else {
                    throw Failure(.notRectified)
                }
                guard open.answers[Finding.rectifiedBy] != user else {
                    throw Failure(.ownRectification)
                }
                open.answers[Finding.state] = .verified
                open.answers[Finding.verifiedBy] = user
                open.answers[Finding.verifiedOn] = try clock(db).today
                open.settle(Finding.state)
            } else {
                let today = try clock(db).today
                open.prefill(writing: false) {
                    $0[Finding.state] = .rectified
                    $0[Finding.rectifiedBy] = user
                    $0[Finding.rectifiedOn] = today
                    $0[Finding.verifiedBy] = nil
                    $0[Finding.verifiedOn] = nil
                }
                open.withheld[Finding.state.definition.tag] = [FindingState.verified.rawValue]
            }
            return open
        }
    }

    /// Opens a finding to say that it is not rectified after all. A verified one stays verified
    /// unless whoever wrote it down, or verified it, says so.
    public func reopenFinding(_ text: String) throws -> OpenForm {
        try read { db in
            let user = try Self.identity(db).user
            let row = try Self.finding(text, isDone: true, db)
            guard row.state.isRectified else { throw Failure(.notRectified) }
            var open = try Self.open(row, resuming: false, db)
            guard row.state != .verified || Self.mayReopen(open.state, user) else {
                throw Failure(.verifiedFinding)
            }
            open.answers[Finding.state] = .open
            let validator = FormValidator(form: Finding.form, clock: try clock(db))
            open.answers = validator.clearingIrrelevant(open.answers, named: [])
            return open
        }
    }

    static func mayReopen(_ finding: RecordState, _ user: UserID) -> Bool {
        let section = Finding.form.section(containing: Finding.about.definition.tag)!.tag
        let authors = finding.sections[section]?.siblings.flatMap { $0.edits.map(\.header.author) }
        return authors?.contains(user) == true
            || finding.answers[Finding.verifiedBy] == user.subject.bytes
    }

    /// The one finding that a text stands for: by the start of its id, or the one about a subject that
    /// is not verified yet.
    public func findingRecord(_ text: String) throws -> RecordKey {
        try read { db in try Self.finding(text, db).record }
    }

    /// A finding's form. What is said of its rectification by two people takes one who looks at both.
    private static func open(_ row: FindingRow, resuming: Bool, _ db: Database) throws -> OpenForm {
        guard let round = try Rounds.find(row.record.round, in: db) else {
            throw Failure(.unknownRound, row.record.round.text)
        }
        let open = try Self.open(
            Finding.form, row.record, area: row.area, round, resuming: resuming, db)
        let section = Finding.form.section(containing: Finding.state.definition.tag)!
        guard !open.state.contestedSections.contains(where: { $0.section == section.tag }) else {
            throw Failure(contested: section, of: Finding.form)
        }
        return open
    }

    /// Households at which, or at whose members, something is overdue, whatever its round.
    public func overdueHouseholds() throws -> Set<SubjectID> {
        try read { db in
            Set(
                try db.rows(
                    """
                    SELECT \(subjectID("overdue.household")) AS household FROM (
                        SELECT DISTINCT coalesce(joined.canonical, person.household, about)
                            AS household
                        FROM finding LEFT JOIN person ON person.subject = about
                        LEFT JOIN joined ON joined.subject = coalesce(person.household, about)
                        WHERE state NOT IN ('3', '4') AND deadline < ?) AS overdue
                    """, [Int64(try clock(db).today.daysSinceEpoch)]
                ).compactMap { SubjectID($0["household"] as Data) })
        }
    }

    /// How many findings are overdue in these villages, whatever their round.
    public func overdueFindings(in villages: [Area]) throws -> Int {
        let list = villages.map { String($0.id.column) }.joined(separator: ",")
        return try read { db in
            try db.value(
                """
                SELECT COUNT(*) FROM finding
                WHERE state NOT IN ('3', '4') AND deadline < ? AND area IN (\(list))
                """, [Int64(try clock(db).today.daysSinceEpoch)]) ?? 0
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
        guard !found.isEmpty else { throw Failure(.unknownSubject, text) }
        let standing = try canonical(Array(found), db)
        guard standing.count == 1, let subject = standing.first else {
            throw try ambiguous(found, db)
        }
        return subject
    }

    /// The finding that a text stands for: by the start of its id, or the one about a subject that is
    /// not verified yet.
    ///
    /// - Parameter isDone: of a subject's findings those are meant that are rectified or verified.
    private static func finding(_ text: String, isDone: Bool = false, _ db: Database) throws
        -> FindingRow
    {
        let rounds = try Rounds.all(in: db).map(\.id)
        func rows(_ subject: SubjectID) throws -> [FindingRow] {
            try rounds.compactMap {
                try Findings.finding(
                    RecordKey(kind: .finding, subject: subject, round: $0), in: db)
            }
        }
        let short = text.hasPrefix("finding-") ? String(text.dropFirst(8)) : text
        var found = try Findings.find(String(short.prefix(26)), in: db).flatMap(rows)
        if found.isEmpty {
            let subjects: [SubjectID]
            do {
                subjects = try Joined.entries(of: anySubject(text, db), in: db)
            } catch let failure as Failure where failure.problem == .unknownSubject {
                throw Failure(.unknownFinding, text)
            }
            found = try rounds.flatMap {
                try Findings.all(in: nil, round: $0, about: subjects, db)
            }.filter { isDone ? $0.state.isRectified : $0.state != .verified }
        }
        guard let first = found.first else { throw Failure(.unknownFinding, text) }
        guard found.count == 1 else { throw try ambiguous(records: found.map(\.record), db) }
        return first
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
