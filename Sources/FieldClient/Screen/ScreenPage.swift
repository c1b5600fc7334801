import SurveyConsole

/// How a piece of text looks. Colours only repeat what words or marks say.
enum Style: Sendable {
    case plain
    case title
    case dim
    case strong
    case selected
    case good
    case bad
    case warning
}

/// A line of a screen: pieces of text, one after another.
struct ScreenLine: Sendable, ExpressibleByStringLiteral {
    var pieces: [(text: String, style: Style)]

    init(_ text: String = "", _ style: Style = .plain) { pieces = [(text, style)] }

    init(stringLiteral value: String) { self.init(value) }

    var text: String { pieces.map(\.text).joined() }

    mutating func add(_ text: String, _ style: Style = .plain) { pieces.append((text, style)) }

    /// Cut to a width, never within a character.
    func cut(to width: Int) -> ScreenLine {
        var line = ScreenLine()
        line.pieces = []
        var left = width
        for (text, style) in pieces where left > 0 {
            let cut = text.shortened(to: left)
            line.pieces.append((cut, style))
            // One ellipsis is enough, even where it leaves a column free.
            guard cut == text else { break }
            left -= cut.displayWidth
        }
        return line
    }
}

/// What a screen shows: lines from the top, and where the cursor stands.
struct ScreenPage: Sendable {
    var lines: [ScreenLine] = []
    var cursor: (row: Int, column: Int)?
    /// How many lines at the end tell the keys.
    var keyLines = 1

    /// As plain text, for whoever compares screens.
    var text: String { lines.map(\.text).joined(separator: "\n") }

    /// Ends with the lines that tell the keys.
    mutating func add(keys: [ScreenLine]) {
        lines += keys
        keyLines = keys.count
    }

    /// With something to say, in the line above the keys.
    func saying(_ text: String) -> ScreenPage {
        var page = self
        let row = lines.count - keyLines - 1
        if lines.indices.contains(row) { page.lines[row] = ScreenLine(" " + text, .strong) }
        return page
    }
}

extension String {
    /// As lines that tell the keys, none of them broken: `回车 确认  Esc 离开`.
    func keyLines(of width: Int) -> [ScreenLine] {
        split(separator: "  ").map { String($0) }.lines(of: width - 2, apart: 2).map {
            ScreenLine(" " + $0, .dim)
        }
    }
}

extension [String] {
    /// Beside each other on lines of a width; only one that is wider than a line is broken.
    func lines(of width: Int, apart gap: Int) -> [String] {
        var lines: [String] = []
        for text in self {
            if let last = lines.last, last.displayWidth + gap + text.displayWidth <= width {
                lines[lines.count - 1] = last + String(repeating: " ", count: gap) + text
            } else {
                lines += text.wrapped(to: width)
            }
        }
        return lines
    }
}
