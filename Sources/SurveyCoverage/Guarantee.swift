public import SurveyModel

/// One of the guarantees that coverage reports.
public enum Guarantee: String, Sendable, CaseIterable {
    case housing
    case water
    case medical
    case schooling

    public var label: Label {
        switch self {
        case .housing: Label(zh: "住房", en: "housing")
        case .water: Label(zh: "饮水", en: "water")
        case .medical: Label(zh: "医疗", en: "medical")
        case .schooling: Label(zh: "教育", en: "schooling")
        }
    }

    public var kind: RecordKind {
        switch self {
        case .housing: .housing
        case .water: .water
        case .medical: .medical
        case .schooling: .schooling
        }
    }

    /// Whether it is a person's, so that a household takes its worst member.
    public var isOfPersons: Bool { self == .medical || self == .schooling }

    /// Whether a subject may be reasonably outside the denominator.
    public var hasExcluded: Bool { counters.excluded != nil }

    var registered: Counter {
        switch self {
        case .housing, .water: .households
        case .medical: .persons
        case .schooling: .schoolChildren
        }
    }

    struct Counters {
        let safe: Counter
        let unsafe: Counter
        let contested: Counter
        let notAssessed: Counter
        let maybeSafe: Counter
        var excluded: Counter?
        var maybeExcluded: Counter?
    }

    var counters: Counters {
        switch self {
        case .housing:
            Counters(
                safe: .housingSafe, unsafe: .housingUnsafe, contested: .housingContested,
                notAssessed: .housingNotAssessed, maybeSafe: .housingMaybeSafe)
        case .water:
            Counters(
                safe: .waterSafe, unsafe: .waterUnsafe, contested: .waterContested,
                notAssessed: .waterNotAssessed, maybeSafe: .waterMaybeSafe)
        case .medical:
            Counters(
                safe: .medicalSafe, unsafe: .medicalUnsafe, contested: .medicalContested,
                notAssessed: .medicalNotAssessed, maybeSafe: .medicalMaybeSafe,
                excluded: .medicalExcluded, maybeExcluded: .medicalMaybeExcluded)
        case .schooling:
            Counters(
                safe: .schoolingSafe, unsafe: .schoolingUnsafe, contested: .schoolingContested,
                notAssessed: .schoolingNotAssessed, maybeSafe: .schoolingMaybeSafe,
                excluded: .schoolingExcluded, maybeExcluded: .schoolingMaybeExcluded)
        }
    }
}
