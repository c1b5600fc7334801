import FieldStore
import SurveyMerge
import SurveyModel
import Testing

@testable import FieldClient

/// A form of which two people answered one section differently.
@Suite struct ContestedFormTests {
    private static let house = "520402109201-1"

    /// 王 says A, 李 says D with a date and an appraiser.
    private func screen() async throws -> (FormScreen, Device) {
        let world = try World()
        let wang = try await world.device("wang", ["520402109"])
        let li = try await world.device("li", ["520402109"])
        try await wang.sync()
        try await li.sync()
        try wang.check("housing", Self.house, .graded("A"))
        try li.check("housing", Self.house, .graded("D"))
        for device in [wang, li, wang] { try await device.sync() }
        let open = try wang.store.openCheck(
            Housing.form, subject: Self.house, round: nil, resuming: true)
        let filling = FormFilling(open, clock: DeviceClock(today: world.clock.environment.today))
        let screen = FormScreen(
            filling, title: "户", news: [:], sides: try filling.sides(wang.store))
        return (try #require(screen), wang)
    }

    private func save(_ screen: FormScreen, _ device: Device) throws -> RecordState {
        let open = screen.filling.open
        _ = try device.store.save(open, sections: open.answered)
        return try device.state(open.record)
    }

    @Test func `what differs is not answered, and both answers stand beside it`() async throws {
        var (screen, _) = try await screen()
        let filling = screen.filling
        #expect(filling.shown(Housing.grade.definition) == nil)
        #expect(filling.shown(Housing.dwellingSource.definition)?.value == .code("1"))
        #expect(filling.progress.answered == 2)
        #expect(screen.field.key == "grade")
        let page = screen.page(width: 90, height: 30, in: .zh).text
        for text in ["wang: ", "li: ", "(A)", "(D)", "≠ "] {
            #expect(page.contains(text), "\(text)")
        }
        // To confirm what is not there decides nothing.
        let confirmed = screen.handle(.enter)
        #expect(confirmed == .none && screen.field.key == "grade" && screen.message != nil)
        #expect(screen.filling.open.touched.isEmpty)
    }

    @Test func `another answer of the section does not settle it`() async throws {
        var (screen, wang) = try await screen()
        while screen.field.key != "tilt" { _ = screen.handle(.down) }
        _ = screen.handle(.character("0"))
        _ = screen.handle(.control("s"))
        #expect(screen.mode == .asking && screen.field.key == "grade")
        #expect(screen.message?.en.contains("differently") == true)
        _ = screen.handle(.character("a"))
        // That there is neither a date nor an appraiser is said as well.
        _ = screen.handle(.control("s"))
        #expect(screen.field.key == "grade_date" && screen.message != nil)
        _ = screen.handle(.character("-"))
        _ = screen.handle(.enter)
        #expect(screen.field.key == "appraiser" && screen.editor.isEmpty)
        _ = screen.handle(.control("x"))
        // The better of two answers says why.
        _ = screen.handle(.control("s"))
        #expect(screen.field.key == "note" && screen.message != nil)
        for character in "复核" { _ = screen.handle(.character(character)) }
        _ = screen.handle(.control("s"))
        #expect(screen.mode == .concluding)
        let state = try save(screen, wang)
        #expect(!state.isContested)
        #expect(state.answers[Housing.grade] == .a && state.answers[Housing.appraiser] == nil)
    }

    @Test func `an answer of another section leaves it as it is`() async throws {
        var (screen, wang) = try await screen()
        while screen.field.key != "floors" { _ = screen.handle(.down) }
        _ = screen.handle(.character("2"))
        _ = screen.handle(.control("s"))
        #expect(screen.mode == .concluding)
        let state = try save(screen, wang)
        #expect(state.contestedSections.map(\.siblings.count) == [2])
        #expect(state.answers[Housing.floors] == 2)
    }

    @Test func `a decision that is left in a draft is one`() async throws {
        var (screen, wang) = try await screen()
        _ = screen.handle(.character("d"))
        try wang.store.keepDraft(screen.filling.open)
        let open = try wang.store.openCheck(
            Housing.form, subject: Self.house, round: nil, resuming: true)
        let again = FormFilling(open, clock: DeviceClock(today: wang.world.clock.environment.today))
        #expect(again.shown(Housing.grade.definition)?.value == .code("D"))
        #expect(again.isUndecided(Housing.gradeDate.definition))
        #expect(again.firstProblem?.problem.reason == .contested)
    }
}
