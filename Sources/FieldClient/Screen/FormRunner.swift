import FieldStore
import SurveyConsole
import SurveyModel

/// Has somebody fill in a form: on a full screen where there is one, in plain lines elsewhere.
struct FormRunner {
    let store: FieldStore
    /// nil for plain lines.
    let terminal: Terminal?

    /// - Returns: what was saved; nil when the form was left.
    func run(_ open: OpenForm, title: String) throws -> SavedEdit? {
        guard let terminal else {
            var prompter = FormPrompter(store: store, open: open, title: title)
            return try prompter.run()
        }
        let filling = FormFilling(open, today: store.environment.today)
        var news: [SectionTag: [String]] = [:]
        for section in open.form.sections {
            let lines = try filling.news(of: section, store)
            if !lines.isEmpty { news[section.tag] = lines }
        }
        guard var screen = FormScreen(filling, title: title.printable, news: news) else {
            return nil
        }
        while true {
            terminal.draw(
                screen.page(
                    width: terminal.width, height: terminal.height, in: Console.language))
            // A terminal that is gone leaves the draft.
            guard let key = terminal.key() else { return nil }
            switch screen.handle(key) {
            case .none: continue
            case .keep: try store.keepDraft(screen.filling.open)
            case .leave:
                try store.keepDraft(screen.filling.open)
                return nil
            case .discard:
                try store.discardDraft(screen.filling.open)
                return nil
            case .save:
                return try store.save(
                    screen.filling.open, sections: screen.filling.open.answered)
            }
        }
    }
}
