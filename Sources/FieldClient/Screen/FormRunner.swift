import FieldStore
import SurveyConsole
import SurveyCoverage
import SurveyLog
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
    /// Says on the next page what was saved; a command says it in lines of its own.
    var announces = false

    /// What to say to whoever leaves a form with something in it.
    static let draftKept = Label(zh: "草稿已保留。", en: "The draft is kept.")

    /// - Returns: what was saved; nil when the form was left.
    func run(
        _ open: OpenForm, title: String, at section: SectionTag? = nil,
        review: FormReviewer = { _ in .save }
    ) throws -> SavedEdit? {
        let end = try show(open, title: title, at: section, review: review)
        guard case .saved(let saved) = end else { return nil }
        return saved
    }

    /// - Parameter section: where to begin; nil goes on where a draft was left.
    func show(
        _ open: OpenForm, title: String, at section: SectionTag? = nil,
        review: FormReviewer = { _ in .save }
    ) throws -> FormEnd {
        let title = try store.heading(of: open, title)
        guard let terminal else {
            var prompter = try FormPrompter(
                store: store, open: open, title: title, at: section)
            let saved = try prompter.run { open in try decide(open, review) }
            return saved.map(FormEnd.saved) ?? .left
        }
        let filling = FormFilling(open, clock: try store.clock())
        var news: [SectionTag: [String]] = [:]
        for section in open.form.sections {
            let lines = try filling.news(of: section, store)
            if !lines.isEmpty { news[section.tag] = lines }
        }
        let heading = open.isResumed ? title + localized(zh: "（草稿）", en: " (draft)") : title
        guard
            var screen = FormScreen(
                filling, title: heading.printable, news: news, sides: try filling.sides(store),
                at: section)
        else { return .left }
        if let warning = open.closedWarning ?? open.subjectWarning { terminal.notice = warning }
        while true {
            // Keys that wait come first: a page for each of them would be seen by nobody.
            if !terminal.hasKeys {
                terminal.draw(
                    screen.page(
                        width: terminal.width, height: terminal.height, in: Console.language))
            }
            // A terminal that is gone leaves the draft.
            guard let key = terminal.key() else { return .left }
            switch screen.handle(key) {
            case .none: continue
            case .keep: try store.keepDraft(screen.filling.open)
            case .typed where terminal.hasKeys: continue
            case .typed: try store.keepDraft(screen.draft)
            case .leave:
                let open = screen.filling.open
                try store.keepDraft(open)
                if open.isBegun, open.endsDraft { terminal.notice = Self.draftKept }
                return .left
            case .discard:
                try store.discardDraft(screen.filling.open)
                return .discarded
            case .save:
                switch try decide(screen.filling.open, review) {
                case .save:
                    let saved = try store.save(
                        screen.filling.open, sections: screen.filling.open.answered)
                    if announces { terminal.notice = saved.notice }
                    return .saved(saved)
                case .edit: screen.edit()
                case .drop:
                    try store.discardDraft(screen.filling.open)
                    return .discarded
                }
            }
        }
    }

    /// What is decided about a form; one whose number is somebody else's goes back to its questions.
    private func decide(_ open: OpenForm, _ review: FormReviewer) throws -> FormReview {
        let decision = try review(open)
        guard case .save = decision, let owner = try store.numberOwner(of: open) else {
            return decision
        }
        let why = Label(
            zh: "这个编号已有：\(owner.whole.zh)，请改。",
            en: "That number is taken by \(owner.whole.en): give another.")
        if let terminal { terminal.notice = why } else { Console.print(why) }
        return .edit
    }
}

extension SavedEdit {
    /// `已保存：住房安全 → 安全`
    fileprivate var notice: Label {
        let form = Form.form(of: edit.header.record.kind)?.label ?? Label(zh: "", en: "")
        let isJudged = assessment != nil
        let result =
            isJudged ? outcome.map { Label(zh: " → \($0.label.zh)", en: " → \($0.label.en)") } : nil
        let number = answers[Household.householdNo].map { " \($0.printable)" } ?? ""
        return Label(
            zh: "已保存：\(form.zh)\(number)\(result?.zh ?? "")",
            en: "Saved: \(form.en)\(number)\(result?.en ?? "")")
    }
}
