/// What every check form ends with: a note, and why parts of the form were left out.
public enum Remarks {
    public static let note = Field<String>(
        60, "note", zh: "备注", en: "note", type: .text(limit: 1_000), personal: true)
    /// `section=reason`, written when somebody skips a section.
    public static let skipped = Field<TextSet>(
        61, "skipped", zh: "未填栏目", en: "sections left out", type: .texts)

    static let sections = [
        Section(30, "note", zh: "备注", en: "note", [note.definition]),
        Section(31, "skipped", zh: "未填栏目", en: "left out", policy: .union, [skipped.definition]),
    ]
}

/// Why a section was left out.
public enum SkipReason: String, SurveyCode {
    case nobodyHome = "1"
    case refused = "2"
    case unknown = "3"
    case notMeasurable = "4"
    case notApplicable = "5"
    case other = "9"

    public static let listName = "skip_reason"

    public var label: Label {
        switch self {
        case .nobodyHome: Label(zh: "无人在家", en: "nobody home")
        case .refused: Label(zh: "拒绝回答", en: "refused to answer")
        case .unknown: Label(zh: "不清楚", en: "does not know")
        case .notMeasurable: Label(zh: "无法测量", en: "cannot be measured")
        case .notApplicable: Label(zh: "不适用", en: "does not apply")
        case .other: Label(zh: "其他", en: "other")
        }
    }

    /// Sections that were left out, with their reasons, as ``Remarks/skipped`` has them.
    public static func parse(_ texts: TextSet) -> [(section: String, reason: SkipReason)] {
        texts.texts.sorted().compactMap { text in
            let parts = text.split(separator: "=")
            guard parts.count == 2, let reason = SkipReason(rawValue: String(parts[1])) else {
                return nil
            }
            return (String(parts[0]), reason)
        }
    }
}
