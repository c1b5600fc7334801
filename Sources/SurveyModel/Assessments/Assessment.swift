/// What a standard concludes about a subject.
public enum AssessmentResult: String, Sendable, CaseIterable {
    case safe
    case basicallySafe = "basically_safe"
    case unsafe
    case notAssessed = "not_assessed"
    /// Reasonably outside the denominator (medical).
    case excluded

    public var label: Label {
        switch self {
        case .safe: Label(zh: "安全", en: "safe")
        case .basicallySafe: Label(zh: "基本安全", en: "basically safe")
        case .unsafe: Label(zh: "不安全", en: "unsafe")
        case .notAssessed: Label(zh: "未评价", en: "not assessed")
        case .excluded: Label(zh: "合理排除", en: "excluded")
        }
    }

    /// Greater is worse; what `mostSevere` and a household's worst member compare.
    public var severity: Int {
        switch self {
        case .excluded: 0
        case .safe: 1
        case .basicallySafe: 2
        case .notAssessed: 3
        case .unsafe: 4
        }
    }
}

/// How one indicator stands against its limits.
public enum IndicatorResult: String, Sendable {
    case pass
    case basic
    case fail
    /// Never a pass.
    case missing
}

/// An indicator and its result, with a sentence for people.
public struct Indicator: Sendable, Hashable {
    public let key: String
    public let result: IndicatorResult
    public let label: Label

    public init(_ key: String, _ result: IndicatorResult, zh: String, en: String) {
        self.key = key
        self.result = result
        self.label = Label(zh: zh, en: en)
    }
}

/// A conclusion that names its standard and says why.
public struct Assessment: Sendable, Hashable {
    public let result: AssessmentResult
    /// The standard's name with its version.
    public let standardName: Label
    /// The indicators that decided.
    public let deciding: [Indicator]

    public init(_ result: AssessmentResult, standard: Label, deciding: [Indicator]) {
        self.result = result
        self.standardName = standard
        self.deciding = deciding
    }

    /// The standard as programs know it, the same in every language.
    public var standard: String { standardName.zh }

    /// Why, as one line: the deciding indicators, and by which standard.
    public var because: Label {
        Label(
            zh: deciding.map(\.label.zh).joined(separator: "；") + "（依据：\(standardName.zh)）",
            en: deciding.map(\.label.en).joined(separator: "; ") + " (per \(standardName.en))")
    }

    /// The conclusion of several indicators: any fail is unsafe, even when another is missing;
    /// else any missing is not assessed; all pass is safe; else basically safe.
    static func combining(_ indicators: [Indicator], standard: Label) -> Assessment {
        func those(_ result: IndicatorResult) -> [Indicator] {
            indicators.filter { $0.result == result }
        }
        let failed = those(.fail)
        if !failed.isEmpty { return Assessment(.unsafe, standard: standard, deciding: failed) }
        let missing = those(.missing)
        if !missing.isEmpty {
            return Assessment(.notAssessed, standard: standard, deciding: missing)
        }
        let basic = those(.basic)
        return basic.isEmpty
            ? Assessment(.safe, standard: standard, deciding: indicators)
            : Assessment(.basicallySafe, standard: standard, deciding: basic)
    }
}

extension Field {
    /// What is said, in English, where nobody has answered it.
    var unanswered: String { "not answered: \(definition.label.en)" }
}

/// What a round pins for its assessments.
public struct AssessmentContext: Sendable, Hashable {
    /// The year whose insurance counts.
    public let year: Int64
    public let waterStandard: WaterStandard

    public init(year: Int64, waterStandard: WaterStandard) {
        self.year = year
        self.waterStandard = waterStandard
    }

    /// Judges a check form's answers; nil for a form that concludes nothing.
    public func assess(_ kind: RecordKind, _ answers: Answers) -> Assessment? {
        switch kind {
        case .housing: HousingAssessment.assess(answers)
        case .water: waterStandard.assess(answers)
        case .medical: MedicalAssessment.assess(answers, year: year)
        case .schooling: SchoolingAssessment.assess(answers)
        case .clinic: ClinicAssessment.assess(answers)
        default: nil
        }
    }
}
