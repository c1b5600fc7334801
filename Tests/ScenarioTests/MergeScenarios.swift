import FieldStore
import Foundation
import GRDB
import SurveyCoverage
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore
import SurveyWire
import Testing

@testable import FieldClient

@Suite struct MergeScenarios {
    private static let house = "520402109201-1"

    private func pair() async throws -> (World, Device, Device) {
        let world = try World()
        let wang = try await world.device("wang", ["520402109"])
        let li = try await world.device("li", ["520402109"])
        try await wang.sync()
        try await li.sync()
        return (world, wang, li)
    }

    @Test func `two surveyors answer different sections offline and nobody has to decide`()
        async throws
    {
        let (world, wang, li) = try await pair()
        let record = try wang.check("housing", Self.house, .graded("A")).edit.header.record
        try li.check("housing", Self.house, ["structure": "2", "floors": "2"])
        for device in [wang, li, wang] { try await device.sync() }
        let state = try wang.state(record)
        #expect(!state.isContested)
        #expect(state.answers[Housing.grade] == .a)
        #expect(state.answers[Housing.floors] == 2)
        #expect(try li.state(record).sections == state.sections)
        #expect(try world.coverage().count(.housing).safe == 1)
    }

    @Test func `two grades for one house are both kept until a person chooses`() async throws {
        let (world, wang, li) = try await pair()
        let record = try wang.check("housing", Self.house, .graded("A")).edit.header.record
        let worse = try li.check("housing", Self.house, .graded("C")).edit
        for device in [wang, li, wang] { try await device.sync() }
        for device in [wang, li] {
            let state = try device.state(record)
            #expect(state.contestedSections.map(\.siblings.count) == [2])
            #expect(state.answers[Housing.grade] == .c, "shown meanwhile: the more severe one")
            #expect(try device.store.status().contested == 1)
        }
        let contested = try world.coverage().count(.housing)
        #expect(contested.contested == 1)
        #expect(contested.maybeSafe == 1)
        #expect(contested.lowRate.text == "0%" && contested.highRate.text == "8.33%")

        #expect(throws: Failure(contested: Housing.form.section(key: "safety"), of: Housing.form)) {
            try wang.check("housing", Self.house, ["grade": "B"])
        }
        _ = try wang.store.resolve(record, section: nil, .choose(String(worse.id.hex.prefix(8))))
        for device in [wang, li] { try await device.sync() }
        for device in [wang, li] {
            #expect(try !device.state(record).isContested)
            #expect(try device.state(record).answers[Housing.grade] == .c)
        }
        #expect(try world.coverage().count(.housing).unsafe == 1)
    }

    @Test func `a third answer resolves too and says all of the section`() async throws {
        let (_, wang, li) = try await pair()
        let record = try wang.check("housing", Self.house, .graded("A")).edit.header.record
        try li.check("housing", Self.house, .graded("D"))
        for device in [wang, li, wang] { try await device.sync() }
        _ = try wang.store.resolve(record, section: "safety", .set(["grade": "B"]), reason: "复核")
        try await wang.sync()
        try await li.sync()
        #expect(try li.state(record).answers[Housing.grade] == .b)
        #expect(try !li.state(record).isContested)
    }

    @Test func `identical answers are agreement`() async throws {
        let (world, wang, li) = try await pair()
        let record = try wang.check("housing", Self.house, .graded("B")).edit.header.record
        try li.check("housing", Self.house, .graded("B"))
        for device in [wang, li, wang] { try await device.sync() }
        #expect(try !wang.state(record).isContested)
        #expect(try wang.state(record).included.count == 2)
        #expect(try world.coverage().count(.housing).safe == 1)
    }

    @Test func `two people who resolve apart are contested again and lose nothing`() async throws {
        let (_, wang, li) = try await pair()
        let first = try wang.check("housing", Self.house, .graded("A")).edit
        let second = try li.check("housing", Self.house, .graded("C")).edit
        for device in [wang, li, wang] { try await device.sync() }
        let record = first.header.record
        _ = try wang.store.resolve(
            record, section: nil, .choose(first.id.hex), reason: "复核")
        _ = try li.store.resolve(record, section: nil, .choose(second.id.hex))
        for device in [wang, li, wang] { try await device.sync() }
        #expect(try wang.state(record).contestedSections.map(\.siblings.count) == [2])
        #expect(try wang.state(record).sections == li.state(record).sections)
    }

    @Test func `what arrives while a form is open is not covered by it`() async throws {
        let (_, wang, li) = try await pair()
        let form = try wang.open("housing", Self.house)
        try li.check("housing", Self.house, .graded("C"))
        try await li.sync()
        try await wang.sync()
        let record = try wang.save(form, .graded("A")).edit.header.record
        #expect(try wang.state(record).isContested, "wang never saw li's answer")
    }

    @Test func `a draft keeps what its author was shown when it was opened`() async throws {
        let (_, wang, li) = try await pair()
        var form = try wang.store.openCheck(
            Housing.form, subject: Self.house, round: nil, resuming: true)
        form.answers[Housing.dwellingSource] = .own
        form.answers[Housing.occupied] = true
        form.answers[Housing.grade] = .a
        form.touched = [
            Housing.dwellingSource.definition.tag, Housing.occupied.definition.tag,
            Housing.grade.definition.tag,
        ]
        try wang.store.saveDraft(form)
        try li.check("housing", Self.house, .graded("C"))
        try li.check("housing", Self.house, ["floors": "3"])
        try await li.sync()
        try await wang.sync()
        // The draft is taken up again after the sync.
        let resumed = try wang.store.openCheck(
            Housing.form, subject: Self.house, round: nil, resuming: true)
        #expect(resumed.isResumed)
        #expect(resumed.answers[Housing.grade] == .a)
        #expect(resumed.answers[Housing.floors] == 3, "an untouched section is as it is now")
        #expect(resumed.news(in: Housing.form.section(key: "safety")!.tag).count == 1)
        #expect(resumed.news(in: Housing.form.section(key: "building")!.tag).isEmpty)
        let saved = try wang.store.save(
            resumed, sections: [Housing.form.section(key: "safety")!.tag])
        #expect(try wang.state(saved.edit.header.record).isContested)
        #expect(try wang.store.status().drafts == 0)
    }

    @Test func `a draft whose author is shown what arrived since settles it`() async throws {
        let (_, wang, li) = try await pair()
        var form = try wang.store.openCheck(
            Housing.form, subject: Self.house, round: nil, resuming: true)
        form.answers[Housing.dwellingSource] = .own
        form.answers[Housing.grade] = .a
        form.touched = [Housing.dwellingSource.definition.tag, Housing.grade.definition.tag]
        try wang.store.saveDraft(form)
        try li.check("housing", Self.house, .graded("C"))
        for device in [li, wang] { try await device.sync() }
        let safety = Housing.form.section(key: "safety")!.tag
        var resumed = try wang.store.openCheck(
            Housing.form, subject: Self.house, round: nil, resuming: true)
        resumed.show(safety)
        try wang.store.saveDraft(resumed)
        resumed = try wang.store.openCheck(
            Housing.form, subject: Self.house, round: nil, resuming: true)
        // It replaces what its author was shown, so it says why it is better.
        #expect(throws: Failure.self) { try wang.store.save(resumed, sections: [safety]) }
        resumed.answers[Remarks.note] = "复核"
        let note = Housing.form.section(key: "note")!.tag
        let saved = try wang.store.save(resumed, sections: [safety, note])
        #expect(try !wang.state(saved.edit.header.record).isContested)
    }

    @Test func `answers that a form forbids are not saved, whatever the program`() async throws {
        let (_, wang, _) = try await pair()
        var form = try wang.open("housing", Self.house)
        form.answers[Housing.dwellingSource] = .own
        form.answers[Housing.grade] = .c
        #expect(throws: Failure.self) {
            try wang.store.save(form, sections: [Housing.form.section(key: "safety")!.tag])
        }
        #expect(try wang.store.status().pending == 0)
    }

    @Test func `an answer set by a script leaves somebody's draft alone`() async throws {
        let (_, wang, _) = try await pair()
        var form = try wang.store.openCheck(
            Housing.form, subject: Self.house, round: nil, resuming: true)
        form.answers[Housing.grade] = .b
        form.touched = [Housing.grade.definition.tag]
        try wang.store.saveDraft(form)
        try wang.check("housing", Self.house, ["floors": "1"])
        #expect(try wang.store.status().drafts == 1)
    }

    @Test func `a cleared answer stays cleared`() async throws {
        let (_, wang, li) = try await pair()
        let record = try wang.check("housing", Self.house, ["floors": "2", "structure": "2"])
            .edit.header.record
        for device in [wang, li] { try await device.sync() }
        try li.check("housing", Self.house, ["floors": ""])
        for device in [li, wang] { try await device.sync() }
        #expect(try wang.state(record).answers[Housing.floors] == nil)
        #expect(try wang.state(record).answers[Housing.structure] != nil)
    }

    @Test func `history says who had seen what`() async throws {
        let (_, wang, li) = try await pair()
        let a = try wang.check("housing", Self.house, .graded("A")).edit
        let b = try li.check("housing", Self.house, .graded("C")).edit
        for device in [wang, li, wang] { try await device.sync() }
        let c = try wang.store.resolve(a.header.record, section: nil, .choose(b.id.hex)).edit
        let history = try wang.store.history(a.header.record)
        #expect(history.entries.map(\.edit.id).last == c.id)
        #expect(Set(history.entries.map(\.author)) == ["wang", "li"])
        func relation(_ from: Edit, _ to: Edit) -> Causality {
            history.causality(of: from, and: to)
        }
        #expect(relation(a, b) == .concurrent)
        #expect(relation(c, a) == .after && relation(c, b) == .after)
        #expect(relation(b, c) == .before)
        #expect(history.clock(of: c).references.count == 3)
    }

    @Test func `two copies of one home write on and both branches are kept`() async throws {
        let (world, wang, li) = try await pair()
        try wang.check("housing", Self.house, .graded("B"))
        try await wang.sync()
        let clone = world.folder.appending(path: "clone")
        try wang.copyHome(to: clone)
        let twin = Device(
            name: "twin",
            store: try FieldStore.open(clone, environment: world.clock.environment), world: world)
        let ours = try wang.check("housing", Self.house, .graded("A")).edit
        let theirs = try twin.check("housing", Self.house, .graded("D")).edit
        #expect(ours.dot == theirs.dot, "the same dot stands for two edits")
        try await wang.sync()
        let summary = try await twin.sync()
        #expect(summary.notices.map(\.code).contains(.newLog))
        try await li.sync()
        let state = try li.state(ours.header.record)
        let grades = Set(
            state.contestedSections[0].siblings.map { Answers($0.answers)[Housing.grade] })
        #expect(grades == [.a, .d])
    }
}
