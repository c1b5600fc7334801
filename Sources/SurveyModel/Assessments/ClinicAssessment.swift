/// Whether a village is a blank spot: no clinic arrangement, or no qualified doctor.
///
/// Source: 村卫生室和村医“空白点”动态清零. A blank spot counts as unsafe.
public enum ClinicAssessment {
    public static let standard = Label(
        zh: "村卫生室和村医空白点动态清零", en: "no village without a clinic or a doctor")

    public static func assess(_ answers: Answers) -> Assessment {
        func conclude(_ result: AssessmentResult, _ indicator: Indicator) -> Assessment {
            Assessment(result, standard: standard, deciding: [indicator])
        }
        guard let arrangement = answers[Clinic.arrangement] else {
            return conclude(
                .notAssessed,
                Indicator("clinic", .missing, zh: "缺村卫生室情况", en: Clinic.arrangement.unanswered))
        }
        guard arrangement != .none else {
            return conclude(
                .unsafe,
                Indicator(
                    "clinic", .fail, zh: "空白点：无卫生室安排", en: "blank spot: no clinic arrangement"))
        }
        switch answers[Clinic.doctors] {
        case nil:
            return conclude(
                .notAssessed,
                Indicator("doctors", .missing, zh: "缺合格村医数", en: Clinic.doctors.unanswered))
        case 0?:
            return conclude(
                .unsafe,
                Indicator(
                    "doctors", .fail, zh: "空白点：无合格村医", en: "blank spot: no qualified doctor"))
        case let doctors?:
            return conclude(
                .safe,
                Indicator(
                    "doctors", .pass, zh: "\(arrangement.label.zh)，合格村医 \(doctors) 人",
                    en: "\(arrangement.label.en), \(counted(doctors, "qualified doctor"))"))
        }
    }
}
