import FieldStore
import SurveyConsole
import SurveyModel

/// What is decided about a form that is complete, before it is saved.
enum FormReview {
    case save
    /// Back to its questions.
    case edit
    /// Nothing is saved, and no draft is kept.
    case drop
}

typealias FormReviewer = (OpenForm) throws -> FormReview

/// How filling in a form ended.
enum FormEnd {
    case saved(SavedEdit)
    /// The draft, if something was answered, is kept.
    case left
    /// Nothing of it is kept.
    case discarded
}

/// Has somebody fill in a form: on a full screen where there is one, in plain lines elsewhere.
struct FormRunner {
    let store: FieldStore
    /// nil for plain lines.
    let terminal: Terminal?

    /// - Returns: what was saved; nil when the form was left.
    func run(_ open: OpenForm, title: String, review: FormReviewer = { _ in .save }) throws
        -> SavedEdit?
    {
        guard case .saved(let saved) = try show(open, title: title, review: review) else {
            return nil
        }
        return saved
    }

    /// - Parameter section: where to begin on a full screen; nil goes on where a draft was left.
    func show(
        _ open: OpenForm, title: String, at section: SectionTag? = nil,
        review: FormReviewer = { _ in .save }
    ) throws -> FormEnd {
        guard let terminal else {
            var prompter = FormPrompter(store: store, open: open, title: title)
            return try prompter.run(review: review).map(FormEnd.saved) ?? .left
        }
        let filling = FormFilling(open, today: store.environment.today)
        var news: [SectionTag: [String]] = [:]
        for section in open.form.sections {
            let lines = try filling.news(of: section, store)
            if !lines.isEmpty { news[section.tag] = lines }
        }
        let heading = open.isResumed ? title + localized(zh: "（草稿）", en: " (draft)") : title
        guard
            var screen = FormScreen(filling, title: heading.printable, news: news, at: section)
        else { return .left }
        while true {
            terminal.draw(
                screen.page(
                    width: terminal.width, height: terminal.height, in: Console.language))
            // A terminal that is gone leaves the draft.
            guard let key = terminal.key() else { return .left }
            switch screen.handle(key) {
            case .none: continue
            case .keep: try store.keepDraft(screen.filling.open)
            case .typed where terminal.hasKeys: continue
            case .typed: try store.keepDraft(screen.draft)
            case .leave:
                try store.keepDraft(screen.filling.open)
                return .left
            case .discard:
                try store.discardDraft(screen.filling.open)
                return .discarded
            case .save:
                switch try review(screen.filling.open) {
                case .save:
                    return .saved(
                        try store.save(
                            screen.filling.open, sections: screen.filling.open.answered))
                case .edit: screen.edit()
                case .drop:
                    try store.discardDraft(screen.filling.open)
                    return .discarded
                }
            }
        }
    }
}
