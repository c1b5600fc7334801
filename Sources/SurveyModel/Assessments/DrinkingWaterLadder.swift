/// A rung of the WHO/UNICEF ladder for drinking water, best first.
public enum DrinkingWaterRung: String, Sendable, CaseIterable {
    case safelyManaged = "safely_managed"
    case basic
    case limited
    case unimproved
    case surface
    case unknown

    public var label: Label {
        switch self {
        case .safelyManaged: Label(zh: "安全管理", en: "safely managed")
        case .basic: Label(zh: "基本", en: "basic")
        case .limited: Label(zh: "有限", en: "limited")
        case .unimproved: Label(zh: "未改善", en: "unimproved")
        case .surface: Label(zh: "地表水", en: "surface water")
        case .unknown: Label(zh: "未知", en: "unknown")
        }
    }
}

/// Where a household's water stands on the JMP ladder, and why.
///
/// Improved, on premises, available and free of contamination: safely managed. Improved and at
/// most 30 minutes for a round trip with queueing: basic; longer: limited. What is not known never
/// lifts a household: an unknown time is unknown, an untested source is at most basic.
///
/// Source: WHO/UNICEF Joint Monitoring Programme, "Progress on household drinking water" (2017
/// onwards), service ladder. *Available* is judged as T/CHES 18-2018 does: at most 18 short days a
/// year. *Free of contamination*: no total coliform, or a test that meets GB 5749, which includes it.
public enum DrinkingWaterLadder {
    public static let name = "WHO/UNICEF JMP"

    public static func rung(_ answers: Answers) -> (rung: DrinkingWaterRung, because: Label) {
        guard let source = answers[Water.jmpSource] else {
            return (.unknown, Label(zh: "缺主要饮用水源", en: Water.jmpSource.unanswered))
        }
        switch source {
        case .surface: return (.surface, source.label)
        case .unprotectedWell, .unprotectedSpring: return (.unimproved, source.label)
        case .piped, .borehole, .protectedWell, .protectedSpring, .rainwater, .tanker: break
        }
        guard let toHome = answers[Water.toHome] else {
            return (.unknown, Label(zh: "缺供水入户", en: Water.toHome.unanswered))
        }
        guard toHome else { return fetched(answers) }
        if let lacking = lacking(answers) { return (.basic, lacking) }
        return (
            .safelyManaged,
            Label(zh: "入户、有水、未受污染", en: "on premises, available, free of contamination")
        )
    }

    private static func fetched(_ answers: Answers) -> (DrinkingWaterRung, Label) {
        guard let minutes = answers[Water.roundTripMinutes] else {
            return (.unknown, Label(zh: "取水时间未知", en: "the round trip is not known"))
        }
        let because = Label(zh: "往返 \(minutes) 分钟", en: "\(minutes) min round trip")
        return (minutes <= 30 ? .basic : .limited, because)
    }

    /// What keeps water on the premises from being safely managed.
    private static func lacking(_ answers: Answers) -> Label? {
        guard let shortDays = answers[Water.shortDaysYear] else {
            return Label(zh: "供水天数未知", en: "availability is not known")
        }
        guard shortDays <= 18 else {
            return Label(zh: "年缺水 \(shortDays) 天", en: "\(shortDays) short days a year")
        }
        let failed = Label(zh: "水质不合格", en: "contaminated")
        switch (answers[Water.totalColiform], answers[Water.qualityBasis]) {
        case (.detected, _), (_, .failed): return failed
        case (.notDetected, _), (_, .standard): return nil
        default: return Label(zh: "水质未检测", en: "the water was not tested")
        }
    }
}
