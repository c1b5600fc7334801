import FieldStore
import ServerStore
import SurveyConsole
import SurveyLog
import SurveyModel
import SurveyStore
import Testing

@testable import FieldClient

/// Findings that were left: one's own, proposed ones, and what was done about one.
@Suite struct FindingDraftScenarios {
    private static let (one, two) = ("\(World.villages[0])-1", "\(World.villages[0])-2")

    private func drafts(_ device: Device) throws -> [String] {
        try device.store.drafts().map(\.command)
    }

    @Test func `a new finding that was left is found by what it is about`() async throws {
        let wang = try await World.surveyor()
        let open = try wang.store.openFinding(about: Self.one, round: nil, resuming: true)
        try wang.leave(open, ["category": "9", "description": "道路积水"])
        #expect(try drafts(wang) == ["lianhu finding add \(Self.one)"])
        #expect(try !wang.store.openFinding(about: Self.two, round: nil, resuming: true).isResumed)
        let again = try wang.store.openFinding(about: Self.one, round: nil, resuming: true)
        #expect(again.record == open.record && again.answers[Finding.category] == .other)
        #expect(again.answers[Finding.state] == .open)
        #expect(again.answers[Finding.about] == open.answers[Finding.about])
    }

    @Test func `a proposed finding that was changed and left comes back, however it is asked for`()
        async throws
    {
        let wang = try await World.surveyor()
        let check = try wang.check("housing", Self.one, .graded("D"))
        let round = try #require(try wang.store.round(nil))
        func propose() throws -> OpenForm? {
            try wang.store.proposeFinding(after: check, round: round, in: .zh, resuming: true)
        }
        let open = try #require(try propose())
        try wang.leave(open, [:])
        #expect(try drafts(wang).isEmpty, "a proposal is made again")
        try wang.leave(open, ["deadline": "2027-01-01"])
        let day = CalendarDate(iso: "2027-01-01")
        #expect(try propose()?.answers[Finding.deadline] == day)
        let left = try #require(try wang.store.drafts().first)
        #expect(
            left.command == "lianhu finding add --after \(check.edit.header.record.text)")
        let again = try wang.store.open(left)
        #expect(again.record == open.record && again.answers[Finding.deadline] == day)
        _ = try wang.store.save(again, sections: again.answered)
        #expect(try propose()?.record == nil)
        #expect(try drafts(wang).isEmpty)
    }

    @Test func `of several findings that were left each is opened, and one's own is another`()
        async throws
    {
        let wang = try await World.surveyor()
        let round = try #require(try wang.store.round(nil))
        for (kind, answers) in [("housing", .graded("D")), ("water", ["litres_pcd": "5"])] {
            let check = try wang.check(kind, Self.one, answers)
            let open = try #require(
                try wang.store.proposeFinding(
                    after: check, round: round, in: .zh, resuming: true))
            try wang.leave(open, ["deadline": "2027-01-01"])
        }
        let own = try wang.store.openFinding(about: Self.one, round: nil, resuming: true)
        #expect(!own.isResumed)
        try wang.leave(own, ["category": "9", "description": "道路积水"])
        let drafts = try wang.store.drafts()
        #expect(drafts.count == 3)
        for draft in drafts { #expect(try wang.store.open(draft).record == draft.record) }
        #expect(Set(drafts.map(\.command)).count == 3)
    }

    @Test func `a rectification that was left goes on, and whose it is is not forgotten`()
        async throws
    {
        let wang = try await World.surveyor()
        let finding = try wang.save(
            try wang.store.openFinding(about: Self.one, round: nil),
            ["category": "9", "severity": "1", "description": "路", "deadline": "2026-12-31"]
        ).edit.header.record.subject.text
        func rectify() throws -> OpenForm {
            try wang.store.openFinding(finding, verifying: false, resuming: true)
        }
        try wang.leave(try rectify(), ["state": "2"])
        #expect(try drafts(wang) == ["lianhu finding rectify \(finding.prefix(10))"])
        var filling = FormFilling(
            try rectify(), clock: DeviceClock(today: wang.store.environment.today))
        #expect(filling.open.isResumed && filling.open.answers[Finding.rectifiedBy] == nil)
        #expect(filling.firstProblem == nil)
        try filling.answer(Finding.state.definition, "3")
        try filling.answer(Finding.rectifiedOn.definition, "2026-03-01")
        try filling.answer(Finding.done.definition, "已修")
        let user = try wang.store.identity().user.subject.bytes
        #expect(filling.open.answers[Finding.rectifiedBy] == user)
        #expect(filling.firstProblem == nil)
        _ = try wang.store.save(filling.open, sections: filling.open.answered)
        #expect(try drafts(wang).isEmpty)
    }
}
