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
    /// A grade, from the best to the worst code: where it replaces one of the weak ones by a better one
    /// it takes a reason in another field, unless other answers say why.
    case explained(
        FieldTag, codes: [String], weak: Set<String>, by: FieldTag, unless: Condition)
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

    static func explained<Grade: SurveyCode>(
        _ grade: Field<Grade>, from weak: Set<Grade>, by reason: Field<String>,
        unless condition: Condition
    ) -> Rule {
        .explained(
            grade.definition.tag, codes: Grade.allCases.map(\.rawValue),
            weak: Set(weak.map(\.rawValue)), by: reason.definition.tag, unless: condition)
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
        case .explained(let grade, _, _, let reason, _): [grade, reason]
        case .unusual(let condition, _): condition.fields
        }
    }

    /// The grade that is better than the weak one that it replaces and of which nothing says why, and
    /// the field that should.
    func unexplained(in answers: Answers, before: Answers) -> (grade: FieldTag, reason: FieldTag)? {
        guard case .explained(let grade, let codes, let weak, let reason, let condition) = self,
            case .code(let old) = before[grade], weak.contains(old),
            let was = codes.firstIndex(of: old),
            // One that is cleared is gone like one that is better.
            answers[grade].map({ codes.firstIndex(of: $0.plainText) ?? was }) ?? 0 < was,
            !condition.holds(in: answers),
            answers[reason] == nil || answers[reason] == before[reason]
        else { return nil }
        return (grade, reason)
    }

    /// What forbids saving these answers.
    ///
    /// - Parameter before: what they replace.
    func problem(in answers: Answers, before: Answers, of form: Form) -> AnswerProblem? {
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
        case .explained:
            guard let (grade, reason) = unexplained(in: answers, before: before),
                let field = form.field(reason), let graded = form.field(grade)
            else { return nil }
            return field.problem(.unexplained(graded.label))
        case .within, .ahead, .recent, .unusual: return nil
        }
    }

    /// What is unusual about these answers.
    func warning(in answers: Answers, of form: Form, today: CalendarDate) -> Label? {
        switch self {
        case .ordered, .different, .notResidentNumber, .explained: return nil
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
                    "\"\(field.label.en)\" is more than \(years) years ago; please check"
            )
        case .unusual(let condition, let label): return condition.holds(in: answers) ? label : nil
        }
    }
}

extension Form {
    /// The grade that is better than one of several other answers, where no answer of its own says
    /// why, and the field that should.
    public func unexplained(_ answers: SectionAnswers, than others: [SectionAnswers])
        -> (grade: FieldDefinition, reason: FieldDefinition)?
    {
        for rule in rules {
            for other in others {
                guard
                    let tags = rule.unexplained(in: Answers(answers), before: Answers(other)),
                    let grade = field(tags.grade), let reason = field(tags.reason)
                else { continue }
                return (grade, reason)
            }
        }
        return nil
    }
}

extension Rule {
    /// What is unusual about these answers beside those of the last round.
    func warning(in answers: Answers, lastRound: Answers, of form: Form) -> Label? {
        guard let (grade, reason) = unexplained(in: answers, before: lastRound),
            let field = form.field(reason), let graded = form.field(grade)
        else { return nil }
        return Label(
            zh: "\(graded.label.zh)比上轮好，请在\(field.label.zh)中写明原因",
            en: "\"\(graded.label.en)\" is better than in the last round; say why in "
                + "\"\(field.label.en)\"")
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
