import SurveyModel

/// An area as a file of the register names it.
struct AreaEntry {
    let code: String
    let name: String
    let level: AreaLevel
    /// Position of the entry above it.
    let parent: Int?
    let managingUnit: String?
    /// The code that the place had before, where the file says so.
    let formerCode: String?
}

/// A village that the file says is withdrawn.
struct AreaWithdrawal {
    let code: String
    let name: String
    /// The code of what took it in.
    let mergedInto: String?
}

/// The areas of a file: a parent comes before its children.
struct AreaFile {
    private(set) var entries: [AreaEntry]
    private(set) var withdrawals: [AreaWithdrawal] = []
    /// Some code has two names: nobody can say what the file means.
    private(set) var contradictsItself = false
    private let cityCode: String
    /// What a code stands for, and where the file said so first.
    private var known: [String: (entry: Int, name: String, line: Int)]

    static let columns = [
        "county_code", "county", "township_code", "township", "village_code", "village",
        "managing_unit",
    ]

    init(cityCode: String, cityName: String) {
        self.cityCode = cityCode
        entries = [
            AreaEntry(
                code: cityCode, name: cityName, level: .city, parent: nil, managingUnit: nil,
                formerCode: nil)
        ]
        known = [cityCode: (0, cityName, 0)]
    }

    mutating func add(_ header: CSVHeader, _ row: CSVRow, file: String) throws(RowProblem) {
        func field(_ column: String) -> String { header.field(column, of: row) }
        func problem(_ column: String, _ zh: String, _ en: String) -> RowProblem {
            RowProblem(file, row.line, column, zh: zh, en: en)
        }
        try header.checkWidth(of: row, file)
        let codes = ["county_code", "township_code", "village_code"].map { field($0).folded }
        for ((column, length), (code, prefix)) in zip(
            [("county_code", 6), ("township_code", 9), ("village_code", 12)],
            zip(codes, [cityCode] + codes))
        {
            guard code.isDigits(length) else {
                throw problem(column, "不是 \(length) 位数字", "not \(length) digits")
            }
            guard code.hasPrefix(prefix) else {
                throw problem(
                    column, "前缀与上级代码不符", "does not begin with the code of its parent")
            }
        }
        let columns = ["county", "township", "village"]
        for column in columns where field(column).folded.isEmpty {
            throw problem(column, "缺名称", "the name is missing")
        }
        for (column, code) in zip(columns, codes) {
            guard let first = known[code], first.name.folded != field(column).folded else {
                continue
            }
            contradictsItself = true
            throw problem(
                column, "同一代码在第 \(first.line) 行是另一名称",
                "line \(first.line) has another name for the same code")
        }
        guard known[codes[2]] == nil else {
            throw problem("village_code", "代码重复", "the code occurs twice")
        }
        insert(columns.map(field), codes, field, row.line)
    }

    private mutating func insert(
        _ names: [String], _ codes: [String], _ field: (String) -> String, _ line: Int
    ) {
        var parent = 0
        for (level, (name, code)) in zip([AreaLevel.county, .township], zip(names, codes)) {
            if let known = known[code] {
                parent = known.entry
                continue
            }
            entries.append(
                AreaEntry(
                    code: code, name: name, level: level, parent: parent, managingUnit: nil,
                    formerCode: nil))
            parent = entries.count - 1
            known[code] = (parent, name, line)
        }
        known[codes[2]] = (entries.count, names[2], line)
        func optional(_ column: String) -> String? {
            let text = field(column).folded
            return text.isEmpty ? nil : text
        }
        if let status = optional("status"), ["withdrawn", "已撤销", "撤销"].contains(status) {
            withdrawals.append(
                AreaWithdrawal(
                    code: codes[2], name: names[2], mergedInto: optional("merged_into")))
            return
        }
        let unit = field("managing_unit")
        entries.append(
            AreaEntry(
                code: codes[2], name: names[2], level: .village, parent: parent,
                managingUnit: unit.isEmpty ? names[0] : unit, formerCode: optional("former_code")))
    }

    /// Positions of the entries of a level.
    func entries(of level: AreaLevel) -> [Int] {
        entries.indices.filter { entries[$0].level == level }
    }

    /// The county of an entry at or below it.
    func county(of entry: Int) -> Int? {
        var next: Int? = entry
        while let position = next {
            if entries[position].level == .county { return position }
            next = entries[position].parent
        }
        return nil
    }
}

extension RowProblem: Error {}

extension String {
    /// Exactly so many ASCII digits.
    func isDigits(_ count: Int) -> Bool {
        utf8.count == count && utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}
