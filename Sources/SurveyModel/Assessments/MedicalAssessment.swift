/// Whether a person has basic medical security in the round's year.
public enum MedicalAssessment {
    public static func assess(_ answers: Answers, year: Int64) -> Assessment {
        let standard = Label(
            zh: "基本医疗有保障，\(year)年度", en: "basic medical security of \(year)")
        func conclude(
            _ result: AssessmentResult, _ key: String, _ indicator: IndicatorResult, zh: String,
            en: String
        ) -> Assessment {
            Assessment(
                result, standard: standard,
                deciding: [Indicator(key, indicator, zh: zh, en: en)])
        }
        switch answers[Medical.insurance] {
        case nil:
            return conclude(
                .notAssessed, "insurance", .missing, zh: "缺参保类型", en: Medical.insurance.unanswered)
        case .resident, .employee, .other:
            guard let insured = answers[Medical.insuredYear] else {
                return conclude(
                    .notAssessed, "insured_year", .missing, zh: "缺参保年度",
                    en: Medical.insuredYear.unanswered)
            }
            return insured == year
                ? conclude(
                    .safe, "insurance", .pass, zh: "\(year)年已参保", en: "insured for \(year)")
                : conclude(
                    .notAssessed, "insured_year", .missing, zh: "参保年度不是\(year)年",
                    en: "the insurance is not of \(year)")
        case .some(.none):
            switch answers[Medical.uninsuredReason] {
            case nil:
                return conclude(
                    .notAssessed, "uninsured_reason", .missing, zh: "缺未参保原因",
                    en: Medical.uninsuredReason.unanswered)
            case .notReasonable:
                return conclude(
                    .unsafe, "uninsured_reason", .fail, zh: "不合理未参保",
                    en: "not insured without a reasonable cause")
            case .died, .newlyAdded, .military, .imprisoned, .otherReasonable:
                return conclude(
                    .excluded, "uninsured_reason", .pass, zh: "合理未参保",
                    en: "not insured for a reasonable cause")
            }
        }
    }
}
