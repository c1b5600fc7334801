import SurveyConsole
import SurveyModel

/// The answers to a contested section side by side on a full screen, to choose one from. Pure: a key
/// goes in, what to do and what to show come out.
struct ConflictScreen {
    let title: String
    let section: Section
    let siblings: [ConflictText.Sibling]
    /// There is a form for another answer than these.
    let takesThird: Bool
    /// Those that are better than another one: whoever chooses one of them says why.
    let takeReason: Set<Int>
    private(set) var chosen: Int?
    /// The reason, while somebody writes it.
    private(set) var reason: LineEditor?
    var message: Label?
    /// Lines that were scrolled past.
    private var offset = 0

    /// What whoever runs the screen must do.
    enum Effect: Equatable {
        case none
        case choose(Int, because: String?)
        /// None of them holds: have the form filled in.
        case third
        case leave
    }

    init(
        title: String, section: Section, siblings: [ConflictText.Sibling], takesThird: Bool,
        takeReason: Set<Int> = []
    ) {
        self.title = title
        self.section = section
        self.siblings = siblings
        self.takesThird = takesThird
        self.takeReason = takeReason
    }

    // MARK: Keys

    mutating func handle(_ key: Key) -> Effect {
        if key != .resize { message = nil }
        if reason != nil { return explain(key) }
        switch key {
        case .character(let character):
            let typed = String(character).halfWidth.lowercased()
            if takesThird, typed == "t" { return .third }
            if let number = Int(typed), siblings.indices.contains(number - 1) {
                chosen = number - 1
            } else {
                message = noAnswer
            }
        case .left, .backTab: chosen = chosen.map { max(0, $0 - 1) } ?? 0
        case .right, .tab: chosen = chosen.map { min(siblings.count - 1, $0 + 1) } ?? 0
        case .up: offset -= 1
        case .down: offset += 1
        case .pageUp: offset -= 10
        case .pageDown: offset += 10
        case .enter:
            // One key alone decides nothing.
            guard let chosen else {
                message = Label(
                    zh: "先按 1–\(siblings.count) 选一个。",
                    en: "Press 1–\(siblings.count) to choose one first.")
                return .none
            }
            guard takeReason.contains(chosen) else { return .choose(chosen, because: nil) }
            reason = LineEditor()
        case .escape, .control("q"), .control("c"): return .leave
        case .resize: break
        default: message = noAnswer
        }
        return .none
    }

    private mutating func explain(_ key: Key) -> Effect {
        guard var editor = reason, let chosen else { return .none }
        switch key {
        case .enter:
            let text = editor.text.trimmed
            guard text.isEmpty else { return .choose(chosen, because: text) }
            message = Label(zh: "请写明原因，或按 Esc 返回。", en: "Write the reason, or press Esc.")
        case .escape: reason = nil
        case .control("q"), .control("c"): return .leave
        default:
            _ = editor.handle(key)
            reason = editor
        }
        return .none
    }

    private var noAnswer: Label {
        Label(
            zh: "没有这个答案，请按 1–\(siblings.count)\(takesThird ? " 或 t" : "")。",
            en: "No such answer: press 1–\(siblings.count)\(takesThird ? " or t" : "").")
    }

    // MARK: The page

    /// Scrolling ends where the answers end, which depends on the size.
    mutating func page(width: Int, height: Int, in language: Language) -> ScreenPage {
        var page = ScreenPage()
        page.lines = [ScreenLine(" " + title.shortened(to: width - 2), .title), rule(width)]
        let bottom = keys[language].keyLines(of: width)
        let room = max(1, height - page.lines.count - bottom.count - 2)
        let answers = table(width, language)
        offset = max(0, min(offset, answers.count - room))
        page.lines += answers.dropFirst(offset).prefix(room)
        while page.lines.count < height - bottom.count - 2 { page.lines.append("") }
        page.lines.append(
            offset + room < answers.count ? ScreenLine(" ↓", .warning) : rule(width))
        let question =
            reason == nil
            ? Label(zh: "哪个正确？", en: "Which is correct?")
            : Label(zh: "它比另一个答案好，原因：", en: "It is better than another answer. Why?")
        var line =
            message.map { ScreenLine(" ! " + $0[language], .bad) }
            ?? ScreenLine(" " + question[language], .strong)
        if let reason, message == nil {
            let start = line.text.displayWidth + 1
            let (text, column) = reason.visible(in: max(8, width - start - 2))
            line.add(" " + text)
            page.cursor = (page.lines.count, start + column)
        }
        page.lines.append(line)
        page.add(keys: bottom)
        return page
    }

    private func rule(_ width: Int) -> ScreenLine {
        ScreenLine(String(repeating: "─", count: width - 1), .dim)
    }

    private var keys: Label {
        guard reason == nil else {
            return Label(zh: "回车 采用  Esc 返回", en: "Enter take it  Esc back")
        }
        let third = takesThird ? Label(zh: "t 都不对，重填  ", en: "t a third  ") : nil
        return Label(
            zh: "1–\(siblings.count) 选一个  回车 采用  \(third?.zh ?? "")↑↓ 滚动  Esc 以后再说",
            en: "1–\(siblings.count) choose  Enter take it  \(third?.en ?? "")↑↓ scroll  Esc later")
    }

    /// A piece of a line, and how it looks.
    private struct Cell {
        let text: String
        let style: Style
        /// Stands before it, in the gap.
        let mark: String

        init(_ text: String, _ style: Style = .plain, mark: String = "") {
            self.text = text
            self.style = style
            self.mark = mark
        }
    }

    private func table(_ width: Int, _ language: Language) -> [ScreenLine] {
        let labelWidth = min(20, width / 5)
        // The gap behind the labels is there instead of one behind the last answer.
        let cellWidth = (width - 4 - labelWidth) / siblings.count - 2
        guard cellWidth >= 16 else { return list(width, language) }
        let widths = [labelWidth] + siblings.map { _ in cellWidth }
        let noLabel: [Cell] = []
        var lines = rows([noLabel] + siblings.indices.map { head($0, cellWidth) }, widths)
        lines.append("")
        for field in shownFields {
            let answers = siblings.indices.map { answer(field, $0) }
            let differ = Set(answers).count > 1
            let cells = answers.map { answer in
                answer.wrapped(to: cellWidth).map { Cell($0, differ ? .strong : .plain) }
            }
            let label = field.label[language].wrapped(to: labelWidth).map { Cell($0) }
            var block = rows([label] + cells, widths)
            if differ, !block.isEmpty { block[0].pieces[0] = (" ≠ ", .warning) }
            lines += block
        }
        return lines
    }

    /// One answer after the other, where there is no room beside.
    private func list(_ width: Int, _ language: Language) -> [ScreenLine] {
        siblings.indices.flatMap { number -> [ScreenLine] in
            let top = head(number, width - 5).map { cell in
                ScreenLine(cell.mark.isEmpty ? "   " : "  ")
                    .adding(cell.mark, cell.style).adding(cell.text, cell.style)
            }
            let answers = shownFields.flatMap { field -> [ScreenLine] in
                let differ = Set(siblings.indices.map { answer(field, $0) }).count > 1
                let text = "\(field.label[language]): \(answer(field, number))"
                return text.wrapped(to: width - 5).enumerated().map { row, text in
                    ScreenLine(differ && row == 0 ? " ≠ " : "   ", .warning)
                        .adding(text, differ ? .strong : .plain)
                }
            }
            return top + answers + [""]
        }
    }

    /// An answer's author and time, and what they had been shown.
    private func head(_ number: Int, _ width: Int) -> [Cell] {
        let isChosen = number == chosen
        return siblings[number].authors.enumerated().flatMap { position, author -> [Cell] in
            let count = position > 0 ? "   " : "\(number + 1)) "
            let name = Cell(
                (count + author.name).shortened(to: width), isChosen ? .selected : .strong,
                mark: isChosen && position == 0 ? "▸" : "")
            return [name, Cell(author.time)]
                + author.shown.wrapped(to: width).map { Cell($0, .dim) }
        }
    }

    /// Columns of lines beside each other.
    private func rows(_ columns: [[Cell]], _ widths: [Int]) -> [ScreenLine] {
        let height = columns.map(\.count).max() ?? 0
        return (0..<height).map { row in
            var line = ScreenLine("   ")
            for (number, (column, width)) in zip(columns, widths).enumerated() {
                let cell = row < column.count ? column[row] : Cell("")
                if !cell.mark.isEmpty {
                    line.pieces[line.pieces.count - 1].text.removeLast()
                    line.add(cell.mark, cell.style)
                }
                line.add(cell.text, cell.style)
                guard number < columns.count - 1 else { continue }
                let gap = max(0, width - cell.text.displayWidth) + 2
                line.add(String(repeating: " ", count: gap))
            }
            return line
        }
    }

    /// Questions that at least one of them answers.
    private var shownFields: [FieldDefinition] {
        section.fields.filter { field in
            siblings.contains { $0.answers[field.tag] != nil }
        }
    }

    private func answer(_ field: FieldDefinition, _ number: Int) -> String {
        siblings[number].text(field)
    }
}
