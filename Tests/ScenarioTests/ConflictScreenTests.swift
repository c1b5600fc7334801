import FieldStore
import SurveyConsole
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore
import Testing

@testable import FieldClient

/// Two answers to one section on a full screen, without a terminal.
@Suite struct ConflictScreenTests {
    private static let house = "520402109201-1"

    private func pair() async throws -> (Device, Device) {
        let world = try World()
        let wang = try await world.device("wang", ["520402109"])
        let li = try await world.device("li", ["520402109"])
        try await wang.sync()
        try await li.sync()
        return (wang, li)
    }

    /// 王 says A, 李 says D with a date and an appraiser.
    private func contested() async throws -> (Device, Conflict) {
        let (wang, li) = try await pair()
        try wang.check("housing", Self.house, .graded("A"))
        try li.check("housing", Self.house, .graded("D"))
        for device in [wang, li, wang] { try await device.sync() }
        return (wang, try #require(try wang.store.conflicts().first))
    }

    private func screen(_ device: Device, _ conflict: Conflict) throws -> ConflictScreen {
        ConflictScreen(
            title: "户", section: conflict.section,
            siblings: try ConflictText(conflict, device.store).siblings, takesThird: true)
    }

    @Test func `a number chooses, and nothing is decided before Enter`() async throws {
        let (wang, conflict) = try await contested()
        var screen = try screen(wang, conflict)
        var effects = [screen.handle(.enter)]
        #expect(screen.message != nil && screen.chosen == nil)
        effects.append(screen.handle(.character("9")))
        #expect(screen.chosen == nil && screen.message?.en.contains("No such answer") == true)
        effects.append(screen.handle(.character("２")))
        #expect(screen.chosen == 1 && screen.message == nil)
        for key in [Key.left, .enter, .character("t"), .escape] {
            effects.append(screen.handle(key))
        }
        #expect(effects == [.none, .none, .none, .none, .choose(0, because: nil), .third, .leave])
    }

    @Test(arguments: [(40, 10), (90, 28), (200, 60)], Language.allCases)
    func `both answers stand on the page, whatever its size, and what differs is marked`(
        size: (width: Int, height: Int), language: Language
    ) async throws {
        let (wang, conflict) = try await contested()
        var screen = try screen(wang, conflict)
        var seen = ""
        for _ in 0..<40 {
            let page = screen.page(width: size.width, height: size.height, in: language)
            #expect(page.lines.count == size.height)
            // The line of keys is cut when it is drawn.
            for line in page.lines.dropLast() {
                #expect(line.text.displayWidth <= size.width - 1)
            }
            seen += page.text + "\n"
            _ = screen.handle(.down)
        }
        for text in ["1) ", "2) ", "wang", "li", "≠ ", "2026-01-05", "甲"] {
            #expect(seen.contains(text), "\(text)")
        }
        let lines = seen.split(separator: "\n")
        let grade = Housing.grade.definition.label[language]
        #expect(lines.contains { $0.hasPrefix(" ≠ ") && $0.contains(grade) })
        let source = Housing.dwellingSource.definition.label[language]
        #expect(!lines.contains { $0.hasPrefix(" ≠ ") && $0.contains(source) })
    }

    @Test func `scrolling ends where the answers end`() async throws {
        let (wang, conflict) = try await contested()
        var screen = try screen(wang, conflict)
        for _ in 0..<50 { _ = screen.handle(.pageDown) }
        let last = screen.page(width: 40, height: 10, in: .en).text
        _ = screen.handle(.up)
        #expect(screen.page(width: 40, height: 10, in: .en).text != last)
    }

    @Test func `a household's page says what is contested there and at its members`() async throws {
        let (wang, li) = try await pair()
        for (device, insurance) in [(wang, "1"), (li, "2")] {
            try device.check(
                "medical", "\(Self.house)/2", ["insurance": insurance, "insured_year": "2026"])
            try device.check("housing", Self.house, ["floors": insurance])
            try device.check("housing", "520402109201-2", ["floors": insurance])
        }
        for device in [wang, li, wang] { try await device.sync() }
        #expect(try wang.store.conflicts().count == 3)
        let row = try wang.store.household(Self.house, round: nil)
        let page = try HouseholdPage(wang.store, row.subject, round: try wang.store.round(nil))
        let contested = page.tasks.compactMap { task -> RecordKind? in
            if case .conflict(let conflict, _)? = task { conflict.record.kind } else { nil }
        }
        #expect(contested.sorted() == [.housing, .medical])
        // The member's round counts a contested check as made.
        let members = page.tasks.compactMap { task -> [PersonRow]? in
            guard case .members(let form, let members)? = task, form.kind == .medical else {
                return nil
            }
            return members
        }
        #expect(members.count == 1)
        #expect(members.first?.map { $0.isChecked(Medical.form) } == [false, true])
    }
}
