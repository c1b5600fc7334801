// Code lists of the drinking-water form.

/// How water is supplied, by the size of the scheme.
public enum SupplyMode: String, SurveyCode {
    case urbanExtension = "1"
    case tenThousand = "2"
    case thousand = "3"
    case small = "4"
    case dispersed = "5"

    public static let listName = "supply_mode"

    public var label: Label {
        switch self {
        case .urbanExtension: Label(zh: "城市管网延伸", en: "urban network extension")
        case .tenThousand: Label(zh: "万人工程（≥10000人）", en: "scheme ≥10,000 people")
        case .thousand: Label(zh: "千人工程（1000-9999人）", en: "scheme 1,000–9,999 people")
        case .small: Label(zh: "千人以下集中（20-999人）", en: "scheme 20–999 people")
        case .dispersed: Label(zh: "分散供水（<20人）", en: "dispersed <20 people")
        }
    }
}

/// Water resources of the region, T/CHES 18-2018.
public enum WaterRegion: String, SurveyCode {
    case wet = "wet"
    case dry = "dry"

    public static let listName = "water_region"

    public var label: Label {
        switch self {
        case .wet: Label(zh: "丰水地区", en: "wet region")
        case .dry: Label(zh: "缺水地区（<1000m³/人）", en: "water-short region")
        }
    }
}

/// What the judgement of quality rests on.
public enum QualityBasis: String, SurveyCode {
    case standard = "standard"
    case relaxed = "relaxed"
    case sensory = "sensory_ok"
    case failed = "fail"
    case unknown = "unknown"

    public static let listName = "quality_basis"

    public var label: Label {
        switch self {
        case .standard: Label(zh: "检测符合GB5749", en: "test meets standard")
        case .relaxed: Label(zh: "检测符合宽限规定", en: "test meets rural relaxed limits")
        case .sensory: Label(zh: "望闻问尝合格", en: "sensory check passed")
        case .failed: Label(zh: "不合格", en: "failed")
        case .unknown: Label(zh: "未检", en: "not checked")
        }
    }
}

/// Whether an indicator organism was found.
public enum Detection: String, SurveyCode {
    case notDetected = "0"
    case detected = "1"

    public static let listName = "detect"

    public var label: Label {
        switch self {
        case .notDetected: Label(zh: "未检出", en: "not detected")
        case .detected: Label(zh: "检出", en: "detected")
        }
    }
}

/// Main drinking source in the WHO/UNICEF JMP classification.
public enum DrinkingSource: String, SurveyCode {
    case piped = "piped"
    case borehole = "borehole"
    case protectedWell = "pwell"
    case unprotectedWell = "uwell"
    case protectedSpring = "pspring"
    case unprotectedSpring = "uspring"
    case rainwater = "rain"
    case tanker = "tanker"
    case surface = "surface"

    public static let listName = "jmp_source"

    public var label: Label {
        switch self {
        case .piped: Label(zh: "管网水", en: "piped")
        case .borehole: Label(zh: "机井", en: "borehole")
        case .protectedWell: Label(zh: "受保护水井", en: "protected dug well")
        case .unprotectedWell: Label(zh: "未受保护水井", en: "unprotected dug well")
        case .protectedSpring: Label(zh: "受保护泉水", en: "protected spring")
        case .unprotectedSpring: Label(zh: "未受保护泉水", en: "unprotected spring")
        case .rainwater: Label(zh: "雨水（水窖）", en: "rainwater")
        case .tanker: Label(zh: "水车", en: "tanker or cart")
        case .surface: Label(zh: "地表水", en: "surface water")
        }
    }
}
