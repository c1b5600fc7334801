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
        case save
        case leave
        case discard
    }

    init?(_ filling: FormFilling, title: String, news: [SectionTag: [String]]) {
        guard let first = filling.questions.first else { return nil }
        self.filling = filling
        self.title = title
        self.news = news
        // A draft goes on where it was left.
        question = filling.questions.first { filling.open.answers[$0.field] == nil } ?? first
        reach(question)
    }

    var field: FieldDefinition { filling.field(question) }

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
        case .up, .backTab: move(by: -1)
        case .down, .tab: move(by: 1)
        case .pageUp: moveSection(by: -1)
        case .pageDown: moveSection(by: 1)
        case .control("s"): conclude()
        case .control("k") where filling.hasRemarks: mode = .skipping
        case .control("n"): reach(FormFilling.Question(note: filling) ?? question)
        case .control("x"): return change(.clear)
        case .escape, .control("q"), .control("c"): return .leave
        case .character(let character):
            if editor.isEmpty, let text = field.picked(by: character) {
                return change(.answer(text))
            }
            editor.insert(character)
        default: _ = editor.handle(key)
        }
        return .none
    }

    /// Takes what was typed, or confirms what is shown.
    private mutating func commit() -> Effect {
        let text = editor.text.trimmed
        if text.isEmpty { return change(.confirm) }
        if text.halfWidth == "-" { return change(.clear) }
        return change(.answer(text))
    }

    private enum Change {
        case confirm
        case clear
        case answer(String)
    }

    private mutating func change(_ change: Change) -> Effect {
        do throws(AnswerProblem) {
            switch change {
            case .confirm: try filling.confirm(field)
            case .clear: try filling.clear(field)
            case .answer(let text): try filling.answer(field, text)
            }
        } catch {
            message = error.message
            return .none
        }
        editor.clear()
        if question == filling.questions.last {
            conclude()
        } else {
            move(by: 1)
        }
        return .keep
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
            mode = .asking
            return .none
        default: return .none
        }
    }
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
