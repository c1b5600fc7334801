import FieldStore
import SurveyConsole
import SurveyModel
import TestSupport
import Testing

@testable import FieldClient

/// A form on a full screen, without a terminal: keys go in, pages come out.
@Suite struct FormScreenTests {
    private func screen(_ kind: String = "housing") async throws -> (FormScreen, Device) {
        let world = try World(households: 1)
        let wang = try await world.device("wang", ["5204"])
        try await wang.sync()
        let open = try wang.store.openCheck(
            try #require(Form.form(key: kind)), subject: "520402109201-1", round: nil,
            resuming: true)
        let filling = FormFilling(open, today: world.clock.environment.today)
        return (try #require(FormScreen(filling, title: "户", news: [:])), wang)
    }

    private func type(_ text: String, _ screen: inout FormScreen) {
        for character in text { _ = screen.handle(.character(character)) }
    }

    @Test func `a number or a letter of a code list answers at once`() async throws {
        var (screen, _) = try await screen()
        #expect(screen.field.key == "dwelling_source")
        guard case .keep = screen.handle(.character("１")) else { Issue.record("kept"); return }
        #expect(screen.filling.open.answers[Housing.dwellingSource] == .own)
        _ = screen.handle(.character("n"))
        #expect(screen.filling.open.answers[Housing.occupied] == false)
        _ = screen.handle(.character("B"))
        #expect(screen.filling.open.answers[Housing.grade] == .b)
        #expect(screen.field.key == "site_safe")
    }

    @Test func `what is wrong is said and nothing is taken`() async throws {
        var (screen, _) = try await screen("water")
        while screen.field.key != "litres_pcd" { _ = screen.handle(.down) }
        type("501", &screen)
        _ = screen.handle(.enter)
        #expect(screen.message?.en.contains("0–500") == true)
        #expect(screen.filling.open.answers[Water.litresPerPersonDay] == nil)
        #expect(screen.editor.text == "501")
        // A required answer cannot be confirmed while there is none.
        _ = screen.handle(.control("u"))
        _ = screen.handle(.enter)
        #expect(screen.message?.en.contains("required") == true)
    }

    @Test func `a condition that no longer holds clears what hung on it`() async throws {
        var (screen, _) = try await screen("water")
        while screen.field.key != "to_home" { _ = screen.handle(.down) }
        _ = screen.handle(.character("n"))
        #expect(screen.field.key == "roundtrip_min")
        type("25", &screen)
        _ = screen.handle(.enter)
        #expect(screen.filling.open.answers[Water.roundTripMinutes] == 25)
        while screen.field.key != "to_home" { _ = screen.handle(.up) }
        _ = screen.handle(.character("y"))
        #expect(screen.filling.open.answers[Water.roundTripMinutes] == nil)
        #expect(screen.field.key == "short_days_year")
    }

    @Test func `confirming is answering, moving is not`() async throws {
        var (first, wang) = try await screen()
        for key in ["1", "y", "a"] { _ = first.handle(.character(Character(key))) }
        _ = try wang.store.save(
            first.filling.open, sections: first.filling.open.answered)
        let open = try wang.store.openCheck(
            Housing.form, subject: "520402109201-1", round: nil, resuming: true)
        var screen = try #require(
            FormScreen(
                FormFilling(open, today: wang.world.clock.environment.today), title: "", news: [:]))
        while screen.field.key != "dwelling_source" { _ = screen.handle(.up) }
        _ = screen.handle(.down)
        _ = screen.handle(.down)
        #expect(screen.filling.open.touched.isEmpty)
        _ = screen.handle(.enter)
        #expect(screen.filling.open.touched == [Housing.grade.definition.tag])
    }

    @Test func `a section that is left out says why, until something in it is answered`()
        async throws
    {
        var (screen, _) = try await screen()
        while screen.field.key != "floors" { _ = screen.handle(.down) }
        _ = screen.handle(.control("k"))
        _ = screen.handle(.character("7"))
        guard case .skipping = screen.mode else { Issue.record("asks"); return }
        _ = screen.handle(.character("2"))
        #expect(screen.filling.skipped == ["building": .refused])
        #expect(screen.filling.open.answered == [SectionTag(rawValue: 31)])
        while screen.field.key != "floors" { _ = screen.handle(.up) }
        type("2", &screen)
        _ = screen.handle(.enter)
        #expect(screen.filling.skipped.isEmpty)
        #expect(screen.filling.open.answers[Housing.floors] == 2)
    }

    @Test func `saving goes to what is missing first`() async throws {
        var (screen, _) = try await screen()
        for key in ["1", "y", "d"] { _ = screen.handle(.character(Character(key))) }
        _ = screen.handle(.control("s"))
        #expect(screen.field.key == "grade_date" && screen.message != nil)
        type("2026-01-05", &screen)
        _ = screen.handle(.enter)
        type("张三", &screen)
        _ = screen.handle(.enter)
        _ = screen.handle(.control("s"))
        guard case .concluding = screen.mode else { Issue.record("concludes"); return }
        guard case .save = screen.handle(.enter) else { Issue.record("saves"); return }
    }

    @Test(arguments: [(40, 10), (80, 24), (200, 60)], Language.allCases)
    func `a page fits its terminal, and shows the question`(
        size: (width: Int, height: Int), language: Language
    ) async throws {
        for kind in ["housing", "water"] {
            var (screen, _) = try await screen(kind)
            for _ in 0..<30 {
                let page = screen.page(width: size.width, height: size.height, in: language)
                #expect(page.lines.count <= size.height, "\(kind) \(screen.field.key)")
                #expect(page.lines.contains { $0.text.contains("▸") })
                let cursor = try #require(page.cursor)
                #expect(cursor.row < size.height && cursor.column < size.width)
                #expect(page.lines[cursor.row].text.hasPrefix(" >"))
                _ = screen.handle(.down)
            }
        }
    }

    @Test func `a line is edited by what people call characters`() {
        var editor = LineEditor()
        for character in "a王é𠮷" { editor.insert(character) }
        editor.insert("\u{301}")
        #expect(editor.characters.count == 4)
        _ = editor.handle(.backspace)
        #expect(editor.text == "a王é")
        _ = editor.handle(.left)
        _ = editor.handle(.left)
        _ = editor.handle(.delete)
        #expect(editor.text == "aé" && editor.position == 1)
        for character in "一二三四五六七八九十" { editor.insert(character) }
        let visible = editor.visible(in: 10)
        #expect(visible.text.displayWidth <= 10 && visible.cursor <= 10)
    }

    @Test func `text is broken between characters, at spaces where there are some`() {
        #expect("一二三四五".wrapped(to: 4) == ["一二", "三四", "五"])
        #expect("one two three".wrapped(to: 8) == ["one two", "three"])
        #expect("".wrapped(to: 8).isEmpty)
    }
}
