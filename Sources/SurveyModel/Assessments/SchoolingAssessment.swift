/// Whether a child's compulsory schooling is secured.
///
/// Source: 义务教育有保障: no child drops out but those who are unable to study; the states of the
/// Ministry of Education's notice of 2024. A child that was brought back is in school.
public enum SchoolingAssessment {
    public static let standard = Label(
        zh: "义务教育有保障，教育部 2024", en: "compulsory schooling, Ministry of Education 2024")

    public static func assess(_ answers: Answers) -> Assessment {
        let state = answers[Schooling.state]
        func conclude(_ result: AssessmentResult, _ indicator: IndicatorResult) -> Assessment {
            Assessment(
                result, standard: standard,
                deciding: [
                    Indicator(
                        "school_state", indicator, zh: state?.label.zh ?? "缺就学状态",
                        en: state?.label.en ?? Schooling.state.unanswered)
                ])
        }
        return switch state {
        case nil: conclude(.notAssessed, .missing)
        case .inSchool, .homeTeaching, .deferred, .returned: conclude(.safe, .pass)
        case .suspectedDropout, .droppedOut: conclude(.unsafe, .fail)
        case .unable: conclude(.excluded, .pass)
        }
    }
}
