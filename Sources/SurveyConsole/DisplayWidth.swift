internal import CEdit
internal import SurveyModel

extension String {
    /// With a mark in place of what could move a terminal's cursor, break a line, turn the writing
    /// direction or hide: somebody else may have written this text with another program.
    public var printable: String {
        guard unicodeScalars.contains(where: \.isUnprintable) else { return self }
        return String(
            String.UnicodeScalarView(unicodeScalars.map { $0.isUnprintable ? "\u{FFFD}" : $0 }))
    }

    /// Columns that a terminal needs for it: a Chinese character takes two.
    public var displayWidth: Int { unicodeScalars.reduce(0) { $0 + $1.displayWidth } }

    /// Filled with spaces up to a width, on the right or on the left.
    public func padded(to width: Int, onLeft: Bool = false) -> String {
        let fill = String(repeating: " ", count: max(0, width - displayWidth))
        return onLeft ? fill + self : self + fill
    }

    /// Cut to a width, with an ellipsis in place of what is left out.
    public func shortened(to width: Int) -> String {
        guard displayWidth > width else { return self }
        var kept = ""
        for character in self {
            guard (kept + String(character)).displayWidth < width else { break }
            kept.append(character)
        }
        return kept + "…"
    }

    /// Broken into lines of at most so many columns: at spaces, rather where two stand, and between
    /// Chinese characters, but not before a mark that closes something; within a word only where
    /// nothing else can be done. All but the first begin with an indent. Nothing has no lines.
    public func wrapped(to width: Int, indent: Int = 0) -> [String] {
        guard !isEmpty else { return [] }
        let width = max(1, width)
        var lines: [String] = []
        var rest = self
        let margin = String(repeating: " ", count: max(0, min(indent, width - 2)))
        while rest.displayWidth > width {
            let end = rest.lineEnd(width, after: lines.isEmpty ? 0 : margin.count)
            var line = String(rest[..<end])
            while line.last == " " { line.removeLast() }
            lines.append(line)
            rest = margin + String(rest[end...].drop(while: { $0 == " " }))
        }
        return lines + [rest]
    }

    /// Where a line of so many columns ends: behind the indent, where that may be.
    private func lineEnd(_ width: Int, after indent: Int) -> Index {
        var used = 0
        var end = startIndex
        var (last, gap): (Index?, Index?) = (nil, nil)
        var hasText = false
        while end < endIndex {
            let character = self[end]
            guard used + String(character).displayWidth <= width || used <= indent else { break }
            used += String(character).displayWidth
            let next = index(after: end)
            hasText = hasText || character != " "
            if hasText, next < endIndex, Self.mayBreak(character, self[next]) {
                last = next
                let isGap = character == " " && self[next] == " "
                if isGap, used > width / 2 { gap = next }
            }
            end = next
        }
        guard end < endIndex, self[end] != " " else { return end }
        return gap ?? last ?? end
    }

    private static func mayBreak(_ before: Character, _ after: Character) -> Bool {
        if before == " " || after == " " { return true }
        guard !"，。；：、！？）”》".contains(after), !"（“《".contains(before) else { return false }
        return String(before).displayWidth > 1 || String(after).displayWidth > 1
    }
}

extension Unicode.Scalar {
    /// As the C library has it, which the terminal's programs go by too.
    fileprivate var displayWidth: Int {
        guard value >= 0x80, Console.characters else { return isUnprintable ? 0 : 1 }
        return max(0, Int(lianhu_width(value)))
    }
}
