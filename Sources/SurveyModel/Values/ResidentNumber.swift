/// Resident identity numbers in whatever text they stand.
///
/// Source: GB 11643-1999; the check digit is that of ISO 7064:1983, MOD 11-2.
extension StringProtocol {
    /// Whether one stands anywhere in it (an area, a day of birth that there was, an order and a check
    /// digit), whatever separates its digits or surrounds it, or with its last three places lost to a
    /// spreadsheet. A village code and a serial are 18 digits too; they have no day of birth and no
    /// check digit.
    public var holdsResidentNumber: Bool {
        let text = ResidentNumber.Scan(self)
        return text.windows.contains { window in
            let places = text.places[window]
            return ResidentNumber.stands(in: places) || ResidentNumber.isCutShort(places)
        }
    }
}

extension String {
    /// With an ellipsis in the place of each resident identity number, also of one whose digits stand
    /// in groups.
    var withoutResidentNumbers: String {
        guard utf8.count >= 18 else { return self }
        let text = ResidentNumber.Scan(self)
        var kept = ""
        var end = startIndex
        for window in text.windows
        where text.isWhole(window) && text.starts[window.lowerBound] >= end {
            let places = text.places[window]
            guard ResidentNumber.stands(in: places) || ResidentNumber.isCutShort(places) else {
                continue
            }
            kept += self[end..<text.starts[window.lowerBound]] + "…"
            end = unicodeScalars.index(after: text.starts[window.upperBound - 1])
        }
        return kept + self[end...]
    }
}

enum ResidentNumber {
    /// 0...9, or 10 for the check digit X.
    typealias Place = UInt8

    /// Area, day of birth, and check digit agree.
    static func stands(in places: ArraySlice<Place>) -> Bool {
        guard isDated(places), let check = places.last else { return false }
        var sum = 0
        for place in places.dropLast() { sum = (sum + Int(place)) * 2 % 11 }
        return (12 - sum) % 11 == Int(check)
    }

    /// As a spreadsheet leaves it, which keeps 15 digits of a number.
    static func isCutShort(_ places: ArraySlice<Place>) -> Bool {
        isDated(places) && places.suffix(3).allSatisfy { $0 == 0 }
    }

    private static func isDated(_ places: ArraySlice<Place>) -> Bool {
        guard places.count == 18, places.dropLast().allSatisfy({ $0 < 10 }) else { return false }
        func number(_ range: Range<Int>) -> Int {
            places.dropFirst(range.lowerBound).prefix(range.count).reduce(0) { $0 * 10 + Int($1) }
        }
        // Provinces, and residents from elsewhere.
        return (11...91).contains(number(0..<2)) && (1850...2200).contains(number(6..<10))
            && CalendarDate(year: number(6..<10), month: number(10..<12), day: number(12..<14))
                != nil
    }

    /// The digits of a text, whatever stands between them.
    struct Scan {
        private(set) var places: [Place] = []
        /// Where each of them stands.
        private(set) var starts: [String.Index] = []
        /// How many other characters stand before each.
        private(set) var gaps: [Int] = []
        private var breaks: Set<Int> = []

        init(_ text: some StringProtocol) {
            var gap = 0
            for position in text.unicodeScalars.indices {
                let scalar = text.unicodeScalars[position]
                guard let place = Self.place(scalar) else {
                    // A letter ends a number; a mark or a space may stand in it.
                    if scalar.properties.isAlphabetic { breaks.insert(places.count) }
                    if !scalar.isInvisible { gap += 1 }
                    continue
                }
                places.append(place)
                starts.append(position)
                gaps.append(gap)
                gap = 0
            }
        }

        /// Every 18 digits in a row.
        var windows: [Range<Int>] {
            guard places.count >= 18 else { return [] }
            return (0...(places.count - 18)).map { $0..<($0 + 18) }.filter { window in
                !(window.lowerBound + 1..<window.upperBound).contains(where: breaks.contains)
            }
        }

        /// The digits stand alone, in groups that single marks separate.
        func isWhole(_ window: Range<Int>) -> Bool {
            let isAlone = { (place: Int) in
                place == 0 || place == places.count || gaps[place] > 0 || breaks.contains(place)
            }
            return isAlone(window.lowerBound) && isAlone(window.upperBound)
                && gaps[window].dropFirst().allSatisfy { $0 <= 1 }
        }

        private static func place(_ scalar: Unicode.Scalar) -> Place? {
            switch scalar.value {
            case 0x30...0x39: Place(scalar.value - 0x30)
            case 0xFF10...0xFF19: Place(scalar.value - 0xFF10)
            // X in Latin, full width, Cyrillic; the Roman numeral; the sign of multiplication.
            case 0x58, 0x78, 0xFF38, 0xFF58, 0x425, 0x445, 0x2169, 0x2179, 0xD7: 10
            default: nil
            }
        }
    }
}
