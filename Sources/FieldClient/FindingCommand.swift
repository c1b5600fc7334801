import ArgumentParser
import FieldStore
import SurveyConsole
import SurveyLog
import SurveyModel
import SurveyStore

struct FindingCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "finding",
        abstract: localized(
            zh: "问题：登记、整改、核验", en: "Findings: found, rectified, verified by somebody else."),
        discussion: localized(
            zh: """
                示例：
                  lianhu finding list --overdue               # 超期未整改的
                  lianhu finding add --after housing-01jd4kq  # 按检查结论预填
                  lianhu finding rectify 01jd4kq --set done=屋面已加固
                  lianhu finding verify 01jd4kq               # 核验别人的整改
                """,
            en: """
                Examples:
                  lianhu finding list --overdue               # those past their deadline
                  lianhu finding add --after housing-01jd4kq  # filled in from a check
                  lianhu finding rectify 01jd4kq --set done="roof strengthened"
                  lianhu finding verify 01jd4kq               # rectified by somebody else
                """),
        subcommands: [List.self, Show.self, Add.self, Rectify.self, Verify.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: localized(zh: "列出问题，最紧迫的在前", en: "List findings, the most pressing first."),
            discussion: localized(
                zh: """
                    示例：
                      lianhu finding list --overdue                  # 超期未整改的
                      lianhu finding list --about 520402109201-0012  # 一户的
                      lianhu finding list --area 520402109 --open    # 一个乡镇未整改的
                    """,
                en: """
                    Examples:
                      lianhu finding list --overdue                  # those past their deadline
                      lianhu finding list --about 520402109201-0012  # those of a household
                      lianhu finding list --area 520402109 --open    # not rectified, in a township
                    """))

        @Option(
            help: .init(
                localized(zh: "区域（可重复）", en: "An area. May be repeated."), valueName: "code"))
        var area: [String] = []

        @Option(
            help: .init(
                localized(zh: "某户、某人或某村", en: "Those of one household, person or village."),
                valueName: "subject"))
        var about: String?

        @Flag(help: .init(localized(zh: "只列超期的", en: "Only those past their deadline.")))
        var overdue = false

        @Flag(help: .init(localized(zh: "只列未整改的", en: "Only those not rectified.")))
        var open = false

        @OptionGroup var round: RoundOption
        @OptionGroup var home: HomeOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            let store = try home.open()
            guard let round = try store.round(round.round) else { throw Failure(.noOpenRound) }
            let villages = area.isEmpty ? nil : try area.flatMap { try store.villages($0) }
            let (tree, today) = (try store.areaTree(), try store.today())
            let found = try store.findings(
                in: villages, round: round, about: about, carrying: self.round.round == nil
            ).filter {
                (!overdue || $0.row.isOverdue(on: today)) && (!open || !$0.row.state.isRectified)
            }
            guard !output.json else {
                return JSONValue.array(
                    try found.map { try $0.row.json($0.subjectNo, tree, store) }
                ).print()
            }
            var table = TextTable([
                (localized(zh: "编号", en: "finding"), .left),
                (localized(zh: "对象", en: "about"), .left),
                (localized(zh: "村", en: "village"), .left),
                (localized(zh: "类别", en: "category"), .left),
                (localized(zh: "程度", en: "severity"), .left),
                (localized(zh: "时限", en: "deadline"), .left),
                (localized(zh: "状态", en: "state"), .left),
            ])
            for (row, number) in found {
                let overdue = row.isOverdue(on: today) ? localized(zh: " 超期", en: " overdue") : ""
                let other = try store.otherRound(of: row, than: round).map { "  \($0)" } ?? ""
                table.add([
                    String(row.record.subject.text.prefix(10)), number, tree[row.area]?.name ?? "",
                    row.category?.label[Console.language] ?? "",
                    row.severity?.label[Console.language] ?? "", row.deadline?.iso ?? "—",
                    row.state.label[Console.language] + row.contestedMark + overdue + other,
                ])
            }
            table.print()
            try store.noteWhatIsNotHere(of: villages)
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: localized(
                zh: "显示一个问题的全部内容", en: "Show everything that is said of a finding."),
            discussion: localized(
                zh: """
                    示例：
                      lianhu finding show 01jd4kq
                    """,
                en: """
                    Examples:
                      lianhu finding show 01jd4kq
                    """))

        @Argument(
            help: .init(
                localized(
                    zh: "问题编号或其开头，或对象", en: "The finding's id, the start of it, or its subject."),
                valueName: "finding"))
        var finding: String

        @OptionGroup var home: HomeOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            let store = try home.open()
            let details = try store.finding(try store.findingRecord(finding))
            guard !output.json else {
                let number = details.about.number
                guard
                    case .object(var object) = try details.row.json(
                        number, store.areaTree(), store)
                else { return }
                for section in Finding.form.sections {
                    for field in section.fields where field.isAsked {
                        object[field.key] = details.answers[field.tag]?.json ?? .null
                    }
                }
                return JSONValue.object(object).print()
            }
            let row = details.row
            print(
                "\(row.record.subject.text)  \(details.about.whole[Console.language])".printable
                    + row.contestedMark)
            let isOverdue = row.isOverdue(on: try store.today())
            for section in Finding.form.sections {
                print(section.label[Console.language])
                for field in section.fields where field.tag != Finding.about.definition.tag {
                    guard let value = details.answers[field.tag] else { continue }
                    let text = details.people[field.tag]?.printable ?? field.display(value)
                    let late =
                        isOverdue && field.tag == Finding.deadline.definition.tag
                        ? localized(zh: "（超期）", en: " (overdue)") : ""
                    print("  \(field.label[Console.language]): \(text)\(late)")
                }
            }
        }
    }

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add",
            abstract: localized(zh: "登记一个问题", en: "Write down a finding."),
            discussion: localized(
                zh: """
                    示例：
                      lianhu finding add 520402109201-0012        # 在终端上逐项询问
                      lianhu finding add --after housing-01jd4kq  # 按检查结论预填
                      lianhu finding add 520402109201 --set category=9 --set level=3 \\
                          --set severity=1 --set deadline=2026-12-31 \\
                          --set description=道路积水
                    """,
                en: """
                    Examples:
                      lianhu finding add 520402109201-0012        # asks, on a terminal
                      lianhu finding add --after housing-01jd4kq  # filled in from a check
                      lianhu finding add 520402109201 --set category=9 --set level=3 \\
                          --set severity=1 --set deadline=2026-12-31 \\
                          --set description="road under water"
                    """))

        @Argument(
            help: .init(
                localized(zh: "户编号、户编号/人员编号或村代码", en: "A household, HOUSEHOLD/PERSON, or village."),
                valueName: "subject"))
        var subject: String?

        @Option(
            help: .init(
                localized(zh: "引起问题的检查", en: "The check that calls for it."), valueName: "record"))
        var after: String?

        @OptionGroup var entry: EntryOptions
        @OptionGroup var round: RoundOption

        func run() throws {
            // A proposal is whole.
            try entry.write(isWhole: after != nil) { store, resuming in
                switch (subject, after) {
                case (let subject?, nil):
                    var form = try store.openFinding(
                        about: subject, round: round.round, resuming: resuming)
                    // What nobody is shown, nobody has agreed to.
                    if !resuming { form.answers[Finding.level] = nil }
                    return form
                case (nil, let after?):
                    guard
                        let proposed = try store.proposeFinding(
                            after: after, in: Console.language, resuming: resuming)
                    else { throw Failure(.noFinding) }
                    return proposed
                default:
                    throw Failure(
                        .usage,
                        Label(
                            zh: "finding add 后面写对象，或用 --after 给出检查记录，二者取一",
                            en: "finding add takes a subject, or a check with --after"))
                }
            }
        }
    }

    struct Rectify: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rectify",
            abstract: localized(
                zh: "登记整改", en: "Say that a finding is rectified, and what was done."),
            discussion: localized(
                zh: """
                    示例：
                      lianhu finding rectify 01jd4kq --set done=屋面已加固
                      lianhu finding rectify 01jd4kq --set state=2  # 整改中
                      lianhu finding rectify 01jd4kq --reopen       # 核验有误，重新打开
                    """,
                en: """
                    Examples:
                      lianhu finding rectify 01jd4kq --set done="roof strengthened"
                      lianhu finding rectify 01jd4kq --set state=2  # in progress
                      lianhu finding rectify 01jd4kq --reopen       # not rectified after all
                    """))

        @Argument(
            help: .init(
                localized(
                    zh: "问题编号或其开头，或对象", en: "The finding's id, the start of it, or its subject."),
                valueName: "finding"))
        var finding: String

        @Flag(
            help: .init(
                localized(
                    zh: "重新打开：其实没有整改（已核验的限登记人或核验人）",
                    en: "It is not rectified after all; a verified one by its author or verifier.")
            ))
        var reopen = false

        @OptionGroup var entry: EntryOptions
        @OptionGroup var confirmation: Confirmation

        func run() throws {
            guard !reopen else { return try runReopen() }
            try entry.write(at: Finding.rectification) { store, resuming in
                try store.openFinding(finding, verifying: false, resuming: resuming)
            }
        }

        private func runReopen() throws {
            guard entry.filling.set.isEmpty else {
                throw Failure(
                    .usage,
                    Label(zh: "--reopen 不能与 --set 同用", en: "--reopen goes without --set"))
            }
            let store = try entry.home.open()
            let open = try store.reopenFinding(finding)
            let title = try store.title(of: open)
            guard
                confirmation.isGiven(Label(zh: "重新打开：\(title)", en: "Reopen: \(title)"))
            else { return }
            try store.saveRectification(open, json: entry.output.json)
        }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify",
            abstract: localized(
                zh: "核验整改（不能核验自己的整改）", en: "Confirm what somebody else rectified."),
            discussion: localized(
                zh: """
                    示例：
                      lianhu finding verify 01jd4kq
                    """,
                en: """
                    Examples:
                      lianhu finding verify 01jd4kq
                    """))

        @Argument(
            help: .init(
                localized(
                    zh: "问题编号或其开头，或对象", en: "The finding's id, the start of it, or its subject."),
                valueName: "finding"))
        var finding: String

        @OptionGroup var confirmation: Confirmation
        @OptionGroup var home: HomeOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            let store = try home.open()
            let open = try store.openFinding(finding, verifying: true)
            let (title, done) = (try store.title(of: open), open.answers[Finding.done] ?? "—")
            guard
                confirmation.isGiven(
                    Label(
                        zh: "核验整改：\(title)（措施：\(done)）",
                        en: "Verify: \(title) (what was done: \(done))"))
            else { return }
            try store.saveRectification(open, json: output.json)
        }
    }
}

extension FieldStore {
    /// Saves what is said of a finding's rectification, and nothing else of it.
    fileprivate func saveRectification(_ open: OpenForm, json: Bool) throws {
        try reportEntry(try save(open, sections: [Finding.rectification]), self, json: json)
    }
}

extension FindingRow {
    /// Behind its state: people said different things of it.
    var contestedMark: String {
        isContested ? localized(zh: " 有争议", en: " contested") : ""
    }

    fileprivate func json(_ subject: String, _ tree: AreaTree, _ store: FieldStore) throws
        -> JSONValue
    {
        [
            "finding": .string(record.subject.text), "about": .string(subject),
            "village_code": JSONValue(tree[area]?.code),
            "category": JSONValue(category?.rawValue), "level": JSONValue(level?.rawValue),
            "severity": JSONValue(severity?.rawValue), "deadline": JSONValue(deadline?.iso),
            "round": JSONValue(try store.roundCode(of: self)),
            "state": .string(state.rawValue), "contested": .bool(isContested),
            "overdue": .bool(isOverdue(on: try store.today())),
        ]
    }
}
