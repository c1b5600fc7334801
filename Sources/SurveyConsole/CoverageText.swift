public import SurveyCoverage
public import SurveyModel

/// A coverage table as people and as programs read it, the same from device and server.
public struct CoverageReport: Sendable {
    public let round: String
    /// Milliseconds since the epoch; nil when nothing was heard from the server.
    public let asOf: Int64?
    public let table: CoverageTable
    /// By village; for GeoJSON only.
    public let centroids: [AreaID: Centroid]

    public init(
        round: String, asOf: Int64?, table: CoverageTable, centroids: [AreaID: Centroid] = [:]
    ) {
        self.round = round
        self.asOf = asOf
        self.table = table
        self.centroids = centroids
    }

    // MARK: JSON

    public var json: JSONValue {
        [
            "round": .string(round), "as_of": .time(asOf),
            "rows": .array(table.rows.map(Self.json)),
            "total": table.total.map(Self.json) ?? .null,
        ]
    }

    static func json(_ row: CoverageRow) -> JSONValue {
        var object: [String: JSONValue] = [
            "area": .string(row.area), "name": .string(row.name),
            "level": .string(row.level.rawValue), "households": JSONValue(row.households),
            "persons": JSONValue(row.persons), "held": JSONValue(row.heldEdits),
            "unregistered": JSONValue(row.unregistered), "last_heard": .time(row.lastHeard),
            "set_aside": [
                "households": JSONValue(row.setAside.households),
                "persons": JSONValue(row.setAside.persons),
            ],
            "flagged": [
                "households": JSONValue(row.flagged.households),
                "persons": JSONValue(row.flagged.persons),
            ],
            "probable_duplicates": JSONValue(row.probableDuplicates),
        ]
        for guarantee in Guarantee.allCases {
            let count = row.count(guarantee)
            var counts: [String: JSONValue] = [
                "registered": JSONValue(count.registered), "checked": JSONValue(count.checked),
                "safe": JSONValue(count.safe), "unsafe": JSONValue(count.unsafe),
                "contested": JSONValue(count.contested),
                "not_assessed": JSONValue(count.notAssessed),
            ]
            if guarantee.hasExcluded { counts["excluded"] = JSONValue(count.excluded) }
            object[guarantee.rawValue] = .object(counts)
        }
        let (findings, clinics) = (row.findings, row.clinics)
        object["findings"] = [
            "received": JSONValue(findings.received), "rectified": JSONValue(findings.rectified),
            "verified": JSONValue(findings.verified), "overdue": JSONValue(findings.overdue),
        ]
        object["clinics"] = [
            "villages": JSONValue(clinics.villages), "checked": JSONValue(clinics.checked),
            "blank": JSONValue(clinics.blank), "contested": JSONValue(clinics.contested),
        ]
        return .object(object)
    }

    // MARK: CSV

    public var csv: [String] {
        var heading = ["area", "name", "level", "households", "persons"]
        for guarantee in Guarantee.allCases {
            heading += ["registered", "checked", "safe", "unsafe", "contested", "not_assessed"]
                .map { "\(guarantee.rawValue)_\($0)" }
            if guarantee.hasExcluded { heading.append("\(guarantee.rawValue)_excluded") }
        }
        heading += [
            "findings_received", "findings_rectified", "findings_verified", "findings_overdue",
            "clinics_checked", "clinics_blank",
        ]
        let lines = table.rows.map { row in
            var fields = [row.area, row.name, row.level.rawValue]
            var numbers = [row.households, row.persons]
            for guarantee in Guarantee.allCases {
                let count = row.count(guarantee)
                numbers += [
                    count.registered, count.checked, count.safe, count.unsafe, count.contested,
                    count.notAssessed,
                ]
                if guarantee.hasExcluded { numbers.append(count.excluded) }
            }
            let (findings, clinics) = (row.findings, row.clinics)
            numbers += [
                findings.received, findings.rectified, findings.verified, findings.overdue,
                clinics.checked, clinics.blank,
            ]
            fields += numbers.map(String.init)
            let heard = row.lastHeard.flatMap(isoText) ?? ""
            let apart = [
                row.setAside.households, row.setAside.persons, row.flagged.households,
                row.flagged.persons, row.probableDuplicates,
            ]
            return
                (fields + ["\(row.heldEdits)", "\(row.unregistered)", heard]
                + apart.map(String.init)).map(csvField).joined(separator: ",")
        }
        heading += [
            "held", "unregistered", "last_heard", "set_aside_households", "set_aside_persons",
            "flagged_households", "flagged_persons", "probable_duplicates",
        ]
        return [heading.joined(separator: ",")] + lines
    }

    // MARK: Table

    public func print() {
        Console.printWrapped(
            Label(
                zh: "轮次 \(round)，截至 \(asOf.map(clockText) ?? "—")",
                en: "Round \(round), as of \(asOf.map(clockText) ?? "—")"))
        // Where the bars do not fit, the numbers go without them, and without the times.
        var text = text(withBars: true)
        let hasBars = text.lines.allSatisfy { $0.displayWidth <= Console.tableWidth }
        if !hasBars { text = self.text(withBars: false) }
        if text.lines.contains(where: { $0.displayWidth > Console.tableWidth }) {
            text = self.text(withBars: false, withTimes: false)
        }
        text.print()
        if hasBars {
            Console.printWrapped(
                Label(
                    zh: "█ 安全  ▒ 不安全（不足一格 !）  ? 有争议  ░ 未评价（含未查）；有争议时安全率为区间",
                    en: "█ safe  ▒ unsafe (! less than a tenth)  ? contested  ░ not assessed "
                        + "(unchecked included); a rate with contested records is a range"))
        }
        printFindings()
        printApart()
    }

    private func text(withBars hasBars: Bool, withTimes hasTimes: Bool = true) -> TextTable {
        var columns: [(heading: String, alignment: TextTable.Alignment)] = [
            (localized(zh: "区域", en: "area"), .left), (localized(zh: "户", en: "hh"), .right),
            (localized(zh: "人", en: "persons"), .right),
        ]
        for guarantee in Guarantee.allCases {
            let name = guarantee.label[Console.language]
            let safe = localized(zh: "安全率", en: "safe")
            if hasBars { columns.append((name, .left)) }
            columns.append((hasBars ? safe : name, .right))
            columns.append((localized(zh: "已查", en: "checked"), .right))
        }
        if hasTimes { columns.append((localized(zh: "最后上报", en: "last heard"), .left)) }
        var text = TextTable(columns)
        for row in table.rows { text.add(line(row, withBars: hasBars, withTimes: hasTimes)) }
        if let total = table.total {
            let name = localized(zh: "合计", en: "total")
            text.add(line(total, name: name, withBars: hasBars, withTimes: hasTimes))
        }
        return text
    }

    private func line(
        _ row: CoverageRow, name: String? = nil, withBars hasBars: Bool, withTimes hasTimes: Bool
    ) -> [String] {
        var cells = [(name ?? row.name).shortened(to: 28), "\(row.households)", "\(row.persons)"]
        for guarantee in Guarantee.allCases {
            let count = row.count(guarantee)
            let (low, high) = (count.lowRate.text, count.highRate.text)
            cells += [
                low == high ? low : "\(low)–\(high)", "\(count.checked)/\(count.registered)",
            ]
            if hasBars { cells.insert(CoverageBar.text(count), at: cells.count - 2) }
        }
        return hasTimes ? cells + [row.lastHeard.map(clockText) ?? "—"] : cells
    }

    /// What no rate includes, said apart.
    private func printApart() {
        let rows = table.rows
        let held = rows.reduce(0) { $0 + $1.heldEdits }
        let unregistered = rows.reduce(0) { $0 + $1.unregistered }
        let excluded = Guarantee.allCases.filter(\.hasExcluded).map { guarantee in
            (guarantee, rows.reduce(0) { $0 + $1.count(guarantee).excluded })
        }.filter { $0.1 > 0 }
        printToCheck(rows)
        let households = rows.reduce(0) { $0 + $1.setAside.households }
        let persons = rows.reduce(0) { $0 + $1.setAside.persons }
        guard held + unregistered + households + persons > 0 || !excluded.isEmpty else { return }
        var zh = excluded.map { "，\($0.0.label.zh)合理排除 \($0.1)" }.joined()
        var en = excluded.map { ", \($0.1) excluded (\($0.0.label.en))" }.joined()
        if households + persons > 0 {
            zh += "，已移出名册 \(households) 户 \(persons) 人"
            en += ", \(households) hh and \(persons) persons set aside"
        }
        Console.printWrapped(
            Label(
                zh: "另计：待审修改 \(held)，未登记对象 \(unregistered)\(zh)",
                en: "Counted apart: \(held) edits held, \(unregistered) unregistered\(en)"))
    }

    /// What counts, and somebody in the village has to decide about.
    private func printToCheck(_ rows: [CoverageRow]) {
        let households = rows.reduce(0) { $0 + $1.flagged.households }
        let persons = rows.reduce(0) { $0 + $1.flagged.persons }
        let pairs = rows.reduce(0) { $0 + $1.probableDuplicates }
        var parts: [Label] = []
        if pairs > 0 {
            parts.append(
                Label(
                    zh: "可能重复 \(pairs) 对（lianhu household duplicates）",
                    en: "probable duplicates: \(pairs) (lianhu household duplicates)"))
        }
        if households > 0 {
            parts.append(
                Label(
                    zh: "没有户编号或成员 \(households) 户（lianhu household list --flagged）",
                    en: "households without a number or members: \(households) "
                        + "(lianhu household list --flagged)"))
        }
        if persons > 0 {
            parts.append(
                Label(zh: "没有所属户 \(persons) 人", en: "persons without a household: \(persons)"))
        }
        guard !parts.isEmpty else { return }
        Console.printWrapped(
            Label(
                zh: "待核对：" + parts.map(\.zh).joined(separator: "，"),
                en: "To check: " + parts.map(\.en).joined(separator: "; ")))
    }

    /// Findings and clinics, where there are any.
    private func printFindings() {
        guard let total = table.total ?? table.rows.first else { return }
        let (findings, clinics) = (total.findings, total.clinics)
        if findings.received > 0 {
            Console.printWrapped(
                Label(
                    zh: "问题 \(findings.received)：已整改 \(findings.rectified)（\(findings.rate.text)），"
                        + "已核验 \(findings.verified)，超期 \(findings.overdue)",
                    en: "Findings \(findings.received): \(findings.rectified) rectified "
                        + "(\(findings.rate.text)), \(findings.verified) verified, "
                        + "\(findings.overdue) overdue"))
        }
        if clinics.checked > 0 {
            Console.printWrapped(
                Label(
                    zh: "村卫生室：已查 \(clinics.checked)/\(clinics.villages) 村，空白点 \(clinics.blank)",
                    en: "Clinics: \(clinics.checked)/\(clinics.villages) villages checked, "
                        + "\(counted(clinics.blank, "village")) without a clinic or doctor"))
        }
    }
}
