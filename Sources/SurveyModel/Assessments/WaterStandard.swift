/// A published standard that judges drinking water. They differ on purpose.
public enum WaterStandard: String, SurveyCode {
    case tches2018 = "tches18-2018"
    case guizhou2021 = "guizhou-2021"

    public static let listName = "water_standard"

    /// The standard's name with its version.
    public var name: String {
        switch self {
        case .tches2018: "T/CHES 18-2018"
        case .guizhou2021: "Guizhou 2021"
        }
    }

    public var label: Label {
        switch self {
        case .tches2018: Label(zh: name, en: name)
        case .guizhou2021: Label(zh: "贵州省 2021 年标准", en: name)
        }
    }

    public func assess(_ answers: Answers) -> Assessment {
        let indicators = indicators(answers)
        return Assessment.combining(indicators, standard: Label(zh: name, en: name))
    }

    /// Quantity, quality, convenience and reliability, in this order.
    public func indicators(_ answers: Answers) -> [Indicator] {
        switch self {
        case .tches2018:
            [
                TCHES18.quantity(answers), WaterQuality.judge(answers),
                TCHES18.convenience(answers), TCHES18.reliability(answers),
            ]
        case .guizhou2021:
            [
                Guizhou2021.quantity(answers), WaterQuality.judge(answers, sensory: .pass),
                Guizhou2021.convenience(answers), Guizhou2021.reliability(answers),
            ]
        }
    }
}

/// Quantity as both standards name it.
private enum WaterQuantity {
    static func indicator(_ result: IndicatorResult, _ litres: ScaledDecimal?) -> Indicator {
        guard let litres else {
            return Indicator(
                "quantity", .missing, zh: "缺人均日水量", en: Water.litresPerPersonDay.unanswered)
        }
        let unit = Water.litresPerPersonDay.definition.unitName
        // It is there, and what it takes depends on the region.
        let lacks = result == .missing
        return Indicator(
            "quantity", result,
            zh: "水量：\(litres.text) \(unit?.zh ?? "")" + (lacks ? "，缺水源分区" : ""),
            en: "quantity: \(litres.text) \(unit?.en ?? "")"
                + (lacks ? ", the water region is missing" : ""))
    }
}

/// Quality as both standards judge it.
///
/// Source: T/CHES 18-2018; relaxed limits for schemes below 10,000 people stood in GB 5749-2006
/// and were dropped by GB 5749-2022, so the sentence names the version.
enum WaterQuality {
    static func judge(_ answers: Answers, sensory: IndicatorResult = .basic) -> Indicator {
        if let exceeded = exceeded(answers) {
            return Indicator(
                "quality", .fail, zh: "水质：\(exceeded.zh)超出 GB 5749 限值",
                en: "quality: \(exceeded.en) is outside GB 5749")
        }
        return judgeBasis(answers, sensory: sensory)
    }

    /// The same by what somebody concluded, without what was measured.
    static func judgeBasis(_ answers: Answers, sensory: IndicatorResult = .basic) -> Indicator {
        func quality(_ result: IndicatorResult, zh: String, en: String) -> Indicator {
            Indicator("quality", result, zh: "水质：" + zh, en: "quality: " + en)
        }
        let mode = answers[Water.supplyMode]
        switch answers[Water.qualityBasis] {
        case nil:
            return quality(.missing, zh: "缺水质依据", en: Water.qualityBasis.unanswered)
        case .unknown:
            return quality(.missing, zh: "未检", en: "not checked")
        case .failed:
            return quality(.fail, zh: "不合格", en: "failed")
        case .standard:
            return quality(.pass, zh: "符合 GB 5749", en: "meets GB 5749")
        case .relaxed:
            switch mode {
            case nil: return quality(.missing, zh: "缺供水方式", en: Water.supplyMode.unanswered)
            case .urbanExtension, .tenThousand:
                return quality(
                    .fail, zh: "万人以上工程不适用宽限值",
                    en: "relaxed limits do not apply to schemes of 10,000 people or more")
            case .thousand, .small, .dispersed:
                return quality(
                    .pass, zh: "符合 GB 5749-2006 小型供水宽限值",
                    en: "meets the relaxed limits of GB 5749-2006 for small schemes")
            }
        case .sensory:
            guard mode == .dispersed else {
                return quality(
                    .missing, zh: "望闻问尝只适用于分散供水",
                    en: "a sensory check counts for dispersed supply only")
            }
            let complaints = [Water.visibleMatter, Water.offColourOdour, Water.adverseReaction]
            guard !complaints.contains(where: { answers[$0] == true }) else {
                return quality(.fail, zh: "感官指标异常", en: "the sensory check found a fault")
            }
            return quality(sensory, zh: "望闻问尝合格", en: "sensory check passed")
        }
    }
}

extension WaterQuality {
    /// What was measured and lies outside the limits of GB 5749-2022, whatever the basis says; those
    /// that small schemes may exceed by the relaxed limits are judged by these.
    private static func exceeded(_ answers: Answers) -> Label? {
        if answers[Water.totalColiform] == .detected { return Water.totalColiform.definition.label }
        // A basis that says failed, or that nobody knows, needs no proof.
        guard [.standard, .relaxed].contains(answers[Water.qualityBasis]) else { return nil }
        let isLarge = [.urbanExtension, .tenThousand].contains(answers[Water.supplyMode])
        if let turbidity = answers[Water.turbidity], turbidity > (isLarge ? 1 : 3) {
            return Water.turbidity.definition.label
        }
        if let ph = answers[Water.ph], !Water.ph.definition.usual!.contains(ph) {
            return Water.ph.definition.label
        }
        return nil
    }
}

/// T/CHES 18-2018, criteria for rural drinking-water safety.
enum TCHES18 {
    static func quantity(_ answers: Answers) -> Indicator {
        guard let litres = answers[Water.litresPerPersonDay] else {
            return WaterQuantity.indicator(.missing, nil)
        }
        func quantity(_ result: IndicatorResult) -> Indicator {
            WaterQuantity.indicator(result, litres)
        }
        func judged(pass: ScaledDecimal, basic: ScaledDecimal) -> IndicatorResult {
            litres >= pass ? .pass : litres >= basic ? .basic : .fail
        }
        let wet = judged(pass: 60, basic: 35)
        let dry = judged(pass: 40, basic: 20)
        switch answers[Water.region] {
        case .wet: return quantity(wet)
        case .dry: return quantity(dry)
        // Without the region only a quantity that both judge alike is judged.
        case nil: return quantity(wet == dry ? wet : .missing)
        }
    }

    static func convenience(_ answers: Answers) -> Indicator {
        func access(_ result: IndicatorResult, zh: String, en: String) -> Indicator {
            Indicator("convenience", result, zh: "方便程度：" + zh, en: "convenience: " + en)
        }
        switch answers[Water.toHome] {
        case nil: return access(.missing, zh: "缺供水入户", en: Water.toHome.unanswered)
        case true?: return access(.pass, zh: "供水入户", en: "piped to home or yard")
        case false?: break
        }
        if let minutes = answers[Water.roundTripMinutes] {
            return access(
                minutes <= 10 ? .pass : minutes <= 20 ? .basic : .fail,
                zh: "往返 \(minutes) 分钟", en: "\(minutes) min round trip")
        }
        let horizontal = answers[Water.horizontalMetres]
        let vertical = answers[Water.verticalMetres]
        let detail =
            "\(horizontal.map(String.init) ?? "?") m / \(vertical.map(String.init) ?? "?") m"
        let result: IndicatorResult
        if (horizontal ?? 0) > 800 || (vertical ?? 0) > 80 {
            result = .fail
        } else if let horizontal, let vertical {
            result = horizontal <= 400 && vertical <= 40 ? .pass : .basic
        } else {
            result = .missing
        }
        return access(result, zh: detail, en: detail)
    }

    static func reliability(_ answers: Answers) -> Indicator {
        guard let days = answers[Water.shortDaysYear] else {
            return Indicator(
                "reliability", .missing, zh: "缺年缺水天数", en: Water.shortDaysYear.unanswered)
        }
        return Indicator(
            "reliability", days <= 18 ? .pass : days <= 36 ? .basic : .fail,
            zh: "年缺水 \(days) 天", en: "reliability: \(days) short days a year")
    }
}

/// The criteria that Guizhou published in 2021: met or not met.
enum Guizhou2021 {
    static func quantity(_ answers: Answers) -> Indicator {
        guard let litres = answers[Water.litresPerPersonDay] else {
            return WaterQuantity.indicator(.missing, nil)
        }
        return WaterQuantity.indicator(litres >= 35 ? .pass : .fail, litres)
    }

    static func convenience(_ answers: Answers) -> Indicator {
        func access(_ result: IndicatorResult, zh: String, en: String) -> Indicator {
            Indicator("convenience", result, zh: "方便程度：" + zh, en: "convenience: " + en)
        }
        switch answers[Water.toHome] {
        case nil: return access(.missing, zh: "缺供水入户", en: Water.toHome.unanswered)
        case true?: return access(.pass, zh: "供水入户", en: "piped to home or yard")
        case false?: break
        }
        let horizontal = answers[Water.horizontalMetres]
        let vertical = answers[Water.verticalMetres]
        let detail =
            "\(horizontal.map(String.init) ?? "?") m / \(vertical.map(String.init) ?? "?") m"
        if (horizontal ?? 0) > 1_000 || (vertical ?? 0) > 100 {
            return access(.fail, zh: detail, en: detail)
        }
        let known = horizontal != nil && vertical != nil
        return access(known ? .pass : .missing, zh: detail, en: detail)
    }

    static func reliability(_ answers: Answers) -> Indicator {
        switch answers[Water.supplyMode] {
        case nil:
            return Indicator(
                "reliability", .missing, zh: "缺供水方式", en: Water.supplyMode.unanswered)
        case .dispersed:
            return judged(
                answers[Water.longestDryRun], limit: 30, zh: "连续缺水", en: "longest dry run")
        case .urbanExtension, .tenThousand, .thousand, .small:
            return judged(
                answers[Water.shortDaysYear], limit: 36, zh: "年缺水", en: "short days a year")
        }
    }

    private static func judged(_ days: Int64?, limit: Int64, zh: String, en: String) -> Indicator {
        guard let days else {
            return Indicator("reliability", .missing, zh: "缺\(zh)天数", en: "not answered: \(en)")
        }
        return Indicator(
            "reliability", days <= limit ? .pass : .fail, zh: "\(zh) \(days) 天",
            en: "reliability: \(en): \(days) d")
    }
}
