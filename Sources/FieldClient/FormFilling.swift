import FieldStore
import SurveyConsole
import SurveyLog
import SurveyMerge
import SurveyModel

/// A form in somebody's hands: which question comes next, what an answer changes, what is still
/// wrong. The same for a full screen and for plain lines.
///
/// Pure but for the store's clock; whoever shows it keeps the draft.
struct FormFilling {
    private(set) var open: OpenForm
    private(set) var validator: FormValidator
    /// Fields on which the answers to a contested section differ.
    let contested: Set<FieldTag>

    init(_ open: OpenForm, clock: DeviceClock) {
        self.open = open
        validator = open.validator(clock)
        contested = open.contestedFields
        // What a draft says may leave no room for what stands beneath it.
        guard open.isResumed else { return }
        self.open.answers = validator.clearingIrrelevant(open.answers, named: open.touched)
    }

    /// A question that is asked now: a field whose condition holds.
    struct Question: Hashable {
        let section: Int
        let field: FieldTag
    }

    // MARK: Questions

    /// Every question, in order, as the answers stand.
    var questions: [Question] {
        open.form.sections.enumerated().flatMap { number, section in
            section.fields.filter(isAsked).map { Question(section: number, field: $0.tag) }
        }
    }

    func isAsked(_ field: FieldDefinition) -> Bool {
        field.isAsked && !open.settled.contains(field.tag)
            && validator.isRelevant(field, in: open.answers)
    }

    func field(_ question: Question) -> FieldDefinition {
        open.form.field(question.field)!
    }

    func section(_ question: Question) -> Section { open.form.sections[question.section] }

    /// What is shown as the answer: what was answered, else that of the round before. Nothing where
    /// several people said different things and nobody has decided.
    func shown(_ field: FieldDefinition) -> (value: FieldValue, isFromLastRound: Bool)? {
        guard !isUndecided(field) else { return nil }
        if let value = open.answers[field.tag] { return (value, false) }
        guard open.answers.values[field.tag] == nil, isAsked(field),
            let before = open.lastRound[field.tag]
        else { return nil }
        return (before, true)
    }

    /// Several people said different things, and whoever has the form has not said which holds.
    func isUndecided(_ field: FieldDefinition) -> Bool {
        contested.contains(field.tag) && !open.touched.contains(field.tag)
    }

    func menuTexts(_ field: FieldDefinition, in language: Language) -> [String] {
        field.menuTexts(in: language, without: open.withheld[field.tag] ?? [])
    }

    private func isAnswered(_ question: Question) -> Bool {
        open.answers[question.field] != nil && !isUndecided(field(question))
    }

    // MARK: Where somebody is

    /// The question at which somebody is, kept with the draft.
    mutating func stand(at question: Question) { open.position = question.field }

    /// Where to begin: where somebody was who left the form, else at the first open question.
    var start: Question? {
        let questions = questions
        if open.isResumed {
            if let left = questions.first(where: { $0.field == open.position }) { return left }
            let last = questions.lastIndex { question in
                open.touched.contains(question.field)
                    && open.answers.values[question.field] != open.prefilled.values[question.field]
            }
            if let last { return questions[min(last + 1, questions.count - 1)] }
        }
        return questions.first { !isAnswered($0) } ?? questions.first
    }

    // MARK: Answers

    /// Takes what somebody typed, or says why not. A number of the menu or a label stands for its
    /// code; the beginning of a label does where whoever typed it said that this is all.
    mutating func answer(
        _ field: FieldDefinition, _ text: String, completing language: Language? = nil
    ) throws(AnswerProblem) {
        try set(field, try field.parse(typed: text, completing: language))
    }

    /// A step at a question other than an answer, on a full screen and in plain lines.
    enum Step {
        /// Enter alone. A digit has answered already, so that who presses Enter behind it has not seen
        /// the question that came: it leaves none blank, and takes no answer that was there before.
        case enter
        /// Takes the answer that is shown: a confirmation is an answer.
        case confirm
        /// Goes on, and leaves the question as it is.
        case pass

        /// The key of a step that is not Enter, on whatever keyboard.
        init?(_ typed: String) {
            switch typed.halfWidth {
            case "=": self = .confirm
            case ">", "》", "〉": self = .pass
            default: return nil
            }
        }
    }

    mutating func take(_ step: Step, at field: FieldDefinition) throws(AnswerProblem) {
        if isUndecided(field), step != .pass { throw field.problem(.contested) }
        guard let shown = shown(field) else {
            if let reason = problem(of: field, in: open.answers) { throw field.problem(reason) }
            if step == .pass { return }
            throw field.problem(.blank)
        }
        switch step {
        case .confirm: try set(field, shown.value)
        case .enter where !isGiven(field):
            throw field.problem(.notTaken(isFromLastRound: shown.isFromLastRound))
        case .enter, .pass: return
        }
    }

    /// It was answered or confirmed in this form.
    func isGiven(_ field: FieldDefinition) -> Bool { open.touched.contains(field.tag) }

    mutating func clear(_ field: FieldDefinition) throws(AnswerProblem) {
        guard shown(field) == nil, !isUndecided(field) else { return try set(field, .null) }
        if let reason = problem(of: field, in: open.answers) { throw field.problem(reason) }
    }

    private mutating func set(_ field: FieldDefinition, _ value: FieldValue) throws(AnswerProblem) {
        if let reason = open.refusal(of: value, to: field) { throw field.problem(reason) }
        var answers = open.answers
        answers[field.tag] = value
        answers = restored(validator.clearingIrrelevant(answers, named: [field.tag]))
        if let reason = problem(of: field, in: answers) { throw field.problem(reason) }
        keepOutOfPlace(answers, but: field)
        open.answers = answers
        open.touched.insert(field.tag)
        unskip(sectionTag(of: field))
        refreshAnswered()
    }

    /// Remembers what is cleared by answers that are about to stand: a key pressed by mistake takes
    /// nothing away.
    private mutating func keepOutOfPlace(_ answers: Answers, but field: FieldDefinition) {
        for other in open.form.fields {
            if other.tag == field.tag || answers[other.tag] != nil {
                open.outOfPlace[other.tag] = nil
            } else if let cleared = open.answers[other.tag] {
                open.outOfPlace[other.tag] = cleared
            }
        }
    }

    /// With what hangs on an answer that was taken back and given again: what stood there, and what
    /// the program writes, for which nobody is asked.
    private func restored(_ answers: Answers) -> Answers {
        var answers = answers
        for field in open.form.fields where answers[field.tag] == nil {
            var value = open.answers[field.tag] == nil ? open.outOfPlace[field.tag] : nil
            if case .identifier = field.type { value = open.prefilled[field.tag] }
            guard let value, validator.isRelevant(field, in: answers) else { continue }
            answers[field.tag] = value
        }
        return answers
    }

    /// Why a field's answer cannot stand, as far as it can be said while others are missing.
    private func problem(of field: FieldDefinition, in answers: Answers) -> AnswerProblem.Reason? {
        let tag = sectionTag(of: field)
        let problem = validator.problems(in: answers, sections: [tag])
            .first { $0.field == field.key }
        guard let problem else { return nil }
        let isGiven = open.form.section(tag)!.fields.contains { answers.values[$0.tag] != nil }
        if problem.reason == .missing, !isGiven, !field.required.isAlways { return nil }
        return problem.reason
    }

    private func sectionTag(of field: FieldDefinition) -> SectionTag {
        open.form.section(containing: field.tag)!.tag
    }

    // MARK: Sections

    /// Leaves a section out, and says why; what was answered in it here is forgotten.
    mutating func skip(_ section: Section, because reason: SkipReason) {
        for field in section.fields { open.outOfPlace[field.tag] = nil }
        for field in section.fields where open.touched.contains(field.tag) {
            open.answers[field.tag] = beneath(field)
            if !isBegunWith(field) { open.touched.remove(field.tag) }
        }
        guard hasRemarks else { return refreshAnswered() }
        var texts = skippedTexts.filter { !$0.hasPrefix(section.key + "=") }
        texts.insert("\(section.key)=\(reason.rawValue)")
        note(skipped: texts)
    }

    /// How many answers would be forgotten if a section were left out.
    func forgotten(skipping section: Section) -> Int {
        section.fields.count { field in
            guard open.touched.contains(field.tag), let value = open.answers[field.tag] else {
                return false
            }
            return contested.contains(field.tag) || value != beneath(field)
        }
    }

    /// What stands there without what was answered here.
    private func beneath(_ field: FieldDefinition) -> FieldValue? {
        isBegunWith(field) ? open.prefilled[field.tag] : open.state.answers[field.tag]
    }

    /// A new form begins with it: without it there would be no such household.
    private func isBegunWith(_ field: FieldDefinition) -> Bool {
        open.state.included.isEmpty && open.prefilled[field.tag] != nil
    }

    /// Sections that were left out, with their reasons.
    var skipped: [String: SkipReason] {
        Dictionary(
            SkipReason.parse(TextSet(skippedTexts)).map { ($0.section, $0.reason) }
        ) { a, _ in a }
    }

    /// The form takes a note and says what was left out.
    var hasRemarks: Bool { open.form.field(Remarks.skipped.definition.tag) != nil }

    private var skippedTexts: Set<String> { open.answers[Remarks.skipped]?.texts ?? [] }

    private mutating func unskip(_ tag: SectionTag) {
        guard let key = open.form.section(tag)?.key, hasRemarks else { return }
        let texts = skippedTexts.filter { !$0.hasPrefix(key + "=") }
        if texts != skippedTexts { note(skipped: texts) }
    }

    private mutating func note(skipped texts: Set<String>) {
        let tag = Remarks.skipped.definition.tag
        open.answers[tag] = texts.isEmpty ? .null : TextSet(texts).fieldValue
        open.touched.insert(tag)
        refreshAnswered()
    }

    /// A section is written when something in it was answered or confirmed here.
    private mutating func refreshAnswered() {
        let written = open.form.sections.filter { section in
            section.fields.contains { open.touched.contains($0.tag) }
        }
        open.answered = Set(written.map(\.tag))
    }

    /// The author has now seen what others said of a section.
    mutating func show(_ section: Section) {
        open.show(section.tag)
        validator = open.validator(validator.clock)
    }

    // MARK: The end

    var isEmpty: Bool { open.answered.isEmpty }

    /// How many answers were given or confirmed here.
    var given: Int { questions.count { open.touched.contains($0.field) } }

    /// What a form may be saved without.
    enum Gap: CaseIterable {
        /// A question that has to be answered for a conclusion, in a section that nobody touched.
        case required
        /// An answer of the last round that nobody confirmed.
        case unconfirmed
        /// Another question without an answer.
        case blank
    }

    private func gaps(_ gap: Gap) -> [Question] {
        let skipped = skipped
        return questions.filter { question in
            guard skipped[section(question).key] == nil else { return false }
            let field = field(question)
            let isBlank = !isAnswered(question) && shown(field) == nil
            switch gap {
            case .required: return isBlank && field.required.holds(in: open.answers)
            case .unconfirmed: return shown(field)?.isFromLastRound == true
            case .blank:
                return isBlank && !isUndecided(field) && field.tag != Remarks.note.definition.tag
                    && !field.required.holds(in: open.answers)
            }
        }
    }

    /// The names of a gap's questions: first the sections of which all is open, by their own names.
    private func names(of gap: [Question]) -> [Label] {
        var (whole, names): ([Label], [Label]) = ([], [])
        for (number, section) in open.form.sections.enumerated() {
            let missing = gap.filter { $0.section == number }
            let asked = questions.count { $0.section == number }
            if missing.count > 1, missing.count == asked {
                whole.append(
                    Label(zh: "“\(section.label.zh)”全部", en: "all of \(section.label.en)"))
            } else {
                names += missing.map { field($0).label }
            }
        }
        return whole + names
    }

    /// The first question of a gap.
    func open(at gap: Gap) -> Question? { gaps(gap).first }

    /// What is saved without, for whoever is about to save.
    var openEnds: [Label] {
        Gap.allCases.compactMap { gap in
            let open = gaps(gap)
            guard !open.isEmpty else { return nil }
            let names = names(of: open)
            let limit = 8
            let others = names.count > limit
            let zh = names.prefix(limit).map(\.zh).joined(separator: "、") + (others ? "等" : "")
            let en = names.prefix(limit).map(\.en).joined(separator: ", ") + (others ? " …" : "")
            return switch gap {
            case .required:
                Label(
                    zh: "还有 \(open.count) 个必填项没有答案：\(zh)",
                    en: "\(open.count) required not answered: \(en)")
            case .unconfirmed:
                Label(
                    zh: "有 \(open.count) 个上轮答案没有确认，不计入本轮：\(zh)",
                    en: "\(open.count) of the last round not confirmed, they do not count: \(en)")
            case .blank:
                Label(zh: "未填 \(open.count) 项：\(zh)", en: "\(open.count) left blank: \(en)")
            }
        }
    }

    /// What to say of a form in which there is nothing to save.
    var nothing: Label {
        progress.answered > 0
            ? Label(zh: "没有改动。", en: "Nothing was changed.")
            : Label(zh: "还没有任何答案。", en: "Nothing is answered yet.")
    }

    /// What forbids saving, with its question.
    var firstProblem: (question: Question, problem: AnswerProblem)? {
        for (number, section) in open.form.sections.enumerated()
        where open.answered.contains(section.tag) {
            if let undecided = section.fields.first(where: { isAsked($0) && isUndecided($0) }) {
                let question = Question(section: number, field: undecided.tag)
                return (question, undecided.problem(.contested))
            }
            let problems = validator.problems(in: open.answers, sections: [section.tag])
            guard let problem = problems.first else { continue }
            // A section's problem may be that of a question in another one.
            let question = questions.first { self.field($0).key == problem.field }
            let field = section.fields.first { $0.key == problem.field } ?? section.fields[0]
            return (question ?? Question(section: number, field: field.tag), problem)
        }
        return nil
    }

    var warnings: [Label] {
        [open.subjectWarning, open.numberWarning].compactMap { $0 }
            + validator.warnings(in: open.answers, sections: open.answered)
    }

    /// What the standard concludes from the answers as they stand.
    var assessment: Assessment? { open.context?.assess(open.record.kind, open.answers) }

    /// Questions answered in this form, of those that are asked.
    var progress: (answered: Int, asked: Int) {
        let questions = questions
        return (questions.count(where: isAnswered), questions.count)
    }
}

extension Condition {
    var isAlways: Bool { if case .always = self { true } else { false } }
}
