import FieldStore
import SurveyConsole
import SurveyCoverage
import SurveyLog
import SurveyModel
import SurveyStore

/// What there is to do about a village itself, line by line: what was left unfinished, its clinic, and
/// every finding in it, the most pressing first.
struct VillagePage {
    enum Task {
        case draft(LeftDraft)
        case check(Form)
        case finding(RecordKey)
        /// A finding that the check calls for, and that nobody has written down.
        case missingFinding(RecordKey)

        /// What stays the same when the page is shown again.
        var id: String {
            switch self {
            case .draft(let draft): "draft \(draft.record.text)"
            case .check(let form): form.key
            case .finding(let record): record.text
            case .missingFinding(let check): "finding \(check.text)"
            }
        }
    }

    let village: Area
    let round: Round?
    /// How far each guarantee is, and how many findings there are.
    private(set) var heading: [ScreenLine] = []
    private(set) var items: [ListScreen.Item] = []
    /// What each item stands for; nil for a heading.
    private(set) var tasks: [Task?] = []

    init(_ store: FieldStore, _ village: Area, round: Round?) throws {
        self.village = village
        self.round = round
        let subject = village.id.subject
        let drafts = try store.drafts().filter { $0.about == subject }
        if !drafts.isEmpty { addHeading(LeftDraft.heading) }
        for draft in drafts { add(draft.line(nil), .draft(draft)) }
        guard let round else { return }
        try addCoverage(of: round, store)
        let check = RecordKey(kind: Clinic.form.kind, subject: subject, round: round.id)
        let outcome = try store.outcome(of: check)
        addHeading(Label(zh: "本村", en: "the village"))
        var line = ScreenLine(Clinic.form.label[Console.language].padded(to: 36))
        line.add(outcome.text, outcome.style)
        add(line, .check(Clinic.form))
        if outcome == .unsafe, let category = try store.missingFinding(after: check)?.label {
            add(.notRegistered(category), .missingFinding(check))
        }
        let findings = try store.findings(in: [village], round: round, carrying: true)
        guard !findings.isEmpty else { return }
        addHeading(Label(zh: "本村全部问题", en: "all findings in it"))
        for (row, _) in findings {
            let whom = row.about == subject ? "" : try store.name(of: row.about).brief
            // In a village the rest of a number says enough.
            let here = "\(village.code)-"
            let brief = whom.hasPrefix(here) ? String(whom.dropFirst(here.count)) : whom
            add(
                row.line(
                    about: brief.printable, try store.today(),
                    round: try store.otherRound(of: row, than: round)), .finding(row.record))
        }
    }

    /// `住房  已查 12/40，安全 10，不安全 2，争议 0`
    private mutating func addCoverage(of round: Round, _ store: FieldStore) throws {
        let table = try store.coverage(round: round, villages: [village], by: .village).table
        guard let row = table.rows.first else { return }
        for guarantee in Guarantee.allCases {
            let count = row.count(guarantee)
            guard count.registered > 0 else { continue }
            var line = ScreenLine(" " + guarantee.label[Console.language].padded(to: 11))
            line.add(
                Label(
                    zh: "已查 \(count.checked)/\(count.registered)，安全 \(count.safe)，"
                        + "不安全 \(count.unsafe)，争议 \(count.contested)",
                    en: "checked \(count.checked)/\(count.registered), safe \(count.safe), "
                        + "unsafe \(count.unsafe), contested \(count.contested)")[Console.language],
                .dim)
            heading.append(line)
        }
    }

    func task(at position: Int) -> Task? {
        tasks.indices.contains(position) ? tasks[position] : nil
    }

    /// Where a task stands now.
    func position(of task: Task?) -> Int? {
        task.flatMap { task in tasks.firstIndex { $0?.id == task.id } }
    }

    private mutating func add(_ line: ScreenLine, _ task: Task) {
        items.append(.init(line: line))
        tasks.append(task)
    }

    private mutating func addHeading(_ label: Label) {
        items.append(.init(line: ScreenLine(label[Console.language], .dim), isHeading: true))
        tasks.append(nil)
    }
}
