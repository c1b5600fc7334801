import Foundation
import SurveyConsole
import SurveyLog
import SurveyMerge
import SurveyModel
import TestSupport

/// Folds and decisions: sets of edits, and what they come to.
extension Vectors {
    static func folds() throws -> JSONValue {
        var cases = try coverings()
        cases += try comparisons()
        cases += try ranks()
        cases += [try joined(), try joinedPersons()]
        return .array(cases)
    }

    /// An own dwelling with a grade.
    static func graded(_ grade: HouseGrade) -> Answers {
        var answers = Answers()
        answers[Housing.dwellingSource] = .own
        answers[Housing.grade] = grade
        return answers
    }

    /// What an edit puts an end to.
    private static func coverings() throws -> [JSONValue] {
        let section = Housing.form.tag("safety")
        let building = Housing.form.tag("building")
        let record = RecordKey.test(.housing)
        var (one, two, copy) = (TestLog(1), TestLog(2), TestLog(1))
        let a = try one.write(record, section, graded(.a))
        let b = try two.write(record, section, graded(.c))
        let same = try TestLog(3).writing(record, section, graded(.a))
        let after = try two.write(record, section, graded(.b), seen: [b.reference])
        let resolved = try one.write(
            record, section, graded(.b), seen: [a.reference, after.reference])
        // The same dot as `a`, after the home was copied.
        let twin = try copy.write(record, section, graded(.d))
        let both = try TestLog(3).writing(
            record, [section: graded(.d).values, building: floors(2).values])
        let oneOfThem = try TestLog(2).writing(
            record, [section: graded(.b).values], seen: [both.reference])
        let withoutBody = try Edit(after.erased)
        return [
            try fold("one answer", record, [a]),
            try fold("two answers at the same time are both kept", record, [a, b]),
            try fold("the same answer twice is agreement", record, [a, same]),
            try fold("an answer given after seeing another takes its place", record, [b, after]),
            try fold("a reference to an edit that is not here covers nothing", record, [a, after]),
            try fold("a third answer that saw both ends it", record, [a, b, after, resolved]),
            try fold(
                "of two edits with one dot only the one that was seen is covered", record,
                [a, twin, b, after, resolved]),
            try fold("what is held neither counts nor covers", record, [b, after], [after.id]),
            try fold(
                "an edit covers only in the sections that it writes", record, [both, oneOfThem]),
            try fold("an edit whose body was erased still covers", record, [b, withoutBody]),
            try fold(
                "an erased edit covers even what it would not when held", record,
                [b, withoutBody], [after.id]),
            try fold(
                "of one edit with and without its body the one with it counts", record,
                [b, withoutBody, after]),
            try fold(
                "and so it does when the one without comes last", record, [b, after, withoutBody]),
        ]
    }

    /// Two entries that are one household: whoever answers is shown what was said of both.
    private static func joined() throws -> JSONValue {
        let section = Housing.form.tag("safety")
        func record(_ subject: SubjectID) -> RecordKey {
            let other = RecordKey.test(.housing)
            return RecordKey(kind: .housing, subject: subject, round: other.round)
        }
        let (one, two) = (record(SubjectID(1)), record(SubjectID(2)))
        var log = TestLog(1)
        let a = try log.write(one, section, graded(.a))
        let b = try TestLog(2).writing(two, section, graded(.c))
        let both = try log.write(one, section, graded(.b), seen: [a.reference, b.reference])
        return try fold(
            "joined entries are folded as one record", one, [a, b, both], joining: [two.subject])
    }

    /// Two entries that are one person: the same.
    private static func joinedPersons() throws -> JSONValue {
        let section = Medical.form.tag("insurance")
        func record(_ subject: SubjectID) -> RecordKey {
            let other = RecordKey.test(.medical)
            return RecordKey(kind: .medical, subject: subject, round: other.round)
        }
        func insured(_ year: Int64) -> Answers {
            var answers = Answers()
            answers[Medical.insurance] = .resident
            answers[Medical.insuredYear] = year
            return answers
        }
        let (one, two) = (record(SubjectID(1)), record(SubjectID(2)))
        let a = try TestLog(1).writing(one, section, insured(2025))
        let b = try TestLog(2).writing(two, section, insured(2026))
        return try fold(
            "joined persons' checks are folded as one record", one, [a, b],
            joining: [two.subject])
    }

    static func fold(
        _ name: String, _ record: RecordKey, _ edits: [Edit], _ excluded: Set<EditID> = [],
        joining subjects: Set<SubjectID> = []
    ) throws -> JSONValue {
        let state = try SurveyMerge.fold(record, edits, joining: subjects, excluding: excluded)
        return [
            "name": .string(name), "edits": .array(try edits.map(json)),
            "excluded": .array(excluded.map { hex($0.bytes) }),
            "sections": .object(
                Dictionary(
                    uniqueKeysWithValues: state.sections.values.map { section in
                        (
                            String(section.section.rawValue),
                            [
                                "siblings": .array(
                                    section.siblings.map { sibling in
                                        [
                                            "answers": json(sibling.answers),
                                            "edits": .array(
                                                sibling.edits.map { hex($0.id.bytes) }),
                                        ]
                                    }), "provisional": json(section.provisional),
                            ]
                        )
                    })),
        ]
    }

    /// Verdicts that have not seen each other, and what an edit is by them.
    static func decisions() throws -> JSONValue {
        let cases: [[Verdict]] = [
            [], [.hold], [.hold, .lift], [.hold, .accept], [.lift, .reject], [.hold, .reject],
            [.accept, .reject], [.hold, .lift, .accept, .reject],
        ]
        let judged = try TestLog(1).writing(
            .test(.housing), Housing.form.tag("safety"), Answers())
        return .array(
            try cases.map { verdicts in
                let edits = try verdicts.enumerated().map { index, verdict in
                    var answers = Answers()
                    answers[DecisionForm.edit] = judged.id.bytes
                    answers[DecisionForm.verdict] = verdict
                    return try TestLog(UInt8(10 + index)).writing(
                        .decision(about: judged.id), DecisionForm.form.sections[0].tag, answers)
                }
                let state = try SurveyMerge.fold(
                    .decision(about: judged.id), edits, excluding: [])
                let result =
                    switch inclusion(by: state) {
                    case .included: "included"
                    case .held: "held"
                    case .rejected: "rejected"
                    }
                return [
                    "verdicts": .array(verdicts.map(\.rawValue)), "result": .string(result),
                ]
            })
    }
}

extension TestLog {
    /// The next edit of a log that nothing follows.
    func writing(_ record: RecordKey, _ section: SectionTag, _ answers: Answers) throws -> Edit {
        try writing(record, [section: answers.values])
    }

    /// The same, of several sections.
    func writing(
        _ record: RecordKey, _ sections: [SectionTag: SectionAnswers], seen: [Reference] = [],
        salt: Data? = nil
    ) throws -> Edit {
        var log = self
        return try log.write(record, sections, seen: seen, salt: salt)
    }
}
