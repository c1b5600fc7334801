public import Foundation

/// A problem that was found, and what becomes of it: found, rectified by somebody, verified by
/// somebody else.
public enum Finding {
    /// The household, person or village that it is about.
    public static let about = Field<Data>(
        1, "about", zh: "对象", en: "about", type: .identifier, required: .always)
    public static let category = Field<FindingCategory>(
        2, "category", zh: "问题类别", en: "category", required: .always)
    public static let level = Field<FindingLevel>(
        3, "level", zh: "问题层级", en: "issue level", required: .always)
    public static let origin = Field<FindingOrigin>(
        4, "origin", zh: "来源性质", en: "named or inferred")
    public static let severity = Field<Severity>(
        5, "severity", zh: "严重程度", en: "severity", required: .always)
    public static let summary = Field<String>(
        6, "description", zh: "问题描述", en: "description", type: .text(limit: 1_000),
        required: .always, personal: true)
    public static let deadline = Field<CalendarDate>(
        7, "deadline", zh: "整改时限", en: "deadline", type: .date, required: .always)

    public static let state = Field<FindingState>(
        8, "state", zh: "整改状态", en: "rectification state", required: .always)
    private static let isRectified = state.isOne(of: .rectified, .verified)
    private static let isVerified = state.isOne(of: .verified)
    public static let rectifiedOn = Field<CalendarDate>(
        9, "rectified_on", zh: "整改完成日期", en: "rectified on", type: .date, when: isRectified,
        required: isRectified, notInFuture: true)
    public static let done = Field<String>(
        10, "done", zh: "整改措施", en: "what was done", type: .text(limit: 1_000),
        when: isRectified, required: isRectified, personal: true)
    public static let rectifiedBy = Field<Data>(
        11, "rectified_by", zh: "整改人", en: "rectified by", type: .identifier,
        when: isRectified, required: isRectified)
    public static let verifiedOn = Field<CalendarDate>(
        12, "verified_on", zh: "核验日期", en: "verified on", type: .date, when: isVerified,
        required: isVerified, notInFuture: true)
    /// Not the person who rectified it.
    public static let verifiedBy = Field<Data>(
        13, "verified_by", zh: "核验人", en: "verified by", type: .identifier, when: isVerified,
        required: isVerified)

    public static let form = Form(
        .finding, "finding", zh: "问题", en: "finding", subject: .finding,
        [
            Section(
                1, "found", zh: "发现", en: "found",
                [
                    about.definition, category.definition, level.definition, origin.definition,
                    severity.definition, summary.definition, deadline.definition,
                ]),
            Section(
                2, "rectification", zh: "整改", en: "rectification", policy: .mostSevere,
                [
                    state.definition, rectifiedOn.definition, done.definition,
                    rectifiedBy.definition, verifiedOn.definition, verifiedBy.definition,
                ]),
        ],
        rules: [
            .different(verifiedBy, rectifiedBy), .ordered(rectifiedOn, verifiedOn),
            .ahead(deadline),
        ])
}

/// The level of inspection that found it.
public enum FindingLevel: String, SurveyCode {
    case national = "1"
    case provincial = "2"
    case local = "3"

    public static let listName = "finding_level"

    public var label: Label {
        switch self {
        case .national: Label(zh: "国家", en: "national")
        case .provincial: Label(zh: "省", en: "provincial")
        case .local: Label(zh: "市县自查", en: "local")
        }
    }
}

/// Whether it was named, or concluded from one that was.
public enum FindingOrigin: String, SurveyCode {
    case named = "1"
    case inferred = "2"

    public static let listName = "finding_origin"

    public var label: Label {
        switch self {
        case .named: Label(zh: "点名", en: "named")
        case .inferred: Label(zh: "举一反三", en: "inferred from a named one")
        }
    }
}

/// What it is a problem of.
public enum FindingCategory: String, SurveyCode {
    case housing = "1"
    case water = "2"
    case medical = "3"
    case schooling = "4"
    case monitoring = "5"
    case other = "9"

    public static let listName = "finding_category"

    public var label: Label {
        switch self {
        case .housing: Label(zh: "住房", en: "housing")
        case .water: Label(zh: "饮水", en: "water")
        case .medical: Label(zh: "医疗", en: "medical")
        case .schooling: Label(zh: "教育", en: "schooling")
        case .monitoring: Label(zh: "监测帮扶", en: "monitoring")
        case .other: Label(zh: "其他", en: "other")
        }
    }
}

/// How pressing it is.
public enum Severity: String, SurveyCode {
    case ordinary = "1"
    case serious = "2"
    case urgent = "3"

    public static let listName = "severity"

    public var label: Label {
        switch self {
        case .ordinary: Label(zh: "一般", en: "ordinary")
        case .serious: Label(zh: "较重", en: "serious")
        case .urgent: Label(zh: "紧急", en: "urgent")
        }
    }

    /// Days that a proposed finding gives for its rectification; whoever saves it may change them.
    public var days: Int32 {
        switch self {
        case .ordinary: 60
        case .serious: 30
        case .urgent: 7
        }
    }
}

/// How far it has been rectified.
public enum FindingState: String, SurveyCode {
    case open = "1"
    case inProgress = "2"
    case rectified = "3"
    case verified = "4"

    public static let listName = "finding_state"

    public var label: Label {
        switch self {
        case .open: Label(zh: "未整改", en: "open")
        case .inProgress: Label(zh: "整改中", en: "in progress")
        case .rectified: Label(zh: "已整改", en: "done")
        case .verified: Label(zh: "已核验", en: "verified")
        }
    }

    /// A verified finding is a rectified one.
    public var isRectified: Bool { self == .rectified || self == .verified }
}
