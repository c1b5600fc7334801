import Foundation
import SurveyLog
import SurveyMerge
import SurveyModel
import TestSupport
import Testing

@Suite struct FoldTests {
    private static let key = RecordKey.test(.housing)
    private static let safety = Housing.form.tag("safety")
    private static let building = Housing.form.tag("building")

    private func state(_ edits: [Edit], excluding excluded: [Edit] = []) throws -> RecordState {
        try fold(Self.key, edits, excluding: Set(excluded.map(\.id)))
    }

    private func graded(_ grade: HouseGrade?) -> Answers {
        var answers = Answers()
        answers[Housing.dwellingSource] = .own
        answers[Housing.grade] = grade
        return answers
    }

    private func floors(_ count: Int64) -> Answers {
        var answers = Answers()
        answers[Housing.floors] = count
        return answers
    }

    // MARK: The two counter-examples

    @Test func `a device that received B2 but not B1 does not replace B1`() throws {
        // B answers safety, then building, in two edits.
        var b = TestLog(2)
        let b1 = try b.write(Self.key, Self.safety, graded(.d))
        let b2 = try b.write(Self.key, Self.building, floors(2))
        // A received only B2 when it opened the form, and answers both sections.
        let shown = try state([b2]).references(writing: [Self.safety, Self.building])
        #expect(shown == [b2.reference])
        var a = TestLog(1)
        let a1 = try a.write(
            Self.key, [Self.safety: graded(.a).values, Self.building: floors(2).values], seen: shown
        )
        let all = [a1, b1, b2]

        let naive = naiveFold(all, covers: coversByMaximum)
        #expect(naive[Self.safety] == [a1.id], "`replica → max` drops the grade D that A never saw")

        let merged = try state(all)
        #expect(merged.survivors[Self.safety] == [a1.id, b1.id])
        #expect(merged.sections[Self.safety]?.isContested == true)
        #expect(merged.survivors[Self.building] == [a1.id])
    }

    @Test func `two clones write with one dot and only the one that was seen is replaced`() throws {
        var one = TestLog(2)
        var two = one
        let first = try one.write(Self.key, Self.safety, graded(.d))
        let second = try two.write(Self.key, Self.safety, graded(.c))
        #expect(first.dot == second.dot && first.id != second.id)
        var a = TestLog(1)
        let answer = try a.write(Self.key, Self.safety, graded(.a), seen: [first.reference])
        let all = [first, second, answer]

        let naive = naiveFold(all, covers: coversByDot)
        #expect(naive[Self.safety] == [answer.id], "a dot alone drops the clone's answer")

        let merged = try state(all)
        #expect(merged.survivors[Self.safety] == [answer.id, second.id])
    }

    @Test func `a reference whose check does not match covers nothing`() throws {
        var b = TestLog(2)
        let edit = try b.write(Self.key, Self.safety, graded(.d))
        var check = edit.id.check
        check[0] ^= 1
        let wrong = try #require(Reference(dot: edit.dot, check: check))
        var a = TestLog(1)
        let answer = try a.write(Self.key, Self.safety, graded(.a), seen: [wrong])
        #expect(try state([edit, answer]).survivors[Self.safety] == [edit.id, answer.id])
    }

    // MARK: Situations

    @Test func `two surveyors answer different questions offline`() throws {
        var (a, b) = (TestLog(1), TestLog(2))
        let grade = try a.write(Self.key, Self.safety, graded(.b))
        let size = try b.write(Self.key, Self.building, floors(2))
        let merged = try state([grade, size])
        #expect(!merged.isContested)
        #expect(merged.answers[Housing.grade] == .b)
        #expect(merged.answers[Housing.floors] == 2)
    }

    @Test func `two surveyors answer one question differently and both answers stay`() throws {
        var (a, b) = (TestLog(1), TestLog(2))
        let edits = [
            try a.write(Self.key, Self.safety, graded(.a)),
            try b.write(Self.key, Self.safety, graded(.c)),
        ]
        let merged = try state(edits)
        #expect(merged.contestedSections.map(\.section) == [Self.safety])
        #expect(merged.sections[Self.safety]?.siblings.count == 2)
    }

    @Test func `two surveyors give the same answer and agree`() throws {
        var (a, b) = (TestLog(1), TestLog(2))
        let edits = [
            try a.write(Self.key, Self.safety, graded(.b)),
            try b.write(Self.key, Self.safety, graded(.b)),
        ]
        let merged = try state(edits)
        #expect(!merged.isContested)
        #expect(merged.sections[Self.safety]?.siblings.first?.edits.count == 2)
    }

    @Test func `an answer left out and an answer cleared are the same answer`() throws {
        var (a, b) = (TestLog(1), TestLog(2))
        var cleared = graded(.b)
        cleared[Housing.tilt.definition.tag] = .null
        let edits = [
            try a.write(Self.key, Self.safety, graded(.b)),
            try b.write(Self.key, Self.safety, cleared),
        ]
        #expect(try !state(edits).isContested)
    }

    @Test func `a cleared section replaces the answer that was seen`() throws {
        var a = TestLog(1)
        let first = try a.write(Self.key, Self.safety, graded(.d))
        let second = try a.write(
            Self.key, [Self.safety: [Housing.grade.definition.tag: .null]], seen: [first.reference])
        let merged = try state([first, second])
        #expect(!merged.isContested)
        #expect(merged.answers[Housing.grade] == nil)
        #expect(merged.sections[Self.safety]?.siblings.map(\.answers) == [[:]])
    }

    @Test func `clearing beside another answer is contested, not silent`() throws {
        var (a, b) = (TestLog(1), TestLog(2))
        let first = try a.write(Self.key, Self.safety, graded(.d))
        let cleared = try a.write(Self.key, [Self.safety: [:]], seen: [first.reference])
        let kept = try b.write(Self.key, Self.safety, graded(.c), seen: [first.reference])
        let merged = try state([first, cleared, kept])
        #expect(merged.survivors[Self.safety] == [cleared.id, kept.id])
    }

    @Test func `an edit covers only in the sections that it writes`() throws {
        var (a, b) = (TestLog(1), TestLog(2))
        let both = try a.write(
            Self.key, [Self.safety: graded(.d).values, Self.building: floors(1).values])
        let grade = try b.write(Self.key, Self.safety, graded(.b), seen: [both.reference])
        let merged = try state([both, grade])
        #expect(merged.survivors == [Self.safety: [grade.id], Self.building: [both.id]])
    }

    @Test func `a held edit neither counts nor covers, and covers again when accepted`() throws {
        var (a, b) = (TestLog(1), TestLog(2))
        let first = try a.write(Self.key, Self.safety, graded(.d))
        let outsider = try b.write(Self.key, Self.safety, graded(.a), seen: [first.reference])
        let held = try state([first, outsider], excluding: [outsider])
        #expect(held.survivors == [Self.safety: [first.id]])
        #expect(held.excluded == [outsider])
        #expect(held.references(writing: [Self.safety]) == [first.reference])
        #expect(try state([first, outsider]).survivors == [Self.safety: [outsider.id]])
    }

    @Test func `a record of held edits alone says nothing`() throws {
        var a = TestLog(1)
        let only = try a.write(Self.key, Self.safety, graded(.a))
        let merged = try state([only], excluding: [only])
        #expect(merged.sections.isEmpty)
        #expect(merged.included.isEmpty)
    }

    @Test func `an edit erased by law still covers what it replaced`() throws {
        var (a, b) = (TestLog(1), TestLog(2))
        let first = try a.write(Self.key, Self.safety, graded(.d))
        let second = try b.write(Self.key, Self.safety, graded(.a), seen: [first.reference])
        let erased = try Edit(second.erased)
        let merged = try state([first, erased])
        #expect(merged.sections.isEmpty, "neither the erased answer nor the one it replaced")
        #expect(merged.included.count == 2)
        #expect(merged.references(writing: [Self.safety]).contains(erased.reference))
        #expect(try state([first, erased], excluding: [second]).sections.isEmpty)
    }

    @Test func `of one edit with and without its body the body counts, in either order`() throws {
        var a = TestLog(1)
        let edit = try a.write(Self.key, Self.safety, graded(.d))
        let erased = try Edit(edit.erased)
        for edits in [[edit, erased], [erased, edit], [erased, edit, erased]] {
            #expect(try state(edits).sections[Self.safety]?.siblings.map(\.id) == [edit.id])
        }
    }

    @Test func `an edit of another record is refused`() throws {
        var a = TestLog(1)
        let edit = try a.write(.test(.housing, subject: 2), Self.safety, graded(.a))
        #expect(throws: MergeError.foreignRecord) { try state([edit]) }
        let sameSubject = try a.write(.test(.water), Self.safety, graded(.a))
        #expect(throws: MergeError.foreignRecord) { try state([sameSubject]) }
    }

    // MARK: What is shown meanwhile

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `of contested safety the worst answer is shown, in any order`(seed: UInt64) throws {
        var random = SplitMix64(seed)
        var logs = (1...4).map { TestLog($0) }
        var edits: [Edit] = []
        for (index, grade) in ([.a, .d, .b, nil] as [HouseGrade?]).shuffled(using: &random)
            .enumerated()
        {
            edits.append(try logs[index].write(Self.key, Self.safety, graded(grade)))
        }
        let merged = try state(edits.shuffled(using: &random))
        #expect(merged.sections[Self.safety]?.siblings.count == 4)
        #expect(merged.answers[Housing.grade] == .d)
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `of other contested sections the answer with the longest history is shown`(seed: UInt64)
        throws
    {
        var random = SplitMix64(seed)
        var (a, b) = (TestLog(UInt8(seed + 1)), TestLog(UInt8(seed + 101)))
        let first = try a.write(Self.key, Self.building, floors(1))
        let second = try a.write(Self.key, Self.building, floors(2), seen: [first.reference])
        let third = try a.write(
            Self.key, Self.building, floors(3), seen: [first.reference, second.reference])
        let lone = try b.write(Self.key, Self.building, floors(9))
        let merged = try state([first, second, third, lone].shuffled(using: &random))
        #expect(merged.survivors[Self.building] == [third.id, lone.id])
        #expect(merged.answers[Housing.floors] == 3)
    }

    @Test func `answers of equal depth are shown by the greatest id, the same everywhere`() throws {
        var (a, b) = (TestLog(1), TestLog(2))
        let edits = [
            try a.write(Self.key, Self.building, floors(1)),
            try b.write(Self.key, Self.building, floors(2)),
        ]
        let greatest = try #require(edits.max { $0.id < $1.id })
        for order in [edits, edits.reversed()] {
            let shown = try state(Array(order)).sections[Self.building]?.provisional
            #expect(shown == greatest.body?.sections[Self.building])
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `of contested sets the union is shown, in any order`(seed: UInt64) throws {
        var random = SplitMix64(seed)
        let key = RecordKey.test(.medical)
        let chronic = Medical.form.tag("chronic")
        var logs = (1...3).map { TestLog($0) }
        var edits: [Edit] = []
        let sets: [Set<ChronicDisease>] = [
            [.hypertension], [.diabetes, .hypertension], [.tuberculosis],
        ]
        for (index, set) in sets.enumerated() {
            var answers = Answers()
            answers[Medical.chronic] = CodeSet(set)
            edits.append(try logs[index].write(key, chronic, answers))
        }
        let merged = try fold(key, edits.shuffled(using: &random), excluding: [])
        #expect(merged.sections[chronic]?.isContested == true)
        #expect(
            merged.answers[Medical.chronic]?.codes == [.hypertension, .diabetes, .tuberculosis])
    }

    @Test func `a user assigned beside unassigned stays assigned, and any revocation wins`() throws
    {
        let key = RecordKey(kind: .user, subject: UserID.surveyor.subject)
        let (scope, status) = (UserForm.form.tag("scope"), UserForm.form.tag("state"))
        var (one, two) = (TestLog(1), TestLog(2))
        var assigned = Answers()
        assigned[UserForm.areas] = TextSet(["a", "b"])
        let first = try one.write(key, scope, assigned)
        assigned[UserForm.areas] = TextSet(["a"])
        let fewer = try one.write(key, scope, assigned, seen: [first.reference])
        assigned[UserForm.areas] = TextSet(["a", "b", "c"])
        let more = try two.write(key, scope, assigned, seen: [first.reference])
        var state = Answers()
        state[UserForm.revoked] = true
        let revoked = try one.write(key, status, state)
        state[UserForm.revoked] = false
        let restored = try two.write(key, status, state)
        let merged = try fold(key, [first, fewer, more, revoked, restored], excluding: [])
        #expect(merged.answers[UserForm.areas]?.texts == ["a", "b", "c"])
        #expect(merged.answers[UserForm.revoked] == true)
    }
}
