import FieldStore
import SurveyConsole
import SurveyModel
import SurveyStore

/// One village on a full screen.
struct VillageRunner {
    let store: FieldStore
    let terminal: Terminal
    let village: Area

    private var title: String { "\(village.code) \(village.name)".printable }

    func run() throws {
        var page = try VillagePage(store, village, round: try store.round(nil))
        var screen = ListScreen(
            title: title, heading: page.heading, items: page.items, searches: false,
            keys: Label(
                zh: "↑↓ 选择  回车 打开  f 登记本村的问题  Esc 返回",
                en: "↑↓ choose  Enter open  f add a finding about the village  Esc back"))
        while true {
            terminal.draw(
                screen.page(width: terminal.width, height: terminal.height, in: Console.language))
            guard let key = terminal.key() else { return }
            do {
                switch screen.handle(key) {
                case .leave: return
                case .choose(let number):
                    if let task = page.tasks[number] {
                        screen.message = try perform(task, page.round)
                    }
                case .command("f"):
                    let open = try store.openFinding(
                        about: village.code, round: nil, resuming: true)
                    _ = try FormRunner(store: store, terminal: terminal, announces: true)
                        .run(open, title: try store.title(of: open))
                default: continue
                }
            } catch let failure as Failure {
                screen.message = Label(zh: failure.text(.zh), en: failure.text(.en))
            }
            if screen.message == nil { screen.message = try store.roundChange(from: page.round) }
            let task = page.task(at: screen.selected)
            page = try VillagePage(store, village, round: try store.round(nil))
            screen.heading = page.heading
            screen.show(page.items, at: page.position(of: task))
        }
    }

    /// - Returns: what to say of it on the page.
    private func perform(_ task: VillagePage.Task, _ round: Round?) throws -> Label? {
        var visit = Visit(
            store: store, terminal: terminal, round: round?.code, announces: true)
        switch task {
        case .draft(let draft) where draft.record.kind == .household:
            _ = try HouseholdAddition(
                store: store, terminal: terminal, round: round, announces: true
            )
            .run(in: village)
        case .draft(let draft): try visit.goOn(with: draft)
        case .check(let form):
            if let why = try store.refusal(ofChecksIn: round) { return why }
            _ = try visit.one(form, village.code, title: title)
        case .missingFinding(let check):
            let finding = try store.proposeFinding(
                after: check, in: Console.language, resuming: true)
            if let finding { try visit.register(finding, title: title) }
        case .finding(let record):
            return try FindingRunner(store: store, terminal: terminal, record: record).run()
        }
        return visit.notes.asOne
    }
}
