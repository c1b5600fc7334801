/// The rules of a form over a whole set of answers.
public struct FormValidator: Sendable {
    public let form: Form
    /// The day of the check, for answers that may not lie in the future.
    public let today: CalendarDate

    public init(form: Form, today: CalendarDate) {
        self.form = form
        self.today = today
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
            + relations(in: answers).filter { problem in
                form.sections.contains { section in
                    sections.contains(section.tag)
                        && section.fields.contains { $0.key == problem.field }
                }
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
                let unit = field.unit.map { " \($0)" } ?? ""
                warnings.append(
                    Label(
                        zh: "\(field.label.zh)不常见：\(number.text)\(unit)",
                        en: "\(field.key) is unusual: \(number.text)\(unit)"))
            }
        }
        return warnings + gradeWarnings(in: answers)
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
        case .date(let date) where date > today: return .inFuture
        case .integer(let year) where year > Int64(today.components.year): return .inFuture
        default: return nil
        }
    }

    /// Limits that one answer sets to another.
    private func relations(in answers: Answers) -> [AnswerProblem] {
        func atMost(_ small: Field<Int64>, _ large: Field<Int64>) -> [AnswerProblem] {
            guard let a = answers[small], let b = answers[large], a > b else { return [] }
            return [small.definition.problem(.notAfter(large.key))]
        }
        switch form.kind {
        case .household: return atMost(Household.residentMembers, Household.members)
        case .water: return atMost(Water.longestDryRun, Water.shortDaysYear)
        default: return []
        }
    }

    private func gradeWarnings(in answers: Answers) -> [Label] {
        guard form.kind == .housing, let grade = answers[Housing.grade],
            grade == .a || grade == .b
        else { return [] }
        let parts = [
            Housing.foundation, Housing.superstructure, Housing.wallColumn, Housing.beam,
            Housing.floorRoof,
        ]
        guard parts.contains(where: { answers[$0] == .severe }) else { return [] }
        return [
            Label(
                zh: "有部件为 d（严重破坏），但房屋评为 \(grade.rawValue) 级",
                en: "a component is rated d (severe) but the dwelling is graded \(grade.rawValue)")
        ]
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
