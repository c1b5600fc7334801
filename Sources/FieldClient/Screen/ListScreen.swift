import SurveyConsole
import SurveyModel

/// A list to choose from on a full screen, with a line to search by where that makes sense. Pure.
struct ListScreen {
    struct Item: Sendable {
        let line: ScreenLine
        /// A heading between items cannot be chosen.
        var isHeading = false
    }

    var title: String
    /// Lines that stand above the list.
    var heading: [ScreenLine]
    private(set) var items: [Item]
    /// nil when there is nothing to search.
    private(set) var query: LineEditor?
    let keys: Label
    private(set) var selected = 0
    var message: Label?

    enum Effect: Equatable {
        case none
        case choose(Int)
        /// Another text is searched for.
        case search(String)
        case command(Character)
        case leave
    }

    init(title: String, heading: [ScreenLine], items: [Item], searches: Bool, keys: Label) {
        self.title = title
        self.heading = heading
        self.items = items
        self.keys = keys
        query = searches ? LineEditor() : nil
        selected = items.firstIndex { !$0.isHeading } ?? 0
    }

    mutating func show(_ items: [Item], keepingSelection: Bool = false) {
        self.items = items
        if !keepingSelection || !items.indices.contains(selected) || items[selected].isHeading {
            selected = items.firstIndex { !$0.isHeading } ?? 0
        }
    }

    /// Shows what became of the list, where it was, or at a position.
    mutating func show(_ items: [Item], at position: Int?) {
        show(items, keepingSelection: true)
        if let position, items.indices.contains(position) { selected = position }
    }

    mutating func handle(_ key: Key) -> Effect {
        if key != .resize { message = nil }
        switch key {
        case .up, .backTab: move(by: -1)
        case .down, .tab: move(by: 1)
        case .pageUp: move(by: -10)
        case .pageDown: move(by: 10)
        case .home where query?.isEmpty != false: move(by: -items.count)
        case .end where query?.isEmpty != false: move(by: items.count)
        case .enter:
            guard items.indices.contains(selected), !items[selected].isHeading else { return .none }
            return .choose(selected)
        case .escape:
            guard query?.isEmpty == false else { return .leave }
            query?.clear()
            return .search("")
        case .control("q"), .control("c"): return .leave
        case .control(let letter) where !"aeu".contains(letter): return .command(letter)
        default:
            guard query != nil else {
                if case .character(let character) = key { return .command(character) }
                return .none
            }
            let before = query?.text
            guard query?.handle(key) == true, query?.text != before else { return .none }
            return .search(query?.text ?? "")
        }
        return .none
    }

    private mutating func move(by step: Int) {
        let direction = step < 0 ? -1 : 1
        var left = abs(step)
        var position = selected
        while left > 0, items.indices.contains(position + direction) {
            position += direction
            if !items[position].isHeading {
                selected = position
                left -= 1
            }
        }
    }

    func page(width: Int, height: Int, in language: Language) -> ScreenPage {
        var page = ScreenPage()
        page.lines = [ScreenLine(" " + title, .title)] + heading
        if let query {
            let prompt = Label(zh: " 查找：", en: " Find: ")[language]
            let (text, column) = query.visible(in: max(4, width - prompt.displayWidth - 2))
            page.cursor = (page.lines.count, prompt.displayWidth + column)
            page.lines.append(ScreenLine(prompt, .strong).adding(text, .plain))
        }
        let rule = page.lines.count
        page.lines.append("")
        let bottom = keys[language].keyLines(of: width)
        let room = max(1, height - page.lines.count - bottom.count - 1)
        let start = max(0, min(selected - room / 2, items.count - room))
        let below = items.count - start - room
        page.lines[rule] = Self.rule(start > 0 ? "↑ \(start)" : nil, width)
        for (number, item) in items.enumerated().dropFirst(start).prefix(room) {
            let isSelected = number == selected && !item.isHeading
            var line = ScreenLine(isSelected ? " ▸ " : "   ", .strong)
            line.pieces +=
                isSelected
                ? item.line.pieces.map { ($0.text, .selected) } : item.line.pieces
            page.lines.append(line)
        }
        if items.isEmpty {
            page.lines.append(ScreenLine(Label(zh: "   没有", en: "   nothing")[language], .dim))
        }
        while page.lines.count < height - bottom.count - 1 { page.lines.append("") }
        page.lines.append(
            message.map { ScreenLine(" ! " + $0[language], .bad) }
                ?? Self.rule(below > 0 ? "↓ \(below)" : nil, width))
        page.add(keys: bottom)
        return page
    }

    /// A line across, with what lies beyond it: `─── ↓ 12 ────`.
    private static func rule(_ beyond: String?, _ width: Int) -> ScreenLine {
        let mark = beyond.map { "─── \($0) " } ?? ""
        let rest = max(0, width - 1 - mark.displayWidth)
        return ScreenLine(mark + String(repeating: "─", count: rest), .dim)
    }
}

extension Terminal {
    /// Has somebody choose one of a list.
    ///
    /// - Returns: its position; nil when they left, or the terminal is gone.
    func choose(from list: ListScreen) -> Int? {
        var list = list
        while true {
            draw(list.page(width: width, height: height, in: Console.language))
            guard let key = key() else { return nil }
            switch list.handle(key) {
            case .leave: return nil
            case .choose(let number): return number
            default: continue
            }
        }
    }
}
