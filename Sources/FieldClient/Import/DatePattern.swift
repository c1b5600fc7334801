import SurveyModel

/// How a foreign table writes days: `DD/MM/YYYY`, `D MMM YYYY`, `YYYY-MM-DD*`.
struct DatePattern {
    private enum Part: Equatable {
        case year
        case month
        /// An English name or the start of one.
        case monthName
        case day
        case literal(Character)
        /// Whatever follows, such as a time.
        case rest
    }

    private let parts: [Part]
    /// As the mapping has it.
    let text: String

    private static let tokens: [(text: String, part: Part)] = [
        ("YYYY", .year), ("MMM", .monthName), ("MM", .month), ("M", .month), ("DD", .day),
        ("D", .day), ("*", .rest),
    ]

    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]

    /// - Returns: nil unless the text names a year, a month and a day, once each.
    init?(_ text: String) {
        var parts: [Part] = []
        var rest = Substring(text)
        while let character = rest.first {
            let start = rest
            if let token = Self.tokens.first(where: { start.hasPrefix($0.text) }) {
                parts.append(token.part)
                rest = rest.dropFirst(token.text.count)
            } else {
                parts.append(.literal(character))
                rest = rest.dropFirst()
            }
        }
        let years = parts.count { $0 == .year }
        let months = parts.count { $0 == .month || $0 == .monthName }
        let days = parts.count { $0 == .day }
        guard years == 1, months == 1, days == 1, !parts.dropLast().contains(.rest) else {
            return nil
        }
        self.parts = parts
        self.text = text
    }

    /// - Returns: nil when the text is written in another way, or stands for no day.
    func date(_ text: String) -> CalendarDate? {
        var rest = Substring(text)
        var (year, month, day) = (0, 0, 0)
        for part in parts {
            switch part {
            case .year:
                guard let number = Self.number(&rest, digits: 4...4) else { return nil }
                year = number
            case .month:
                guard let number = Self.number(&rest, digits: 1...2) else { return nil }
                month = number
            case .monthName:
                guard let number = Self.month(&rest) else { return nil }
                month = number
            case .day:
                guard let number = Self.number(&rest, digits: 1...2) else { return nil }
                day = number
            case .literal(let character):
                guard rest.first == character else { return nil }
                rest = rest.dropFirst()
            case .rest:
                rest = ""
            }
        }
        return rest.isEmpty ? CalendarDate(year: year, month: month, day: day) : nil
    }

    private static func number(_ rest: inout Substring, digits: ClosedRange<Int>) -> Int? {
        let found = rest.prefix(digits.upperBound).prefix { $0.isASCII && $0.isNumber }
        guard found.count >= digits.lowerBound, let number = Int(found) else { return nil }
        rest = rest.dropFirst(found.count)
        return number
    }

    private static func month(_ rest: inout Substring) -> Int? {
        let letters = rest.prefix { $0.isLetter }
        guard let index = months.firstIndex(of: letters.prefix(3).lowercased()) else { return nil }
        rest = rest.dropFirst(letters.count)
        return index + 1
    }
}
