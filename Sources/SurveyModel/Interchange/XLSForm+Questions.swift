// What fields and conditions are in an XLSForm.

extension XLSForm {
    /// An expression that must hold, or that is worth a note, and what to say of it.
    struct Demand {
        let xpath: String
        let message: Label
    }

    /// Answers of yes or no, by the words that ``FieldValue/plainText`` has for them.
    static let yesOrNo = [
        Choice(list: "yes_no", name: "true", label: Label(zh: "是", en: "yes")),
        Choice(list: "yes_no", name: "false", label: Label(zh: "否", en: "no")),
    ]
}

extension FieldDefinition {
    /// The type of its question; nil for what the program writes.
    var questionType: String? {
        switch type {
        case .text: "text"
        case .integer: "integer"
        case .decimal: "decimal"
        case .boolean: "select_one yes_no"
        case .date: "date"
        case .code(let list): "select_one \(list.name)"
        case .codes(let list): "select_multiple \(list.name)"
        case .identifier, .texts: nil
        }
    }

    var choices: [XLSForm.Choice] {
        switch type {
        case .boolean: XLSForm.yesOrNo
        case .code(let list), .codes(let list):
            list.entries.map { XLSForm.Choice(list: list.name, name: $0.code, label: $0.label) }
        default: []
        }
    }

    /// Its unit, and what is usual.
    var hint: Label? {
        var (zh, en): ([String], [String]) = ([], [])
        if let unitName {
            zh.append("单位：\(unitName.zh)")
            en.append("unit: \(unitName.en)")
        }
        if let usual {
            let text = "\(usual.lowerBound.text)–\(usual.upperBound.text)"
            zh.append("通常 \(text)")
            en.append("usually \(text)")
        }
        guard !zh.isEmpty else { return nil }
        return Label(zh: zh.joined(separator: "；"), en: en.joined(separator: "; "))
    }

    /// What its answer must be, whatever the others are.
    var demands: [XLSForm.Demand] {
        var demands: [XLSForm.Demand] = []
        func demand(_ xpath: String, zh: String, en: String) {
            demands.append(XLSForm.Demand(xpath: xpath, message: Label(zh: zh, en: en)))
        }
        if case .text(let limit) = type {
            demand(
                "string-length(.) <= \(limit)", zh: "最多 \(limit) 个字符。",
                en: "At most \(limit) characters.")
        }
        if let range {
            demand(
                ". >= \(range.lowerBound.text) and . <= \(range.upperBound.text)",
                zh: "须为 \(rangeText)。", en: "It must be \(rangeText).")
        }
        if notInFuture {
            // A number is a year.
            let year = "number(format-date(today(), '%Y'))"
            let now =
                isDate ? "today()" : yearsAhead == 0 ? year : "\(year) + \(yearsAhead)"
            demand(
                ". <= \(now)", zh: yearsAhead == 0 ? "不得晚于今天。" : "不得晚于明年。",
                en: "It must not be after \(yearsAhead == 0 ? "today" : "next year").")
        }
        return demands
    }

    /// What to say when it does not stand to another field as it must.
    func message(comparedWith other: FieldDefinition, isLarge: Bool) -> Label {
        let relation =
            switch (isDate, isLarge) {
            case (true, true): Label(zh: "早于", en: "before")
            case (true, false): Label(zh: "晚于", en: "after")
            case (false, true): Label(zh: "小于", en: "less than")
            case (false, false): Label(zh: "大于", en: "more than")
            }
        return Label(
            zh: "不得\(relation.zh)“\(other.label.zh)”。",
            en: "It must not be \(relation.en) \"\(other.label.en)\".")
    }
}

extension Form {
    /// How expressions name a field.
    func reference(to tag: FieldTag) -> String { "${\(field(tag)?.key ?? "")}" }
}

extension Condition {
    /// As XPath 1.0 over a form's questions: `${insurance} = '1' or ${insurance} = '2'`.
    ///
    /// It holds when ``holds(in:)`` does: a blank equals no code, is selected nowhere, and as a
    /// number it is not a number, which is at most nothing.
    public func xpath(in form: Form) -> String {
        switch self {
        case .always: return "true()"
        case .never: return "false()"
        case .oneOf(let tag, let values):
            let reference = form.reference(to: tag)
            return Self.joined(values.map { "\(reference) = \($0.xpath)" }, "or", none: "false()")
        case .includes(let tag, let codes):
            let reference = form.reference(to: tag)
            let parts = codes.map { "selected(\(reference), \(FieldValue.code($0).xpath))" }
            return Self.joined(parts, "or", none: "false()")
        case .atMost(let tag, let limit): return "\(form.reference(to: tag)) <= \(limit.text)"
        case .not(let condition): return "not(\(condition.xpath(in: form)))"
        case .all(let conditions):
            return Self.joined(Self.operands(conditions, in: form), "and", none: "true()")
        case .any(let conditions):
            return Self.joined(Self.operands(conditions, in: form), "or", none: "false()")
        }
    }

    private static func joined(_ parts: [String], _ operation: String, none: String) -> String {
        parts.isEmpty ? none : parts.joined(separator: " \(operation) ")
    }

    private static func operands(_ conditions: [Condition], in form: Form) -> [String] {
        conditions.map { condition in
            let text = condition.xpath(in: form)
            return conditions.count > 1 && condition.hasOperands ? "(\(text))" : text
        }
    }

    /// Whether its XPath has an `and` or an `or` outside parentheses.
    private var hasOperands: Bool {
        switch self {
        case .always, .never, .atMost, .not: false
        case .oneOf(_, let values): values.count > 1
        case .includes(_, let codes): codes.count > 1
        case .all(let conditions), .any(let conditions):
            conditions.count > 1 || conditions.contains(where: \.hasOperands)
        }
    }
}

extension FieldValue {
    /// As an XPath literal: a number bare, everything else quoted; XPath 1.0 has no escapes.
    fileprivate var xpath: String {
        switch self {
        case .integer, .decimal: return plainText
        default:
            let quote = plainText.contains("'" as Character) ? "\"" : "'"
            return quote + plainText + quote
        }
    }
}
