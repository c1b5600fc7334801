import FieldStore
import SurveyConsole
import SurveyModel

/// A form on a full screen: every question in a list, the current one below with its codes, its
/// limits and a line to type in. Pure: a key goes in, what to do and what to show come out.
struct FormScreen {
    private(set) var filling: FormFilling
    let title: String
    /// What others said of sections, by section: shown when the section is reached.
    let news: [SectionTag: [String]]
    /// What each side of a contested section said of a field on which they differ.
    let sides: [FieldTag: String]
    /// In which it is shown.
    private let language: Language
    private(set) var question: FormFilling.Question
    private(set) var editor = LineEditor()
    private(set) var mode = Mode.asking
    private(set) var message: Label?
    /// What the line began with: a text that was answered before.
    private var begun = ""
    /// The question from which somebody went to the note, and to which they go back.
    private var origin: FormFilling.Question?
    /// Why a section is to be left out, where answers would go: it takes a second key.
    private var reason: SkipReason?
    /// The key that leaves was pressed, and it was said that what is typed cannot stand.
    private var isLeaving = false
    /// The key that discards was pressed, and it was said how much would go.
    private var isDropping = false

    enum Mode {
        case asking
        /// Why is the section left out?
        case skipping
        /// Save?
        case concluding
    }

    /// What whoever runs the screen must do.
    enum Effect {
        case none
        /// Something was answered: keep the draft.
        case keep
        /// A text grows: keep the draft when the hands rest.
        case typed
        case save
        case leave
        case discard
    }

    /// - Parameter section: where to begin; nil goes on where a draft was left.
    init?(
        _ filling: FormFilling, title: String, news: [SectionTag: [String]],
        sides: [FieldTag: String] = [:], at section: SectionTag? = nil,
        in language: Language = Console.language
    ) {
        guard let start = filling.start else { return nil }
        self.filling = filling
        self.title = title
        self.news = news
        self.sides = sides
        self.language = language
        question = filling.questions.first { filling.section($0).tag == section } ?? start
        reach(question)
    }

    var field: FieldDefinition { filling.field(question) }

    /// The form as its draft is to be kept: with a text as far as it is typed. Half a number would be
    /// a wrong answer, so that of others only what was confirmed is kept.
    var draft: OpenForm {
        guard field.isText, let typed else { return filling.open }
        var filling = filling
        switch typed {
        case .answer(let text): try? filling.answer(field, text)
        case .clear where editor.text.trimmed.isEmpty: try? filling.clear(field)
        case .clear, .step: break
        }
        return filling.open
    }

    // MARK: Keys

    mutating func handle(_ key: Key) -> Effect {
        if key != .resize { message = nil }
        if key != .resize, !key.leaves { isLeaving = false }
        switch mode {
        case .asking: return ask(key)
        case .skipping: return skip(key)
        case .concluding: return conclude(key)
        }
    }

    private mutating func ask(_ key: Key) -> Effect {
        switch key {
        case _ where key.leaves: return leave()
        case .enter: return commit()
        case .up, .backTab: return go { $0.move(by: -1) }
        case .down, .tab: return go { $0.move(by: 1) }
        case .pageUp: return go { $0.moveSection(by: -1) }
        case .pageDown: return go { $0.moveSection(by: 1) }
        case .control("s"): return go { $0.conclude() }
        case .control("k") where filling.hasRemarks: mode = .skipping
        case .control("n"): return go { $0.reachNote() }
        case .control("x"):
            // What was only typed goes first, then what was answered.
            guard field.isText ? typed == nil : editor.isEmpty else {
                begin()
                return .none
            }
            return change(.clear)
        case .character(let character):
            if let step = step(of: character) { return change(.step(step)) }
            // A key of the list answers, also behind letters with which no choice goes on.
            let goesOn =
                editor.isEmpty ? false : field.refusal(of: editor.text + String(character)) == nil
            if !goesOn, !field.isText, let text = field.picked(by: character) {
                return change(.answer(text))
            }
            return insert(String(character))
        case .text(let text): return insert(text)
        default: return editor.handle(key) && field.isText ? .typed : .none
        }
        return .none
    }

    /// Adds to the line what may become an answer there; the message says why something may not.
    private mutating func insert(_ text: String) -> Effect {
        var longer = editor
        for character in text { longer.insert(character) }
        if let why = refusal(of: longer.text) {
            message = why
            return .none
        }
        editor = longer
        return field.isText ? .typed : .none
    }

    private func refusal(of line: String) -> Label? {
        guard case .text(let limit) = field.type else { return field.refusal(of: line) }
        guard line.unicodeScalars.count > limit,
            case .text(let text) = FieldValue.text(normalizing: line),
            text.unicodeScalars.count > limit
        else { return nil }
        return field.problem(.tooLong(limit: limit)).plainMessage
    }

    private mutating func leave() -> Effect {
        guard let typed else { return .leave }
        if take(typed) {
            if question != filling.questions.last { move(by: 1) }
            return .leave
        }
        // What cannot stand is not forgotten unsaid; once said, it is no reason to stay.
        guard !isLeaving else { return .leave }
        isLeaving = true
        let why = message ?? Label(zh: "", en: "")
        switch typed {
        case .answer(let text):
            let text = text.shortened(to: 20)
            message = Label(
                zh: "“\(text)”无效，再按 Esc 不保留它并离开。\(why.zh)",
                en: "“\(text)” cannot stand; Esc again leaves without it. \(why.en)")
        case .clear, .step:
            message = Label(
                zh: "不能清空，再按 Esc 原样离开。\(why.zh)",
                en: "It cannot be cleared; Esc again leaves it as it was. \(why.en)")
        }
        return .none
    }

    /// Takes what was typed, or goes on from an answer that was given.
    private mutating func commit() -> Effect {
        guard let typed else {
            // Who only came by looks at nothing else.
            if let origin, filling.shown(field) == nil {
                reach(origin)
                return .none
            }
            return change(.step(.enter))
        }
        return change(typed, completing: language)
    }

    /// What a key does that is no part of an answer: the line is as it was.
    private func step(of character: Character) -> FormFilling.Step? {
        guard typed == nil, editor.isEmpty || !filling.isGiven(field) else { return nil }
        return FormFilling.Step(String(character))
    }

    private enum Change {
        case step(FormFilling.Step)
        case clear
        case answer(String)
    }

    /// What stands in the line and was not confirmed.
    private var typed: Change? {
        let text = editor.text.trimmed
        guard text != begun.trimmed else { return nil }
        return text.isEmpty || text.halfWidth == "-" ? .clear : .answer(text)
    }

    /// Goes elsewhere, with what was typed: nothing is forgotten because a key was another one.
    private mutating func go(_ elsewhere: (inout FormScreen) -> Void) -> Effect {
        guard let typed else {
            elsewhere(&self)
            return .none
        }
        guard take(typed) else { return .none }
        elsewhere(&self)
        return .keep
    }

    private mutating func change(_ change: Change, completing language: Language? = nil) -> Effect {
        guard take(change, completing: language) else { return .none }
        if let origin {
            reach(origin)
        } else if question == filling.questions.last {
            conclude()
        } else {
            move(by: 1)
        }
        return .keep
    }

    /// - Parameter language: in which the beginning of a choice will do; nil where none does.
    /// - Returns: whether it can stand; the message says why not.
    private mutating func take(_ change: Change, completing language: Language? = nil) -> Bool {
        do throws(AnswerProblem) {
            switch change {
            case .step(let step): try filling.take(step, at: field)
            case .clear: try filling.clear(field)
            case .answer(let text): try filling.answer(field, text, completing: language)
            }
        } catch {
            message = error.plainMessage
            return false
        }
        begin()
        return true
    }

    private mutating func move(by step: Int) {
        let questions = filling.questions
        let position = questions.firstIndex(of: question) ?? 0
        let next = max(0, min(questions.count - 1, position + step))
        reach(questions[next])
    }

    private mutating func moveSection(by step: Int) {
        let questions = filling.questions
        let wanted = question.section + step
        let target =
            step > 0
            ? questions.first { $0.section >= wanted }
            : questions.first {
                $0.section == (questions.last { $0.section <= wanted }?.section ?? -1)
            }
        if let target { reach(target) }
    }

    private mutating func reach(_ question: FormFilling.Question) {
        self.question = question
        origin = nil
        filling.stand(at: question)
        filling.show(filling.section(question))
        begin()
    }

    /// The line of a text that was answered begins with it; other answers are given anew.
    private mutating func begin() {
        var text = ""
        if field.isText, let shown = filling.shown(field), !shown.isFromLastRound {
            text = shown.value.plainText
        }
        editor = LineEditor(text)
        begun = editor.text
    }

    private mutating func reachNote() {
        let note = filling.questions.last { $0.field == Remarks.note.definition.tag }
        guard let note, note != question else { return }
        let origin = question
        reach(note)
        self.origin = origin
    }

    private mutating func skip(_ key: Key) -> Effect {
        guard key != .resize else { return .none }
        let before = reason
        reason = nil
        guard case .character(let character) = key else {
            if key == .escape { mode = .asking } else { message = Self.noReason }
            return .none
        }
        let typed = String(character).halfWidth.lowercased()
        guard let chosen = typed == "y" ? before : SkipReason(rawValue: typed) else {
            message = Self.noReason
            return .none
        }
        let section = filling.section(question)
        let count = filling.forgotten(skipping: section)
        guard count == 0 || chosen == before else {
            reason = chosen
            message = Label(
                zh: "本栏目已填的 \(count) 个答案会被删除。再按 \(typed) 或 y 跳过，Esc 返回。",
                en: "Answers of this section that will go: \(count). Press \(typed) again or y to "
                    + "leave it out, Esc to go back.")
            return .none
        }
        filling.skip(section, because: chosen)
        mode = .asking
        if let next = filling.questions.first(where: { $0.section > question.section }) {
            reach(next)
        } else {
            conclude()
        }
        return .keep
    }

    private static let noReason = Label(
        zh: "没有这样的选项。请按列出的编号，或按 Esc 返回。",
        en: "There is no such choice. Press a number of the list, or Esc to go back.")

    private mutating func conclude() {
        if let wrong = filling.firstProblem {
            reach(wrong.question)
            message = wrong.problem.plainMessage
        } else {
            mode = .concluding
        }
    }

    private mutating func conclude(_ key: Key) -> Effect {
        let wasDropping = isDropping
        isDropping = false
        switch key {
        case .enter, .character("y"), .character("Y"):
            return filling.isEmpty ? .discard : .save
        case .character("q"), .escape, .control("q"), .control("c"): return .leave
        case .character("d"):
            guard !filling.isEmpty, !wasDropping else { return .discard }
            isDropping = true
            let count = filling.given
            message = Label(
                zh: "在此填写的 \(count) 个答案会丢弃。再按 d 放弃，其他键返回。",
                en: "Answers given here that will go: \(count). Press d again to discard them.")
        case .character("e"), .up, .backTab:
            if let open = filling.open(at: .required) ?? filling.open(at: .unconfirmed) {
                reach(open)
            }
            edit()
        case .resize: isDropping = wasDropping
        case .control("s"): return filling.isEmpty ? .discard : .save
        default:
            message = Label(
                zh: "没有这样的选项。请按下面列出的键。",
                en: "There is no such choice. Press one of the keys below.")
        }
        return .none
    }

    /// Back from the end of the form to its questions.
    mutating func edit() {
        mode = .asking
        begin()
    }
}
