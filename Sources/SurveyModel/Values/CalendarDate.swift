/// A day without a time or a time zone, proleptic Gregorian.
///
/// Unit: days since 1970-01-01. Text: ISO 8601, `2026-03-05`.
/// Source of the conversion: Hinnant, "chrono-Compatible Low-Level Date Algorithms" (2013).
public struct CalendarDate: Sendable, Hashable, Comparable {
    public let daysSinceEpoch: Int32

    public init(daysSinceEpoch: Int32) {
        self.daysSinceEpoch = daysSinceEpoch
    }

    /// - Returns: nil when the day does not exist or the year is outside 1...9999.
    public init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), (1...31).contains(day) else {
            return nil
        }
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        self.daysSinceEpoch = Int32(era * 146_097 + dayOfEra - 719_468)
        guard components == (year, month, day) else { return nil }
    }

    /// Parses `YYYY-MM-DD` and nothing else.
    public init?(iso text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].utf8.count == 4, parts[1].utf8.count == 2,
            parts[2].utf8.count == 2,
            parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2])
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    /// Parses what people write besides: `2026/3/5`, `2026.3.5`, `2026-3-5`, `2026年3月5日`,
    /// `20260305`.
    public init?(written text: some StringProtocol) {
        if text.utf8.count == 8, let number = Int(text), text.utf8.allSatisfy({ $0 >= 0x30 }) {
            self.init(year: number / 10_000, month: number / 100 % 100, day: number % 100)
            return
        }
        let parts = text.split(whereSeparator: { "-/.年月日".contains($0) }).map { Int($0) }
        guard parts.count == 3, let year = parts[0], let month = parts[1], let day = parts[2],
            year >= 1000
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    /// The day that contains an instant in UTC+8, the time of the whole of China.
    public init(millisecondsSinceEpoch milliseconds: Int64) {
        let day: Int64 = 86_400_000
        let (sum, overflow) = milliseconds.addingReportingOverflow(8 * 3_600_000)
        let shifted = overflow ? .max : sum
        let floored = shifted / day - (shifted % day < 0 ? 1 : 0)
        self.daysSinceEpoch = Int32(clamping: floored)
    }

    public var components: (year: Int, month: Int, day: Int) {
        let shifted = Int(daysSinceEpoch) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthIndex + 2) / 5 + 1
        let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, day)
    }

    public var iso: String {
        let (year, month, day) = components
        func padded(_ number: Int, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    }

    /// Whole years from this day to another one; nil when that is before it.
    public func years(to day: CalendarDate) -> Int? {
        guard day >= self else { return nil }
        let (from, to) = (components, day.components)
        return to.year - from.year - ((to.month, to.day) < (from.month, from.day) ? 1 : 0)
    }

    public static func < (a: CalendarDate, b: CalendarDate) -> Bool {
        a.daysSinceEpoch < b.daysSinceEpoch
    }
}
