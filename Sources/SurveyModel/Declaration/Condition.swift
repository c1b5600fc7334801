/// When a field is asked or demanded, as data, so that prompts, validation and exports agree.
public indirect enum Condition: Sendable {
    case always
    case never
    /// The field has one of these answers.
    case oneOf(FieldTag, [FieldValue])
    /// The field's set of codes has one of these.
    case includes(FieldTag, [String])
    /// The field's number is at most this.
    case atMost(FieldTag, ScaledDecimal)
    case not(Condition)
    case all([Condition])
    case any([Condition])

    /// Evaluates against a form's answers; a missing answer matches nothing.
    public func holds(in answers: Answers) -> Bool {
        switch self {
        case .always: return true
        case .never: return false
        case .oneOf(let tag, let values): return answers[tag].map(values.contains) ?? false
        case .includes(let tag, let codes):
            guard case .codes(let given) = answers[tag] else { return false }
            return given.contains(where: codes.contains)
        case .atMost(let tag, let limit): return answers[tag]?.number.map { $0 <= limit } ?? false
        case .not(let condition): return !condition.holds(in: answers)
        case .all(let conditions): return conditions.allSatisfy { $0.holds(in: answers) }
        case .any(let conditions): return conditions.contains { $0.holds(in: answers) }
        }
    }

    /// The fields that it looks at.
    public var fields: Set<FieldTag> {
        switch self {
        case .always, .never: []
        case .oneOf(let tag, _), .includes(let tag, _), .atMost(let tag, _): [tag]
        case .not(let condition): condition.fields
        case .all(let conditions), .any(let conditions):
            conditions.reduce(into: []) { $0.formUnion($1.fields) }
        }
    }
}

extension Condition {
    /// As people read it, by the keys of a form's fields: `insurance = 1, 2`; nil when it says
    /// nothing.
    public func text(in form: Form) -> Label? {
        func key(_ tag: FieldTag) -> String { form.field(tag)?.key ?? "?" }
        func joined(_ conditions: [Condition], zh: String, en: String) -> Label? {
            let parts = conditions.compactMap { condition -> Label? in
                let text = condition.text(in: form)
                guard conditions.count > 1, condition.isCompound else { return text }
                return text.map { Label(zh: "（\($0.zh)）", en: "(\($0.en))") }
            }
            guard !parts.isEmpty else { return nil }
            return Label(
                zh: parts.map(\.zh).joined(separator: zh),
                en: parts.map(\.en).joined(separator: en))
        }
        switch self {
        case .always, .never: return nil
        case .oneOf(let tag, let values):
            let text = "\(key(tag)) = \(values.map(\.plainText).joined(separator: ", "))"
            return Label(zh: text, en: text)
        case .includes(let tag, let codes):
            let list = codes.joined(separator: ", ")
            return Label(zh: "\(key(tag)) 含 \(list)", en: "\(key(tag)) has \(list)")
        case .atMost(let tag, let limit):
            let text = "\(key(tag)) ≤ \(limit.text)"
            return Label(zh: text, en: text)
        case .not(let condition):
            return condition.text(in: form).map { Label(zh: "非（\($0.zh)）", en: "not (\($0.en))") }
        case .all(let conditions): return joined(conditions, zh: " 且 ", en: " and ")
        case .any(let conditions): return joined(conditions, zh: " 或 ", en: " or ")
        }
    }

    private var isCompound: Bool {
        switch self {
        case .all, .any: true
        default: false
        }
    }
}
