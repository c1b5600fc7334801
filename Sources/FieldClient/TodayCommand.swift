import ArgumentParser
import FieldStore
import SurveyConsole
import SurveyCoverage
import SurveyModel
import SurveyStore

struct TodayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "today",
        abstract: localized(
            zh: "今天：进度、待查农户、待发送、上次同步（默认命令）",
            en: "Today: progress, worklist, pending, last sync (the default command)."),
        discussion: localized(
            zh: """
                示例：
                  lianhu today                     # 在终端上全屏显示
                  lianhu today --plain --limit 20  # 只打印，最多列 20 户
                  lianhu today --json              # 供程序读取
                """,
            en: """
                Examples:
                  lianhu today                     # a full screen, on a terminal
                  lianhu today --plain --limit 20  # prints it, with 20 households at most
                  lianhu today --json              # for programs
                """))

    @Option(
        help: .init(
            localized(zh: "待查农户最多列出几户", en: "Households of the worklist to show."),
            valueName: "count"))
    var limit = 10

    @OptionGroup var home: HomeOptions
    @OptionGroup var output: OutputOptions

    @Flag(
        help: .init(
            localized(zh: "只打印，不进入全屏", en: "Print it, also on a terminal that has a full screen.")))
    var plain = false

    func run() throws {
        let store = try home.open()
        let round = try store.round(nil)
        if !output.json, !plain, Console.isInteractive, round != nil, let terminal = Terminal() {
            defer { terminal.close() }
            return try HomeRunner(store: store, terminal: terminal, round: round).run()
        }
        let today = try Today(store, round: round)
        guard !output.json else { return json(today).print() }
        print(today.title.printable)
        Console.print(today.waiting)
        for line in today.status.registerLines + today.status.warnings { Console.print(line) }
        guard round != nil else { return Console.print(Self.next) }
        progress(today)
        show(today)
        try store.noteWhatIsNotHere()
    }

    private func json(_ today: Today) -> JSONValue {
        let status = today.status
        return [
            "user": JSONValue(status.user?.name), "round": JSONValue(today.round?.code),
            "pending": JSONValue(status.pending), "drafts": JSONValue(status.drafts),
            "contested": JSONValue(status.contested), "flagged": status.flaggedJSON,
            "probable_duplicates": JSONValue(status.probableDuplicates),
            "pairs_without_effect": JSONValue(status.pairsWithoutEffect),
            "overdue": JSONValue(today.overdue),
            "last_sync": .time(status.lastSync), "revoked": .bool(status.isRevoked),
            "clock": status.clock.json, "remaining": JSONValue(today.worklist.count),
            "worklist": .array(today.worklist.prefix(max(0, limit)).map { $0.json(today.tree) }),
        ]
    }

    private static let next = Label(
        zh: "还没有轮次：有网络时运行 lianhu sync",
        en: "No round yet: run \"lianhu sync\" when there is a network")

    private func progress(_ today: Today) {
        var text = TextTable(
            [("", .left)] + Guarantee.allCases.flatMap { _ in [("", .left), ("", .right)] })
        for row in today.coverage { text.add(today.progress(of: row)) }
        text.print()
    }

    private func show(_ today: Today) {
        let worklist = today.worklist
        guard !worklist.isEmpty else { return }
        let isCut = worklist.count > max(0, limit)
        Console.print(
            Label(
                zh: "待查 \(worklist.count) 户\(isCut ? "（列出 \(limit) 户，--limit 可多列）" : "")：",
                en: "\(worklist.count) households to visit"
                    + (isCut ? " (\(limit) listed, see --limit):" : ":")))
        var table = TextTable([("", .left), ("", .left), ("", .left), ("", .left)])
        for row in worklist.prefix(max(0, limit)) {
            let checks = Guarantee.allCases.map {
                "\($0.label[Console.language]) \(row.text($0))"
            }
            let draft =
                today.drafts.contains(row.subject) ? localized(zh: "（草稿）", en: " (draft)") : ""
            table.add([
                "  " + row.handle + draft, row.headName, today.tree[row.area]?.name ?? "",
                checks.joined(separator: "  "),
            ])
        }
        table.print()
    }
}
