internal import Foundation

/// The one way in which numbers, names, users, units and codes are compared.
///
/// An input method, a spreadsheet or a chat program writes one character in several ways; a person
/// sees no difference and means none.
extension StringProtocol {
    /// The text as it is compared, indexed and looked up. Numbers are stored in this form; names stay as
    /// they were typed.
    ///
    /// Full-width characters are ASCII, every dash is `-`, every single quote `'`, every double one
    /// `"`, every dot that stands between or beside characters `.`; white space and what is not
    /// seen are left out. Case stays, and so do superscripts: `10²` is no number.
    public var folded: String {
        // Most numbers and names stand for themselves.
        if unicodeScalars.allSatisfy(\.isPlain) { return String(self) }
        var scalars = String.UnicodeScalarView()
        for scalar in String(self).precomposedStringWithCanonicalMapping.unicodeScalars {
            let scalar = scalar.halfWidth
            if scalar.properties.isWhitespace || scalar.isInvisible { continue }
            scalars.append(Self.folds[scalar] ?? scalar)
        }
        return String(scalars).precomposedStringWithCanonicalMapping
    }

    /// A person's place in the household as it is compared and stored: `０１` is `1`.
    public var foldedPlace: String {
        let text = folded
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return text
        }
        let digits = text.drop { $0 == "0" }
        return digits.isEmpty ? "0" : String(digits)
    }

    /// Full-width letters, digits, punctuation and spaces as ASCII; nothing else changes, so that a
    /// superscript never becomes a digit.
    public var halfWidth: String {
        if unicodeScalars.allSatisfy(\.isPlain) { return String(self) }
        var scalars = String.UnicodeScalarView()
        for scalar in String(self).unicodeScalars { scalars.append(scalar.halfWidth) }
        return String(scalars).precomposedStringWithCanonicalMapping
    }

    /// In canonical composition, as most texts are: which is seen sooner than composed.
    package var composed: String {
        unicodeScalars.allSatisfy(\.isComposed)
            ? String(self) : String(self).precomposedStringWithCanonicalMapping
    }

    private static var folds: [Unicode.Scalar: Unicode.Scalar] { lookAlikes }
}

extension Unicode.Scalar {
    /// A character of ASCII that nothing else is folded into but itself, or a Chinese one: composed, seen,
    /// no white space and nobody's look-alike.
    fileprivate var isPlain: Bool {
        switch value {
        case 0x60: false
        case 0x21...0x7E, 0x4E00...0x9FFF: true
        default: false
        }
    }

    /// Whether it stands composed wherever it stands among its like: no other one is made of it, and it
    /// is made of no others.
    fileprivate var isComposed: Bool {
        switch value {
        case 0..<0x300, 0x3000...0x3029, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xFF01...0xFF5E: true
        default: false
        }
    }

    /// A character at which a text without white space around it may begin and end.
    package var isInk: Bool { isPlain || value == 0x60 }
}

/// Characters that look like an ASCII one and are written for it.
private let lookAlikes: [Unicode.Scalar: Unicode.Scalar] = {
    var folds: [Unicode.Scalar: Unicode.Scalar] = [:]
    for (character, others) in [
        "-":
            "\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}\u{2015}\u{2212}\u{FE58}\u{FE63}\u{2043}\u{30FC}",
        "'": "\u{2018}\u{2019}\u{201A}\u{201B}\u{2032}\u{02BC}\u{00B4}\u{0060}",
        "\"": "\u{201C}\u{201D}\u{201E}\u{201F}\u{2033}",
        ".": "\u{00B7}\u{2022}\u{2027}\u{30FB}\u{FF65}\u{2219}\u{22C5}\u{FE52}\u{0387}",
    ] as KeyValuePairs<Unicode.Scalar, String> {
        for other in others.unicodeScalars { folds[other] = character }
    }
    return folds
}()

extension Unicode.Scalar {
    fileprivate var halfWidth: Unicode.Scalar {
        switch value {
        case 0xFF01...0xFF5E: Unicode.Scalar(value - 0xFEE0)!
        case 0x3000: " "
        default: self
        }
    }

    /// Leaves no trace on a screen: format characters, variation selectors, fillers.
    package var isInvisible: Bool {
        switch value {
        case 0x034F, 0x115F...0x1160, 0x17B4...0x17B5, 0x180B...0x180F, 0x3164, 0xFFA0,
            0xFE00...0xFE0F, 0xE0100...0xE01EF:
            true
        default: properties.generalCategory == .format
        }
    }

    /// Could move a terminal's cursor, break a line, turn the writing direction or make two texts
    /// look alike. Joiners and variation selectors, of which characters are made, are none of these.
    package var isUnprintable: Bool {
        switch value {
        case 0x200C, 0x200D, 0xFE00...0xFE0F, 0xE0100...0xE01EF, 0x180B...0x180F: false
        case 0x2028, 0x2029: true
        default: properties.generalCategory == .control || isInvisible
        }
    }
}
