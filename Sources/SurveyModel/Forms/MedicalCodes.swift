// Code lists of the medical form.

/// Medical insurance held.
public enum Insurance: String, SurveyCode {
    case resident = "1"
    case employee = "2"
    case other = "3"
    case none = "0"

    public static let listName = "insurance"

    public var label: Label {
        switch self {
        case .resident: Label(zh: "城乡居民医保", en: "resident scheme")
        case .employee: Label(zh: "职工医保", en: "employee scheme")
        case .other: Label(zh: "其他（军人等）", en: "other")
        case .none: Label(zh: "未参保", en: "none")
        }
    }
}

/// Why a person has no insurance.
public enum UninsuredReason: String, SurveyCode {
    case died = "1"
    case newlyAdded = "2"
    case military = "3"
    case imprisoned = "4"
    case otherReasonable = "5"
    case notReasonable = "9"

    public static let listName = "uninsured_reason"

    public var label: Label {
        switch self {
        case .died: Label(zh: "死亡", en: "died")
        case .newlyAdded: Label(zh: "动态新增", en: "newly added")
        case .military: Label(zh: "参军", en: "military")
        case .imprisoned: Label(zh: "服刑", en: "imprisoned")
        case .otherReasonable: Label(zh: "其他合理", en: "other reasonable")
        case .notReasonable: Label(zh: "不合理未参保", en: "not reasonable")
        }
    }
}

/// The four chronic diseases under management.
public enum ChronicDisease: String, SurveyCode {
    case hypertension = "HTN"
    case diabetes = "DM"
    case tuberculosis = "TB"
    case severeMentalDisorder = "SMD"

    public static let listName = "chronic"

    public var label: Label {
        switch self {
        case .hypertension: Label(zh: "高血压", en: "hypertension")
        case .diabetes: Label(zh: "糖尿病", en: "diabetes")
        case .tuberculosis: Label(zh: "结核病", en: "tuberculosis")
        case .severeMentalDisorder: Label(zh: "严重精神障碍", en: "severe mental disorder")
        }
    }
}
