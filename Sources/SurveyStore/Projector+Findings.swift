public import GRDB
import SurveyCoverage
import SurveyLog
import SurveyMerge
public import SurveyModel

/// Findings, and the day by which they are overdue.
extension Projector {
    mutating func projectFinding(
        _ number: Int64, _ state: RecordState, _ batch: ProjectedBatch
    ) throws {
        affected.insert(state.key.subject)
        try projectHeld(number, state, batch)
        let answers = state.answers
        guard let about = answers[Finding.about].flatMap(SubjectID.init),
            let area = try place(ofWhatIsAbout: about) ?? state.area
        else { return try db.run("DELETE FROM finding WHERE record = ?", [number]) }
        try db.run(
            """
            INSERT INTO finding (record, subject, about, round, area, category, level, severity,
                deadline, state, contested)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (record) DO UPDATE SET about = excluded.about, area = excluded.area,
                category = excluded.category, level = excluded.level,
                severity = excluded.severity, deadline = excluded.deadline,
                state = excluded.state, contested = excluded.contested
            """,
            [
                number, state.key.subject.bytes, about.bytes, state.key.round.column, area.column,
                answers[Finding.category]?.rawValue ?? "", answers[Finding.level]?.rawValue ?? "",
                answers[Finding.severity]?.rawValue ?? "",
                answers[Finding.deadline].map { Int64($0.daysSinceEpoch) },
                state.findingState.rawValue, state.isContested,
            ])
    }

    /// Where a finding counts: where the register has whom it is about. A member counts with their
    /// household; whose household is not here counts nowhere here, and where that is.
    private func place(ofWhatIsAbout subject: SubjectID) throws -> AreaID? {
        guard let household = try household(ofPerson: subject),
            try AreaID.of(household: subject, in: db) == nil
        else { return try Subjects.area(of: subject, in: db) }
        return try AreaID.of(household: household, in: db) ?? AreaID.none
    }

    /// The day by which findings are overdue here.
    public static func day(_ db: Database) throws -> CalendarDate {
        CalendarDate(daysSinceEpoch: try db.value("SELECT day FROM projected_day") ?? 0)
    }

    /// Another day has come: findings whose deadline lies between are counted again. A clock that
    /// is set back turns the day back too.
    public static func turn(to today: CalendarDate, _ db: Database) throws {
        let before = try day(db)
        guard today != before else { return }
        try DirtyRecords.mark(
            "SELECT record FROM finding WHERE deadline BETWEEN ? AND ?",
            [
                Int64(min(today, before).daysSinceEpoch), Int64(max(today, before).daysSinceEpoch),
            ], in: db)
        try db.run("UPDATE projected_day SET day = ?", [Int64(today.daysSinceEpoch)])
    }
}

extension RecordState {
    /// How far a finding is rectified. What somebody else did not verify is not verified: an
    /// author cannot speak in another's name, but may choose what the verifier has said.
    var findingState: FindingState {
        let answers = answers
        guard let said = answers[Finding.state] else { return .open }
        guard said == .verified else { return said }
        guard let tag = Finding.form.section(containing: Finding.state.definition.tag)?.tag,
            let verifier = answers[Finding.verifiedBy], verifier != answers[Finding.rectifiedBy]
        else { return .rectified }
        let theirs = included.filter { $0.header.author.subject.bytes == verifier }
        func isVerified(_ edit: Edit, _ answers: SectionAnswers) -> Bool {
            edit.header.author.subject.bytes == verifier
                || theirs.contains { other in
                    edit.header.seen.contains(other.reference)
                        && other.body?.sections[tag]?.canonical == answers.canonical
                }
        }
        let isTrue = sections[tag]?.siblings.allSatisfy { sibling in
            sibling.edits.allSatisfy { isVerified($0, sibling.answers) }
        }
        return isTrue == true ? .verified : .rectified
    }
}
