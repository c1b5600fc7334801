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
    /// Households that need a visit: unchecked, contested, not assessed, unsafe, overdue findings,
    /// something left unfinished.
    let worklist: [HouseholdRow]
    /// Households at which something was left unfinished.
    let drafts: Set<SubjectID>
    let coverage: [CoverageRow]
    let overdue: Int

    init(_ store: FieldStore, round: Round?) throws {
        self.round = round
        status = try store.status()
        tree = try store.areaTree()
        villages = try store.readableVillages()
        let late = try store.overdueHouseholds()
        overdue = try store.overdueFindings(in: villages)
        let drafts = Set(try store.drafts().compactMap(\.household))
        self.drafts = drafts
        worklist = try store.households(in: villages, round: round)
            .compactMap { row in
                let rank = row.worklistRank(isOverdue: late.contains(row.subject))
                return (rank ?? (drafts.contains(row.subject) ? 5 : nil)).map { ($0, row) }
            }
            .sorted { ($0.0, $0.1.householdNo) < ($1.0, $1.1.householdNo) }.map(\.1)
        coverage =
            try round.map {
                try store.coverage(round: $0, villages: nil, by: .village).table.rows
                    .filter { $0.households > 0 }
            } ?? []
    }

    /// `王芳  ·  2026-autumn 秋季排查  ·  上次同步 …`
    var title: String { titleParts.joined(separator: "  ·  ") }

    private var titleParts: [String] {
        let last = status.lastSync.map(clockText) ?? localized(zh: "从未", en: "never")
        return [
            status.user?.name ?? "—", round?.name[Console.language] ?? "—",
            localized(zh: "上次同步 \(last)", en: "last sync \(last)"),
        ]
    }

    /// The same on a full screen: where it is too long for one line, the last sync stands below.
    func titleLines(width: Int) -> [String] {
        guard title.printable.displayWidth > width - 2 else { return [title.printable] }
        return [titleParts.dropLast().joined(separator: "  ·  "), titleParts.last ?? ""]
            .map(\.printable)
    }

    /// What waits, as one sentence.
    var waiting: Label {
        let late = overdue
        return Label(
            zh: "待发送 \(status.pending)，草稿 \(status.drafts)，争议 \(status.contested)，超期问题 \(late)",
            en: "\(status.pending) pending, \(counted(status.drafts, "draft")), "
                + "\(status.contested) contested, \(late) findings overdue")
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

    /// What stands above the list, no number of it cut off.
    func heading(width: Int) -> [ScreenLine] {
        var lines = titleLines(width: width).dropFirst().map { ScreenLine(" " + $0, .title) }
        lines += waiting[Console.language].wrapped(to: width - 2).map { ScreenLine(" " + $0) }
        for line in status.registerLines + status.warnings {
            lines += line[Console.language].wrapped(to: width - 2)
                .map { ScreenLine(" " + $0, .warning) }
        }
        if status.damaged > 0 {
            lines.append(
                ScreenLine(
                    " " + Failure(.damaged, "\(status.damaged)").text(Console.language), .bad))
        }
        let villages = coverage.map { progressLines(of: $0, width: width) }
        // Where a village takes two lines, fewer of them leave room for the list.
        let shown = villages.contains { $0.count > 1 } ? 2 : 3
        for village in villages.prefix(shown) {
            lines += village.map { ScreenLine(" " + $0, .dim) }
        }
        if coverage.count > shown {
            lines.append(
                ScreenLine(
                    localized(
                        zh: " 共 \(coverage.count) 个村", en: " \(coverage.count) villages in all"),
                    .dim))
        }
        return lines
    }

    private func progressLines(of row: CoverageRow, width: Int) -> [String] {
        let checks = Guarantee.allCases.map { guarantee in
            let count = row.count(guarantee)
            return "\(guarantee.label[Console.language]) \(count.checked)/\(count.registered)"
        }
        return ([row.name.printable] + checks).lines(of: width - 2, apart: 1)
    }

    /// Households as lines that fit a terminal, and what the marks in them stand for.
    func list(_ found: [FoundHousehold], width: Int) -> (
        legend: [ScreenLine], items: [ListScreen.Item]
    ) {
        let rows = found.map(\.household)
        // By whose name it is found says more than the village.
        let villages = found.map { found in
            found.member.map { localized(zh: "成员 \($0)", en: "member \($0)") }
                ?? tree[found.household.area]?.name ?? ""
        }
        let layout = WorklistLayout(
            rows, villages: villages, width: width, in: Console.language)
        let items = zip(rows, villages).map { row, village in
            ListScreen.Item(
                line: layout.line(row, village: village, hasDraft: drafts.contains(row.subject)))
        }
        let hasDrafts = rows.contains { drafts.contains($0.subject) }
        return (items.isEmpty ? [] : layout.legend(hasDrafts: hasDrafts), items)
    }
}

extension Round {
    /// `2026-autumn 秋季排查（已结束）`
    var name: Label {
        let name = "\(code) \(title)"
        guard !isOpen else { return Label(zh: name, en: name) }
        return Label(zh: "\(name)（已结束）", en: "\(name) (closed)")
    }
}

extension FieldStore {
    /// What to say to whoever looks at a round when it is not any more what it was; nil when it is.
    func roundChange(from shown: Round?) throws -> Label? {
        let now = try round(nil)
        guard let now, now.id != shown?.id || now.isOpen != shown?.isOpen else { return nil }
        return Label(zh: "轮次现在是 \(now.name.zh)。", en: "The round is now \(now.name.en).")
    }

    /// Whether a check may be written down from a page that shows a round.
    ///
    /// - Returns: what to say instead: the page is of another round than the one that is open.
    /// - Throws: `Failure` when no round is open.
    func refusal(ofChecksIn shown: Round?) throws -> Label? {
        guard let now = try round(nil), now.isOpen else { throw Failure(.noOpenRound) }
        return now.id == shown?.id ? nil : try roundChange(from: shown)
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
        case .notAssessed, .contested, .contestedMaybeSafe, .contestedMaybeExcluded: .warning
        }
    }
}
