/// Whether a household's housing is guaranteed: the dwelling really lived in is graded A or B.
///
/// Source: 建村函〔2019〕200号 (grades); the guarantee's definition, 住房安全有保障.
public enum HousingAssessment {
    public static let standard = Label(
        zh: "住房安全有保障，建村函〔2019〕200号", en: "housing guarantee, 建村函〔2019〕200号")

    public static func assess(_ answers: Answers) -> Assessment {
        let judged = judgeDwelling(answers)
        // Only a home that is lived in guarantees anything; that a dangerous one is lived in is feared.
        guard judged.result == .safe || judged.result == .basicallySafe,
            answers[Housing.occupied] == nil
        else { return judged }
        return Assessment(
            .notAssessed, standard: standard,
            deciding: [
                Indicator("occupied", .missing, zh: "缺是否居住", en: Housing.occupied.unanswered)
            ])
    }

    /// The same of a dwelling of which nobody asks whether it is lived in: of two answers, which is
    /// the worse one?
    static func judgeDwelling(_ answers: Answers) -> Assessment {
        func conclude(_ result: AssessmentResult, _ indicator: Indicator) -> Assessment {
            Assessment(result, standard: standard, deciding: [indicator])
        }
        guard let source = answers[Housing.dwellingSource] else {
            return conclude(
                .notAssessed,
                Indicator(
                    "dwelling_source", .missing, zh: "缺住房来源",
                    en: Housing.dwellingSource.unanswered))
        }
        guard source != .none else {
            return conclude(
                .unsafe,
                Indicator("dwelling_source", .fail, zh: "无住房", en: "the household has no home"))
        }
        if answers[Housing.occupied] == false, source == .own {
            return conclude(
                .notAssessed,
                Indicator(
                    "occupied", .missing, zh: "自有住房无人居住，缺实际居住房屋的等级",
                    en: "the own house is not lived in; the grade of the home lived in is missing"
                ))
        }
        if answers[Housing.siteSafe] == .unsafe {
            return conclude(
                .unsafe,
                Indicator("site_safe", .fail, zh: "场地危险", en: "the site is unsafe"))
        }
        return judge(answers[Housing.grade], conclude)
    }

    private static func judge(
        _ grade: HouseGrade?, _ conclude: (AssessmentResult, Indicator) -> Assessment
    ) -> Assessment {
        switch grade {
        case nil:
            conclude(
                .notAssessed,
                Indicator("grade", .missing, zh: "缺评定等级", en: Housing.grade.unanswered))
        case .a:
            conclude(.safe, Indicator("grade", .pass, zh: "A级", en: "grade A"))
        case .b:
            conclude(.basicallySafe, Indicator("grade", .basic, zh: "B级", en: "grade B"))
        case .c:
            conclude(
                .unsafe,
                Indicator("grade", .fail, zh: "居住C级危房", en: "grade C is lived in"))
        case .d:
            conclude(
                .unsafe,
                Indicator("grade", .fail, zh: "居住D级危房", en: "grade D is lived in"))
        }
    }
}
