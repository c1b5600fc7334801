import SurveyModel
import Testing

/// How the answers of a contested section compare, each judged alone.
@Suite struct SectionSeverityTests {
    private func severity(_ form: Form, _ section: String, _ change: (inout Answers) -> Void) -> Int
    {
        var answers = Answers()
        change(&answers)
        return SectionSeverity.of(form.kind, form.section(key: section)!.tag, answers.values)
    }

    @Test func `a worse house grade is more severe, an unknown one lies between`() {
        let severities = [HouseGrade.a, .b, nil, .d].map { grade in
            severity(Housing.form, "safety") {
                $0[Housing.dwellingSource] = .own
                $0[Housing.grade] = grade
            }
        }
        #expect(severities == severities.sorted())
        #expect(Set(severities).count == 4)
    }

    @Test func `a failed test is worse than none, none worse than a passed one`() {
        let severities = [QualityBasis.standard, .sensory, .unknown, .failed].map { basis in
            severity(Water.form, "quality") { $0[Water.qualityBasis] = basis }
        }
        #expect(severities == severities.sorted())
        #expect(Set(severities).count == 4)
    }

    @Test(arguments: [("30", "50"), ("15", "30"), ("36", "45"), ("50", "70")])
    func `less water is more severe, though the region stands in another section`(
        less: String, more: String
    ) {
        func of(_ litres: String) -> Int {
            severity(Water.form, "quantity") {
                $0[Water.litresPerPersonDay] = ScaledDecimal(litres)
            }
        }
        #expect(of(less) > of(more))
    }

    @Test func `a longer way and more short days are more severe`() {
        func way(_ minutes: Int64) -> Int {
            severity(Water.form, "access") {
                $0[Water.toHome] = false
                $0[Water.roundTripMinutes] = minutes
            }
        }
        #expect(way(30) > way(15) && way(15) > way(5))
        func days(_ days: Int64) -> Int {
            severity(Water.form, "reliability") { $0[Water.shortDaysYear] = days }
        }
        #expect(days(40) > days(20) && days(20) > days(2))
    }

    @Test func `any revocation wins`() {
        let revoked = severity(UserForm.form, "state") { $0[UserForm.revoked] = true }
        let restored = severity(UserForm.form, "state") { $0[UserForm.revoked] = false }
        #expect(revoked > restored)
        let device = severity(DeviceForm.form, "state") { $0[DeviceForm.revoked] = true }
        #expect(device > severity(DeviceForm.form, "state") { _ in })
    }

    @Test func `no insurance without a cause is worse than insurance of any year`() {
        let uninsured = severity(Medical.form, "insurance") {
            $0[Medical.insurance] = Insurance.none
            $0[Medical.uninsuredReason] = .notReasonable
        }
        let insured = severity(Medical.form, "insurance") {
            $0[Medical.insurance] = .resident
            $0[Medical.insuredYear] = 2024
        }
        #expect(uninsured > insured)
    }
}
