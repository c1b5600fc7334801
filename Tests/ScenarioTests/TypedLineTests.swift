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
        let filling = FormFilling(open, today: world.clock.environment.today)
        return (try #require(FormScreen(filling, title: "户", news: [:])), wang)
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
        #expect(screen.editor.isEmpty)
    }

    @Test func `keeps its place when it cannot stand, but for leaving`() async throws {
        var (screen, _) = try await screen()
        while screen.field.key != "floors" { _ = screen.handle(.down) }
        type("99", &screen)
        let moved = screen.handle(.down)
        #expect(moved == .none)
        #expect(screen.field.key == "floors" && screen.editor.text == "99")
        #expect(screen.message != nil)
        let left = screen.handle(.escape)
        #expect(left == .leave)
        #expect(screen.filling.open.answers[Housing.floors] == nil)
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
}
