public import GRDB
import SurveyCoverage
import SurveyLog
import SurveyMerge
public import SurveyModel

/// Findings, and the day by which they are overdue.
extension Projector {
    mutating func projectFinding(
        _ record: StoredKey, _ state: RecordState, _ batch: ProjectedBatch
    ) throws {
        affected.insert(record.subject)
        try projectHeld(record, state, batch)
        let answers = state.answers
        guard let about = answers[Finding.about].flatMap(SubjectID.init),
            let number = batch.numbers[about],
            let area = try place(ofWhatIsAbout: about, number) ?? state.area
        else {
            return try db.run(
                "DELETE FROM finding WHERE subject = ? AND round = ?",
                [record.subject, record.round])
        }
        try db.run(
            """
            INSERT INTO finding (subject, round, about, area, category, level, severity, deadline,
                state, contested)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (subject, round) DO UPDATE SET about = excluded.about,
                area = excluded.area, category = excluded.category, level = excluded.level,
                severity = excluded.severity, deadline = excluded.deadline,
                state = excluded.state, contested = excluded.contested
            """,
            [
                record.subject, record.round, number, area.column,
                answers[Finding.category]?.rawValue ?? "", answers[Finding.level]?.rawValue ?? "",
                answers[Finding.severity]?.rawValue ?? "",
                answers[Finding.deadline].map { Int64($0.daysSinceEpoch) },
                state.findingState.rawValue, state.isContested,
            ])
    }

    /// Where a finding counts: where the register has whom it is about. A member counts with their
    /// household; whose household is not here counts nowhere here, and where that is.
    private func place(ofWhatIsAbout subject: SubjectID, _ number: Int64) throws -> AreaID? {
        let household: Int64? = try db.value(
            "SELECT household FROM person WHERE subject = ?", [number])
        guard let household else { return try Subjects.area(of: subject, in: db) }
        let area: Int64? = try db.value(
            "SELECT area FROM household WHERE subject = ?", [household])
        return area.map(AreaID.init(column:)) ?? AreaID.none
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
            """
            SELECT subject, \(RecordKind.finding.rawValue) AS kind, round FROM finding
            WHERE deadline BETWEEN ? AND ?
            """,
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
