import FieldStore
import Foundation
import ServerStore
import SurveyConsole
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore
import Testing

@testable import FieldClient

/// Findings: rectified by somebody, verified by somebody else, decided about, carried into a new round.
@Suite struct FindingScenarios {
    private static let one = "\(World.villages[0])-1"

    private func pair() async throws -> (Device, Device) {
        let world = try World()
        let wang = try await world.device("wang", ["5204"])
        let li = try await world.device("li", ["5204"])
        for device in [wang, li] { try await device.sync() }
        return (wang, li)
    }

    @Test func `a rectification begins where it is written down`() async throws {
        let wang = try await World.surveyor()
        let id = try wang.save(
            try wang.store.openFinding(about: Self.one, round: nil),
            ["category": "1", "severity": "1", "description": "漏雨", "deadline": "2026-12-31"]
        ).edit.header.record.subject.text
        let open = try wang.store.openFinding(id, verifying: false, resuming: true)
        let filling = FormFilling(open, clock: DeviceClock(today: wang.store.environment.today))
        let screen = FormScreen(filling, title: "户", news: [:], at: Finding.rectification)
        #expect(screen?.field.key == "state")
    }

    @Test func `a verified finding stays verified until its author reopens it`() async throws {
        let (wang, li) = try await pair()
        let id = try wang.save(
            try wang.store.openFinding(about: Self.one, round: nil),
            ["category": "1", "severity": "1", "description": "漏雨", "deadline": "2026-12-31"]
        ).edit.header.record.subject.text
        try wang.save(
            try wang.store.openFinding(id, verifying: false), ["done": "已修"])
        for device in [wang, li] { try await device.sync() }
        let verified = try li.store.openFinding(id, verifying: true)
        let section = try #require(Finding.form.section(key: "rectification")).tag
        _ = try li.store.save(verified, sections: [section])
        for device in [li, wang] { try await device.sync() }

        let record = verified.record
        #expect(try wang.store.finding(record).row.state == .verified)
        for device in [wang, li] {
            for verifying in [false, true] {
                #expect(throws: Failure(.verifiedFinding)) {
                    try device.store.openFinding(id, verifying: verifying)
                }
            }
        }
        let details = try wang.store.finding(record)
        #expect(details.next == nil && details.mayReopen)
        #expect(details.people[Finding.verifiedBy.definition.tag] == "li")
        #expect(details.about.brief == "\(Self.one) 户主1")
        _ = try wang.store.save(try wang.store.reopenFinding(id), sections: [section])
        let again = try wang.store.finding(record)
        #expect(again.row.state == .open && again.next == .rectify && !again.mayReopen)
        #expect(again.answers[Finding.rectifiedBy] == nil)
        #expect(throws: Failure(.notRectified)) { try wang.store.reopenFinding(id) }
    }

    private func found(_ device: Device, deadline: String = "2026-12-31") throws -> RecordKey {
        try device.save(
            try device.store.openFinding(about: Self.one, round: nil),
            ["category": "1", "severity": "1", "description": "漏雨", "deadline": deadline]
        ).edit.header.record
    }

    @Test func `what somebody verified stays so when another settles a conflict about it`()
        async throws
    {
        let (wang, li) = try await pair()
        let record = try found(wang)
        let id = record.subject.text
        try wang.save(try wang.store.openFinding(id, verifying: false), ["done": "已修"])
        for device in [wang, li] { try await device.sync() }
        let section = try #require(Finding.form.section(key: "rectification")).tag
        let verified = try li.store.save(
            try li.store.openFinding(id, verifying: true), sections: [section])
        _ = try wang.store.save(try wang.store.reopenFinding(id), sections: [section])
        for device in [li, wang, li] { try await device.sync() }
        #expect(try wang.store.finding(record).row.isContested)
        // Whoever rectified it cannot say so in another's name, but may choose what was said.
        _ = try wang.store.resolve(
            record, section: "rectification", .choose(verified.edit.id.hex))
        for device in [wang, li] { try await device.sync() }
        for device in [wang, li] {
            #expect(try device.store.finding(record).row.state == .verified)
        }
        #expect(try wang.world.server.check(in: wang.world.folder).isSound)
        // Who verified it may take that back.
        _ = try li.store.save(try li.store.reopenFinding(id), sections: [section])
        #expect(try li.store.finding(record).row.state == .open)
    }

    @Test func `what was found is decided about though somebody has verified that it is mended`()
        async throws
    {
        let (wang, li) = try await pair()
        let record = try found(wang)
        let id = record.subject.text
        try wang.save(try wang.store.openFinding(id, verifying: false), ["done": "已修"])
        for device in [wang, li] { try await device.sync() }
        // The deadline is said twice, apart.
        for (device, day) in [(wang, "2026-11-30"), (li, "2026-10-31")] {
            let saved = try device.save(
                try device.store.openFinding(id, verifying: false), ["deadline": day])
            #expect(saved.edit.header.sections.count == 1)
        }
        let section = try #require(Finding.form.section(key: "rectification")).tag
        _ = try li.store.save(
            try li.store.openFinding(id, verifying: true), sections: [section])
        for device in [wang, li, wang] { try await device.sync() }
        #expect(try wang.store.finding(record).row.isContested)
        _ = try wang.store.resolve(record, section: "found", .set(["deadline": "2026-12-01"]))
        let details = try wang.store.finding(record)
        #expect(!details.row.isContested && details.row.state == .verified)
        #expect(details.answers[Finding.deadline]?.iso == "2026-12-01")
    }

    @Test func `a third answer to a contested finding says who rectified it`() async throws {
        let (wang, li) = try await pair()
        let record = try found(wang)
        let id = record.subject.text
        for device in [wang, li] { try await device.sync() }
        try wang.save(try wang.store.openFinding(id, verifying: false), ["done": "已修"])
        try li.save(try li.store.openFinding(id, verifying: false), ["state": "2"])
        for device in [wang, li, wang] { try await device.sync() }
        let refused = try failure {
            _ = try wang.store.resolve(record, section: nil, .set(["state": "4"]))
        }
        #expect(refused.text(.zh).contains("由另一人核验"))
        _ = try wang.store.resolve(
            record, section: nil, .set(["state": "3", "done": "又修了"]))
        let details = try wang.store.finding(record)
        #expect(details.row.state == .rectified && !details.row.isContested)
        #expect(details.people[Finding.rectifiedBy.definition.tag] == "wang")
    }

    @Test func `a new round rectifies nothing`() async throws {
        let (wang, li) = try await pair()
        let late = try found(wang, deadline: "2026-01-01")
        let done = try found(wang, deadline: "2026-12-30")
        let seen = try found(wang)
        for finding in [done, seen] {
            try wang.save(
                try wang.store.openFinding(finding.subject.text, verifying: false),
                ["done": "已修"])
        }
        for device in [wang, li] { try await device.sync() }
        let section = try #require(Finding.form.section(key: "rectification")).tag
        _ = try li.store.save(
            try li.store.openFinding(seen.subject.text, verifying: true), sections: [section])
        for device in [li, wang] { try await device.sync() }
        let before = try #require(try wang.store.round(nil))
        try wang.world.server.closeRound(code: before.code)
        try wang.world.server.openRound(
            code: "next", title: "下一轮", year: 2026, waterStandard: .tches2018)
        try await wang.sync()
        let now = try #require(try wang.store.round(nil))
        #expect(try wang.store.findings(in: nil, round: now).isEmpty)
        let carried = try wang.store.findings(in: nil, round: now, carrying: true)
        // What somebody rectified still waits for another to verify it.
        #expect(Set(carried.map(\.row.record)) == [late, done])
        for finding in carried {
            #expect(try wang.store.otherRound(of: finding.row, than: now) == before.code)
        }
        let today = try Today(wang.store, round: now)
        #expect(today.overdue == 1)
        let house = try wang.store.household(Self.one, round: nil).subject
        let page = try HouseholdPage(wang.store, house, round: now)
        let line = try #require(page.items.map(\.line.text).first { $0.contains("2026-01-01") })
        #expect(line.contains(before.code))
        #expect(page.items.contains { $0.line.text.contains("2026-12-30") })
        #expect(page.items.allSatisfy { !$0.line.text.contains("2026-12-31") })
    }

    @Test func `whoever rectifies cannot say that it is verified`() async throws {
        let wang = try await World.surveyor()
        let id = try found(wang).subject.text
        let refused = try failure {
            try wang.save(
                try wang.store.openFinding(id, verifying: false), ["state": "4", "done": "已修"])
        }
        #expect(refused.problem == .badAnswer && refused.text(.zh).contains("由另一人核验"))
        let open = try wang.store.openFinding(id, verifying: false, resuming: true)
        let filling = FormFilling(open, clock: DeviceClock(today: wang.store.environment.today))
        let menu = filling.menuTexts(Finding.state.definition, in: .zh)
        #expect(menu.count == 3 && menu.allSatisfy { !$0.contains("已核验") })
    }

    @Test func `a history tells of the findings too, and a finding is found by its id`()
        async throws
    {
        let wang = try await World.surveyor()
        let record = try found(wang)
        #expect(try wang.store.records(Self.one).contains(record))
        #expect(try wang.store.records(String(record.subject.text.prefix(10))) == [record])
        #expect(try wang.store.findingRecord(String(record.subject.text.prefix(10))) == record)
        // A check is meant where there is one.
        let check = try wang.check("housing", Self.one, .graded("A")).edit.header.record
        #expect(try wang.store.record(Self.one) == check)
    }

    @Test func `an unsafe check without a finding stays a task on the page`() async throws {
        let wang = try await World.surveyor()
        let check = try wang.check("housing", Self.one, .graded("D")).edit.header.record
        let round = try #require(try wang.store.round(nil))
        func missing() throws -> [RecordKey] {
            let page = try HouseholdPage(
                wang.store, try wang.store.household(Self.one, round: nil).subject, round: round)
            return page.tasks.compactMap { task -> RecordKey? in
                if case .missingFinding(let check, _)? = task { check } else { nil }
            }
        }
        #expect(try missing() == [check])
        let open = try #require(try wang.store.proposeFinding(after: check, in: .zh))
        #expect(try wang.store.title(of: open).hasPrefix("\(Self.one) 户主1 · "))
        _ = try wang.store.save(open, sections: open.answered)
        #expect(try missing().isEmpty)
    }
}
