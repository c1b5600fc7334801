import SurveyModel
import Testing

@Suite struct HousingAssessmentTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var source: DwellingSource?
        var occupied: Bool?
        var grade: HouseGrade?
        var site: SiteSafety?
        let expected: AssessmentResult
        let testDescription: String

        init(
            _ description: String, _ source: DwellingSource?, _ grade: HouseGrade?,
            occupied: Bool? = true, site: SiteSafety? = nil, _ expected: AssessmentResult
        ) {
            self.source = source
            self.occupied = occupied
            self.grade = grade
            self.site = site
            self.expected = expected
            self.testDescription = description
        }
    }

    @Test(arguments: [
        Case("own, A", .own, .a, .safe), Case("own, B", .own, .b, .basicallySafe),
        Case("own, C lived in", .own, .c, .unsafe), Case("own, D lived in", .own, .d, .unsafe),
        Case("own, no grade", .own, nil, .notAssessed),
        Case("own, whether lived in is not said", .own, .d, occupied: nil, .unsafe),
        Case("own A, whether lived in is not said", .own, .a, occupied: nil, .notAssessed),
        Case("rented B, whether lived in is not said", .rented, .b, occupied: nil, .notAssessed),
        Case(
            "abandoned D, living in a relocation flat of grade A", .relocation, .a, occupied: false,
            .safe),
        Case("abandoned, living with kin in a B", .kin, .b, occupied: false, .basicallySafe),
        Case("abandoned, living with kin, grade unknown", .kin, nil, occupied: false, .notAssessed),
        Case("own A, but nobody lives in it", .own, .a, occupied: false, .notAssessed),
        Case("own D, but nobody lives in it", .own, .d, occupied: false, .notAssessed),
        Case("rented C", .rented, .c, .unsafe), Case("collective A", .collective, .a, .safe),
        Case("no home", DwellingSource.none, nil, .unsafe),
        Case("no home, whatever the grade says", DwellingSource.none, .a, .unsafe),
        Case("source missing", nil, .a, .notAssessed),
        Case("A on a dangerous site", .own, .a, site: .unsafe, .unsafe),
        Case("ungraded on a dangerous site", .rented, nil, site: .unsafe, .unsafe),
        Case("A on a safe site", .own, .a, site: .safe, .safe),
    ])
    func `the dwelling really lived in decides`(situation: Case) {
        var answers = Answers()
        answers[Housing.dwellingSource] = situation.source
        answers[Housing.occupied] = situation.occupied
        answers[Housing.grade] = situation.grade
        answers[Housing.siteSafe] = situation.site
        let assessment = HousingAssessment.assess(answers)
        #expect(assessment.result == situation.expected)
        #expect(assessment.deciding.count == 1)
        #expect(!assessment.because.zh.isEmpty && !assessment.because.en.isEmpty)
    }

    @Test(arguments: DwellingSource.allCases, HouseGrade.allCases)
    func `C or D is never safe and a missing grade never passes`(
        source: DwellingSource, grade: HouseGrade
    ) {
        var answers = Answers()
        answers[Housing.dwellingSource] = source
        answers[Housing.grade] = grade
        let safe: [AssessmentResult] = [.safe, .basicallySafe]
        if grade == .c || grade == .d {
            #expect(HousingAssessment.assess(answers).result == .unsafe)
        }
        answers[Housing.grade] = nil
        #expect(!safe.contains(HousingAssessment.assess(answers).result))
    }
}

@Suite struct MedicalAssessmentTests {
    struct Case: Sendable {
        let insurance: Insurance?
        let reason: UninsuredReason?
        let year: Int64?
        let expected: AssessmentResult

        init(
            _ insurance: Insurance?, _ reason: UninsuredReason?, _ year: Int64?,
            _ expected: AssessmentResult
        ) {
            self.insurance = insurance
            self.reason = reason
            self.year = year
            self.expected = expected
        }
    }

    @Test(arguments: [
        Case(.resident, nil, 2026, .safe), Case(.employee, nil, 2026, .safe),
        Case(.other, nil, 2026, .safe), Case(.resident, nil, 2025, .notAssessed),
        Case(.resident, nil, 2027, .notAssessed), Case(.resident, nil, nil, .notAssessed),
        Case(Insurance.none, .died, nil, .excluded),
        Case(Insurance.none, .newlyAdded, nil, .excluded),
        Case(Insurance.none, .military, nil, .excluded),
        Case(Insurance.none, .imprisoned, nil, .excluded),
        Case(Insurance.none, .otherReasonable, nil, .excluded),
        Case(Insurance.none, .notReasonable, nil, .unsafe),
        Case(Insurance.none, nil, nil, .notAssessed),
        Case(Insurance.none, nil, 2026, .notAssessed), Case(nil, nil, 2026, .notAssessed),
        Case(nil, .notReasonable, nil, .notAssessed),
    ])
    func `insurance of the round's year, or a reason`(situation: Case) {
        var answers = Answers()
        answers[Medical.insurance] = situation.insurance
        answers[Medical.uninsuredReason] = situation.reason
        answers[Medical.insuredYear] = situation.year
        #expect(MedicalAssessment.assess(answers, year: 2026).result == situation.expected)
        let context = AssessmentContext(year: 2026, waterStandard: .tches2018)
        #expect(context.assess(.medical, answers)?.result == situation.expected)
    }

    @Test func `a form that concludes nothing has no assessment`() {
        let context = AssessmentContext(year: 2026, waterStandard: .guizhou2021)
        #expect(context.assess(.household, Answers()) == nil)
        #expect(context.assess(.decision, Answers()) == nil)
        #expect(context.assess(.water, Answers())?.standard == WaterStandard.guizhou2021.name)
    }
}
