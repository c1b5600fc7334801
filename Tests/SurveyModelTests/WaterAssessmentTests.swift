import Foundation
import SurveyModel
import TestSupport
import Testing

/// A row of Tests/Fixtures/water_vectors.csv: a worked case of a standard.
struct WaterVector: Sendable, CustomTestStringConvertible {
    let columns: [String: String]

    var testDescription: String { "case \(columns["case"] ?? "?")" }

    static let all: [WaterVector] = {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Fixtures/water_vectors.csv")
        guard let bytes = try? Data(contentsOf: file) else { return [] }
        var parser = CSVParser()
        var rows = (try? parser.parse(bytes)) ?? []
        if let last = try? parser.finish() { rows.append(last) }
        guard let header = rows.first?.fields else { return [] }
        return rows.dropFirst().map { row in
            WaterVector(columns: Dictionary(zip(header, row.fields)) { a, _ in a })
        }
    }()

    var answers: Answers {
        var answers = Answers()
        func number(_ key: String) -> Int64? { columns[key].flatMap { Int64($0) } }
        answers[Water.region] = columns["region"].flatMap { WaterRegion(rawValue: $0) }
        answers[Water.litresPerPersonDay] = columns["litres_pcd"].flatMap { ScaledDecimal($0) }
        answers[Water.qualityBasis] = columns["quality"].flatMap { QualityBasis(rawValue: $0) }
        // A sensory check counts for dispersed supply only.
        answers[Water.supplyMode] = answers[Water.qualityBasis] == .sensory ? .dispersed : .small
        answers[Water.toHome] = columns["to_home"] == "1"
        answers[Water.roundTripMinutes] = number("roundtrip_min")
        answers[Water.horizontalMetres] = number("horiz_m")
        answers[Water.verticalMetres] = number("vert_m")
        answers[Water.shortDaysYear] = number("short_days_year")
        answers[Water.longestDryRun] = number("consec_short_days")
        return answers
    }
}

@Suite struct WaterAssessmentTests {
    @Test(arguments: [
        (Detection.detected, "1", "7", SupplyMode.small, IndicatorResult.fail),
        (.notDetected, "3", "6.5", .dispersed, .pass), (.notDetected, "3.1", "7", .small, .fail),
        (.notDetected, "1.5", "7", .urbanExtension, .fail),
        (.notDetected, "1", "8.5", .urbanExtension, .pass),
        (.notDetected, "1", "8.6", .small, .fail),
    ])
    func `what was measured outside GB 5749 fails, whatever somebody concluded`(
        coliform: Detection, turbidity: String, ph: String, mode: SupplyMode,
        expected: IndicatorResult
    ) throws {
        var answers = Answers()
        answers[Water.supplyMode] = mode
        answers[Water.qualityBasis] = .standard
        answers[Water.totalColiform] = coliform
        answers[Water.turbidity] = ScaledDecimal(turbidity)
        answers[Water.ph] = ScaledDecimal(ph)
        for standard in WaterStandard.allCases {
            let quality = try #require(
                standard.indicators(answers).first { $0.key == "quality" })
            #expect(quality.result == expected, "\(quality.label.en)")
        }
    }

    @Test func `the fixture has the worked cases`() {
        #expect(WaterVector.all.count == 8)
        #expect(WaterVector.all.allSatisfy { $0.columns.count == 16 })
    }

    @Test(arguments: WaterVector.all)
    func `a worked case comes out as published`(vector: WaterVector) throws {
        let standard = try #require(
            WaterStandard.allCases.first { $0.name == vector.columns["standard"] })
        let indicators = standard.indicators(vector.answers).map(\.result.rawValue)
        let expected = ["quantity", "quality_r", "convenience", "reliability"].map {
            vector.columns[$0] ?? ""
        }
        #expect(indicators == expected)
        let assessment = standard.assess(vector.answers)
        #expect(assessment.result.rawValue == vector.columns["overall"])
        #expect(assessment.standard == vector.columns["standard"])
    }

    /// A household with everything right, piped.
    private static func piped() -> Answers {
        var answers = Answers()
        answers[Water.supplyMode] = .small
        answers[Water.region] = .wet
        answers[Water.litresPerPersonDay] = 60
        answers[Water.qualityBasis] = .standard
        answers[Water.toHome] = true
        answers[Water.shortDaysYear] = 18
        answers[Water.longestDryRun] = 0
        return answers
    }

    private func result(_ standard: WaterStandard, _ index: Int, _ change: (inout Answers) -> Void)
        -> IndicatorResult
    {
        var answers = Self.piped()
        change(&answers)
        return standard.indicators(answers)[index].result
    }

    @Test(
        arguments: [
            ("60", .wet, .pass), ("59.999999999", .wet, .basic),
            ("35", .wet, .basic), ("34.9", .wet, .fail), ("0", .wet, .fail), ("40", .dry, .pass),
            ("39.9", .dry, .basic), ("20", .dry, .basic), ("19.9", .dry, .fail),
            ("60", nil, .pass), ("59.9", nil, .missing), ("35", nil, .basic),
            ("34.9", nil, .missing), ("20", nil, .missing),
            ("19.9", nil, .fail), ("40", nil, .missing),
        ] as [(String, WaterRegion?, IndicatorResult)])
    func `T/CHES judges quantity by region, and without it only what both agree on`(
        litres: String, region: WaterRegion?, expected: IndicatorResult
    ) {
        let judged = result(.tches2018, 0) {
            $0[Water.litresPerPersonDay] = ScaledDecimal(litres)
            $0[Water.region] = region
        }
        #expect(judged == expected)
    }

    @Test(arguments: [
        (Int64(10), Int64(9_999), Int64(999), IndicatorResult.pass), (11, 0, 0, .basic),
        (20, 0, 0, .basic), (21, 0, 0, .fail), (0, 0, 0, .pass),
    ])
    func `T/CHES goes by the measured time when there is one`(
        minutes: Int64, horizontal: Int64, vertical: Int64, expected: IndicatorResult
    ) {
        let judged = result(.tches2018, 2) {
            $0[Water.toHome] = false
            $0[Water.roundTripMinutes] = minutes
            $0[Water.horizontalMetres] = horizontal
            $0[Water.verticalMetres] = vertical
        }
        #expect(judged == expected)
    }

    @Test(
        arguments: [
            (400, 40, .pass), (401, 40, .basic), (400, 41, .basic),
            (800, 80, .basic), (801, 0, .fail), (0, 81, .fail), (801, nil, .fail), (nil, 81, .fail),
            (400, nil, .missing), (nil, 40, .missing), (nil, nil, .missing),
        ] as [(Int64?, Int64?, IndicatorResult)])
    func `T/CHES goes by both distances when no time was measured`(
        horizontal: Int64?, vertical: Int64?, expected: IndicatorResult
    ) {
        let judged = result(.tches2018, 2) {
            $0[Water.toHome] = false
            $0[Water.horizontalMetres] = horizontal
            $0[Water.verticalMetres] = vertical
        }
        #expect(judged == expected)
    }

    @Test(
        arguments: [
            (0, .pass), (18, .pass), (19, .basic), (36, .basic), (37, .fail), (nil, .missing),
        ] as [(Int64?, IndicatorResult)])
    func `T/CHES counts short days`(days: Int64?, expected: IndicatorResult) {
        #expect(result(.tches2018, 3) { $0[Water.shortDaysYear] = days } == expected)
    }

    @Test(
        arguments: [
            (.standard, .tenThousand, .pass, .pass),
            (.standard, nil, .pass, .pass),
            (.relaxed, .urbanExtension, .fail, .fail), (.relaxed, .tenThousand, .fail, .fail),
            (.relaxed, .thousand, .pass, .pass), (.relaxed, .small, .pass, .pass),
            (.relaxed, .dispersed, .pass, .pass), (.relaxed, nil, .missing, .missing),
            (.sensory, .dispersed, .basic, .pass), (.sensory, .small, .missing, .missing),
            (.sensory, .urbanExtension, .missing, .missing), (.sensory, nil, .missing, .missing),
            (.failed, .small, .fail, .fail), (.failed, nil, .fail, .fail),
            (.unknown, .small, .missing, .missing), (nil, .dispersed, .missing, .missing),
        ] as [(QualityBasis?, SupplyMode?, IndicatorResult, IndicatorResult)])
    func `quality depends on what it rests on and on the scheme`(
        basis: QualityBasis?, mode: SupplyMode?, tches: IndicatorResult, guizhou: IndicatorResult
    ) {
        func change(_ answers: inout Answers) {
            answers[Water.qualityBasis] = basis
            answers[Water.supplyMode] = mode
        }
        #expect(result(.tches2018, 1, change) == tches)
        #expect(result(.guizhou2021, 1, change) == guizhou)
    }

    @Test(arguments: [Water.visibleMatter, Water.offColourOdour, Water.adverseReaction].map(\.key))
    func `a complaint refutes a sensory check`(key: String) throws {
        let field = try #require(Water.form.field(key: key))
        let judged = result(.tches2018, 1) {
            $0[Water.supplyMode] = .dispersed
            $0[Water.qualityBasis] = .sensory
            $0[field.tag] = .boolean(true)
        }
        #expect(judged == .fail)
    }

    @Test func `relaxed limits are named with their version`() {
        var answers = Self.piped()
        answers[Water.qualityBasis] = .relaxed
        let quality = WaterStandard.tches2018.indicators(answers)[1]
        #expect(quality.label.en.contains("GB 5749-2006"))
        #expect(quality.label.zh.contains("GB 5749-2006"))
    }

    @Test(arguments: [("35", IndicatorResult.pass), ("34.9", .fail), ("0", .fail)])
    func `Guizhou asks for 35 litres whatever the region`(litres: String, expected: IndicatorResult)
    {
        for region in [WaterRegion.wet, .dry, nil] {
            let judged = result(.guizhou2021, 0) {
                $0[Water.litresPerPersonDay] = ScaledDecimal(litres)
                $0[Water.region] = region
            }
            #expect(judged == expected)
        }
    }

    @Test(
        arguments: [
            (1_000, 100, .pass), (1_001, 0, .fail), (0, 101, .fail),
            (1_001, nil, .fail), (nil, 101, .fail), (1_000, nil, .missing), (nil, nil, .missing),
        ] as [(Int64?, Int64?, IndicatorResult)])
    func `Guizhou goes by distance alone`(
        horizontal: Int64?, vertical: Int64?, expected: IndicatorResult
    ) {
        let judged = result(.guizhou2021, 2) {
            $0[Water.toHome] = false
            $0[Water.roundTripMinutes] = 5
            $0[Water.horizontalMetres] = horizontal
            $0[Water.verticalMetres] = vertical
        }
        #expect(judged == expected)
    }

    @Test(
        arguments: [
            (.small, 36, 366, .pass),
            (.small, 37, 0, .fail), (.small, nil, 0, .missing), (.urbanExtension, 36, nil, .pass),
            (.dispersed, 366, 30, .pass), (.dispersed, 0, 31, .fail),
            (.dispersed, 0, nil, .missing),
            (nil, 0, 0, .missing),
        ] as [(SupplyMode?, Int64?, Int64?, IndicatorResult)])
    func `Guizhou counts a year's days for pipes and a dry run for dispersed supply`(
        mode: SupplyMode?, days: Int64?, run: Int64?, expected: IndicatorResult
    ) {
        let judged = result(.guizhou2021, 3) {
            $0[Water.supplyMode] = mode
            $0[Water.shortDaysYear] = days
            $0[Water.longestDryRun] = run
        }
        #expect(judged == expected)
    }

    @Test func `the standards differ on purpose, and the assessment says which one spoke`() {
        var answers = Self.piped()
        answers[Water.litresPerPersonDay] = 36
        answers[Water.shortDaysYear] = 36
        let national = WaterStandard.tches2018.assess(answers)
        let province = WaterStandard.guizhou2021.assess(answers)
        #expect(national.result == .basicallySafe)
        #expect(province.result == .safe)
        #expect(national.standard != province.standard)
        #expect(national.because.zh.contains("T/CHES 18-2018"))
    }

    @Test func `one failure is unsafe even when all else is missing`() {
        var answers = Answers()
        answers[Water.shortDaysYear] = 100
        let assessment = WaterStandard.tches2018.assess(answers)
        #expect(assessment.result == .unsafe)
        #expect(assessment.deciding.map(\.key) == ["reliability"])
    }

    @Test(arguments: WaterStandard.allCases)
    func `no answers are not assessed`(standard: WaterStandard) {
        let assessment = standard.assess(Answers())
        #expect(assessment.result == .notAssessed)
        #expect(assessment.deciding.allSatisfy { $0.result == .missing })
    }

    /// Answers that speak against the household; everything else only speaks for it.
    private static let counterEvidence: Set<FieldTag> = [
        Water.visibleMatter.definition.tag, Water.offColourOdour.definition.tag,
        Water.adverseReaction.definition.tag, Water.roundTripMinutes.definition.tag,
        Water.horizontalMetres.definition.tag, Water.verticalMetres.definition.tag,
        Water.longestDryRun.definition.tag,
    ]

    @Test(arguments: 0..<300 as Range<UInt64>)
    func `missing is never a pass`(seed: UInt64) throws {
        var random = SplitMix64(seed)
        let answers = Self.anyAnswers(&random)
        let before = WaterStandard.tches2018.assess(answers).result
        for tag in answers.values.keys where before != .safe {
            var fewer = answers
            fewer[tag] = nil
            let after = WaterStandard.tches2018.assess(fewer)
            if Self.counterEvidence.contains(tag) {
                // Without the measured time the two distances speak; without a complaint the
                // basis does. Nothing passes for want of both.
                let needed = [
                    Water.litresPerPersonDay.definition.tag, Water.qualityBasis.definition.tag,
                    Water.toHome.definition.tag, Water.shortDaysYear.definition.tag,
                ]
                #expect(after.result != .safe || needed.allSatisfy { fewer[$0] != nil })
            } else {
                #expect(after.result != .safe, "without \(tag.rawValue)")
                #expect(
                    before == .basicallySafe || after.result != .basicallySafe,
                    "without \(tag.rawValue)")
            }
        }
    }

    @Test(arguments: 0..<100 as Range<UInt64>)
    func `a safe household has an answer for every indicator`(seed: UInt64) {
        var random = SplitMix64(seed)
        for _ in 0..<50 {
            let answers = Self.anyAnswers(&random)
            let result = WaterStandard.tches2018.assess(answers).result
            guard result == .safe || result == .basicallySafe else { continue }
            #expect(answers[Water.litresPerPersonDay] != nil)
            #expect(answers[Water.qualityBasis] != nil)
            #expect(answers[Water.shortDaysYear] != nil)
            #expect(
                answers[Water.toHome] == true || answers[Water.roundTripMinutes] != nil
                    || (answers[Water.horizontalMetres] != nil
                        && answers[Water.verticalMetres] != nil)
            )
        }
    }

    private static func anyAnswers(_ random: inout SplitMix64) -> Answers {
        var answers = Answers()
        func maybe<T>(_ value: T?) -> T? { random.chance(6) ? nil : value }
        answers[Water.supplyMode] = maybe(SupplyMode.allCases.randomElement(using: &random))
        answers[Water.region] = maybe(WaterRegion.allCases.randomElement(using: &random))
        answers[Water.litresPerPersonDay] = maybe([15, 30, 50, 80].randomElement(using: &random))
        answers[Water.qualityBasis] = maybe(
            [.standard, .standard, .relaxed, .sensory, .failed, .unknown].randomElement(
                using: &random))
        answers[Water.visibleMatter] = maybe(random.chance(4))
        answers[Water.offColourOdour] = maybe(random.chance(4))
        answers[Water.adverseReaction] = maybe(random.chance(4))
        answers[Water.toHome] = maybe(Bool.random(using: &random))
        answers[Water.roundTripMinutes] = maybe([5, 15, 30].randomElement(using: &random))
        answers[Water.horizontalMetres] = maybe([300, 700, 900].randomElement(using: &random))
        answers[Water.verticalMetres] = maybe([30, 70, 90].randomElement(using: &random))
        answers[Water.shortDaysYear] = maybe([5, 30, 40].randomElement(using: &random))
        answers[Water.longestDryRun] = maybe([2, 40].randomElement(using: &random))
        return answers
    }
}
