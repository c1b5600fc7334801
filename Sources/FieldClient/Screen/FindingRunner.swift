import FieldStore
import SurveyConsole
import SurveyLog
import SurveyModel
import SurveyStore

extension Finding {
    /// The section of what was done about it.
    static var rectification: SectionTag { form.section(containing: state.definition.tag)!.tag }
}

/// One finding on a full screen: what is said of it, and what there is to do. Who only looks changes
/// nothing.
struct FindingRunner {
    let store: FieldStore
    let terminal: Terminal
    let record: RecordKey

    private enum Action {
        case rectify
        case verify
        case reopen

        var label: Label {
            switch self {
            case .rectify: Label(zh: "登记整改", en: "say what was done about it")
            case .verify: Label(zh: "核验整改", en: "verify that it is rectified")
            case .reopen: Label(zh: "重新打开：其实没有整改", en: "reopen: it is not rectified")
            }
        }

        /// Asked before it is done.
        var question: Label {
            switch self {
            case .rectify, .verify:
                Label(zh: "到现场看过，确实整改好了吗？", en: "Seen on the spot: is it rectified?")
            case .reopen: Label(zh: "确实没有整改好吗？", en: "Is it really not rectified?")
            }
        }
    }

    /// - Returns: what to say of it where it was chosen.
    func run() throws -> Label? {
        let details = try store.finding(record)
        var actions: [Action] = []
        switch details.next {
        case .rectify: actions.append(.rectify)
        case .verify: actions.append(.verify)
        case nil: break
        }
        if details.mayReopen { actions.append(.reopen) }
        let category = details.row.category?.label ?? Finding.form.label
        let choices = actions.map {
            ListScreen.Item(line: ScreenLine($0.label[Console.language], .strong))
        }
        var screen = ListScreen(
            title: "\(details.about.brief) · \(category[Console.language])".printable,
            heading: [], items: choices + lines(details), searches: false,
            keys: Label(zh: "↑↓ 选择  回车 确定  Esc 返回", en: "↑↓ choose  Enter take it  Esc back"))
        while true {
            terminal.draw(
                screen.page(width: terminal.width, height: terminal.height, in: Console.language))
            guard let key = terminal.key() else { return nil }
            switch screen.handle(key) {
            case .leave: return nil
            case .choose(let number) where actions.indices.contains(number):
                return try perform(actions[number])
            default: continue
            }
        }
    }

    private func perform(_ action: Action) throws -> Label? {
        let open: OpenForm =
            switch action {
            case .rectify:
                try store.openFinding(record.subject.text, verifying: false, resuming: true)
            case .verify: try store.openFinding(record.subject.text, verifying: true)
            case .reopen: try store.reopenFinding(record.subject.text)
            }
        guard action != .rectify else {
            _ = try FormRunner(store: store, terminal: terminal, announces: true)
                .run(
                    open, title: try store.title(of: open),
                    at: open.isResumed ? nil : Finding.rectification)
            return nil
        }
        guard try isMeant(action, open) else { return nil }
        let saved = try store.save(open, sections: [Finding.rectification])
        let state = saved.answers[Finding.state]?.label ?? Finding.form.label
        return Label(zh: "已登记：\(state.zh)", en: "Recorded: \(state.en)")
    }

    /// One key alone changes nothing here.
    private func isMeant(_ action: Action, _ open: OpenForm) throws -> Bool {
        let screen = ListScreen(
            title: try store.title(of: open).printable,
            heading: [ScreenLine(" " + action.question[Console.language], .strong)],
            items: [
                ListScreen.Item(line: ScreenLine(localized(zh: "返回", en: "go back"))),
                ListScreen.Item(line: ScreenLine(action.label[Console.language], .strong)),
            ], searches: false,
            keys: Label(zh: "↑↓ 选择  回车 确定  Esc 返回", en: "↑↓ choose  Enter take it  Esc back"))
        return terminal.choose(from: screen) == 1
    }

    /// Everything that is said of it, a line each; long texts take several.
    private func lines(_ details: FindingDetails) -> [ListScreen.Item] {
        var lines: [ScreenLine] = []
        for section in Finding.form.sections {
            lines.append(ScreenLine(section.label[Console.language], .dim))
            for field in section.fields where field.tag != Finding.about.definition.tag {
                guard let value = details.answers[field.tag] else { continue }
                let text = details.people[field.tag]?.printable ?? field.display(value)
                lines += "\(field.label[Console.language]): \(text)"
                    .wrapped(to: max(20, terminal.width - 6)).map { ScreenLine($0) }
            }
        }
        return lines.map { ListScreen.Item(line: $0) }
    }
}
