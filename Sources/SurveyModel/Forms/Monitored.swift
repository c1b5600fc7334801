/// The check of a monitored household: how it was found, why it is at risk, how it is helped.
///
/// Source: qinan.gov.cn 1360362: clue to decision within 15 days, posted for at least 5 days.
public enum Monitored {
    public static let clueDate = Field<CalendarDate>(
        1, "clue_date", zh: "线索日期", en: "clue date", type: .date, required: .always,
        notInFuture: true)
    public static let clueChannel = Field<ClueChannel>(
        2, "clue_channel", zh: "发现渠道", en: "channel")
    public static let identifiedDate = Field<CalendarDate>(
        3, "identified_date", zh: "识别日期", en: "identified on", type: .date,
        notInFuture: true)
    public static let publicityDays = Field<Int64>(
        4, "publicity_days", zh: "公示天数", en: "days posted", type: .integer, unit: "d",
        range: 0...60, usual: 5...60)

    /// Illness and disability are among them, and medical help among the measures.
    public static let risk = Field<CodeSet<Risk>>(
        5, "risk", zh: "风险类型", en: "risk types", type: .codes(CodeList(Risk.self)),
        health: true)
    public static let measure = Field<CodeSet<Measure>>(
        6, "measure", zh: "帮扶措施", en: "measures", type: .codes(CodeList(Measure.self)),
        health: true)

    public static let riskState = Field<RiskState>(
        7, "risk_state", zh: "风险状态", en: "risk state", required: .always)
    /// The income line is a yearly setting, so this is recorded and not judged.
    public static let income = Field<ScaledDecimal>(
        8, "income_pc", zh: "人均纯收入", en: "net income per head", type: .decimal,
        unit: "元/年", range: -50_000...500_000, usual: 0...100_000, personal: true)

    public static let form = Form(
        .monitored, "monitored", zh: "监测对象", en: "monitored household", subject: .household,
        [
            Section(
                1, "identification", zh: "识别", en: "identification",
                [
                    clueDate.definition, clueChannel.definition, identifiedDate.definition,
                    publicityDays.definition,
                ]),
            Section(2, "risk", zh: "风险", en: "risk", policy: .union, [risk.definition]),
            Section(3, "measure", zh: "帮扶", en: "measures", policy: .union, [measure.definition]),
            Section(
                4, "state", zh: "风险状态", en: "risk state", policy: .mostSevere,
                [riskState.definition]),
            Section(5, "income", zh: "收入", en: "income", [income.definition]),
        ] + Remarks.sections,
        rules: [
            .ordered(clueDate, identifiedDate),
            .within(days: 15, identifiedDate, after: clueDate),
        ])
}

/// How a household at risk came to notice.
public enum ClueChannel: String, SurveyCode {
    case selfReport = "1"
    case cadreSurvey = "2"
    case departmentAlert = "3"

    public static let listName = "clue_channel"

    public var label: Label {
        switch self {
        case .selfReport: Label(zh: "农户申报", en: "self-report")
        case .cadreSurvey: Label(zh: "干部排查", en: "cadre survey")
        case .departmentAlert: Label(zh: "部门预警", en: "department alert")
        }
    }
}

/// Why a household is at risk.
public enum Risk: String, SurveyCode {
    case illness = "1"
    case disability = "2"
    case schooling = "3"
    case disaster = "4"
    case accident = "5"
    case failedBusiness = "6"
    case unstableWork = "7"
    case lackOfLabour = "8"
    case guarantees = "9"

    public static let listName = "risk"

    public var label: Label {
        switch self {
        case .illness: Label(zh: "因病", en: "illness")
        case .disability: Label(zh: "因残", en: "disability")
        case .schooling: Label(zh: "因学", en: "schooling")
        case .disaster: Label(zh: "因灾", en: "disaster")
        case .accident: Label(zh: "因意外事故", en: "accident")
        case .failedBusiness: Label(zh: "因产业失败", en: "failed business")
        case .unstableWork: Label(zh: "务工就业不稳", en: "unstable work")
        case .lackOfLabour: Label(zh: "缺劳动力", en: "lack of labour")
        case .guarantees: Label(zh: "住房饮水等保障不足", en: "gap in the guarantees")
        }
    }
}

/// How a household at risk is helped.
public enum Measure: String, SurveyCode {
    case industry = "1"
    case employment = "2"
    case publicPost = "3"
    case medical = "4"
    case education = "5"
    case housing = "6"
    case water = "7"
    case socialSecurity = "8"
    case relief = "9"

    public static let listName = "measure"

    public var label: Label {
        switch self {
        case .industry: Label(zh: "产业帮扶", en: "industry")
        case .employment: Label(zh: "就业帮扶", en: "employment")
        case .publicPost: Label(zh: "公益岗位", en: "public post")
        case .medical: Label(zh: "医疗帮扶", en: "medical")
        case .education: Label(zh: "教育资助", en: "education aid")
        case .housing: Label(zh: "住房改造", en: "housing")
        case .water: Label(zh: "饮水巩固", en: "water")
        case .socialSecurity: Label(zh: "综合保障/低保", en: "social security")
        case .relief: Label(zh: "临时救助", en: "temporary relief")
        }
    }
}

/// Where a monitored household stands.
public enum RiskState: String, SurveyCode {
    case monitored = "1"
    case stablyRemoved = "2"
    case naturallyRemoved = "3"
    case relapsed = "4"

    public static let listName = "risk_state"

    public var label: Label {
        switch self {
        case .monitored: Label(zh: "监测中", en: "monitored")
        case .stablyRemoved: Label(zh: "风险稳定消除", en: "stably removed")
        case .naturallyRemoved: Label(zh: "自然消除", en: "naturally removed")
        case .relapsed: Label(zh: "风险再现", en: "relapsed")
        }
    }

    /// Greater is worse.
    var severity: Int {
        switch self {
        case .stablyRemoved: 1
        case .naturallyRemoved: 2
        case .monitored: 3
        case .relapsed: 4
        }
    }
}
