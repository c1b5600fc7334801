import FieldStore
import SurveyConsole
import SurveyCoverage
import SurveyLog
import SurveyModel
import SurveyStore

/// What stands on the first screen, and in what `lianhu today` prints: how far the round is, and
/// whom to visit.
struct Today {
    let status: HomeStatus
    let round: Round?
    let tree: AreaTree
    /// Villages that this user may read.
    let villages: [Area]
    /// Households that need a visit: unchecked, contested, not assessed, unsafe, overdue findings.
    let worklist: [HouseholdRow]
    let coverage: [CoverageRow]
    let overdue: Int

    init(_ store: FieldStore, round: Round?) throws {
        self.round = round
        status = try store.status()
        tree = try store.areaTree()
        villages = try store.readableVillages()
        let late = try round.map { try store.overdueHouseholds($0) } ?? []
        overdue = late.count
        worklist = try store.households(in: villages, round: round)
            .compactMap { row in
                row.worklistRank(isOverdue: late.contains(row.subject)).map { ($0, row) }
            }
            .sorted { ($0.0, $0.1.householdNo) < ($1.0, $1.1.householdNo) }.map(\.1)
        coverage =
            try round.map {
                try store.coverage(round: $0, villages: nil, by: .village).table.rows
                    .filter { $0.households > 0 }
            } ?? []
    }

    /// `王芳  ·  2026-autumn 秋季排查  ·  上次同步 …`
    var title: String {
        let last = status.lastSync.map(clockText) ?? localized(zh: "从未", en: "never")
        return
            "\(status.user?.name ?? "—")  ·  \(round.map { "\($0.code) \($0.title)" } ?? "—")  ·  "
            + localized(zh: "上次同步 \(last)", en: "last sync \(last)")
    }

    /// What waits, as one sentence.
    var waiting: Label {
        let late = overdue
        return Label(
            zh: "待发送 \(status.pending)，草稿 \(status.drafts)，争议 \(status.contested)，超期问题 \(late)",
            en: "\(status.pending) pending, \(status.drafts) drafts, "
                + "\(status.contested) contested, \(late) with overdue findings")
    }

    /// Each village's checked subjects of those registered.
    func progress(of row: CoverageRow) -> [String] {
        [row.name]
            + Guarantee.allCases.flatMap { guarantee in
                let count = row.count(guarantee)
                return [
                    guarantee.label[Console.language], "\(count.checked)/\(count.registered)",
                ]
            }
    }

    // MARK: On a full screen

    var heading: [ScreenLine] {
        var lines = [ScreenLine(" " + waiting[Console.language])]
        if status.damaged > 0 {
            lines.append(
                ScreenLine(
                    " " + Failure(.damaged, "\(status.damaged)").text(Console.language), .bad))
        }
        for row in coverage.prefix(3) {
            lines.append(ScreenLine(" " + progress(of: row).joined(separator: " ").printable, .dim))
        }
        if coverage.count > 3 {
            lines.append(
                ScreenLine(
                    localized(
                        zh: " 共 \(coverage.count) 个村", en: " \(coverage.count) villages in all"),
                    .dim))
        }
        return lines
    }

    /// Households as lines that fit a terminal, and what the marks in them stand for.
    func list(_ rows: [HouseholdRow], width: Int) -> (
        legend: [ScreenLine], items: [ListScreen.Item]
    ) {
        let villages = rows.map { tree[$0.area]?.name ?? "" }
        let layout = WorklistLayout(
            rows, villages: villages, width: width, in: Console.language)
        let items = zip(rows, villages).map { row, village in
            ListScreen.Item(line: layout.line(row, village: village))
        }
        return (items.isEmpty ? [] : layout.legend, items)
    }
}

extension HouseholdRow {
    /// Lower comes first: unchecked, contested, not assessed, unsafe, an overdue finding; nil needs
    /// no visit.
    fileprivate func worklistRank(isOverdue: Bool) -> Int? {
        let own = [checks[.housing], checks[.water]]
        if own.contains(nil) || uncheckedMembers > 0 { return 0 }
        let known = Guarantee.allCases.compactMap { checks[$0] }
        if known.contains(where: \.isContested) { return 1 }
        if known.contains(.notAssessed) { return 2 }
        if known.contains(.unsafe) { return 3 }
        return isOverdue ? 4 : nil
    }
}

extension Outcome? {
    var style: Style {
        switch self {
        case nil: .dim
        case .safe, .basicallySafe, .excluded: .good
        case .unsafe: .bad
        case .notAssessed, .contested, .contestedMaybeSafe: .warning
        }
    }
}
