import SurveyModel
import Testing

@Suite struct CalendarDateTests {
    @Test func `every day from 1900 to 2100 survives text and components, in order`() throws {
        var day = try #require(CalendarDate(year: 1900, month: 1, day: 1))
        let last = try #require(CalendarDate(year: 2100, month: 12, day: 31))
        var count = 1
        while day < last {
            let next = CalendarDate(daysSinceEpoch: day.daysSinceEpoch + 1)
            let (year, month, dayOfMonth) = next.components
            let again = CalendarDate(year: year, month: month, day: dayOfMonth)
            if again != next || CalendarDate(iso: next.iso) != next || next.iso <= day.iso {
                Issue.record("\(next.iso) does not survive")
                return
            }
            day = next
            count += 1
        }
        // 201 years of 365 days, and 49 leap days: 1904...2096 without a gap.
        #expect(count == 201 * 365 + 49)
    }

    @Test(arguments: [
        ("1970-01-01", Int32(0)), ("1969-12-31", -1), ("2000-02-29", 11_016),
        ("2026-03-05", 20_517), ("0001-01-01", -719_162), ("9999-12-31", 2_932_896),
    ])
    func `known days have known numbers`(text: String, days: Int32) {
        #expect(CalendarDate(iso: text)?.daysSinceEpoch == days)
        #expect(CalendarDate(daysSinceEpoch: days).iso == text)
    }

    @Test(arguments: [
        "2026-02-29", "1900-02-29", "2100-02-29", "2026-04-31", "2026-00-10", "2026-13-01",
        "2026-01-00", "2026-01-32", "0000-01-01", "2026-1-05", "26-01-05", "2026-01-5",
        "2026/01/05", "2026-01-05 ", " 2026-01-05", "2026-01-05T00:00", "-026-01-05", "+026-01-05",
        "", "2026-01", "2026-01-05-", "２０２６-01-05", "2026-0१-05",
    ])
    func `a day that does not exist or is written otherwise is refused`(text: String) {
        #expect(CalendarDate(iso: text) == nil)
    }

    @Test(arguments: [
        "2026/1/5", "2026.1.5", "2026-1-5", "2026年1月5日", "20260105",
    ])
    func `what people write besides is read`(text: String) {
        #expect(CalendarDate(written: text)?.iso == "2026-01-05")
        #expect(
            CalendarDate(written: "2026013٥") == nil && CalendarDate(written: "20261305") == nil)
        #expect(CalendarDate(written: "-2026010") == nil && CalendarDate(written: "2026010") == nil)
    }

    @Test func `days outside the years of the calendar are refused without a crash`() {
        #expect(CalendarDate(year: 10_000, month: 1, day: 1) == nil)
        #expect(CalendarDate(year: 0, month: 1, day: 1) == nil)
        #expect(CalendarDate(year: .max, month: .max, day: .max) == nil)
        #expect(CalendarDate(year: .min, month: 1, day: 1) == nil)
    }

    @Test func `the day of an instant is China's, eight hours ahead of UTC`() {
        // 2026-01-01T00:00+08:00 is 2025-12-31T16:00Z.
        let midnight: Int64 = 1_767_196_800_000
        #expect(CalendarDate(millisecondsSinceEpoch: midnight).iso == "2026-01-01")
        #expect(CalendarDate(millisecondsSinceEpoch: midnight - 1).iso == "2025-12-31")
        #expect(CalendarDate(millisecondsSinceEpoch: 0).iso == "1970-01-01")
        #expect(CalendarDate(millisecondsSinceEpoch: -28_800_001).iso == "1969-12-31")
    }

    @Test(
        arguments: [Int64.min, .max, .min + 1, .max - 1])
    func `a clock that is wildly wrong still gives some day`(milliseconds: Int64) {
        _ = CalendarDate(millisecondsSinceEpoch: milliseconds).iso
    }
}
