import SurveyCoverage
import TestSupport
import Testing

@Suite struct RateTests {
    @Test(arguments: [
        (0, 0, "—"), (5, 0, "—"), (0, 10, "0%"), (10, 10, "100%"), (1, 1, "100%"),
        (10_068, 10_643, "94.59%"), (237, 241, "98.34%"), (9_999, 10_000, "99.99%"),
        (99_999, 100_000, "99.99%"), (999_999_999, 1_000_000_000, "99.99%"), (1, 10_000, "0.01%"),
        (1, 10_001, "<0.01%"), (1, 1_000_000_000, "<0.01%"), (1, 3, "33.33%"), (2, 3, "66.66%"),
        (1, 2, "50.00%"), (1, 20, "5.00%"), (1, 1_000, "0.10%"), (107, 1_000, "10.70%"),
        (3, 2, "100%"),
    ])
    func `a rate is floored and is 100 only when all are in`(
        numerator: Int, denominator: Int, text: String
    ) {
        #expect(Rate(numerator, of: denominator).text == text)
    }

    @Test(arguments: 0..<100 as Range<UInt64>)
    func `a printed rate never exceeds the true one`(seed: UInt64) throws {
        var random = SplitMix64(seed)
        for _ in 0..<50 {
            let denominator = Int.random(in: 1...2_000_000, using: &random)
            let numerator = Int.random(in: 0...denominator, using: &random)
            let text = Rate(numerator, of: denominator).text
            #expect(text.hasSuffix("%"))
            if text == "<0.01%" {
                #expect(numerator > 0 && numerator * 10_000 < denominator)
                continue
            }
            let digits = text.dropLast().filter { $0 != "." }
            let scale = text.contains(".") ? 1 : 100
            let hundredths = try #require(Int(digits)) * scale
            #expect(hundredths * denominator <= numerator * 10_000)
            #expect((hundredths + 1) * denominator > numerator * 10_000)
            #expect((text == "100%") == (numerator == denominator))
        }
    }
}
