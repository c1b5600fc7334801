import FieldStore
import SurveyModel
import Testing

@testable import FieldClient

/// What stands in the line of a form's screen and was not confirmed.
@Suite struct TypedLineTests {
    private static let note = "家中无人，下次再来"

    private func screen() async throws -> (FormScreen, Device) {
        let world = try World(households: 1)
        let wang = try await world.device("wang", ["5204"])
        try await wang.sync()
        let open = try wang.store.openCheck(
            Housing.form, subject: "520402109201-1", round: nil, resuming: true)
        let filling = FormFilling(open, clock: DeviceClock(today: world.clock.environment.today))
        return (try #require(FormScreen(filling, title: "户", news: [:], in: .zh)), wang)
    }

    private func type(_ text: String, _ screen: inout FormScreen) {
        for character in text { _ = screen.handle(.character(character)) }
    }

    @Test(arguments: [Key.control("s"), .up, .down, .tab, .pageUp, .escape])
    func `is taken by whatever key leads elsewhere`(key: Key) async throws {
        var (screen, _) = try await screen()
        _ = screen.handle(.control("n"))
        type(Self.note, &screen)
        let effect = screen.handle(key)
        let expected: FormScreen.Effect = key == .escape ? .leave : .keep
        #expect(effect == expected)
        #expect(screen.filling.open.answers[Remarks.note] == Self.note)
        // Where it was typed it can be gone on with.
        #expect(screen.editor.text == (screen.field.key == "note" ? Self.note : ""))
    }

    @Test func `keeps its place when it cannot stand, but for leaving`() async throws {
        var (screen, _) = try await screen()
        while screen.field.key != "floors" { _ = screen.handle(.down) }
        type("99", &screen)
        let moved = screen.handle(.down)
        #expect(moved == .none)
        #expect(screen.field.key == "floors" && screen.editor.text == "99")
        #expect(screen.message != nil)
        // To leave without it takes a second key.
        var effects = [screen.handle(.escape)]
        #expect(screen.message?.en.contains("Esc again") == true)
        #expect(screen.message?.zh.contains("“99”") == true)
        _ = screen.handle(.left)
        for _ in 0..<2 { effects.append(screen.handle(.escape)) }
        #expect(effects == [.none, .none, .leave])
        #expect(screen.filling.open.answers[Housing.floors] == nil)
    }

    @Test(arguments: [Key.control("s"), .up, .down, .tab, .escape])
    func `that begins a choice is taken by Enter alone`(key: Key) async throws {
        var (screen, _) = try await screen()
        while screen.field.key != "grade" { _ = screen.handle(.down) }
        type("基本", &screen)
        let refused = screen.handle(key)
        #expect(refused == .none && screen.field.key == "grade" && screen.message != nil)
        #expect(screen.filling.open.answers[Housing.grade] == nil)
        let taken = screen.handle(.enter)
        #expect(taken == .keep && screen.filling.open.answers[Housing.grade] == .b)
        // Of what is not shown, nothing that is not complete.
        _ = screen.handle(.up)
        type("whole", &screen)
        let other = screen.handle(.enter)
        #expect(other == .none && screen.filling.open.answers[Housing.grade] == .b)
    }

    @Test func `of a text is in the draft as far as it goes, of a number it is not`() async throws {
        var (screen, wang) = try await screen()
        while screen.field.key != "floors" { _ = screen.handle(.down) }
        let number = screen.handle(.character("2"))
        #expect(number == .none && screen.draft.touched.isEmpty)
        _ = screen.handle(.control("u"))
        _ = screen.handle(.control("n"))
        var effects = Self.note.map { screen.handle(.character($0)) }
        effects.append(screen.handle(.backspace))
        #expect(effects.allSatisfy { $0 == .typed })
        try wang.store.keepDraft(screen.draft)
        let again = try wang.store.openCheck(
            Housing.form, subject: "520402109201-1", round: nil, resuming: true)
        #expect(again.answers[Remarks.note] == "家中无人，下次再")
        // A line that is emptied leaves nothing behind.
        let emptied = screen.handle(.control("u"))
        #expect(emptied == .typed)
        try wang.store.keepDraft(screen.draft)
        #expect(try wang.store.drafts().isEmpty)
    }

    @Test func `begins with the text that was answered`() async throws {
        var (screen, wang) = try await screen()
        try wang.check("housing", "520402109201-1", .graded("D"))
        screen = try resume(wang)
        func reach(_ key: String) {
            while screen.field.key != "dwelling_source" { _ = screen.handle(.up) }
            while screen.field.key != key { _ = screen.handle(.down) }
        }
        reach("appraiser")
        #expect(screen.editor.text == "甲" && screen.editor.position == 1)
        // To pass it is no answer.
        let passed = screen.handle(.down)
        #expect(passed == .none && screen.filling.open.touched.isEmpty)
        reach("appraiser")
        _ = screen.handle(.enter)
        #expect(screen.field.key == "appraiser" && screen.filling.open.touched.isEmpty)
        _ = screen.handle(.character("="))
        #expect(screen.filling.open.touched == [Housing.appraiser.definition.tag])
        reach("appraiser")
        type("乙", &screen)
        #expect(screen.draft.answers[Housing.appraiser] == "甲乙")
        _ = screen.handle(.enter)
        #expect(screen.filling.open.answers[Housing.appraiser] == "甲乙")
        // A line that is emptied clears; here it must not.
        reach("appraiser")
        _ = screen.handle(.control("u"))
        _ = screen.handle(.enter)
        #expect(screen.field.key == "appraiser" && screen.message != nil)
        #expect(screen.filling.open.answers[Housing.appraiser] == "甲乙")
    }

    private func resume(_ device: Device) throws -> FormScreen {
        let open = try device.store.openCheck(
            Housing.form, subject: "520402109201-1", round: nil, resuming: true)
        let filling = FormFilling(
            open, clock: DeviceClock(today: device.world.clock.environment.today))
        return try #require(FormScreen(filling, title: "户", news: [:]))
    }

    @Test func `of a text grows to its limit, and no further`() async throws {
        var (screen, _) = try await screen()
        while screen.field.key != "appraiser" { _ = screen.handle(.down) }
        let refused = screen.handle(.text(String(repeating: "长", count: 201)))
        #expect(refused == .none && screen.editor.isEmpty)
        #expect(screen.message?.en.contains("200") == true)
        let taken = screen.handle(.text(String(repeating: "长", count: 200)))
        #expect(taken == .typed && screen.message == nil)
        let more = screen.handle(.character("长"))
        #expect(more == .none && screen.editor.characters.count == 200)
        _ = screen.handle(.enter)
        #expect(screen.filling.open.answers[Housing.appraiser]?.count == 200)
    }
}
