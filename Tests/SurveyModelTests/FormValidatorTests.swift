import SurveyModel
import Testing

@Suite struct FormValidatorTests {
    private static let today = CalendarDate(year: 2026, month: 3, day: 5)!

    private func validator(_ form: Form) -> FormValidator {
        FormValidator(form: form, today: Self.today)
    }

    private func problems(_ form: Form, _ answers: Answers, _ sections: String...) -> [String:
        AnswerProblem.Reason]
    {
        let tags = Set(sections.map { form.section(key: $0)!.tag })
        let problems = validator(form).problems(in: answers, sections: tags)
        return Dictionary(problems.map { ($0.field, $0.reason) }) { a, _ in a }
    }

    private func safety(_ grade: HouseGrade?, appraiser: String? = nil, date: CalendarDate? = nil)
        -> Answers
    {
        var answers = Answers()
        answers[Housing.dwellingSource] = .own
        answers[Housing.grade] = grade
        answers[Housing.appraiser] = appraiser
        answers[Housing.gradeDate] = date
        return answers
    }

    @Test(arguments: [HouseGrade.a, .b, nil])
    func `a house that is no danger needs no appraiser`(grade: HouseGrade?) {
        #expect(problems(Housing.form, safety(grade), "safety").isEmpty)
    }

    @Test(arguments: [HouseGrade.c, .d])
    func `a dangerous house needs its appraiser and the day`(grade: HouseGrade) {
        #expect(
            problems(Housing.form, safety(grade), "safety")
                == ["appraiser": .missing, "grade_date": .missing])
        #expect(
            problems(Housing.form, safety(grade, appraiser: "王"), "safety")
                == ["grade_date": .missing])
        #expect(
            problems(Housing.form, safety(grade, appraiser: "王", date: Self.today), "safety")
                .isEmpty)
    }

    @Test func `what a section demands is demanded only when that section is written`() {
        #expect(problems(Housing.form, safety(.d), "building", "renovation").isEmpty)
        #expect(problems(Housing.form, Answers(), "safety") == ["dwelling_source": .missing])
        #expect(problems(Housing.form, Answers(), "building").isEmpty)
    }

    @Test func `a cleared answer does not satisfy a demand`() {
        var answers = safety(.d, appraiser: "王", date: Self.today)
        answers[Housing.appraiser.definition.tag] = .null
        #expect(problems(Housing.form, answers, "safety") == ["appraiser": .missing])
    }

    @Test func `a day after today is refused, today is not`() {
        let tomorrow = CalendarDate(daysSinceEpoch: Self.today.daysSinceEpoch + 1)
        #expect(
            problems(Housing.form, safety(.c, appraiser: "王", date: tomorrow), "safety")
                == ["grade_date": .inFuture(yearsAhead: 0)])
        var building = Answers()
        building[Housing.buildYear] = 2027
        #expect(
            problems(Housing.form, building, "building") == ["build_year": .inFuture(yearsAhead: 0)]
        )
        building[Housing.buildYear] = 2026
        #expect(problems(Housing.form, building, "building").isEmpty)
    }

    @Test func `a named answer that is not asked is a problem`() {
        var answers = Answers()
        answers[Housing.dwellingSource] = DwellingSource.none
        answers[Housing.grade] = .a
        let named = Set([Housing.grade.definition.tag])
        let kept = validator(Housing.form).clearingIrrelevant(answers, named: named)
        #expect(kept[Housing.grade] == .a)
        #expect(problems(Housing.form, kept, "safety") == ["grade": .irrelevant])
    }

    @Test func `an old answer that is no longer asked is cleared on purpose, not kept`() {
        var answers = safety(.d, appraiser: "王", date: Self.today)
        answers[Housing.dwellingSource] = DwellingSource.none
        let named = Set([Housing.dwellingSource.definition.tag])
        let cleared = validator(Housing.form).clearingIrrelevant(answers, named: named)
        for tag in [
            Housing.grade.definition.tag, Housing.appraiser.definition.tag,
            Housing.gradeDate.definition.tag,
        ] {
            #expect(cleared.values[tag] == .null, "an explicit null, so that the merge sees it")
        }
        #expect(cleared[Housing.dwellingSource] == DwellingSource.none)
        #expect(problems(Housing.form, cleared, "safety").isEmpty)
    }

    @Test func `clearing touches nothing that was never answered`() {
        var answers = Answers()
        answers[Water.toHome] = true
        #expect(validator(Water.form).clearingIrrelevant(answers, named: []) == answers)
    }

    @Test func `piped water at home forgets the way to the spring`() {
        var answers = Answers()
        answers[Water.toHome] = true
        answers[Water.roundTripMinutes] = 30
        answers[Water.horizontalMetres] = 900
        let named = Set([Water.toHome.definition.tag])
        let cleared = validator(Water.form).clearingIrrelevant(answers, named: named)
        #expect(cleared[Water.roundTripMinutes] == nil)
        #expect(cleared[Water.horizontalMetres] == nil)
        #expect(cleared[Water.toHome] == true)
    }

    @Test func `somebody without insurance says why, somebody insured says for which year`() {
        var answers = Answers()
        answers[Medical.insurance] = Insurance.none
        #expect(problems(Medical.form, answers, "insurance") == ["uninsured_reason": .missing])
        answers[Medical.uninsuredReason] = .military
        #expect(problems(Medical.form, answers, "insurance").isEmpty)
        answers[Medical.insurance] = .resident
        #expect(
            problems(Medical.form, answers, "insurance")
                == ["uninsured_reason": .irrelevant, "insured_year": .missing])
    }

    @Test func `somebody who left says when and why`() {
        var answers = Answers()
        answers[Person.presence] = .died
        #expect(
            problems(Person.form, answers, "presence")
                == ["presence_reason": .missing, "presence_date": .missing])
        answers[Person.presence] = .away
        #expect(problems(Person.form, answers, "presence").isEmpty)
    }

    @Test(arguments: [
        (Int64(10), Int64(10), false), (11, 10, true), (0, 0, false), (366, 365, true),
    ])
    func `a dry run is no longer than the short days of the year`(
        run: Int64, year: Int64, wrong: Bool
    ) {
        var answers = Answers()
        answers[Water.longestDryRun] = run
        answers[Water.shortDaysYear] = year
        let found = problems(Water.form, answers, "reliability")
        #expect(
            found
                == (wrong
                    ? [
                        "consec_short_days": .exceeds(
                            Water.shortDaysYear.definition.label, isDate: false)
                    ] : [:]))
    }

    @Test func `a dry run without a count of days is no contradiction`() {
        var answers = Answers()
        answers[Water.longestDryRun] = 40
        #expect(problems(Water.form, answers, "reliability").isEmpty)
    }

    @Test func `no more residents than members`() {
        var answers = Answers()
        answers[Household.members] = 3
        answers[Household.residentMembers] = 4
        #expect(
            problems(Household.form, answers, "size") == [
                "resident_members": .exceeds(Household.members.definition.label, isDate: false)
            ])
    }

    @Test func `an old contradiction elsewhere does not stop another section`() {
        var answers = Answers()
        answers[Household.members] = 3
        answers[Household.residentMembers] = 4
        answers[Household.visitStatus] = .interviewed
        #expect(problems(Household.form, answers, "visit").isEmpty)
    }

    @Test func `what is unusual is told and not forbidden`() {
        var answers = Answers()
        answers[Water.litresPerPersonDay] = 400
        let quantity = Set([Water.form.section(key: "quantity")!.tag])
        #expect(validator(Water.form).problems(in: answers, sections: quantity).isEmpty)
        #expect(validator(Water.form).warnings(in: answers, sections: quantity).count == 1)
        answers[Water.litresPerPersonDay] = 300
        #expect(validator(Water.form).warnings(in: answers, sections: quantity).isEmpty)
    }

    @Test func `a severe component in a house graded A or B is pointed out`() {
        var answers = safety(.b)
        answers[Housing.beam] = .severe
        let tags = Set([Housing.form.section(key: "safety")!.tag])
        #expect(validator(Housing.form).warnings(in: answers, sections: tags).count == 1)
        answers[Housing.grade] = .c
        #expect(validator(Housing.form).warnings(in: answers, sections: tags).isEmpty)
        answers[Housing.grade] = .b
        answers[Housing.beam] = .medium
        #expect(validator(Housing.form).warnings(in: answers, sections: tags).isEmpty)
    }

    // MARK: What is unusual, and what is somebody's own

    @Test func `insurance is of next year at most`() {
        var answers = Answers()
        answers[Medical.insurance] = .resident
        for (year, wrong) in [(Int64(2026), false), (2027, false), (2028, true)] {
            answers[Medical.insuredYear] = year
            #expect(
                problems(Medical.form, answers, "insurance")
                    == (wrong ? ["insured_year": .inFuture(yearsAhead: 1)] : [:]))
        }
    }

    @Test func `a clock that is behind does not forbid the year of the round`() {
        let behind = CalendarDate(year: 2020, month: 1, day: 1)!
        var answers = Answers()
        answers[Medical.insurance] = .resident
        answers[Medical.insuredYear] = 2026
        let tags: Set<SectionTag> = [Medical.form.section(key: "insurance")!.tag]
        let alone = FormValidator(form: Medical.form, today: behind)
        #expect(!alone.problems(in: answers, sections: tags).isEmpty)
        let round = FormValidator(form: Medical.form, today: behind, round: 2026)
        #expect(round.problems(in: answers, sections: tags).isEmpty)
    }

    @Test func `the senses are asked where they judge, or say why it failed`() {
        var answers = Answers()
        answers[Water.visibleMatter] = true
        for (basis, isAsked) in [
            (QualityBasis.standard, false), (.relaxed, false), (.unknown, false), (.sensory, true),
            (.failed, true),
        ] {
            answers[Water.qualityBasis] = basis
            #expect(
                problems(Water.form, answers, "quality")
                    == (isAsked ? [:] : ["visible_matter": .irrelevant]))
        }
    }

    private func warnings(_ form: Form, _ answers: Answers) -> [String] {
        validator(form).warnings(in: answers, sections: Set(form.sections.map(\.tag))).map(\.zh)
    }

    @Test func `a deadline that is past and a birth long ago are unusual`() {
        var finding = Answers()
        finding[Finding.deadline] = CalendarDate(iso: "2026-03-04")
        #expect(warnings(Finding.form, finding) == ["整改时限已经过去"])
        finding[Finding.deadline] = Self.today
        #expect(warnings(Finding.form, finding).isEmpty)
        var person = Answers()
        person[Person.birthDate] = CalendarDate(iso: "1915-03-05")
        #expect(warnings(Person.form, person) == ["出生日期在 110 年以前，请核对"])
        person[Person.birthDate] = CalendarDate(iso: "1915-03-06")
        #expect(warnings(Person.form, person).isEmpty)
    }

    @Test func `nobody in a household, no datum, and more than two storeys are unusual`() {
        var household = Answers()
        household[Household.members] = 0
        household[Household.latitude] = 26
        household[Household.longitude] = 106
        #expect(warnings(Household.form, household).count == 2)
        household[Household.visitStatus] = .vacant
        household[Household.datum] = .gcj02
        #expect(warnings(Household.form, household).isEmpty)
        household[Household.members] = 13
        #expect(warnings(Household.form, household) == ["家庭人口在 12 人以上"])
        var housing = Answers()
        housing[Housing.floors] = 3
        #expect(warnings(Housing.form, housing).contains { $0.contains("GB 50292") })
        housing[Housing.floors] = 2
        #expect(warnings(Housing.form, housing).isEmpty)
    }

    @Test(arguments: [
        ("11010519491231002X", true), ("11010519491231002x", true), (" １１０１０５１９４９１２３１００２X ", true),
        ("110105194912310021", false), ("520402109201000012", false), ("11010519491331002X", false),
        ("520402109201-0012", false), ("", false),
    ])
    func `the number by which the state knows a person is no number here`(
        text: String, isResident: Bool
    ) {
        #expect(text.holdsResidentNumber == isResident)
        var household = Answers()
        household[Household.householdNo] = text
        let found = problems(Household.form, household, "identity")["household_no"]
        #expect((found == .residentNumber) == isResident)
    }
}
