/// When a field is asked or demanded, as data, so that prompts, validation and exports agree.
public indirect enum Condition: Sendable {
    case always
    case never
    /// The field has one of these answers.
    case oneOf(FieldTag, [FieldValue])
    case not(Condition)
    case all([Condition])
    case any([Condition])

    /// Evaluates against a form's answers; a missing answer matches nothing.
    public func holds(in answers: Answers) -> Bool {
        switch self {
        case .always: true
        case .never: false
        case .oneOf(let tag, let values): answers[tag].map(values.contains) ?? false
        case .not(let condition): !condition.holds(in: answers)
        case .all(let conditions): conditions.allSatisfy { $0.holds(in: answers) }
        case .any(let conditions): conditions.contains { $0.holds(in: answers) }
        }
    }
}
