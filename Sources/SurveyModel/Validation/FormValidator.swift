/// The rules of a form over a whole set of answers.
public struct FormValidator: Sendable {
    public let form: Form
    /// What is known of the day of the check.
    public let clock: DeviceClock
    /// The year of the check: that of the day, or that of its round where a clock is behind.
    public let year: Int64
    /// What the answers replace.
    public let before: Answers
    /// What was said in the last round.
    public let lastRound: Answers

    /// For answers that may not lie in the future.
    public var today: CalendarDate { clock.today }

    /// - Parameter round: the year of the check's round; nil where there is none.
    public init(
        form: Form, clock: DeviceClock, round: Int64? = nil, before: Answers = Answers(),
        lastRound: Answers = Answers()
    ) {
        self.form = form
        self.clock = clock
        self.before = before
        self.lastRound = lastRound
        year = max(Int64(clock.today.components.year), round ?? .min)
    }

    /// On a day about which there is no doubt.
    public init(form: Form, today: CalendarDate, round: Int64? = nil) {
        self.init(form: form, clock: DeviceClock(today: today), round: round)
    }

    /// Whether the field should be asked, given the other answers.
    public func isRelevant(_ field: FieldDefinition, in answers: Answers) -> Bool {
        field.relevance.holds(in: answers)
    }

    /// Clears answers that other answers made irrelevant, except those `named` on purpose.
    ///
    /// An irrelevant answer is never kept silently: a named one is a problem, see
    /// ``problems(in:sections:)``; one that was there before is cleared.
    public func clearingIrrelevant(_ answers: Answers, named: Set<FieldTag>) -> Answers {
        var answers = answers
        for field in form.fields
        where answers[field.tag] != nil && !named.contains(field.tag)
            && !isRelevant(field, in: answers)
        {
            answers[field.tag] = .null
        }
        return answers
    }

    /// Everything that forbids saving these sections.
    public func problems(in answers: Answers, sections: Set<SectionTag>) -> [AnswerProblem] {
        var problems: [AnswerProblem] = []
        for section in form.sections where sections.contains(section.tag) {
            for field in section.fields {
                if let reason = reason(against: field, in: answers) {
                    problems.append(field.problem(reason))
                }
            }
        }
        return problems
            + rules(touching: sections).compactMap {
                $0.problem(in: answers, before: before, of: form)
            }
    }

    /// What is unusual but may be true.
    public func warnings(in answers: Answers, sections: Set<SectionTag>) -> [Label] {
        var warnings: [Label] = []
        for section in form.sections where sections.contains(section.tag) {
            for field in section.fields {
                guard let usual = field.usual, let number = answers[field.tag]?.number,
                    !usual.contains(number)
                else { continue }
                func unit(_ language: Language) -> String {
                    field.unitName.map { " \($0[language])" } ?? ""
                }
                warnings.append(
                    Label(
                        zh: "\(field.label.zh)不常见：\(number.text)\(unit(.zh))",
                        en: "\(field.label.en) is unusual: \(number.text)\(unit(.en))"))
            }
        }
        return warnings
            + rules(touching: sections).compactMap {
                $0.warning(in: answers, of: form, today: today)
                    ?? $0.warning(in: answers, lastRound: lastRound, of: form)
            } + (sections.isEmpty ? [] : [clock.warning].compactMap { $0 })
    }

    /// Rules about any field of these sections.
    private func rules(touching sections: Set<SectionTag>) -> [Rule] {
        form.rules.filter { rule in
            rule.fields.contains { tag in
                form.section(containing: tag).map { sections.contains($0.tag) } ?? false
            }
        }
    }

    private func reason(against field: FieldDefinition, in answers: Answers)
        -> AnswerProblem.Reason?
    {
        let relevant = isRelevant(field, in: answers)
        guard let value = answers[field.tag] else {
            return relevant && field.required.holds(in: answers) ? .missing : nil
        }
        guard relevant else { return .irrelevant }
        guard field.notInFuture else { return nil }
        switch value {
        case .date(let date) where date > today: return .inFuture(yearsAhead: 0)
        case .integer(let number) where number > year + field.yearsAhead:
            return .inFuture(yearsAhead: field.yearsAhead)
        default: return nil
        }
    }
}

extension FieldValue {
    var number: ScaledDecimal? {
        switch self {
        case .integer(let integer): ScaledDecimal(integer)
        case .decimal(let decimal): decimal
        default: nil
        }
    }
}
