/// What answers must, or should, be to each other: data of a form, like its fields.
public enum Rule: Sendable {
    /// A number or a date may not exceed another.
    case ordered(FieldTag, FieldTag)
    /// Two answers may not be the same.
    case different(FieldTag, FieldTag)
    /// A date at most so many days after another one; a longer time is unusual.
    case within(days: Int32, FieldTag, after: FieldTag)
    /// Answers that rarely stand together, and what to say of them.
    case unusual(Condition, Label)
}

extension Rule {
    static func ordered<Value>(_ small: Field<Value>, _ large: Field<Value>) -> Rule {
        .ordered(small.definition.tag, large.definition.tag)
    }

    static func different<Value>(_ one: Field<Value>, _ other: Field<Value>) -> Rule {
        .different(one.definition.tag, other.definition.tag)
    }

    static func within(
        days: Int32, _ late: Field<CalendarDate>, after early: Field<CalendarDate>
    ) -> Rule {
        .within(days: days, late.definition.tag, after: early.definition.tag)
    }

    static func unusual(_ condition: Condition, zh: String, en: String) -> Rule {
        .unusual(condition, Label(zh: zh, en: en))
    }

    /// The fields that it looks at.
    public var fields: Set<FieldTag> {
        switch self {
        case .ordered(let a, let b), .different(let a, let b): [a, b]
        case .within(_, let a, let b): [a, b]
        case .unusual(let condition, _): condition.fields
        }
    }

    /// What forbids saving these answers.
    func problem(in answers: Answers, of form: Form) -> AnswerProblem? {
        switch self {
        case .ordered(let small, let large):
            guard let a = answers[small], let b = answers[large], a.exceeds(b),
                let field = form.field(small), let other = form.field(large)
            else { return nil }
            return field.problem(.notAfter(other.key))
        case .different(let one, let other):
            guard let a = answers[one], a == answers[other], let field = form.field(one),
                let against = form.field(other)
            else { return nil }
            return field.problem(.sameAs(against.key))
        case .within, .unusual: return nil
        }
    }

    /// What is unusual about these answers.
    func warning(in answers: Answers, of form: Form) -> Label? {
        switch self {
        case .ordered, .different: return nil
        case .within(let days, let late, let early):
            guard case .date(let end) = answers[late], case .date(let start) = answers[early],
                Int64(end.daysSinceEpoch) > Int64(start.daysSinceEpoch) + Int64(days),
                let field = form.field(late), let other = form.field(early)
            else { return nil }
            return Label(
                zh: "\(field.label.zh)距\(other.label.zh)超过 \(days) 天",
                en: "\(field.key) is more than \(days) days after \(other.key)")
        case .unusual(let condition, let label): return condition.holds(in: answers) ? label : nil
        }
    }
}

extension FieldValue {
    /// Greater than another number or a later date.
    fileprivate func exceeds(_ other: FieldValue) -> Bool {
        if case .date(let a) = self, case .date(let b) = other { return a > b }
        guard let a = number, let b = other.number else { return false }
        return a > b
    }
}
