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
    private(set) var question: FormFilling.Question
    private(set) var editor = LineEditor()
    private(set) var mode = Mode.asking
    private(set) var message: Label?

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
        at section: SectionTag? = nil
    ) {
        let questions = filling.questions
        guard let first = questions.first else { return nil }
        self.filling = filling
        self.title = title
        self.news = news
        let wanted = questions.first { filling.section($0).tag == section }
        question =
            wanted ?? questions.first { filling.open.answers[$0.field] == nil } ?? first
        reach(question)
    }

    var field: FieldDefinition { filling.field(question) }

    /// The form as its draft is to be kept: with a text as far as it is typed. Half a number would be
    /// a wrong answer, so that of others only what was confirmed is kept.
    var draft: OpenForm {
        guard field.isText, case .answer(let text)? = typed else { return filling.open }
        var filling = filling
        try? filling.answer(field, text)
        return filling.open
    }

    // MARK: Keys

    mutating func handle(_ key: Key) -> Effect {
        if key != .resize { message = nil }
        switch mode {
        case .asking: return ask(key)
        case .skipping: return skip(key)
        case .concluding: return conclude(key)
        }
    }

    private mutating func ask(_ key: Key) -> Effect {
        switch key {
        case .enter: return commit()
        case .up, .backTab: return go { $0.move(by: -1) }
        case .down, .tab: return go { $0.move(by: 1) }
        case .pageUp: return go { $0.moveSection(by: -1) }
        case .pageDown: return go { $0.moveSection(by: 1) }
        case .control("s"): return go { $0.conclude() }
        case .control("k") where filling.hasRemarks: mode = .skipping
        case .control("n"):
            return go { $0.reach(FormFilling.Question(note: $0.filling) ?? $0.question) }
        case .control("x"): return change(.clear)
        case .escape, .control("q"), .control("c"):
            // What cannot stand as an answer is no reason to stay.
            if let typed { _ = take(typed) }
            return .leave
        case .character(let character):
            if editor.isEmpty, let text = field.picked(by: character) {
                return change(.answer(text))
            }
            editor.insert(character)
            return field.isText ? .typed : .none
        default: return editor.handle(key) && field.isText ? .typed : .none
        }
        return .none
    }

    /// Takes what was typed, or confirms what is shown.
    private mutating func commit() -> Effect { change(typed ?? .confirm) }

    private enum Change {
        case confirm
        case clear
        case answer(String)
    }

    /// What stands in the line and was not confirmed.
    private var typed: Change? {
        let text = editor.text.trimmed
        guard !text.isEmpty else { return nil }
        return text.halfWidth == "-" ? .clear : .answer(text)
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

    private mutating func change(_ change: Change) -> Effect {
        guard take(change) else { return .none }
        if question == filling.questions.last {
            conclude()
        } else {
            move(by: 1)
        }
        return .keep
    }

    /// - Returns: whether it can stand; the message says why not.
    private mutating func take(_ change: Change) -> Bool {
        do throws(AnswerProblem) {
            switch change {
            case .confirm: try filling.confirm(field)
            case .clear: try filling.clear(field)
            case .answer(let text): try filling.answer(field, text)
            }
        } catch {
            message = error.message
            return false
        }
        editor.clear()
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
        editor.clear()
        filling.show(filling.section(question))
    }

    private mutating func skip(_ key: Key) -> Effect {
        guard case .character(let character) = key else {
            if key == .escape { mode = .asking }
            return .none
        }
        guard let reason = SkipReason(rawValue: String(character)) else { return .none }
        filling.skip(filling.section(question), because: reason)
        mode = .asking
        if let next = filling.questions.first(where: { $0.section > question.section }) {
            reach(next)
        } else {
            conclude()
        }
        return .keep
    }

    private mutating func conclude() {
        if let wrong = filling.firstProblem {
            reach(wrong.question)
            message = wrong.problem.message
        } else {
            mode = .concluding
        }
    }

    private mutating func conclude(_ key: Key) -> Effect {
        switch key {
        case .enter, .character("y"), .character("Y"):
            return filling.isEmpty ? .discard : .save
        case .character("q"), .escape, .control("q"), .control("c"): return .leave
        case .character("d"): return .discard
        case .character("e"), .up, .backTab:
            edit()
            return .none
        default: return .none
        }
    }

    /// Back from the end of the form to its questions.
    mutating func edit() { mode = .asking }
}

extension FormFilling.Question {
    /// The question of the form's note.
    fileprivate init?(note filling: FormFilling) {
        guard let note = filling.questions.last(where: { $0.field == Remarks.note.definition.tag })
        else { return nil }
        self = note
    }
}

extension FieldDefinition {
    /// Whether its answer is as good in part: a note, a name.
    fileprivate var isText: Bool { if case .text = type { true } else { false } }

    /// The answer that one key gives at once: a number of the menu or a code of one letter, where no
    /// other begins with it; yes and no.
    fileprivate func picked(by character: Character) -> String? {
        let key = String(character).halfWidth.lowercased()
        switch type {
        case .boolean: return ["y", "n", "是", "否", "1", "0"].contains(key) ? key : nil
        case .code(let list):
            let menu = menu
            if menu.count < 10, let entry = menu.first(where: { $0.number == key }) {
                return entry.entry.code
            }
            guard list.entries.allSatisfy({ $0.code.count == 1 }) else { return nil }
            return list.entries.first { $0.code.lowercased() == key }?.code
        default: return nil
        }
    }
}
