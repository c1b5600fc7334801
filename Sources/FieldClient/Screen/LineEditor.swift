import SurveyConsole

/// A line that is being typed. What is moved over and deleted is what people call a character,
/// however many bytes or columns it takes.
struct LineEditor: Sendable {
    private(set) var characters: [Character] = []
    private(set) var position = 0

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
        var start = 0
        func columns(_ range: Range<Int>) -> Int { String(characters[range]).displayWidth }
        while start < position, columns(start..<position) >= width { start += 1 }
        var end = position
        while end < characters.count, columns(start..<end + 1) <= width { end += 1 }
        return (String(characters[start..<end]), columns(start..<position))
    }
}
