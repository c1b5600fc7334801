import FieldStore
import SurveyConsole
import SurveyCoverage
import SurveyLog
import SurveyModel
import SurveyStore

/// What there is to do at a household, line by line: what was left unfinished, what is contested, its
/// own checks, its members' one after another and one by one, what was found there, its entry in the
/// register.
struct HouseholdPage {
    enum Task {
        /// A form that was left goes on.
        case draft(LeftDraft)
        case conflict(Conflict, title: String)
        case check(Form, subject: String, title: String)
        /// A check of all these members.
        case members(Form, [PersonRow])
        case finding(RecordKey)
        /// A finding that a check calls for, and that nobody has written down.
        case missingFinding(RecordKey, title: String)
        case editHousehold
        case editPerson(SubjectID)

        /// What stays the same when the page is shown again.
        var id: String {
            switch self {
            case .draft(let draft): "draft \(draft.record.text)"
            case .conflict(let conflict, _):
                "conflict \(conflict.record.text) \(conflict.section.key)"
            case .check(let form, let subject, _): "\(form.key) \(subject)"
            case .members(let form, _): "members \(form.key)"
            case .finding(let record): record.text
            case .missingFinding(let check, _): "finding \(check.text)"
            case .editHousehold: "entry"
            case .editPerson(let person): "entry \(person.text)"
            }
        }
    }

    let title: String
    /// Village, address, and whether anybody was met there.
    private let place: String
    /// The round that it shows.
    let round: Round?
    private(set) var items: [ListScreen.Item] = []
    /// What each item stands for; nil for a heading.
    private(set) var tasks: [Task?] = []
    /// Where a check is that nobody has begun.
    private(set) var open: [Int] = []

    /// - Parameter showsAll: with those who do not live there any more.
    init(_ store: FieldStore, _ subject: SubjectID, round: Round?, showsAll: Bool = false) throws {
        self.round = round
        let row = try store.household(subject.text, round: round)
        title = "\(row.handle) \(row.headName)".printable
        place = [
            try store.areaTree()[row.area]?.name ?? "", row.address,
            row.visit?.label[Console.language] ?? "", row.standing,
        ].filter { !$0.isEmpty }.joined(separator: "  ")
        let members = try store.persons(in: nil, household: subject.text, round: round)
        try addDrafts(of: row.subject, store)
        try add(try store.conflicts(about: subject), members, round: round, store)
        try addChecks(of: row, round, store)
        addRounds(through: members.filter(\.isPresent))
        for member in members where member.isPresent { try add(member, round, store) }
        if let round { try addFindings(about: subject, members, round, store) }
        addHeading(Label(zh: "名册", en: "register"))
        add(ScreenLine(localized(zh: "更正本户信息", en: "correct this entry")), .editHousehold)
        addGone(members, try store.departures(of: members), showsAll)
    }

    /// Where a task stands now; that of a draft which is saved is the check itself.
    func position(of task: Task?) -> Int? {
        func position(of id: String) -> Int? { tasks.firstIndex { $0?.id == id } }
        guard let task else { return nil }
        if let same = position(of: task.id) { return same }
        guard case .draft(let draft) = task else { return nil }
        return position(of: "\(draft.form.key) \(draft.record.subject.text)")
    }

    /// What stands above it: where the household is, and that its round takes no more checks.
    var heading: [ScreenLine] {
        var lines: [ScreenLine] = []
        if !place.isEmpty { lines.append(ScreenLine(" " + place.printable, .dim)) }
        if let round, !round.isOpen {
            let text = localized(zh: "轮次 \(round.name.zh)", en: "Round \(round.name.en)")
            lines.append(ScreenLine(" " + text.printable, .warning))
        }
        return lines
    }

    private mutating func add(_ line: ScreenLine, _ task: Task) {
        items.append(.init(line: line))
        tasks.append(task)
    }

    private mutating func addHeading(_ label: Label) {
        items.append(.init(line: ScreenLine(label[Console.language], .dim), isHeading: true))
        tasks.append(nil)
    }

    /// A task in a column of its own, and how far it is.
    private mutating func add(
        _ label: String, _ state: String, _ style: Style, isOpen: Bool = false, _ task: Task
    ) {
        if isOpen { open.append(items.count) }
        var line = ScreenLine(label.shortened(to: 36).padded(to: 36))
        line.add(state, style)
        add(line, task)
    }

    /// Where to go on when a task is done: at the next check that nobody has begun.
    func next(after position: Int) -> Int {
        open.first { $0 > position } ?? open.first ?? position
    }

    // MARK: What was left

    private mutating func addDrafts(of household: SubjectID, _ store: FieldStore) throws {
        let drafts = try store.drafts().filter { $0.household == household }
        guard !drafts.isEmpty else { return }
        addHeading(LeftDraft.heading)
        for draft in drafts {
            let whom = draft.about == household ? nil : try store.name(of: draft.about)
            add(draft.line(whom), .draft(draft))
        }
    }

    // MARK: What is contested

    private mutating func add(
        _ conflicts: [Conflict], _ members: [PersonRow], round: Round?, _ store: FieldStore
    ) throws {
        guard !conflicts.isEmpty else { return }
        addHeading(Label(zh: "有争议", en: "contested"))
        for conflict in conflicts {
            let member = members.first { $0.subject == conflict.record.subject }
            let name = member.map { "\($0.personNo) \($0.name)".printable }
            let what = try ConflictText(conflict, store).what
            var line = ScreenLine(conflict.task[Console.language].padded(to: 22), .warning)
            line.add([name, what].compactMap { $0 }.joined(separator: "  "))
            if conflict.record.round != .register, conflict.record.round != round?.id {
                let other = try store.read { db in
                    try Rounds.find(conflict.record.round, in: db)
                }
                line.add("  \(other?.code ?? conflict.record.round.text)".printable, .dim)
            }
            add(line, .conflict(conflict, title: name ?? title))
        }
    }

    // MARK: Checks

    private mutating func addChecks(
        of row: HouseholdRow, _ round: Round?, _ store: FieldStore
    ) throws {
        addHeading(Label(zh: "本户", en: "the household"))
        for form in [Housing.form, Water.form] {
            let guarantee = Guarantee.allCases.first { $0.kind == form.kind }
            let outcome = guarantee.flatMap { row.checks[$0] }
            add(
                form.label[Console.language], outcome.text, outcome.style, isOpen: outcome == nil,
                .check(form, subject: row.subject.text, title: title))
            try addMissing(after: form, of: row.subject, outcome, title, round, store)
        }
        let monitored = try round.flatMap {
            try store.outcome(
                of: RecordKey(kind: Monitored.form.kind, subject: row.subject, round: $0.id))
        }
        add(
            Monitored.form.label[Console.language],
            monitored == nil ? "" : localized(zh: "已登记", en: "written down"), .plain,
            .check(Monitored.form, subject: row.subject.text, title: title))
    }

    /// What an unsafe check calls for stays to be done until somebody has written it down.
    private mutating func addMissing(
        after form: Form, of subject: SubjectID, _ outcome: Outcome?, _ title: String,
        _ round: Round?, _ store: FieldStore
    ) throws {
        guard outcome == .unsafe, let round else { return }
        let check = RecordKey(kind: form.kind, subject: subject, round: round.id)
        guard let category = try store.missingFinding(after: check)?.label else { return }
        add(
            .notRegistered(category), .missingFinding(check, title: title))
    }

    /// A check of persons in one go; of a single one their own line is as good.
    private mutating func addRounds(through members: [PersonRow]) {
        let rounds = [
            (Medical.form, members, Label(zh: "全体成员", en: "all members")),
            (Schooling.form, members.filter(\.isChild), Label(zh: "全体学龄儿童", en: "all children")),
        ].filter { $0.1.count > 1 }
        guard !rounds.isEmpty else { return }
        addHeading(Label(zh: "逐人检查", en: "person by person"))
        for (form, members, who) in rounds {
            let done = members.count { $0.isChecked(form) }
            let what = Label(
                zh: "\(form.label.zh)：\(who.zh)", en: "\(form.label.en) round: \(who.en)")
            let state = Label(
                zh: "已查 \(done)/\(members.count)", en: "\(done) of \(members.count) done")
            add(
                what[Console.language], state[Console.language],
                done == members.count ? .good : .dim, isOpen: done < members.count,
                .members(form, members))
        }
    }

    private mutating func add(
        _ member: PersonRow, _ round: Round?, _ store: FieldStore
    ) throws {
        let name = "\(member.personNo) \(member.name)".printable
        let age = member.birthDate?.years(to: try store.today())
        addHeading(
            Label(
                zh: name + (age.map { "  \($0)岁" } ?? ""),
                en: name + (age.map { "  aged \($0)" } ?? "")))
        let title = "\(member.householdNo)/\(name)".printable
        for (form, guarantee) in [(Medical.form, Guarantee.medical), (Schooling.form, .schooling)]
        where guarantee != .schooling || member.isChild || member.checks[.schooling] != nil {
            let outcome = member.checks[guarantee]
            add(
                form.label[Console.language], outcome.text, outcome.style, isOpen: outcome == nil,
                .check(form, subject: member.subject.text, title: title))
            try addMissing(after: form, of: member.subject, outcome, title, round, store)
        }
        add(
            ScreenLine(localized(zh: "更正、迁出、死亡", en: "correct, moved out, died")),
            .editPerson(member.subject))
    }

    /// Who does not live here any more stands last, so that a mistake can be corrected; without
    /// being asked for, as a number.
    private mutating func addGone(
        _ members: [PersonRow], _ departures: [SubjectID: Departure], _ showsAll: Bool
    ) {
        let gone = members.filter { !$0.isPresent }
        guard !gone.isEmpty else { return }
        guard showsAll else {
            return addHeading(
                Label(
                    zh: "已迁出、死亡 \(gone.count) 人（按 a 显示）",
                    en: "moved out or died: \(gone.count) (a shows them)"))
        }
        addHeading(Label(zh: "已迁出、死亡", en: "moved out, died"))
        for member in gone {
            let title = "\(member.personNo) \(member.name)".printable
            let why = departures[member.subject].text
            add(title, why, .dim, .editPerson(member.subject))
        }
    }

    // MARK: What was found

    private mutating func addFindings(
        about household: SubjectID, _ members: [PersonRow], _ round: Round, _ store: FieldStore
    ) throws {
        var found: [(row: FindingRow, who: String)] = []
        func find(about subject: SubjectID, _ who: String) throws {
            for (row, _) in try store.findings(
                in: nil, round: round, about: subject.text, carrying: true)
            {
                found.append((row, who.printable))
            }
        }
        try find(about: household, "")
        for member in members {
            try find(about: member.subject, "\(member.personNo) \(member.name)")
        }
        guard !found.isEmpty else { return }
        addHeading(Label(zh: "问题", en: "findings"))
        let today = try store.today()
        for (finding, who) in found {
            add(
                finding.line(
                    about: who, today, round: try store.otherRound(of: finding, than: round)),
                .finding(finding.record))
        }
    }
}

extension FindingRow {
    /// `住房  2026-12-31  未整改 超期  2 李某  2026-spring`
    ///
    /// - Parameter round: the code of its round, where that is another one.
    func line(about who: String, _ today: CalendarDate, round: String?) -> ScreenLine {
        let isOverdue = isOverdue(on: today)
        let style: Style = isOverdue ? .bad : .plain
        var line = ScreenLine((category?.label[Console.language] ?? "").padded(to: 12))
        line.add((deadline?.iso ?? "—").padded(to: 12), style)
        let late = isOverdue ? localized(zh: " 超期", en: " overdue") : ""
        let text = state.label[Console.language] + contestedMark + late
        line.add(text.padded(to: 14), style)
        line.add(who, .dim)
        if let round { line.add("  \(round)".printable, .dim) }
        return line
    }
}

extension ScreenLine {
    /// What a check calls for stays to be done.
    static func notRegistered(_ category: Label) -> ScreenLine {
        ScreenLine(
            localized(zh: "问题未登记：\(category.zh)", en: "finding not registered: \(category.en)"),
            .bad)
    }
}

extension FieldStore {
    /// The code of a finding's round.
    func roundCode(of finding: FindingRow) throws -> String? {
        try read { db in try Rounds.find(finding.record.round, in: db)?.code }
    }

    /// The same where it is another round than one that is shown.
    func otherRound(of finding: FindingRow, than round: Round) throws -> String? {
        finding.record.round == round.id ? nil : try roundCode(of: finding)
    }
}

extension LeftDraft {
    static let heading = Label(zh: "没填完的", en: "left unfinished")

    /// `医疗保障  2 李某  2026-spring`
    func line(_ whom: SubjectName?) -> ScreenLine {
        var line = ScreenLine(task[Console.language].padded(to: 22), .warning)
        if let whom { line.add(whom.brief.printable) }
        if let round = otherRound { line.add("  \(round.code)".printable, .dim) }
        return line
    }
}
