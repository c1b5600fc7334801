extension String {
    /// Whether it is a resident identity number of 18 places: an area, a day of birth that there was,
    /// an order and a check digit.
    ///
    /// Source: GB 11643-1999; the check digit is that of ISO 7064:1983, MOD 11-2.
    public var isResidentNumber: Bool {
        let text = Array(halfWidth.trimmed.uppercased().utf8)
        guard text.count == 18, text.prefix(17).allSatisfy({ (0x30...0x39).contains($0) }) else {
            return false
        }
        let digits = text.prefix(17).map { Int($0) - 0x30 }
        func number(_ range: Range<Int>) -> Int { digits[range].reduce(0) { $0 * 10 + $1 } }
        let year = number(6..<10)
        guard (1850...2200).contains(year),
            CalendarDate(year: year, month: number(10..<12), day: number(12..<14)) != nil
        else { return false }
        let weights = (0..<17).map { place in (0..<(17 - place)).reduce(1) { w, _ in w * 2 % 11 } }
        let sum = zip(digits, weights).reduce(0) { $0 + $1.0 * $1.1 }
        let checks = Array("10X98765432".utf8)
        return checks[sum % 11] == text[17]
    }

    /// With an ellipsis in the place of each resident identity number.
    var withoutResidentNumbers: String {
        guard utf8.count >= 18 else { return self }
        var text = ""
        var run = ""
        func isDigit(_ character: Character) -> Bool {
            character.isASCII && (character.isNumber || character == "X" || character == "x")
        }
        for character in self {
            if isDigit(character) {
                run.append(character)
            } else {
                text += run.isResidentNumber ? "…" : run
                run = ""
                text.append(character)
            }
        }
        return text + (run.isResidentNumber ? "…" : run)
    }
}
