// Code lists of the housing form.
// Source: 建村函〔2019〕200号 and the appraisal forms used with it.

/// Safety grade of a dwelling.
public enum HouseGrade: String, SurveyCode {
    case a = "A"
    case b = "B"
    case c = "C"
    case d = "D"

    public static let listName = "house_grade"

    public var label: Label {
        switch self {
        case .a: Label(zh: "安全", en: "no danger point: safe")
        case .b: Label(zh: "基本安全", en: "single members dangerous but main structure safe")
        case .c: Label(zh: "局部危房", en: "part of load-bearing structure unsafe: locally dangerous")
        case .d: Label(zh: "整幢危房", en: "whole building dangerous")
        }
    }
}

/// Condition of one component of a dwelling.
public enum PartGrade: String, SurveyCode {
    case intact = "a"
    case slight = "b"
    case medium = "c"
    case severe = "d"

    public static let listName = "part_grade"

    public var label: Label {
        switch self {
        case .intact: Label(zh: "完好", en: "intact")
        case .slight: Label(zh: "轻微损坏", en: "slight damage")
        case .medium: Label(zh: "中等破坏", en: "medium damage")
        case .severe: Label(zh: "严重破坏", en: "severe damage")
        }
    }
}

/// Structure type.
public enum Structure: String, SurveyCode {
    case concrete = "1"
    case masonry = "2"
    case timber = "3"
    case steel = "4"
    case stone = "5"
    case earth = "6"

    public static let listName = "structure"

    public var label: Label {
        switch self {
        case .concrete: Label(zh: "混凝土结构", en: "concrete")
        case .masonry: Label(zh: "砌体结构", en: "masonry")
        case .timber: Label(zh: "木结构", en: "timber")
        case .steel: Label(zh: "钢结构", en: "steel")
        case .stone: Label(zh: "石结构", en: "stone")
        case .earth: Label(zh: "生土结构", en: "earth")
        }
    }
}

/// Safety of the site that the dwelling stands on.
public enum SiteSafety: String, SurveyCode {
    case safe = "1"
    case unsafe = "2"

    public static let listName = "site"

    public var label: Label {
        switch self {
        case .safe: Label(zh: "安全", en: "safe")
        case .unsafe: Label(zh: "危险", en: "unsafe")
        }
    }
}

/// Overall tilt.
public enum Tilt: String, SurveyCode {
    case none = "0"
    case tilted = "1"

    public static let listName = "tilt"

    public var label: Label {
        switch self {
        case .none: Label(zh: "无明显倾斜", en: "none")
        case .tilted: Label(zh: "倾斜", en: "tilted")
        }
    }
}

/// Disaster-resistance measures, rated apart from the grade.
public enum DisasterMeasures: String, SurveyCode {
    case present = "1"
    case partly = "2"
    case none = "3"

    public static let listName = "disaster"

    public var label: Label {
        switch self {
        case .present: Label(zh: "有", en: "present")
        case .partly: Label(zh: "部分有", en: "partly")
        case .none: Label(zh: "没有", en: "none")
        }
    }
}

/// Where the household really lives.
public enum DwellingSource: String, SurveyCode {
    case own = "1"
    case relocation = "2"
    case rented = "3"
    case kin = "4"
    case collective = "5"
    case none = "6"

    public static let listName = "dwelling_source"

    public var label: Label {
        switch self {
        case .own: Label(zh: "自有住房", en: "own house")
        case .relocation: Label(zh: "易地扶贫搬迁安置房", en: "relocation flat")
        case .rented: Label(zh: "租赁", en: "rented")
        case .kin: Label(zh: "投靠借住", en: "living with kin")
        case .collective: Label(zh: "集体公租房", en: "collective/public rental")
        case .none: Label(zh: "无房", en: "none")
        }
    }
}

/// State of the renovation.
public enum RenovationState: String, SurveyCode {
    case notNeeded = "0"
    case awaitingAppraisal = "1"
    case waiting = "2"
    case underWay = "3"
    case completed = "4"
    case accepted = "5"

    public static let listName = "renov_state"

    public var label: Label {
        switch self {
        case .notNeeded: Label(zh: "不需改造", en: "not needed")
        case .awaitingAppraisal: Label(zh: "待鉴定", en: "awaiting appraisal")
        case .waiting: Label(zh: "待改造", en: "appraised and waiting")
        case .underWay: Label(zh: "改造中", en: "under way")
        case .completed: Label(zh: "已竣工", en: "completed")
        case .accepted: Label(zh: "已验收", en: "accepted")
        }
    }
}

/// Kind of renovation.
public enum RenovationType: String, SurveyCode {
    case repair = "1"
    case rebuild = "2"

    public static let listName = "renov_type"

    public var label: Label {
        switch self {
        case .repair: Label(zh: "修缮加固", en: "repair")
        case .rebuild: Label(zh: "拆除重建", en: "rebuild")
        }
    }
}
