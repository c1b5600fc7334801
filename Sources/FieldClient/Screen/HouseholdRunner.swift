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

    private enum Task {
        case check(Form, subject: String, title: String)
        case finding(RecordKey)
        case editHousehold
        case editPerson(SubjectID, title: String)
    }

    func run() throws {
        var (title, entries) = try entries()
        var screen = ListScreen(
            title: title, heading: [], items: entries.map(\.item), searches: false,
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
                    if let task = entries[number].task { try perform(task) }
                case .command("p"): try runner.fill(store.openNewPerson(in: subject.text), title)
                case .command("f"):
                    try runner.fill(store.openFinding(about: subject.text, round: nil), title)
                default: continue
                }
            } catch let failure as Failure {
                screen.message = Label(zh: failure.text(.zh), en: failure.text(.en))
            }
            (title, entries) = try self.entries()
            screen.show(entries.map(\.item), keepingSelection: true)
        }
    }

    private var runner: FormRunner { FormRunner(store: store, terminal: terminal) }

    private func perform(_ task: Task) throws {
        switch task {
        case .check(let form, let subject, let title):
            let visit = Visit(store: store, terminal: terminal, round: round?.code)
            _ = try visit.one(form, subject, title: title)
        case .finding(let record):
            let row = try store.read { db in try Findings.finding(record, in: db) }
            let isDone = row?.state == .rectified
            try runner.fill(
                store.openFinding(record.subject.text, verifying: isDone), record.subject.text)
        case .editHousehold: try runner.fill(store.openHousehold(subject.text), subject.text)
        case .editPerson(let person, let title):
            try runner.fill(store.openPerson(person.text), title)
        }
    }

    // MARK: What there is to do

    private typealias Entry = (item: ListScreen.Item, task: Task?)

    private func entries() throws -> (title: String, [Entry]) {
        let row = try store.household(subject.text, round: round)
        let members = try store.persons(in: nil, household: subject.text, round: round)
        let name = "\(row.householdNo) \(row.headName)".printable
        var entries: [Entry] = []
        func heading(_ label: Label) {
            entries.append(
                (.init(line: ScreenLine(label[Console.language], .dim), isHeading: true), nil))
        }
        func add(_ label: String, _ outcome: Outcome?, _ task: Task) {
            var line = ScreenLine(label.shortened(to: 36).padded(to: 36))
            line.add(outcome.text, outcome.style)
            entries.append((.init(line: line), task))
        }
        heading(Label(zh: "本户", en: "the household"))
        for form in [Housing.form, Water.form] {
            let guarantee = Guarantee.allCases.first { $0.kind == form.kind }
            add(
                form.label[Console.language], guarantee.flatMap { row.checks[$0] },
                .check(form, subject: subject.text, title: name))
        }
        entries.append(
            (
                .init(line: ScreenLine(Monitored.form.label[Console.language])),
                .check(Monitored.form, subject: subject.text, title: name)
            ))
        for member in members where member.isPresent {
            let title = "\(member.personNo) \(member.name)".printable
            heading(Label(zh: title, en: title))
            for (form, guarantee) in [
                (Medical.form, Guarantee.medical), (Schooling.form, .schooling),
            ]
            where guarantee != .schooling || member.isChild || member.checks[.schooling] != nil {
                add(
                    form.label[Console.language], member.checks[guarantee],
                    .check(form, subject: member.subject.text, title: title))
            }
            entries.append(
                (
                    .init(
                        line: ScreenLine(localized(zh: "更正、迁出、死亡", en: "correct, moved out, died"))),
                    .editPerson(member.subject, title: title)
                ))
        }
        let findings = try round.map { try store.findings(in: nil, round: $0, about: subject.text) }
        if let findings, !findings.isEmpty {
            heading(Label(zh: "问题", en: "findings"))
            for (finding, _) in findings {
                let late = finding.isOverdue(on: store.environment.today)
                var line = ScreenLine(
                    (finding.category?.label[Console.language] ?? "").padded(to: 12))
                line.add((finding.deadline?.iso ?? "—").padded(to: 12), late ? .bad : .plain)
                line.add(finding.state.label[Console.language], late ? .bad : .plain)
                entries.append((.init(line: line), .finding(finding.record)))
            }
        }
        heading(Label(zh: "名册", en: "register"))
        entries.append(
            (
                .init(line: ScreenLine(localized(zh: "更正本户信息", en: "correct this entry"))),
                .editHousehold
            ))
        return (name, entries)
    }
}

extension FormRunner {
    /// Fills in a form whose result nobody waits for.
    func fill(_ open: OpenForm, _ title: String) throws { _ = try run(open, title: title) }
}
