/// What answers must, or should, be to each other: data of a form, like its fields.
public enum Rule: Sendable {
    /// A number or a date may not exceed another.
    case ordered(FieldTag, FieldTag)
    /// Two answers may not be the same.
    case different(FieldTag, FieldTag)
    /// A date at most so many days after another one; a longer time is unusual, and so is that nothing
    /// is said of it when that time is over.
    case within(days: Int32, FieldTag, after: FieldTag)
    /// A number that people give out, which is never the one by which the state knows a person.
    case notResidentNumber(FieldTag)
    /// A date that is usually not past yet.
    case ahead(FieldTag)
    /// A date that is usually not so many years ago.
    case recent(years: Int, FieldTag)
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

    static func notResidentNumber(_ number: Field<String>) -> Rule {
        .notResidentNumber(number.definition.tag)
    }

    static func ahead(_ date: Field<CalendarDate>) -> Rule { .ahead(date.definition.tag) }

    static func recent(years: Int, _ date: Field<CalendarDate>) -> Rule {
        .recent(years: years, date.definition.tag)
    }

    static func unusual(_ condition: Condition, zh: String, en: String) -> Rule {
        .unusual(condition, Label(zh: zh, en: en))
    }

    /// The fields that it looks at.
    public var fields: Set<FieldTag> {
        switch self {
        case .ordered(let a, let b), .different(let a, let b): [a, b]
        case .within(_, let a, let b): [a, b]
        case .notResidentNumber(let tag), .ahead(let tag), .recent(_, let tag): [tag]
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
            return field.problem(.exceeds(other.label, isDate: field.isDate))
        case .different(let one, let other):
            guard let a = answers[one], a == answers[other], let field = form.field(one),
                let against = form.field(other)
            else { return nil }
            return field.problem(.sameAs(against.label))
        case .notResidentNumber(let tag):
            guard case .text(let text) = answers[tag], text.holdsResidentNumber else { return nil }
            return form.field(tag)?.problem(.residentNumber)
        case .within, .ahead, .recent, .unusual: return nil
        }
    }

    /// What is unusual about these answers.
    func warning(in answers: Answers, of form: Form, today: CalendarDate) -> Label? {
        switch self {
        case .ordered, .different, .notResidentNumber: return nil
        case .within(let days, let late, let early):
            guard case .date(let start) = answers[early], let field = form.field(late),
                let other = form.field(early)
            else { return nil }
            func isLate(_ end: CalendarDate) -> Bool {
                Int64(end.daysSinceEpoch) > Int64(start.daysSinceEpoch) + Int64(days)
            }
            guard case .date(let end) = answers[late] else {
                guard isLate(today) else { return nil }
                return Label(
                    zh: "\(other.label.zh)已过去 \(days) 天以上，还没有\(field.label.zh)",
                    en: "more than \(days) days since \"\(other.label.en)\" and no answer to "
                        + "\"\(field.label.en)\" yet")
            }
            guard isLate(end) else { return nil }
            return Label(
                zh: "\(field.label.zh)距\(other.label.zh)超过 \(days) 天",
                en: "\"\(field.label.en)\" is more than \(days) days after \"\(other.label.en)\"")
        case .ahead(let tag):
            guard case .date(let date) = answers[tag], date < today, let field = form.field(tag)
            else { return nil }
            return Label(
                zh: "\(field.label.zh)已经过去", en: "\"\(field.label.en)\" is past already")
        case .recent(let years, let tag):
            guard case .date(let date) = answers[tag], let past = date.years(to: today),
                past > years, let field = form.field(tag)
            else { return nil }
            return Label(
                zh: "\(field.label.zh)在 \(years) 年以前，请核对",
                en:
                    "\"\(field.label.en)\" is more than \(years) years ago; look whether it is right"
            )
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
