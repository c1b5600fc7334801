// Code lists of the household and person register.

/// Kind of rural household.
public enum HouseholdType: String, SurveyCode {
    case ordinary = "1"
    case exPoor = "2"
    case monitored = "3"
    case relocated = "4"

    public static let listName = "household_type"

    public var label: Label {
        switch self {
        case .ordinary: Label(zh: "一般农户", en: "ordinary")
        case .exPoor: Label(zh: "脱贫户", en: "ex-poor")
        case .monitored: Label(zh: "监测户", en: "monitored")
        case .relocated: Label(zh: "搬迁户", en: "relocated")
        }
    }
}

/// Class of a monitored household.
public enum MonitorClass: String, SurveyCode {
    case unstable = "1"
    case borderline = "2"
    case suddenHardship = "3"

    public static let listName = "monitor_class"

    public var label: Label {
        switch self {
        case .unstable: Label(zh: "脱贫不稳定户", en: "unstable ex-poor")
        case .borderline: Label(zh: "边缘易致贫户", en: "borderline")
        case .suddenHardship: Label(zh: "突发严重困难户", en: "sudden severe hardship")
        }
    }
}

/// Outcome of the visit.
public enum VisitStatus: String, SurveyCode {
    case interviewed = "1"
    case nobodyHome = "2"
    case refused = "3"
    case away = "4"
    case vacant = "5"

    public static let listName = "visit_status"

    public var label: Label {
        switch self {
        case .interviewed: Label(zh: "已访", en: "interviewed")
        case .nobodyHome: Label(zh: "无人在家", en: "nobody home")
        case .refused: Label(zh: "拒访", en: "refused")
        case .away: Label(zh: "整户外出", en: "whole household away")
        case .vacant: Label(zh: "空户/灭失", en: "vacant or gone")
        }
    }
}

/// Sex.
public enum Sex: String, SurveyCode {
    case male = "1"
    case female = "2"

    public static let listName = "sex"

    public var label: Label {
        switch self {
        case .male: Label(zh: "男", en: "male")
        case .female: Label(zh: "女", en: "female")
        }
    }
}

/// Whether the person lives here now.
public enum Presence: String, SurveyCode {
    case resident = "1"
    case away = "2"
    case movedOut = "3"
    case died = "4"

    public static let listName = "presence"

    public var label: Label {
        switch self {
        case .resident: Label(zh: "常住", en: "resident")
        case .away: Label(zh: "外出", en: "away")
        case .movedOut: Label(zh: "迁出", en: "moved out")
        case .died: Label(zh: "死亡", en: "died")
        }
    }
}

/// Relation to the head of the household.
public enum Relation: String, SurveyCode {
    case head = "0"
    case spouse = "1"
    case child = "2"
    case parent = "3"
    case grandchild = "4"
    case other = "9"

    public static let listName = "relation"

    public var label: Label {
        switch self {
        case .head: Label(zh: "户主", en: "head")
        case .spouse: Label(zh: "配偶", en: "spouse")
        case .child: Label(zh: "子女", en: "child")
        case .parent: Label(zh: "父母", en: "parent")
        case .grandchild: Label(zh: "孙辈", en: "grandchild")
        case .other: Label(zh: "其他", en: "other")
        }
    }
}

/// The datum of a position.
public enum Datum: String, SurveyCode {
    case wgs84
    case gcj02

    public static let listName = "gps_datum"

    public var label: Label {
        switch self {
        case .wgs84: Label(zh: "WGS-84（卫星定位）", en: "WGS-84 (satellites)")
        case .gcj02: Label(zh: "GCJ-02（国内地图）", en: "GCJ-02 (Chinese maps)")
        }
    }
}
