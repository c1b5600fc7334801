/// A key that somebody pressed.
enum Key: Hashable, Sendable {
    case character(Character)
    /// A text that was pasted, on one line.
    case text(String)
    case enter
    case backspace
    case delete
    case up
    case down
    case left
    case right
    case tab
    case backTab
    case pageUp
    case pageDown
    case home
    case end
    case escape
    /// With the control key, by its lower-case letter.
    case control(Character)
    /// The window has another size.
    case resize
    /// A key that means nothing here.
    case other

    /// Whether it leaves a page.
    var leaves: Bool { [.escape, .control("q"), .control("c")].contains(self) }
}

extension String {
    /// On one line: line breaks and tabs as spaces, but for line breaks at the end, and nothing else
    /// that controls a terminal.
    var oneLine: String {
        var text = Substring(self)
        while text.last?.isNewline == true { text.removeLast() }
        return String(
            text.compactMap { character -> Character? in
                if character.isNewline || character == "\t" { return " " }
                let isControl = character.unicodeScalars.contains {
                    $0.properties.generalCategory == .control
                }
                return isControl ? nil : character
            })
    }
}
