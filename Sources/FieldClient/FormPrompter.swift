import FieldStore
import SurveyConsole
import SurveyModel

/// Asks a form question by question in plain lines: for pipes, simple terminals and screen readers.
///
/// Every answer is kept in a draft at once, so that leaving, or being killed, loses nothing.
struct FormPrompter {
    private let store: FieldStore
    private var filling: FormFilling
    private let title: String
    /// What each side of a contested section said of a field on which they differ.
    private var sides: [FieldTag: String] = [:]

    /// The section at which it begins; nil goes on where a draft was left.
    private let section: SectionTag?

    init(
        store: FieldStore, open: OpenForm, title: String, at section: SectionTag? = nil
    ) throws {
        self.store = store
        self.title = title
        self.section = section
        filling = FormFilling(open, clock: try store.clock())
    }

    /// - Returns: what was saved; nil when the form was left.
    mutating func run(review: FormReviewer) throws -> SavedEdit? {
        defer { Farewell.say(nil) }
        print("\(filling.open.form.label[Console.language])  \(title)")
        if filling.open.isResumed {
            Console.print(
                Label(
                    zh: "继续上次的草稿，从离开的地方开始。",
                    en: "Going on with the draft, from where it was left."))
            Farewell.say(FormRunner.draftKept)
        }
        for warning in [filling.open.closedWarning, filling.open.subjectWarning] {
            if let warning { print("! \(warning[Console.language])") }
        }
        Console.print(
            Label(
                zh: "输入答案后按回车  = 沿用所示答案  > 跳过本题  < 上一题  - 清除  s 跳过本栏目  q 离开并保留草稿",
                en: "Type an answer and Enter   = takes the answer shown   > next   < back   "
                    + "- clears   s skips this section   q leaves, draft kept"))
        sides = try filling.sides(store)
        var next =
            filling.questions.first { filling.section($0).tag == section }
            ?? (filling.open.isResumed ? filling.start : filling.questions.first)
        while true {
            guard try ask(from: next) else { return try end() }
            if let wrong = filling.firstProblem {
                print("\n  " + wrong.problem.plainMessage[Console.language])
                next = wrong.question
                continue
            }
            next = filling.questions.first
            switch try conclude() {
            case .save:
                switch try review(filling.open) {
                case .save: return try store.save(filling.open, sections: filling.open.answered)
                case .edit: continue
                case .drop:
                    try store.discardDraft(filling.open)
                    return nil
                }
            case .keep: return try end()
            case .edit: continue
            case .discard:
                try store.discardDraft(filling.open)
                if !filling.isEmpty {
                    Console.print(Label(zh: "草稿已放弃。", en: "The draft is gone."))
                }
                return nil
            }
        }
    }

    /// Keeps the draft, and has ^C say so.
    private func keep() throws {
        let open = filling.open
        try store.keepDraft(open)
        Farewell.say(open.isBegun && open.endsDraft ? FormRunner.draftKept : nil)
    }

    /// Leaves the form. Lines that end before it is saved are no decision to leave it.
    private func end() throws -> SavedEdit? {
        let saved = try leave()
        guard Console.hasEnded, !Console.isInteractive else { return saved }
        throw Failure(.inputEnded)
    }

    private func leave() throws -> SavedEdit? {
        try keep()
        guard filling.open.isBegun, filling.open.endsDraft else { return nil }
        Console.print(FormRunner.draftKept)
        return nil
    }

    // MARK: Questions

    private enum Reply {
        case next
        case back
        case skip
        case leave
    }

    /// Asks every question from one on.
    ///
    /// - Returns: false to leave the form.
    private mutating func ask(from first: FormFilling.Question?) throws -> Bool {
        guard var question = first else { return true }
        var section: Int?
        while true {
            if question.section != section {
                section = question.section
                try showSection(question)
            }
            let questions: [FormFilling.Question]
            let position: Int
            switch try ask(question) {
            case .leave: return false
            case .skip:
                let section = filling.section(question)
                guard let reason = Self.askReason(),
                    Self.confirmForgetting(filling.forgotten(skipping: section))
                else { continue }
                filling.skip(section, because: reason)
                try keep()
                guard let next = filling.questions.first(where: { $0.section > question.section })
                else { return true }
                question = next
                continue
            case .back:
                questions = filling.questions
                position = (questions.firstIndex(of: question) ?? 0) - 1
            case .next:
                try keep()
                questions = filling.questions
                position = (questions.firstIndex(of: question) ?? -1) + 1
            }
            guard position < questions.count else { return true }
            question = questions[max(0, position)]
        }
    }

    /// Why a section is left out; nil to go back to it.
    private static func askReason() -> SkipReason? {
        for reason in SkipReason.allCases {
            print("  \(reason.rawValue)) \(reason.label[Console.language])")
        }
        while true {
            let prompt = localized(zh: "跳过的原因（< 返回）> ", en: "Why is it left out? (< goes back) > ")
            guard let line = Console.ask(prompt)?.trimmed.halfWidth, line != "<" else { return nil }
            if let reason = SkipReason(rawValue: line) { return reason }
        }
    }

    /// Whether everything that was given here is to go.
    private static func confirmDropping(_ count: Int) -> Bool {
        guard count > 0 else { return true }
        let answer = Console.ask(
            localized(
                zh: "在此填写的 \(count) 个答案会丢弃。y=丢弃  回车=返回 > ",
                en: "Answers given here that will go: \(count). y discards them  Enter goes back > "
            ))
        return ["y", "yes", "是"].contains(answer?.trimmed.halfWidth.lowercased() ?? "")
    }

    /// Whether answers are to go with the section in which they were given.
    private static func confirmForgetting(_ count: Int) -> Bool {
        guard count > 0 else { return true }
        let answer = Console.ask(
            localized(
                zh: "本栏目已填的 \(count) 个答案会被删除。y=删除并跳过  回车=返回 > ",
                en: "Answers of this section that will go: \(count). y leaves it out  "
                    + "Enter goes back > "))
        return ["y", "yes", "是"].contains(answer?.trimmed.halfWidth.lowercased() ?? "")
    }

    private mutating func showSection(_ question: FormFilling.Question) throws {
        let section = filling.section(question)
        let count = filling.open.form.sections.count { section in
            section.fields.contains { $0.isAsked && !filling.open.settled.contains($0.tag) }
        }
        print("\n— \(section.label[Console.language]) (\(question.section + 1)/\(count)) —")
        let news = try filling.news(of: section, store)
        for line in news { print("  " + line) }
        filling.show(section)
    }

    private mutating func ask(_ question: FormFilling.Question) throws -> Reply {
        let field = filling.field(question)
        filling.stand(at: question)
        let mark = field.required.holds(in: filling.open.answers) ? " *" : ""
        print(field.question(in: Console.language) + mark)
        if let sides = sides[field.tag] { print("  ≠ " + sides) }
        for text in filling.menuTexts(field, in: Console.language) { print("  " + text) }
        while true {
            guard let line = Console.ask(prompt(field))?.trimmed else { return .leave }
            do throws(AnswerProblem) {
                switch line.halfWidth {
                case "q": return .leave
                case "<", "《", "〈": return .back
                case "s": return .skip
                case "-": try filling.clear(field)
                case "": try filling.take(.enter, at: field)
                default:
                    if let step = FormFilling.Step(line) {
                        try filling.take(step, at: field)
                    } else {
                        try filling.answer(field, line, completing: Console.language)
                    }
                }
                return .next
            } catch {
                print("  " + error.plainMessage[Console.language])
            }
        }
    }

    private func prompt(_ field: FieldDefinition) -> String {
        guard let shown = filling.shown(field) else { return "> " }
        let before = shown.isFromLastRound ? localized(zh: "上轮 ", en: "last round ") : ""
        return " [\(before)\(field.display(shown.value))]> "
    }

    // MARK: The end

    private enum Conclusion {
        case save
        case edit
        case keep
        case discard
    }

    private func conclude() throws -> Conclusion {
        if let assessment = filling.assessment {
            print("\n→ \(assessment.result.label[Console.language])")
            print("  \(assessment.because[Console.language])")
        }
        for warning in filling.warnings + (filling.isEmpty ? [] : filling.openEnds) {
            print("  ! \(warning[Console.language])")
        }
        if filling.isEmpty { Console.print(filling.nothing) }
        while true {
            let question =
                filling.isEmpty
                ? localized(zh: "回车=关闭  e=修改 > ", en: "Enter closes  e edits > ")
                : localized(
                    zh: "保存？ y=保存（回车）  e=修改  q=保留草稿  d=放弃草稿 > ",
                    en: "Save? y saves (Enter)  e edits  q keeps the draft  d discards it > ")
            switch Console.ask(question)?.trimmed.halfWidth.lowercased() {
            case nil, "q", "n", "no", "否": return .keep
            case "e", "<": return .edit
            case "d": if Self.confirmDropping(filling.given) { return .discard }
            case "", "y", "yes", "是": return filling.isEmpty ? .discard : .save
            default:
                Console.print(
                    filling.isEmpty
                        ? Label(zh: "请按回车，或输入 e。", en: "Press Enter, or type e.")
                        : Label(zh: "请输入 y、e、q 或 d。", en: "Type y, e, q or d."))
            }
        }
    }
}

extension FieldStore {
    /// Keeps what was answered so far; a form that nobody answered anything in leaves no draft.
    func keepDraft(_ open: OpenForm) throws {
        guard open.endsDraft else { return }
        if open.isBegun {
            try saveDraft(open)
        } else {
            try discardDraft(open)
        }
    }
}
