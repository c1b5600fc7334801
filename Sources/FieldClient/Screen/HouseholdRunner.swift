import FieldStore
import SurveyConsole
import SurveyCoverage
import SurveyLog
import SurveyModel
import SurveyStore

/// One household on a full screen: its checks, its members, what was found there.
struct HouseholdRunner {
    let store: FieldStore
    let terminal: Terminal
    let round: Round?
    let subject: SubjectID

    func run() throws {
        var page = try HouseholdPage(store, subject, round: round)
        var screen = ListScreen(
            title: page.title, heading: [], items: page.items, searches: false,
            keys: Label(
                zh: "↑↓ 选择  回车 填写  p 新增成员  f 登记问题  Esc 返回",
                en: "↑↓ choose  Enter fill in  p add a member  f add a finding  Esc back"))
        while true {
            terminal.draw(
                screen.page(width: terminal.width, height: terminal.height, in: Console.language))
            guard let key = terminal.key() else { return }
            do {
                switch screen.handle(key) {
                case .leave: return
                case .choose(let number):
                    if let task = page.tasks[number] { screen.message = try perform(task) }
                case .command("p"):
                    try runner.fill(
                        store.openNewPerson(in: subject.text, resuming: true), page.title)
                case .command("f"):
                    try runner.fill(
                        store.openFinding(about: subject.text, round: nil, resuming: true),
                        page.title)
                default: continue
                }
            } catch let failure as Failure {
                screen.message = Label(zh: failure.text(.zh), en: failure.text(.en))
            }
            page = try HouseholdPage(store, subject, round: round)
            screen.show(page.items, keepingSelection: true)
        }
    }

    private var runner: FormRunner { FormRunner(store: store, terminal: terminal) }

    private var visit: Visit { Visit(store: store, terminal: terminal, round: round?.code) }

    /// - Returns: what to say of it on the page.
    private func perform(_ task: HouseholdPage.Task) throws -> Label? {
        switch task {
        case .conflict(let conflict, let title):
            try ConflictRunner(
                store: store, terminal: terminal, household: subject, title: title
            ).run(conflict)
        case .check(let form, let subject, let title):
            _ = try visit.one(form, subject, title: title)
        case .members(let form, let members):
            guard members.contains(where: { !$0.isChecked(form) }) else {
                return Label(
                    zh: "都已检查；更正请选某个成员。",
                    en: "All of them are done; to correct one, choose that member.")
            }
            try visit.checkMissing(form, of: members)
        case .finding(let record):
            let row = try store.read { db in try Findings.finding(record, in: db) }
            let isDone = row?.state == .rectified
            try runner.fill(
                store.openFinding(record.subject.text, verifying: isDone, resuming: true),
                record.subject.text)
        case .editHousehold:
            try runner.fill(store.openHousehold(subject.text, resuming: true), subject.text)
        case .editPerson(let person, let title):
            try runner.fill(store.openPerson(person.text, resuming: true), title)
        }
        return nil
    }
}

extension FormRunner {
    /// Fills in a form whose result nobody waits for.
    func fill(_ open: OpenForm, _ title: String) throws { _ = try run(open, title: title) }
}
