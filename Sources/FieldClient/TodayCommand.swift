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
            en: "Today: progress, worklist, pending, last sync (the default command)."))

    @Option(
        help: .init(
            localized(zh: "待查农户最多列出几户", en: "Households of the worklist to show."),
            valueName: "count"))
    var limit = 10

    @OptionGroup var home: HomeOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let store = try home.open()
        let status = try store.status()
        let round = try store.round(nil)
        let tree = try store.areaTree()
        let worklist = try store.households(
            in: try store.readableVillages(), round: round
        )
        .filter { $0.worklistRank != nil }
        .sorted {
            ($0.worklistRank ?? 9, $0.householdNo) < ($1.worklistRank ?? 9, $1.householdNo)
        }
        guard !output.json else {
            return JSONValue.object([
                "user": JSONValue(status.user?.name), "round": JSONValue(round?.code),
                "pending": JSONValue(status.pending), "drafts": JSONValue(status.drafts),
                "contested": JSONValue(status.contested), "last_sync": .time(status.lastSync),
                "remaining": JSONValue(worklist.count),
                "worklist": .array(worklist.prefix(max(0, limit)).map { $0.json(tree) }),
            ]).print()
        }
        let last = status.lastSync.map(clockText) ?? localized(zh: "从未", en: "never")
        print(
            "\(status.user?.name ?? "—")  ·  \(round.map { "\($0.code) \($0.title)" } ?? "—")  ·  "
                + localized(zh: "上次同步 \(last)", en: "last sync \(last)"))
        Console.print(
            Label(
                zh: "待发送 \(status.pending)，草稿 \(status.drafts)，争议 \(status.contested)",
                en: "\(status.pending) pending, \(status.drafts) drafts, "
                    + "\(status.contested) contested"))
        guard let round else { return Console.print(Self.next) }
        try progress(store, round)
        show(worklist, tree)
    }

    private static let next = Label(
        zh: "还没有轮次：有网络时运行 lianhu sync",
        en: "No round yet: run \"lianhu sync\" when there is a network")

    private func progress(_ store: FieldStore, _ round: Round) throws {
        let (table, _) = try store.coverage(round: round, villages: nil, by: .village)
        var text = TextTable([
            ("", .left)
        ] + Guarantee.allCases.flatMap { _ in [("", .left), ("", .right)] })
        for row in table.rows where row.households > 0 {
            var cells = [row.name]
            for guarantee in Guarantee.allCases {
                let count = row.count(guarantee)
                cells += [
                    guarantee.label[Console.language],
                    "\(count.checked)/\(count.registered)",
                ]
            }
            text.add(cells)
        }
        text.print()
    }

    private func show(_ worklist: [HouseholdRow], _ tree: AreaTree) {
        guard !worklist.isEmpty else { return }
        Console.print(
            Label(
                zh: "待查 \(worklist.count) 户：", en: "\(worklist.count) households to visit:"))
        var table = TextTable([("", .left), ("", .left), ("", .left), ("", .left)])
        for row in worklist.prefix(max(0, limit)) {
            let checks = Guarantee.allCases.map {
                "\($0.label[Console.language]) \(row.text($0))"
            }
            table.add([
                "  " + row.householdNo, row.headName, tree[row.area]?.name ?? "",
                checks.joined(separator: "  "),
            ])
        }
        table.print()
    }
}

extension HouseholdRow {
    /// Lower comes first: unchecked, contested, not assessed, unsafe; nil needs no visit.
    fileprivate var worklistRank: Int? {
        let own = [checks[.housing], checks[.water]]
        if own.contains(nil) || uncheckedMembers > 0 { return 0 }
        let known = (own + [checks[.medical], checks[.schooling]]).compactMap { $0 }
        if known.contains(where: \.isContested) { return 1 }
        if known.contains(.notAssessed) { return 2 }
        return known.contains(.unsafe) ? 3 : nil
    }
}
