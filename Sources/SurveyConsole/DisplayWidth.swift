extension String {
    /// Without what could move a terminal's cursor or turn the writing direction: somebody else
    /// may have written this text with another program.
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
}

extension Unicode.Scalar {
    var isUnprintable: Bool {
        properties.generalCategory == .control || (0x202A...0x202E).contains(value)
            || (0x2066...0x2069).contains(value)
    }

    /// Source: Unicode Standard Annex 11, East Asian Width: W and F take two columns.
    fileprivate var displayWidth: Int {
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: return 0
        default: break
        }
        return Self.wide.contains { $0.contains(value) } ? 2 : 1
    }

    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F,
        0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60,
        0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF,
        0x20000...0x3FFFD,
    ]
}
