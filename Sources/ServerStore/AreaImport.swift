public import Foundation
internal import GRDB
internal import SurveyMerge
internal import SurveyModel
internal import SurveyStore
internal import SurveyWire

/// Imports a register of areas: counties, townships and villages under one city.
///
/// Areas are matched by code; names and managing units that changed become edits. Importing the
/// same file twice changes nothing.
extension ServerStore {
    static let areaColumns = [
        "county_code", "county", "township_code", "township", "village_code", "village",
        "managing_unit",
    ]

    public func importAreas(_ file: URL, cityCode: String, cityName: String, strict: Bool) throws
        -> ImportReport
    {
        guard cityCode.isDigits(4) else {
            throw Failure(
                .usage,
                Label(
                    zh: "--city 是区划代码的前 4 位",
                    en: "--city takes the first 4 digits of the codes"))
        }
        let csv = CSVFile(file)
        var report = ImportReport()
        var rows = AreaRows(cityCode: cityCode, cityName: cityName)
        try csv.forEachRow(required: Self.areaColumns) { header, row in
            report.rows += 1
            do throws(RowProblem) {
                try rows.add(header, row, file: csv.name)
            } catch {
                report.add(error)
            }
        }
        if report.wrong > 0, strict || report.wrong == report.rows { return report }
        let (entries, read) = (rows.entries, report)
        return try append { [derived] db, draft, _ in
            var report = read
            let tree = try Areas.tree(in: db)
            let codes = Set(entries.filter { $0.level == .village }.map(\.code))
                .union(tree.villages.map(\.code))
            guard codes.count <= WireLimits.areas else {
                throw Failure(
                    .badFile,
                    Label(
                        zh: "一个服务器最多 \(WireLimits.areas) 个村",
                        en: "a server has at most \(WireLimits.areas) villages"))
            }
            var ids = Dictionary(tree.areas.values.map { ($0.code, $0.id) }) { a, _ in a }
            for entry in entries {
                let known = ids[entry.code].flatMap { tree[$0] }
                // A withdrawn area keeps its id, also from who has its code now.
                let id: AreaID =
                    try known?.id
                    ?? derived.id("area", entry.code) {
                        try db.value("SELECT 1 FROM area WHERE id = ?", [$0.column]) as Int64?
                            != nil
                    }
                ids[entry.code] = id
                let area = Area(
                    id: id, code: entry.code, name: entry.name, level: entry.level,
                    parent: entry.parent.flatMap { ids[$0] }, managingUnit: entry.managingUnit)
                try Self.write(area, known: known, &draft, &report)
            }
            return report
        }
    }

    private static func write(
        _ area: Area, known: Area?, _ draft: inout ServerLog.Draft, _ report: inout ImportReport
    ) throws {
        var identity = Answers()
        identity[AreaForm.code] = area.code
        identity[AreaForm.name] = area.name
        identity[AreaForm.level] = area.level
        identity[AreaForm.parent] = area.parent?.subject.bytes
        var scope = Answers()
        scope[AreaForm.managingUnit] = area.managingUnit
        let record = RecordKey(kind: .area, subject: area.id.subject)
        let isVillage = area.level == .village
        guard let known else {
            try draft.append(
                record, in: .reserved,
                isVillage
                    ? AreaForm.form.sections(identity, scope) : AreaForm.form.sections(identity))
            report.added += isVillage ? 1 : 0
            return
        }
        var changed: [Answers] = []
        if (known.name, known.parent) != (area.name, area.parent) { changed.append(identity) }
        if known.managingUnit != area.managingUnit, isVillage { changed.append(scope) }
        guard !changed.isEmpty else {
            report.unchanged += isVillage ? 1 : 0
            return
        }
        let sections = changed.map { AreaForm.form.sections($0) }
            .reduce(into: [:]) { $0.merge($1) { _, new in new } }
        try draft.amend(record, in: .reserved, sections)
        report.changed += 1
    }
}

/// The areas of a file in an order where a parent comes before its children.
private struct AreaRows {
    struct Entry {
        let code: String
        let name: String
        let level: AreaLevel
        let parent: String?
        let managingUnit: String?
    }

    private let cityCode: String
    private var uppers: [Entry]
    private var villages: [Entry] = []
    private var names: [String: String]

    var entries: [Entry] { uppers.sorted { $0.level < $1.level } + villages }

    init(cityCode: String, cityName: String) {
        self.cityCode = cityCode
        self.uppers = [
            Entry(code: cityCode, name: cityName, level: .city, parent: nil, managingUnit: nil)
        ]
        self.names = [cityCode: cityName]
    }

    mutating func add(_ header: CSVHeader, _ row: CSVRow, file: String) throws(RowProblem) {
        func field(_ column: String) -> String { header.field(column, of: row) }
        func problem(_ column: String, _ zh: String, _ en: String) -> RowProblem {
            RowProblem(file, row.line, column, zh: zh, en: en)
        }
        try header.checkWidth(of: row, file)
        let county = field("county_code")
        let township = field("township_code")
        let village = field("village_code")
        for (column, code, length, prefix) in [
            ("county_code", county, 6, cityCode), ("township_code", township, 9, county),
            ("village_code", village, 12, township),
        ] {
            guard code.isDigits(length) else {
                throw problem(column, "不是 \(length) 位数字", "not \(length) digits")
            }
            guard code.hasPrefix(prefix) else {
                throw problem(
                    column, "前缀与上级代码不符", "does not begin with the code of its parent")
            }
        }
        for column in ["county", "township", "village"] where field(column).isEmpty {
            throw problem(column, "缺名称", "the name is missing")
        }
        guard names[village] == nil else {
            throw problem("village_code", "代码重复", "the code occurs twice")
        }
        for (code, name, level, parent) in [
            (county, field("county"), AreaLevel.county, cityCode),
            (township, field("township"), AreaLevel.township, county),
        ] where names.updateValue(name, forKey: code) == nil {
            uppers.append(
                Entry(code: code, name: name, level: level, parent: parent, managingUnit: nil))
        }
        names[village] = field("village")
        let unit = field("managing_unit")
        villages.append(
            Entry(
                code: village, name: field("village"), level: .village, parent: township,
                managingUnit: unit.isEmpty ? field("county") : unit))
    }
}

extension RowProblem: Error {}

extension String {
    /// Exactly so many ASCII digits.
    func isDigits(_ count: Int) -> Bool {
        utf8.count == count && utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}
