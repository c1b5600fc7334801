import FieldStore
import SurveyConsole
import SurveyModel
import TestSupport
import Testing

@testable import FieldClient

/// A form on a full screen, without a terminal: keys go in, pages come out.
@Suite struct FormScreenTests {
    func screen(_ kind: String = "housing") async throws -> (FormScreen, Device) {
        let world = try World(households: 1)
        let wang = try await world.device("wang", ["5204"])
        try await wang.sync()
        let open = try wang.store.openCheck(
            try #require(Form.form(key: kind)), subject: "520402109201-1", round: nil,
            resuming: true)
        let filling = FormFilling(open, clock: DeviceClock(today: world.clock.environment.today))
        return (try #require(FormScreen(filling, title: "户", news: [:], in: .zh)), wang)
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

    @Test func `a key of the list answers behind letters too, and ^X takes them away`() async throws
    {
        var (screen, _) = try await screen()
        type("o", &screen)
        #expect(screen.editor.text == "o")
        _ = screen.handle(.character("1"))
        #expect(screen.filling.open.answers[Housing.dwellingSource] == .own)
        #expect(screen.field.key == "occupied")
        _ = screen.handle(.up)
        type("o", &screen)
        _ = screen.handle(.control("x"))
        #expect(screen.editor.isEmpty && screen.field.key == "dwelling_source")
        #expect(screen.filling.open.answers[Housing.dwellingSource] == .own)
    }

    @Test func `several choices are typed side by side, or apart`() async throws {
        for typed in ["13", "1 3", "3,1", "１、３"] {
            var (screen, _) = try await screen("monitored")
            while screen.field.key != "risk" { _ = screen.handle(.down) }
            type(typed, &screen)
            _ = screen.handle(.enter)
            #expect(screen.filling.open.answers[Monitored.risk]?.codes.count == 2, "\(typed)")
        }
    }

    @Test func `before a form is saved it says what is open, and is not thrown away by one key`()
        async throws
    {
        var (screen, _) = try await screen("water")
        _ = screen.handle(.character("5"))
        _ = screen.handle(.control("s"))
        let page = screen.page(width: 80, height: 24, in: .zh).text
        #expect(page.contains("还有 3 个必填项没有答案：人均日水量、水质依据、供水入户"))
        guard case .none = screen.handle(.character("d")) else { Issue.record("gone"); return }
        #expect(screen.message?.zh.contains("1 个答案会丢弃") == true)
        // Another key takes that back.
        _ = screen.handle(.other)
        guard case .none = screen.handle(.character("d")) else { Issue.record("gone"); return }
        guard case .discard = screen.handle(.character("d")) else { Issue.record("kept"); return }
        _ = screen.handle(.character("e"))
        #expect(screen.field.key == "litres_pcd")
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
                FormFilling(open, clock: DeviceClock(today: wang.world.clock.environment.today)),
                title: "", news: [:]))
        while screen.field.key != "dwelling_source" { _ = screen.handle(.up) }
        _ = screen.handle(.down)
        _ = screen.handle(.down)
        #expect(screen.filling.open.touched.isEmpty)
        // Enter is no confirmation: who has not looked presses it, too.
        let entered = screen.handle(.enter)
        #expect(entered == .none && screen.field.key == "grade")
        #expect(screen.message?.en.contains("Press = to confirm") == true)
        #expect(screen.filling.open.touched.isEmpty)
        let taken = screen.handle(.character("＝"))
        #expect(taken == .keep && screen.field.key == "site_safe")
        #expect(screen.filling.open.touched == [Housing.grade.definition.tag])
        // What was confirmed here is passed by.
        _ = screen.handle(.up)
        _ = screen.handle(.enter)
        #expect(screen.field.key == "site_safe")
    }

    @Test func `a section that is left out says why, until something in it is answered`()
        async throws
    {
        var (screen, _) = try await screen()
        while screen.field.key != "floors" { _ = screen.handle(.down) }
        _ = screen.handle(.control("k"))
        _ = screen.handle(.character("7"))
        guard case .skipping = screen.mode else { Issue.record("asks"); return }
        #expect(screen.page(width: 80, height: 24, in: .zh).text.contains("没有这样的选项"))
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
        _ = screen.handle(.character("x"))
        #expect(screen.page(width: 80, height: 24, in: .zh).text.contains("没有这样的选项"))
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

    @Test(arguments: Language.allCases)
    func `the keys and all of the conclusion stand on a narrow page`(language: Language)
        async throws
    {
        var (screen, _) = try await screen("water")
        let asking = screen.page(width: 60, height: 20, in: language)
        #expect(asking.lines.count == 20)
        #expect(asking.text.contains(Label(zh: "Esc 离开", en: "Esc leave")[language]))
        _ = screen.handle(.character("5"))
        _ = screen.handle(.control("s"))
        #expect(screen.mode == .concluding)
        let concluding = screen.page(width: 60, height: 20, in: language)
        for line in asking.lines + concluding.lines { #expect(line.text.displayWidth < 60) }
        let because = try #require(screen.filling.assessment).because[language]
        func compact(_ text: String) -> String { text.filter { !$0.isWhitespace } }
        #expect(compact(concluding.text).contains(compact(because)))
    }

    @Test func `a choice is typed by its label, and shown by it`() async throws {
        var (screen, _) = try await screen("water")
        while screen.field.key != "region" { _ = screen.handle(.down) }
        type("缺", &screen)
        // One character is a slip.
        _ = screen.handle(.enter)
        #expect(screen.field.key == "region" && screen.message != nil)
        type("水", &screen)
        _ = screen.handle(.enter)
        #expect(screen.filling.open.answers[Water.region] == .dry)
        type("机井", &screen)
        _ = screen.handle(.enter)
        #expect(screen.filling.open.answers[Water.jmpSource] == .borehole)

        let source = Water.jmpSource.definition
        let begun = try source.parse(typed: "Unprotected S", completing: .en)
        #expect(begun == .code("uspring"))
        // Of a label that is not shown no beginning does, but all of it.
        for language in [Language.zh, nil] {
            #expect(throws: AnswerProblem.self) {
                try source.parse(typed: "Unprotected S", completing: language)
            }
        }
        #expect(try source.parse(typed: "Unprotected Spring") == .code("uspring"))
        #expect(try source.parse(typed: " PIPED ") == .code("piped"))
        #expect(source.display(.code("pwell")) == localized(zh: "受保护水井", en: "protected dug well"))
        // A slip of one key is no answer.
        #expect(throws: AnswerProblem.self) { try Housing.grade.definition.parse(typed: "s") }
        // Two begin with it.
        #expect(throws: AnswerProblem.self) {
            try source.parse(typed: "未受保护", completing: .zh)
        }
        do throws(AnswerProblem) {
            _ = try Water.region.definition.parse(typed: "x")
            Issue.record("is no region")
        } catch {
            let message = error.message
            #expect(message.zh.contains("1) 丰水地区") && message.en.contains("1) wet region"))
            #expect(!message.zh.contains("wet"))
        }
        let grade = Housing.grade.definition
        #expect(grade.menuTexts(in: .zh)[2] == "3) C 局部危房")
        #expect(grade.display(.code("C")).hasSuffix(" (C)"))
        #expect(grade.shortDisplay(.code("C"), in: 8) == "C")
        #expect(Medical.chronic.definition.codes(typed: "糖尿病, 1") == "DM HTN")
    }

    @Test func `a key with which no choice begins is refused at once`() async throws {
        var (screen, _) = try await screen()
        let refused = screen.handle(.character("7"))
        #expect(refused == .none && screen.editor.isEmpty && screen.message != nil)
        let taken = screen.handle(.character("1"))
        #expect(taken == .keep && screen.field.key == "occupied")
        _ = screen.handle(.character("3"))
        #expect(screen.editor.isEmpty && screen.message != nil)
        // To take an answer back is no choice, and possible.
        _ = screen.handle(.up)
        _ = screen.handle(.down)
        type("-", &screen)
        #expect(screen.editor.text == "-" && screen.message == nil)
    }

    @Test func `a note is written from anywhere, and leads back`() async throws {
        var (screen, _) = try await screen()
        while screen.field.key != "floors" { _ = screen.handle(.down) }
        _ = screen.handle(.control("n"))
        type("家中无人", &screen)
        let kept = screen.handle(.enter)
        #expect(kept == .keep && screen.mode == .asking && screen.field.key == "floors")
        // Who comes to it question by question is at the end.
        while screen.field.key != "note" { _ = screen.handle(.down) }
        _ = screen.handle(.enter)
        #expect(screen.mode == .concluding)
    }

    @Test func `a form in which nothing was changed says so`() async throws {
        var (screen, wang) = try await screen()
        _ = screen.handle(.control("s"))
        #expect(screen.page(width: 80, height: 24, in: .zh).text.contains("还没有任何答案"))
        try wang.check("housing", "520402109201-1", .graded("A"))
        var again = try resume(wang)
        _ = again.handle(.control("s"))
        let page = again.page(width: 80, height: 24, in: .zh).text
        #expect(page.contains("没有改动") && page.contains("回车 关闭") && !page.contains("保存"))
        let closed = again.handle(.enter)
        #expect(closed == .discard)
    }

    func resume(_ device: Device) throws -> FormScreen {
        let open = try device.store.openCheck(
            Housing.form, subject: "520402109201-1", round: nil, resuming: true)
        let filling = FormFilling(
            open, clock: DeviceClock(today: device.world.clock.environment.today))
        return try #require(FormScreen(filling, title: "户", news: [:]))
    }

    @Test func `leaving a section out takes a second key where answers would go`() async throws {
        var (screen, _) = try await screen()
        for key in ["1", "y", "a"] { _ = screen.handle(.character(Character(key))) }
        _ = screen.handle(.control("k"))
        let first = screen.handle(.character("2"))
        #expect(first == .none && screen.mode == .skipping)
        #expect(screen.message?.zh.contains("3 个答案") == true)
        #expect(screen.page(width: 90, height: 24, in: .en).text.contains("will go"))
        _ = screen.handle(.character("4"))
        #expect(screen.mode == .skipping && screen.filling.open.answers[Housing.grade] == .a)
        _ = screen.handle(.character("y"))
        #expect(screen.filling.skipped == ["safety": .notMeasurable])
        #expect(screen.filling.open.answers[Housing.grade] == nil)
    }

    @Test func `a draft goes on where its author was`() async throws {
        var (screen, wang) = try await screen()
        _ = screen.handle(.character("1"))
        while screen.field.key != "build_year" { _ = screen.handle(.down) }
        let left = screen.handle(.escape)
        #expect(left == .leave)
        try wang.store.keepDraft(screen.filling.open)
        #expect(try resume(wang).field.key == "build_year")
        // A draft that does not say it goes on after what was answered last.
        var open = screen.filling.open
        open.position = nil
        try wang.store.keepDraft(open)
        #expect(try resume(wang).field.key == "occupied")
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
        // However long it is, only what is seen is looked at.
        var long = LineEditor(String(repeating: "长", count: 50_000))
        for _ in 0..<1_000 { _ = long.handle(.left) }
        #expect(long.position == 49_000)
        for _ in 0..<1_000 { #expect(long.visible(in: 80).cursor == 78) }
    }

    @Test func `what is pasted is one line, and does not choose or save`() async throws {
        #expect("一\r\n二\t三\u{1B}[A\n\n".oneLine == "一 二 三[A")
        var list = ListScreen(
            title: "", heading: [], items: [], searches: true, keys: Label(zh: "", en: ""))
        let found = list.handle(.text("王 小明"))
        #expect(found == .search("王 小明"))
        var (screen, _) = try await screen()
        let refused = screen.handle(.text("1 2"))
        #expect(refused == .none && screen.editor.isEmpty && screen.message != nil)
        let typed = screen.handle(.text("自有住房"))
        #expect(typed == .none && screen.editor.text == "自有住房")
        #expect(screen.filling.open.touched.isEmpty)
    }

    @Test func `something to say stands above the keys`() {
        var page = ScreenPage()
        page.lines = ["list", "rule"]
        page.add(keys: "a b  c d".keyLines(of: 6))
        #expect(page.saying("kept").text == "list\n kept\n a b\n c d")
    }

    @Test func `text is broken between characters, at spaces where there are some`() {
        #expect("一二三四五".wrapped(to: 4) == ["一二", "三四", "五"])
        #expect("one two three".wrapped(to: 8) == ["one two", "three"])
        #expect("“一”无效，再按 Esc 不保留它并离开。".wrapped(to: 20) == ["“一”无效，再按 Esc", "不保留它并离开。"])
        #expect("无效 二三四五六七八九".wrapped(to: 12) == ["无效 二三四", "五六七八九"])
        #expect("一二三。四".wrapped(to: 6) == ["一二", "三。四"])
        #expect("".wrapped(to: 8).isEmpty)
    }
}
