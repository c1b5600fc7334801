import FieldStore
import SurveyLog
import SurveyMerge
import SurveyModel

/// Why a field cannot be written.
struct FieldProblem {
    let field: String
    let reason: Label
}

/// What a row changes in a form that was opened.
struct FormChange {
    /// The form with what the row says in it.
    let form: OpenForm
    /// Sections to write; none when the record says it already.
    let sections: Set<SectionTag>
    /// What forbids saving them.
    let problems: [FieldProblem]
    let warnings: [Label]
    /// Keys of fields that somebody has answered otherwise since the last import.
    let left: [String]

    /// How a file is taken.
    struct Policy {
        /// A wrong clock is told once, and not for every row.
        let clock: DeviceClock
        /// Replaces answers given since the last import, too.
        let overwrites: Bool
    }

    /// - Parameter imports: edits of the record that an import of this device wrote.
    init(_ said: Said, in open: OpenForm, imports: Set<EditID>, _ policy: Policy) {
        var answers = open.answers
        var named: Set<FieldTag> = []
        var left: [String] = []
        for section in open.form.sections {
            let news = Self.news(said, section, open)
            let since = Self.changedSince(news, section, open, imports)
            if !policy.overwrites {
                left += section.fields.filter { since.contains($0.tag) }.map(\.key)
            }
            for (tag, value) in news {
                answers[tag] = value
                named.insert(tag)
            }
        }
        // What a new entry begins with is written with it.
        guard !named.isEmpty || !open.answered.isEmpty else {
            self.init(form: open, sections: [], problems: [], warnings: [], left: [])
            return
        }
        let validator = open.validator(policy.clock)
        let cleared = validator.clearingIrrelevant(answers, named: named)
        let changed = open.form.fields.filter { cleared[$0.tag] != open.answers[$0.tag] }
        let sections = Set(changed.compactMap { open.form.section(containing: $0.tag)?.tag })
            .union(open.answered)
        var problems = Self.contested(sections, open, named)
        for problem in validator.problems(in: cleared, sections: sections) {
            problems.append(FieldProblem(field: problem.field, reason: problem.message))
        }
        var form = open
        form.answers = cleared
        self.init(
            form: form, sections: sections, problems: problems,
            warnings: validator.warnings(in: cleared, sections: sections)
                .filter { $0 != policy.clock.warning }, left: left)
    }

    private init(
        form: OpenForm, sections: Set<SectionTag>, problems: [FieldProblem], warnings: [Label],
        left: [String]
    ) {
        self.form = form
        self.sections = sections
        self.problems = problems
        self.warnings = warnings
        self.left = left
    }

    /// What a row says of a section, when the record says otherwise: the newest file counts.
    private static func news(_ said: Said, _ section: Section, _ open: OpenForm)
        -> [FieldTag: FieldValue]
    {
        let tags = Set(section.fields.map(\.tag))
        let answers = said.answers.filter { tags.contains($0.key) }
        let defaults = said.defaults.filter {
            tags.contains($0.key) && open.answers[$0.key] == nil
        }
        let all = answers.merging(defaults) { answer, _ in answer }
        return all.filter { (open.answers[$0.key] ?? .null) != $0.value }
    }

    /// Those of the fields that somebody has answered otherwise since the last import: the newest
    /// file does not know of it.
    ///
    /// An import of another device is told by its saying what this row says.
    private static func changedSince(
        _ news: [FieldTag: FieldValue], _ section: Section, _ open: OpenForm,
        _ imports: Set<EditID>
    ) -> Set<FieldTag> {
        guard !news.isEmpty else { return [] }
        func written(_ edit: Edit) -> SectionAnswers? { edit.body?.sections[section.tag] }
        let known = open.state.included.filter { edit in
            guard let answers = written(edit) else { return false }
            return imports.contains(edit.id)
                || news.allSatisfy { (answers[$0.key] ?? .null) == $0.value }
        }
        guard let last = CausalDepth(open.state.included).deepest(known), let then = written(last)
        else { return [] }
        return Set(
            news.keys.filter { tag in
                open.lastRound[tag] == nil
                    && (open.state.answers[tag] ?? .null) != (then[tag] ?? .null)
            })
    }

    /// A contested section waits for a person who looks at both answers.
    private static func contested(
        _ sections: Set<SectionTag>, _ open: OpenForm, _ named: Set<FieldTag>
    ) -> [FieldProblem] {
        var problems: [FieldProblem] = []
        for state in open.state.contestedSections where sections.contains(state.section) {
            guard let section = open.form.section(state.section) else { continue }
            let failure = Failure(contested: section, of: open.form)
            let field = section.fields.first { named.contains($0.tag) }
            problems.append(
                FieldProblem(
                    field: field?.key ?? section.key,
                    reason: Label(zh: failure.text(.zh), en: failure.text(.en))))
        }
        return problems
    }
}
