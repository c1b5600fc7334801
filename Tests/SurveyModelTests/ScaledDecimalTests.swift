import SurveyModel
import TestSupport
import Testing

@Suite struct ScaledDecimalTests {
    @Test(arguments: 0..<200 as Range<UInt64>)
    func `text and value survive each other`(seed: UInt64) throws {
        var random = SplitMix64(seed)
        for _ in 0..<20 {
            let digits = Int.random(in: 0...63, using: &random)
            let unscaled = Int64(bitPattern: random.next()) >> Int64(digits)
            let scale = UInt8.random(in: 0...9, using: &random)
            let value = try #require(ScaledDecimal(unscaled: unscaled, scale: scale))
            guard value.unscaled != .min else { continue }
            #expect(ScaledDecimal(value.text) == value, "\(unscaled) / 10^\(scale)")
        }
    }

    @Test(arguments: [
        ("12.50", "12.5"), ("0012.5", "12.5"), ("-0", "0"), ("-0.00", "0"), ("100", "100"),
        ("0.000000001", "0.000000001"), ("-0.5", "-0.5"), ("60.0", "60"),
        ("9223372036854775807", "9223372036854775807"),
        ("-9223372036.854775807", "-9223372036.854775807"),
    ])
    func `a number has one canonical form`(text: String, canonical: String) throws {
        let value = try #require(ScaledDecimal(text))
        #expect(value.text == canonical)
        #expect(ScaledDecimal(canonical) == value)
        #expect(ScaledDecimal(canonical)?.hashValue == value.hashValue)
    }

    @Test(arguments: [
        "", "-", ".", "1.", ".5", "+1", "--1", "1.2.3", "1e3", "1,000", " 1", "1 ", "0x10", "NaN",
        "inf", "1.0000000000", "9223372036854775808", "99999999999999999999", "１２", "1.٥", "-.5",
        "1\u{301}", "1.\u{301}5",
    ])
    func `what is no plain number is refused`(text: String) {
        #expect(ScaledDecimal(text) == nil)
    }

    @Test func `a scale beyond nine digits is refused`() {
        #expect(ScaledDecimal(unscaled: 1, scale: 10) == nil)
        #expect(ScaledDecimal(unscaled: 0, scale: 255) == nil)
        #expect(ScaledDecimal(unscaled: 1_000, scale: 3) == 1)
    }

    @Test(arguments: 0..<100 as Range<UInt64>)
    func `numbers are ordered by value, whatever their scale`(seed: UInt64) throws {
        var random = SplitMix64(seed)
        for _ in 0..<20 {
            let a = Int64.random(in: -9_999_999...9_999_999, using: &random)
            let b = Int64.random(in: -9_999_999...9_999_999, using: &random)
            let (p, q) = (
                Int.random(in: 0...6, using: &random), Int.random(in: 0...6, using: &random)
            )
            func power(_ n: Int) -> Int64 { (0..<n).reduce(1) { value, _ in value * 10 } }
            let (x, y) = (a * power(6 - p), b * power(6 - q))
            let left = try #require(ScaledDecimal(unscaled: a, scale: UInt8(p)))
            let right = try #require(ScaledDecimal(unscaled: b, scale: UInt8(q)))
            #expect((left < right) == (x < y))
            #expect((left == right) == (x == y))
            #expect((left > right) == (x > y))
        }
    }

    @Test func `the extremes compare without overflow`() throws {
        let tiny = try #require(ScaledDecimal(unscaled: .min, scale: 0))
        let huge = try #require(ScaledDecimal(unscaled: .max, scale: 0))
        let small = try #require(ScaledDecimal("0.000000001"))
        #expect(tiny < small)
        #expect(small < huge)
        #expect(tiny < huge)
    }

    @Test func `the least number survives its text`() throws {
        let least = try #require(ScaledDecimal(unscaled: .min, scale: 0))
        #expect(ScaledDecimal(least.text) == least)
    }
}
