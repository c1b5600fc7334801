/// How bad one answer of a `mostSevere` section is, judged alone and on every replica alike.
public enum SectionSeverity {
    /// Greater is worse. Sections without a severity of their own give 0.
    public static func of(_ kind: RecordKind, _ section: SectionTag, _ answers: SectionAnswers)
        -> Int
    {
        let answers = Answers(answers)
        switch kind {
        case .household:
            return standing(isSetAside: answers[Household.setAside])
        case .person:
            return standing(isSetAside: answers[Person.setAside])
        case .housing:
            return HousingAssessment.judgeDwelling(answers).result.severity
        case .water:
            return switch Water.form.section(section)?.key {
            case "quantity": quantityAlone(answers)
            case "quality": qualityAlone(answers).result.severity
            case "access": TCHES18.convenience(answers).result.severity
            case "reliability": TCHES18.reliability(answers).result.severity
            default: 0
            }
        case .medical:
            // The round's year does not change which of two answers is the worse one.
            let year = answers[Medical.insuredYear] ?? 0
            return MedicalAssessment.assess(answers, year: year).result.severity
        case .schooling:
            return SchoolingAssessment.assess(answers).result.severity
        case .clinic:
            return ClinicAssessment.assess(answers).result.severity
        case .monitored:
            return answers[Monitored.riskState]?.severity ?? 0
        case .finding:
            // The least advanced: a rate of rectified findings is never overstated.
            return answers[Finding.state].map { 5 - (Int($0.rawValue) ?? 0) } ?? 0
        case .user:
            return answers[UserForm.revoked] == true ? 1 : 0
        case .device:
            return answers[DeviceForm.revoked] == true ? 1 : 0
        default:
            return 0
        }
    }

    /// Nobody leaves the counts while somebody says that they belong there.
    private static func standing(isSetAside: Bool?) -> Int { isSetAside == true ? 0 : 1 }

    /// Quantity without knowing the region: by both limits.
    private static func quantityAlone(_ answers: Answers) -> Int {
        WaterRegion.allCases.reduce(0) { sum, region in
            var answers = answers
            answers[Water.region] = region
            return sum + TCHES18.quantity(answers).result.severity
        }
    }

    /// Quality without knowing the supply mode: a passed sensory check is better than no check.
    private static func qualityAlone(_ answers: Answers) -> Indicator {
        var answers = answers
        answers[Water.supplyMode] = .dispersed
        return WaterQuality.judgeBasis(answers)
    }
}

extension IndicatorResult {
    var severity: Int {
        switch self {
        case .pass: 1
        case .basic: 2
        case .missing: 3
        case .fail: 4
        }
    }
}
