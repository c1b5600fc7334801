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
        var showsAll = false
        var page = try HouseholdPage(store, subject, round: round)
        var screen = ListScreen(
            title: page.title, heading: page.heading, items: page.items, searches: false,
            keys: Label(
                zh: "↑↓ 选择  回车 填写  v 入户状态  p 新增成员  f 登记问题  Esc 返回",
                en: "↑↓ choose  Enter fill in  v visit status  p add a member  f add a finding  "
                    + "Esc back"))
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
                case .command("v"):
                    let visit = Household.form.section(
                        containing: Household.visitStatus.definition.tag)
                    screen.message = try fill(
                        store.openHousehold(subject.text, resuming: true), at: visit?.tag)
                case .command("p"):
                    screen.message = try fill(
                        store.openNewPerson(in: subject.text, resuming: true))
                case .command("f"):
                    screen.message = try fill(
                        store.openFinding(about: subject.text, round: nil, resuming: true))
                case .command("a"): showsAll.toggle()
                default: continue
                }
            } catch let failure as Failure {
                screen.message = Label(zh: failure.text(.zh), en: failure.text(.en))
            }
            if screen.message == nil { screen.message = try store.roundChange(from: page.round) }
            let task = page.tasks[screen.selected]
            let wasOpen = page.open.contains(screen.selected) || task?.isDraft == true
            page = try HouseholdPage(
                store, subject, round: try store.round(nil), showsAll: showsAll)
            screen.heading = page.heading
            var position = page.position(of: task)
            // What is done now was what there was to do here: on to the next.
            if let place = position, wasOpen, !page.open.contains(place),
                page.tasks[place]?.isDraft != true
            {
                position = page.next(after: place)
            }
            screen.show(page.items, at: position)
        }
    }

    /// Has a register entry or a finding filled in.
    ///
    /// - Returns: what to say of it on the page.
    private func fill(_ open: OpenForm, at section: SectionTag? = nil) throws -> Label? {
        let runner = FormRunner(store: store, terminal: terminal, announces: true)
        let saved = try runner.run(open, title: try store.title(of: open), at: section)
        return try saved.flatMap { try store.twinWarnings($0).first }
    }

    /// - Returns: what to say of it on the page.
    private func perform(_ task: HouseholdPage.Task, _ round: Round?) throws -> Label? {
        if task.isCheck, let why = try store.refusal(ofChecksIn: round) { return why }
        var visit = Visit(
            store: store, terminal: terminal, round: round?.code, announces: true)
        switch task {
        case .draft(let draft): try visit.goOn(with: draft)
        case .conflict(let conflict, let title):
            return try ConflictRunner(
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
            return try FindingRunner(store: store, terminal: terminal, record: record).run()
        case .missingFinding(let check, let title):
            let finding = try store.proposeFinding(
                after: check, in: Console.language, resuming: true)
            if let finding { try visit.register(finding, title: title) }
        case .editHousehold: return try fill(store.openHousehold(subject.text, resuming: true))
        case .editPerson(let person):
            return try fill(store.openPerson(person.text, resuming: true))
        }
        return visit.notes.asOne
    }
}

extension HouseholdPage.Task {
    fileprivate var isDraft: Bool { if case .draft = self { true } else { false } }

    /// Whether it writes a check down, which a round that is closed does not take.
    fileprivate var isCheck: Bool {
        switch self {
        case .check, .members: true
        default: false
        }
    }
}

extension [Label] {
    /// All of them as one text; nil when there is none.
    var asOne: Label? {
        guard !isEmpty else { return nil }
        return Label(
            zh: map(\.zh).joined(separator: "；"), en: map(\.en).joined(separator: "; "))
    }
}
