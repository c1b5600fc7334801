import SurveyConsole
import SurveyModel

/// How bad one answer of a `mostSevere` section is.
extension Vectors {
    static func severities() -> JSONValue {
        let cases: [(Form, String, [SectionAnswers])] = [
            (Household.form, "standing", revocations(Household.setAside)),
            (Person.form, "standing", revocations(Person.setAside)),
            (Housing.form, "safety", dwellings()), (Water.form, "quantity", quantities()),
            (Water.form, "quality", qualities()), (Water.form, "access", access()),
            (Water.form, "reliability", reliability()),
            (Medical.form, "insurance", insurance()),
            (Schooling.form, "schooling", schooling()), (Clinic.form, "clinic", clinics()),
            (Monitored.form, "state", risks()), (Finding.form, "rectification", findings()),
            (UserForm.form, "state", revocations(UserForm.revoked)),
            (DeviceForm.form, "state", revocations(DeviceForm.revoked)),
        ]
        return .array(
            cases.flatMap { form, key, answers in
                let section = form.section(key: key)!
                return answers.map { answers in
                    JSONValue.object([
                        "kind": .integer(Int64(form.kind.rawValue)),
                        "section": .integer(Int64(section.tag.rawValue)),
                        "answers": json(answers),
                        "severity": .integer(
                            Int64(SectionSeverity.of(form.kind, section.tag, answers))),
                    ])
                }
            })
    }

    private static func answers(_ change: (inout Answers) -> Void) -> SectionAnswers {
        var answers = Answers()
        change(&answers)
        return answers.values
    }

    private static func dwellings() -> [SectionAnswers] {
        func lived(
            _ source: DwellingSource?, _ grade: HouseGrade?, occupied: Bool? = nil,
            site: SiteSafety? = nil
        ) -> SectionAnswers {
            answers {
                if let source { $0[Housing.dwellingSource] = source }
                if let grade { $0[Housing.grade] = grade }
                if let occupied { $0[Housing.occupied] = occupied }
                if let site { $0[Housing.siteSafe] = site }
            }
        }
        func source(_ value: FieldValue) -> SectionAnswers {
            var answers = lived(nil, .a)
            answers[Housing.dwellingSource.definition.tag] = value
            return answers
        }
        return [
            lived(nil, nil), lived(nil, .a), lived(.own, nil), lived(.own, .a), lived(.own, .b),
            lived(.own, .c), lived(.own, .d), lived(DwellingSource.none, nil),
            lived(DwellingSource.none, .a), lived(.own, .a, occupied: true),
            lived(.own, .a, occupied: false), lived(.own, .a, occupied: false, site: .unsafe),
            lived(.rented, .a, occupied: false), lived(.own, nil, site: .unsafe),
            lived(.own, .a, site: .unsafe), lived(.own, .a, site: .safe),
            // Of a code that is not known, or of another kind, and cleared: missing.
            source(.code("99")), source(.text("1")), source(.null),
        ]
    }

    private static func quantities() -> [SectionAnswers] {
        let field = Water.litresPerPersonDay
        let litres = ["60", "59.9", "40", "39.9", "35", "34.9", "20", "19.9", "0"].map { text in
            answers { $0[field] = ScaledDecimal(text) }
        }
        let integer: SectionAnswers = [field.definition.tag: .integer(60)]
        return [answers { _ in }, integer] + litres
    }

    private static func qualities() -> [SectionAnswers] {
        func quality(_ basis: QualityBasis?, _ found: Field<Bool>..., as value: Bool = true)
            -> SectionAnswers
        {
            answers {
                if let basis { $0[Water.qualityBasis] = basis }
                for field in found { $0[field] = value }
            }
        }
        let bases = QualityBasis.allCases.map { quality($0) }
        return bases + [
            quality(nil), quality(nil, Water.visibleMatter),
            quality(.sensory, Water.visibleMatter), quality(.sensory, Water.offColourOdour),
            quality(.sensory, Water.adverseReaction),
            quality(
                .sensory, Water.visibleMatter, Water.offColourOdour, Water.adverseReaction,
                as: false),
            quality(.standard, Water.visibleMatter), quality(.relaxed, Water.adverseReaction),
            quality(.unknown, Water.offColourOdour),
        ]
    }

    private static func access() -> [SectionAnswers] {
        func fetched(
            _ toHome: Bool?, minutes: Int64? = nil, _ horizontal: Int64? = nil,
            _ vertical: Int64? = nil
        ) -> SectionAnswers {
            answers {
                if let toHome { $0[Water.toHome] = toHome }
                if let minutes { $0[Water.roundTripMinutes] = minutes }
                if let horizontal { $0[Water.horizontalMetres] = horizontal }
                if let vertical { $0[Water.verticalMetres] = vertical }
            }
        }
        return [
            fetched(nil), fetched(nil, minutes: 5), fetched(true), fetched(true, minutes: 30),
            fetched(true, 900, 90), fetched(false), fetched(false, minutes: 10),
            fetched(false, minutes: 11), fetched(false, minutes: 20),
            fetched(false, minutes: 21), fetched(false, minutes: 10, 900, 90),
            fetched(false, minutes: 30, 100, 10), fetched(false, 400, 40),
            fetched(false, 401, 40), fetched(false, 400, 41), fetched(false, 800, 80),
            fetched(false, 801, 10), fetched(false, 100, 81), fetched(false, 801),
            fetched(false, nil, 81), fetched(false, 400), fetched(false, nil, 40),
            fetched(false, 800), fetched(false, nil, 80),
        ]
    }

    private static func reliability() -> [SectionAnswers] {
        let days = [0, 18, 19, 36, 37].map { (days: Int64) in
            answers { $0[Water.shortDaysYear] = days }
        }
        // The longest dry run alone says nothing here.
        return [answers { _ in }, answers { $0[Water.longestDryRun] = 60 }] + days
    }

    private static func insurance() -> [SectionAnswers] {
        func insured(_ kind: Insurance?, year: Int64? = nil, reason: UninsuredReason? = nil)
            -> SectionAnswers
        {
            answers {
                if let kind { $0[Medical.insurance] = kind }
                if let year { $0[Medical.insuredYear] = year }
                if let reason { $0[Medical.uninsuredReason] = reason }
            }
        }
        let reasons = UninsuredReason.allCases.map { insured(Insurance.none, reason: $0) }
        return reasons + [
            insured(nil), insured(nil, year: 2026), insured(.resident), insured(.employee),
            insured(.other), insured(.resident, year: 2026), insured(.employee, year: 2016),
            insured(.other, year: 2025), insured(.resident, reason: .notReasonable),
            insured(Insurance.none), insured(Insurance.none, year: 2026),
        ]
    }

    private static func schooling() -> [SectionAnswers] {
        let states = SchoolState.allCases.map { state in answers { $0[Schooling.state] = state } }
        return [answers { _ in }] + states
    }

    private static func clinics() -> [SectionAnswers] {
        func clinic(_ arrangement: ClinicArrangement?, _ doctors: Int64?) -> SectionAnswers {
            answers {
                if let arrangement { $0[Clinic.arrangement] = arrangement }
                if let doctors { $0[Clinic.doctors] = doctors }
            }
        }
        return [
            clinic(nil, nil), clinic(nil, 0), clinic(nil, 1), clinic(.own, nil), clinic(.own, 0),
            clinic(.own, 1), clinic(.shared, 2), clinic(.townshipCentre, 1), clinic(.visiting, 1),
            clinic(ClinicArrangement.none, nil), clinic(ClinicArrangement.none, 1),
        ]
    }

    private static func risks() -> [SectionAnswers] {
        let states = RiskState.allCases.map { state in answers { $0[Monitored.riskState] = state } }
        return [answers { _ in }] + states
    }

    private static func findings() -> [SectionAnswers] {
        let states = FindingState.allCases.map { state in answers { $0[Finding.state] = state } }
        return [answers { _ in }] + states
    }

    private static func revocations(_ field: Field<Bool>) -> [SectionAnswers] {
        [answers { _ in }, answers { $0[field] = true }, answers { $0[field] = false }]
    }
}
