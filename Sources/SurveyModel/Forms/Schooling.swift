/// The schooling check of a child of compulsory school age.
///
/// Source: the registers of the Ministry of Education's notice of 2024 (适龄儿童, 疑似辍学, 辍学).
public enum Schooling {
    public static let state = Field<SchoolState>(
        1, "school_state", zh: "就学状态", en: "schooling state", required: .always)
    public static let register = Field<SchoolingRegister>(
        2, "register", zh: "台账类别", en: "register")
    private static let isAtRisk = state.isOne(of: .suspectedDropout, .droppedOut, .returned)
    public static let lastAttended = Field<CalendarDate>(
        3, "last_attended", zh: "最近到校日期", en: "last day at school", type: .date,
        when: isAtRisk, notInFuture: true)

    public static let form = Form(
        .schooling, "schooling", zh: "义务教育", en: "schooling", subject: .person,
        [
            Section(
                1, "schooling", zh: "就学", en: "schooling", policy: .mostSevere,
                [state.definition, register.definition, lastAttended.definition])
        ] + Remarks.sections,
        rules: [
            .unusual(
                .all([
                    state.isOne(of: .droppedOut), .not(register.isOne(of: .dropout)),
                    register.isOne(of: .schoolAge, .suspectedDropout),
                ]), zh: "辍学学生不在辍学台账", en: "a dropout stands in another register"),
            .unusual(
                .all([
                    state.isOne(of: .inSchool), register.isOne(of: .suspectedDropout, .dropout),
                ]), zh: "在校学生仍在辍学类台账",
                en: "a child in school stands in a dropout register"),
        ])

    /// Compulsory schooling: children who are 6 to 15 on 31 August of the round's year.
    ///
    /// Source: Compulsory Education Law, article 11 (age 6); nine years (article 2).
    public static let ages = 6...15

    /// The year in which a child is ``ages``' lower bound on 31 August: its cohort. Children of
    /// one cohort enter school together.
    public static func cohort(bornOn date: CalendarDate) -> Int {
        let (year, month, _) = date.components
        return year + ages.lowerBound + (month >= 9 ? 1 : 0)
    }

    /// Whether children of a cohort are of school age in a round of a year.
    public static func isOfSchoolAge(cohort: Int, in year: Int64) -> Bool {
        (Int(year) - (ages.upperBound - ages.lowerBound)...Int(year)).contains(cohort)
    }
}

/// Where a child stands with its schooling.
public enum SchoolState: String, SurveyCode {
    case inSchool = "1"
    case homeTeaching = "2"
    case deferred = "3"
    case suspectedDropout = "4"
    case droppedOut = "5"
    case returned = "6"
    case unable = "7"

    public static let listName = "school_state"

    public var label: Label {
        switch self {
        case .inSchool: Label(zh: "在校", en: "in school")
        case .homeTeaching: Label(zh: "送教上门", en: "home teaching")
        case .deferred: Label(zh: "休学延缓", en: "suspended or deferred")
        case .suspectedDropout: Label(zh: "疑似辍学", en: "suspected dropout")
        case .droppedOut: Label(zh: "辍学", en: "dropped out")
        case .returned: Label(zh: "已劝返", en: "returned")
        case .unable: Label(zh: "不具备学习条件", en: "unable to study")
        }
    }
}

/// The register in which the school has a child.
public enum SchoolingRegister: String, SurveyCode {
    case schoolAge = "1"
    case suspectedDropout = "2"
    case dropout = "3"

    public static let listName = "schooling_register"

    public var label: Label {
        switch self {
        case .schoolAge: Label(zh: "适龄儿童台账", en: "school-age register")
        case .suspectedDropout: Label(zh: "疑似辍学台账", en: "suspected-dropout register")
        case .dropout: Label(zh: "辍学台账", en: "dropout register")
        }
    }
}
