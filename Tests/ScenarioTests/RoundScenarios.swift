import FieldStore
import Foundation
import ServerStore
import SurveyConsole
import SurveyCoverage
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore
import Testing

@testable import FieldClient

/// What belongs to a round, and what stays when another one begins.
@Suite struct RoundScenarios {
    private static let one = "520402109201-1"

    private func pair() async throws -> (Device, Device) {
        let world = try World()
        let wang = try await world.device("wang", ["520402109"])
        let li = try await world.device("li", ["520402109"])
        for device in [wang, li] { try await device.sync() }
        return (wang, li)
    }

    private func visit(_ device: Device, in code: String? = nil) throws -> VisitStatus? {
        try device.store.household(Self.one, round: try device.store.round(code)).visit
    }

    // MARK: Visits

    @Test func `that nobody was at home is said of a round, and not of the next one`() async throws
    {
        let (wang, li) = try await pair()
        try wang.save(try wang.store.openHousehold(Self.one), ["visit_status": "2"])
        for device in [wang, li] { try await device.sync() }
        for device in [wang, li] { #expect(try visit(device) == .nobodyHome) }
        #expect(try li.open("housing", Self.one).subjectWarning != nil)
        try wang.world.openNextRound("summer", year: 2027)
        for device in [wang, li] { try await device.sync() }
        for device in [wang, li] {
            #expect(try visit(device) == nil)
            #expect(try visit(device, in: "spring") == .nobodyHome)
        }
        #expect(try li.open("housing", Self.one).subjectWarning == nil)
        let page = try HouseholdPage(
            wang.store, try wang.store.household(Self.one, round: nil).subject,
            round: try wang.store.round(nil))
        #expect(!page.heading.contains { $0.text.contains("无人在家") })
        // The form shows it as the last round's; to change something else does not take it over.
        let open = try li.store.openHousehold(Self.one, resuming: true)
        #expect(open.answers[Household.visitStatus] == nil)
        #expect(open.lastRound[Household.visitStatus] == .nobodyHome)
        try li.save(try li.store.openHousehold(Self.one), ["members": "3"])
        #expect(try visit(li) == nil)
        try li.save(try li.store.openHousehold(Self.one), ["visit_status": "2"])
        for device in [li, wang] { try await device.sync() }
        for device in [wang, li] { #expect(try visit(device) == .nobodyHome) }
        #expect(try visit(wang, in: "spring") == nil)
    }

    @Test func `a visit that an older program wrote belongs to the first round`() async throws {
        let (wang, _) = try await pair()
        var open = try wang.store.openHousehold(Self.one)
        open.answers[Household.visitStatus] = .away
        open.answers[Household.visitRound] = Data?.none
        let section = try #require(Household.form.section(key: "visit")).tag
        _ = try wang.store.save(open, sections: [section])
        #expect(try visit(wang) == .away)
        try wang.world.openNextRound("summer")
        try await wang.sync()
        #expect(try visit(wang) == nil)
        #expect(try visit(wang, in: "spring") == .away)
    }

    // MARK: Findings

    private func overdue(_ code: String, _ device: Device) throws -> (here: Int, there: Int) {
        func total(_ table: CoverageTable) -> Int {
            table.rows.reduce(0) { $0 + $1.findings.overdue }
        }
        let tree = try device.world.server.areaTree()
        let round = try #require(try device.store.round(code))
        let server = CoverageTable(
            try device.world.server.coverage(round), villages: tree.villages, tree: tree,
            by: .village)
        let here = try device.store.coverage(round: round, villages: nil, by: .village).table
        return (total(here), total(server))
    }

    @Test func `a finding stays overdue in the next rounds until it is rectified`() async throws {
        let (wang, _) = try await pair()
        let world = wang.world
        let id = try wang.save(
            try wang.store.openFinding(about: Self.one, round: nil),
            ["category": "1", "severity": "1", "description": "漏雨", "deadline": "2026-03-25"]
        ).edit.header.record.subject.text
        try await wang.sync()
        #expect(try overdue("spring", wang) == (0, 0))
        world.clock.advance(by: 30 * 86_400_000)
        for code in ["summer", "winter"] {
            try world.openNextRound(code)
            try await wang.sync()
            for code in ["spring", code] { #expect(try overdue(code, wang) == (1, 1), "\(code)") }
        }
        #expect(try wang.store.overdueFindings(in: wang.store.readableVillages()) == 1)
        let listed = try wang.store.findings(
            in: nil, round: try #require(try wang.store.round(nil)), carrying: true)
        #expect(listed.map { $0.row.isOverdue(on: try! wang.store.today()) } == [true])
        try wang.save(try wang.store.openFinding(id, verifying: false), ["done": "已修"])
        try await wang.sync()
        for code in ["spring", "summer", "winter"] { #expect(try overdue(code, wang) == (0, 0)) }
    }

    @Test func `no finding is proposed on an answer that is contested`() async throws {
        let (wang, li) = try await pair()
        try wang.check("housing", Self.one, .graded("A"))
        try li.check("housing", Self.one, .graded("D"))
        for device in [wang, li, wang] { try await device.sync() }
        let conflict = try #require(try li.store.conflicts().first)
        let check = conflict.record
        #expect(try li.store.proposeFinding(after: check, in: .zh) == nil)
        #expect(try li.store.missingFinding(after: check) == nil)
        // To answer something else decides nothing about it.
        let saved = try li.check("housing", Self.one, ["floors": "2"])
        #expect(saved.assessment?.result == .unsafe && saved.proposal == nil)
        let round = try #require(try li.store.round(nil))
        #expect(try li.store.proposeFinding(after: saved, round: round, in: .zh) == nil)
        let worse = try #require(
            conflict.siblings.first { $0.answers[Housing.grade.definition.tag] == .code("D") })
        _ = try li.store.resolve(check, section: "safety", .choose(worse.id.hex))
        #expect(try li.store.proposeFinding(after: check, in: .zh) != nil)
        // One that is contested elsewhere rests on what is agreed.
        try wang.check("housing", "520402109201-2", .graded("D"))
        for device in [wang, li] { try await device.sync() }
        for (device, floors) in [(wang, "1"), (li, "2")] {
            try device.check("housing", "520402109201-2", ["floors": floors])
        }
        for device in [wang, li, wang] { try await device.sync() }
        let other = try wang.open("housing", "520402109201-2").record
        #expect(try wang.state(other).isContested)
        #expect(try wang.store.proposeFinding(after: other, in: .zh) != nil)
    }

    // MARK: Better grades

    @Test func `a better grade than C or D takes a reason, however it is given`() async throws {
        let (wang, _) = try await pair()
        try wang.check("housing", Self.one, .graded("C"))
        // By name, and from lines of a file.
        let refused = try failure { try wang.check("housing", Self.one, .graded("A")) }
        #expect(refused.text(.zh).contains("“评定等级”比原来的好。请写明原因。"))
        #expect(
            try failure { try wang.check("housing", Self.one, ["grade": "B"]) }.problem
                == .badAnswer)
        let lines = try wang.world.file(
            "day.jsonl",
            #"{"kind":"housing","subject":"520402109201-1","set":{"grade":"A"}}"#)
        #expect(throws: Failure.self) {
            try CheckBatch(store: wang.store, round: nil).run(lines.path) { _, _ in }
        }
        // Question by question, plain or on a full screen.
        let open = try wang.store.openCheck(
            Housing.form, subject: Self.one, round: nil, resuming: true)
        var screen = try #require(
            FormScreen(
                FormFilling(open, clock: try wang.store.clock()), title: "户", news: [:], in: .zh))
        while screen.field.key != "dwelling_source" { _ = screen.handle(.up) }
        while screen.field.key != "grade" { _ = screen.handle(.down) }
        _ = screen.handle(.character("a"))
        _ = screen.handle(.control("s"))
        #expect(screen.mode == .asking && screen.field.key == "note")
        #expect(screen.message?.zh == "备注：“评定等级”比原来的好。请写明原因。")
        _ = screen.handle(.character(">"))
        #expect(screen.mode == .asking)
        for character in "已加固" { _ = screen.handle(.character(character)) }
        _ = screen.handle(.control("s"))
        #expect(screen.mode == .concluding)
        // Whoever saves past all of that is refused, too.
        var past = try wang.open("housing", Self.one)
        past.answers[Housing.grade] = .a
        let safety = try #require(Housing.form.section(key: "safety")).tag
        #expect(throws: Failure.self) { try wang.store.save(past, sections: [safety]) }
        let filled = screen.filling.open
        #expect(try wang.store.save(filled, sections: filled.answered).outcome == .safe)
        // A note that was there before is no reason; a renovation that was accepted is one.
        try wang.check("housing", Self.one, .graded("D"))
        #expect(throws: Failure.self) { try wang.check("housing", Self.one, ["grade": "A"]) }
        try wang.check("housing", Self.one, ["grade": "A", "renov_state": "5"])
        // To say worse takes none, nor does B to A.
        try wang.check("housing", "520402109201-2", .graded("B"))
        try wang.check("housing", "520402109201-2", .graded("A"))
        try wang.check("housing", "520402109201-2", .graded("D"))
    }

    @Test func `whoever chooses the better of two answers says why`() async throws {
        let (wang, li) = try await pair()
        try wang.check("housing", Self.one, .graded("A"))
        try li.check("housing", Self.one, .graded("D"))
        for device in [wang, li, wang] { try await device.sync() }
        let conflict = try #require(try wang.store.conflicts().first)
        let takeReason = conflict.siblings.map { conflict.takesReason($0) }
        #expect(takeReason.count { $0 } == 1)
        let better = try #require(takeReason.firstIndex(of: true))
        let edit = conflict.siblings[better].id.hex
        for resolution in [FieldStore.Resolution.choose(edit), .set(["grade": "B"])] {
            let refused = try failure {
                _ = try wang.store.resolve(conflict.record, section: "safety", resolution)
            }
            #expect(refused.text(.en).contains("--reason"))
        }
        var screen = ConflictScreen(
            title: "户", section: conflict.section,
            siblings: try ConflictText(conflict, wang.store).siblings, takesThird: true,
            takeReason: [better])
        for key: Key in [.character(Character("\(better + 1)")), .enter, .enter] {
            #expect(screen.handle(key) == .none)
        }
        #expect(screen.page(width: 80, height: 20, in: .zh).text.contains("请写明原因"))
        for character in "复核" { _ = screen.handle(.character(character)) }
        #expect(screen.page(width: 80, height: 20, in: .zh).text.contains("原因： 复核"))
        let chosen = screen.handle(.enter)
        #expect(chosen == .choose(better, because: "复核"))
        _ = try wang.store.resolve(
            conflict.record, section: "safety", .choose(edit), shown: conflict.state,
            reason: "复核")
        let state = try wang.state(conflict.record)
        #expect(!state.isContested && state.answers[Remarks.note] == "复核")
        #expect(state.answers[Housing.grade] == .a)
    }

    @Test func `a better grade than in the last round is pointed out`() async throws {
        let (wang, _) = try await pair()
        try wang.check("housing", Self.one, .graded("D"))
        try wang.world.openNextRound("summer")
        try await wang.sync()
        let setter = try AnswerSetter(store: wang.store)
        let open = try wang.open("housing", Self.one)
        let plain = try setter.apply(.graded("A"), to: open)
        #expect(plain.warnings.contains { $0.zh == "评定等级比上轮好，请在备注中写明原因" })
        let noted = try setter.apply(
            [String: String].graded("A").merging(["note": "已重建"]) { a, _ in a }, to: open)
        #expect(noted.warnings.isEmpty)
    }

    // MARK: A revoked user

    @Test func `that a user is revoked is said by every command alike`() async throws {
        let (wang, _) = try await pair()
        _ = try wang.world.server.revokeUser("wang")
        try wang.check("housing", Self.one, .graded("A"))
        let summary = try await wang.sync()
        let status = try wang.store.status()
        #expect(status.isRevoked && status.held == 1)
        for notice in summary.notices.map(\.text.zh) {
            #expect(status.warnings.map(\.zh).contains(notice), "\(notice)")
        }
        #expect(summary.notices.count == 2)
        let json = summary.json(status).text
        #expect(json.contains("\"held\":1") && json.contains("\"revoked\":true"), "\(json)")
        // It stays said while nobody can synchronize.
        #expect(try Today(wang.store, round: nil).status.warnings.count == 2)
    }
}
