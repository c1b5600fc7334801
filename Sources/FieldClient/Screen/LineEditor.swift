import SurveyConsole

/// A line that is being typed. What is moved over and deleted is what people call a character,
/// however many bytes or columns it takes.
struct LineEditor: Sendable {
    private(set) var characters: [Character] = []
    private(set) var position = 0

    /// A line that begins with a text, with the cursor at its end.
    init(_ text: String = "") {
        characters = Array(text.oneLine)
        position = characters.count
    }

    var text: String { String(characters) }
    var isEmpty: Bool { characters.isEmpty }

    mutating func insert(_ character: Character) {
        // A combining mark belongs to the character before it.
        if position > 0, character.unicodeScalars.allSatisfy({ $0.properties.isGraphemeExtend }) {
            characters[position - 1] = Character(
                String(characters[position - 1]) + String(character))
            return
        }
        characters.insert(character, at: position)
        position += 1
    }

    mutating func clear() {
        characters = []
        position = 0
    }

    /// - Returns: whether the key is one of editing.
    mutating func handle(_ key: Key) -> Bool {
        switch key {
        case .character(let character): insert(character)
        case .text(let text):
            for character in text { insert(character) }
        case .backspace:
            guard position > 0 else { return true }
            position -= 1
            characters.remove(at: position)
        case .delete:
            if position < characters.count { characters.remove(at: position) }
        case .left: position = max(0, position - 1)
        case .right: position = min(characters.count, position + 1)
        case .home, .control("a"): position = 0
        case .end, .control("e"): position = characters.count
        case .control("u"): clear()
        default: return false
        }
        return true
    }

    /// The part around the cursor that fits a width, and the cursor's column in it.
    func visible(in width: Int) -> (text: String, cursor: Int) {
        func columns(_ index: Int) -> Int { String(characters[index]).displayWidth }
        var (start, before) = (position, 0)
        while start > 0, before + columns(start - 1) < width {
            start -= 1
            before += columns(start)
        }
        var (end, total) = (position, before)
        while end < characters.count, total + columns(end) <= width {
            total += columns(end)
            end += 1
        }
        return (String(characters[start..<end]), before)
    }
}
