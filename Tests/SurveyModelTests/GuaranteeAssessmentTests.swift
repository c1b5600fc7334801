import SurveyModel
import Testing

/// Worked cases of schooling, clinics, the JMP ladder and what an unsafe answer calls for.
@Suite struct GuaranteeAssessmentTests {
    private static func answers(_ body: (inout Answers) -> Void) -> Answers {
        var answers = Answers()
        body(&answers)
        return answers
    }

    // Source: 义务教育有保障; states of the Ministry of Education's notice of 2024.
    @Test(arguments: [
        (SchoolState.inSchool, AssessmentResult.safe), (.homeTeaching, .safe), (.deferred, .safe),
        (.returned, .safe), (.suspectedDropout, .unsafe), (.droppedOut, .unsafe),
        (.unable, .excluded),
    ])
    func `a child is secured unless it drops out`(state: SchoolState, expected: AssessmentResult) {
        let answers = Self.answers { $0[Schooling.state] = state }
        let assessment = SchoolingAssessment.assess(answers)
        #expect(assessment.result == expected)
        #expect(assessment.deciding.first?.key == "school_state")
    }

    @Test func `a child of whom nothing is known is not assessed`() {
        #expect(SchoolingAssessment.assess(Answers()).result == .notAssessed)
    }

    // Source: DOMAIN: blank spot = no clinic arrangement or no doctor.
    @Test(arguments: [
        (ClinicArrangement?.none, Int64?.none, AssessmentResult.notAssessed),
        (ClinicArrangement.none, 2, .unsafe), (.own, nil, .notAssessed), (.own, 0, .unsafe),
        (.shared, 1, .safe), (.visiting, 1, .safe),
    ])
    func `a village without a clinic arrangement or a doctor is a blank spot`(
        arrangement: ClinicArrangement?, doctors: Int64?, expected: AssessmentResult
    ) {
        let answers = Self.answers {
            $0[Clinic.arrangement] = arrangement
            $0[Clinic.doctors] = doctors
        }
        #expect(ClinicAssessment.assess(answers).result == expected)
    }

    // Source: WHO/UNICEF JMP service ladder for drinking water.
    @Test(arguments: [
        (
            DrinkingSource.piped, true, Int64?.none, Int64?(5), Detection?.some(.notDetected),
            DrinkingWaterRung.safelyManaged
        ),
        (.piped, true, nil, 5, nil, .basic), (.piped, true, nil, 30, .notDetected, .basic),
        (.piped, true, nil, nil, .notDetected, .basic), (.piped, true, nil, 5, .detected, .basic),
        (.borehole, false, 30, 0, .notDetected, .basic),
        (.borehole, false, 31, 0, .notDetected, .limited),
        (.borehole, false, nil, 0, .notDetected, .unknown),
        (.unprotectedWell, true, nil, 0, .notDetected, .unimproved),
        (.surface, true, nil, 0, .notDetected, .surface),
    ])
    func `nothing unknown lifts a household on the ladder`(
        source: DrinkingSource, toHome: Bool, minutes: Int64?, shortDays: Int64?,
        coliform: Detection?, expected: DrinkingWaterRung
    ) {
        let answers = Self.answers {
            $0[Water.jmpSource] = source
            $0[Water.toHome] = toHome
            $0[Water.roundTripMinutes] = minutes
            $0[Water.shortDaysYear] = shortDays
            $0[Water.totalColiform] = coliform
        }
        #expect(DrinkingWaterLadder.rung(answers).rung == expected)
    }

    // Source: DOMAIN: a D house that is lived in is an urgent finding.
    @Test func `an unsafe answer calls for a finding, a safe one does not`() throws {
        let lived = Self.answers {
            $0[Housing.dwellingSource] = .own
            $0[Housing.occupied] = true
            $0[Housing.grade] = .d
        }
        let urgent = try #require(
            FindingProposal(.housing, HousingAssessment.assess(lived), lived))
        #expect(urgent.category == .housing && urgent.severity == .urgent)
        #expect(urgent.severity.days == 7)
        var c = lived
        c[Housing.grade] = .c
        #expect(FindingProposal(.housing, HousingAssessment.assess(c), c)?.severity == .serious)
        var a = lived
        a[Housing.grade] = .a
        #expect(FindingProposal(.housing, HousingAssessment.assess(a), a) == nil)
        let dropped = Self.answers { $0[Schooling.state] = .droppedOut }
        #expect(
            FindingProposal(.schooling, SchoolingAssessment.assess(dropped), dropped)?.severity
                == .urgent)
    }

    @Test func `a monitored household's time limits are warnings, its order is a rule`() throws {
        let today = try #require(CalendarDate(iso: "2026-06-01"))
        let validator = FormValidator(form: Monitored.form, today: today)
        let section: Set<SectionTag> = [Monitored.form.section(key: "identification")!.tag]
        var answers = Answers()
        answers[Monitored.clueDate] = CalendarDate(iso: "2026-03-01")
        answers[Monitored.identifiedDate] = CalendarDate(iso: "2026-03-16")
        answers[Monitored.publicityDays] = 5
        #expect(validator.warnings(in: answers, sections: section).isEmpty)
        answers[Monitored.identifiedDate] = CalendarDate(iso: "2026-03-17")
        answers[Monitored.publicityDays] = 4
        #expect(validator.warnings(in: answers, sections: section).count == 2)
        #expect(validator.problems(in: answers, sections: section).isEmpty)
        answers[Monitored.identifiedDate] = nil
        #expect(
            validator.warnings(in: answers, sections: section).contains {
                $0.zh == "线索日期已过去 15 天以上，还没有识别日期"
            })
        let soon = FormValidator(
            form: Monitored.form, today: try #require(CalendarDate(iso: "2026-03-16")))
        #expect(soon.warnings(in: answers, sections: section).count == 1)
        answers[Monitored.identifiedDate] = CalendarDate(iso: "2026-02-28")
        #expect(
            validator.problems(in: answers, sections: section).map(\.reason)
                == [.exceeds(Monitored.identifiedDate.definition.label, isDate: true)])
    }

    @Test func `whoever rectified a finding cannot verify it`() throws {
        let today = try #require(CalendarDate(iso: "2026-06-01"))
        let validator = FormValidator(form: Finding.form, today: today)
        let section: Set<SectionTag> = [Finding.form.section(key: "rectification")!.tag]
        let (one, other) = (SubjectID(1).bytes, SubjectID(2).bytes)
        var answers = Answers()
        answers[Finding.state] = .verified
        answers[Finding.rectifiedOn] = CalendarDate(iso: "2026-05-01")
        answers[Finding.done] = "已加固"
        answers[Finding.rectifiedBy] = one
        answers[Finding.verifiedOn] = CalendarDate(iso: "2026-05-02")
        answers[Finding.verifiedBy] = other
        #expect(validator.problems(in: answers, sections: section).isEmpty)
        answers[Finding.verifiedBy] = one
        #expect(
            validator.problems(in: answers, sections: section).map(\.reason)
                == [.sameAs(Finding.rectifiedBy.definition.label)])
    }
}
