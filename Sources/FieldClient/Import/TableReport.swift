import SurveyConsole
import SurveyModel

/// What became of every row of a foreign table, and why.
struct TableReport {
    /// What is printed of the rows themselves: enough to see whether the mapping is right.
    private static let sampleLimit = 5

    let file: String
    /// All of the following together, warnings aside.
    var rows = 0
    /// Rows of which something was not there before.
    private(set) var imported = 0
    private(set) var changed = 0
    /// Rows that say what is here already.
    private(set) var unchanged = 0
    /// Rows about what somebody has answered otherwise since the last import.
    private(set) var left = 0
    private(set) var repeated = 0
    private(set) var rejected = 0
    /// Answers that stay because the file's cell is empty.
    private(set) var leftEmpty = 0
    private(set) var notes: [RowNote] = []
    private(set) var samples: [(line: Int, text: String)] = []

    init(file: String) { self.file = file }

    var warnings: Int { notes.count { $0.kind == .warning } }

    /// Everything was rejected.
    var isRefused: Bool { rejected > 0 && imported + changed + unchanged + left == 0 }

    mutating func reject(_ notes: [RowNote]) {
        rejected += 1
        self.notes += notes
    }

    mutating func skip(_ note: RowNote) {
        repeated += 1
        notes.append(note)
    }

    mutating func add(_ plan: RowPlan, sample: (line: Int, text: String)) {
        notes += plan.warnings + plan.left
        leftEmpty += plan.leftEmpty
        guard plan.left.isEmpty else {
            left += 1
            return
        }
        guard !plan.saves.isEmpty else {
            unchanged += 1
            return
        }
        if plan.isNew { imported += 1 } else { changed += 1 }
        if samples.count < Self.sampleLimit { samples.append(sample) }
    }

    /// A row that was accepted, and cannot be saved after all.
    mutating func withdraw(isNew: Bool, _ notes: [RowNote]) {
        if isNew { imported -= 1 } else { changed -= 1 }
        reject(notes)
    }

    /// A row that was accepted, of which somebody has answered otherwise meanwhile.
    mutating func leave(isNew: Bool, _ notes: [RowNote]) {
        if isNew { imported -= 1 } else { changed -= 1 }
        left += 1
        self.notes += notes
    }
}

// MARK: Telling

extension TableReport {
    private var counts: Label {
        Label(
            zh: "共 \(rows) 行：导入 \(imported)，修改 \(changed)，未变 \(unchanged)，"
                + "保留他人改动 \(left)，重复 \(repeated)，拒绝 \(rejected)；"
                + "空单元格保留原答案 \(leftEmpty) 个；提醒 \(warnings) 条",
            en: "\(rows) rows: \(imported) imported, \(changed) changed, \(unchanged) unchanged, "
                + "\(left) left to others' changes, \(repeated) repeated, \(rejected) rejected; "
                + "\(leftEmpty) answers left where the cell is empty; \(warnings) warnings")
    }

    /// What would be done, and the first rows of it.
    func printPreview() {
        Console.print(Label(zh: "检查完毕。\(counts.zh)", en: "Checked. \(counts.en)"))
        for sample in samples {
            let line = localized(zh: "第 \(sample.line) 行", en: "line \(sample.line)")
            print("  \(line)  \(sample.text)".printable.shortened(to: max(40, Console.width)))
        }
    }

    func printResult() {
        Console.print(Label(zh: "导入完毕。\(counts.zh)", en: "Done. \(counts.en)"))
    }

    /// Rejected cells on standard error, the first hundred; a report has all of them.
    func noteRejections() {
        let rejections = notes.filter { $0.kind == .rejected || $0.kind == .left }
        for note in rejections.prefix(100) { Console.note(note.text(in: file).printable) }
        if rejections.count > 100 { Console.note("… \(rejections.count - 100)") }
        guard rejected > 0, !isRefused else { return }
        Console.note(Label(zh: "拒绝了 \(rejected) 行。", en: "Rejected: \(counted(rejected, "row"))."))
    }

    /// - Throws: `Failure` when every row was rejected.
    func conclude() throws(Failure) {
        if isRefused { throw Failure(.noRowImported, "\(rejected)") }
    }

    func json(isDryRun: Bool) -> JSONValue {
        [
            "file": .string(file), "dry_run": .bool(isDryRun), "rows": JSONValue(rows),
            "imported": JSONValue(imported), "changed": JSONValue(changed),
            "unchanged": JSONValue(unchanged), "left": JSONValue(left),
            "left_empty": JSONValue(leftEmpty), "repeated": JSONValue(repeated),
            "rejected": JSONValue(rejected), "warnings": JSONValue(warnings),
            "notes": .array(sorted.map(\.json)),
        ]
    }

    /// A line for everything that is said of a row: rejections, repetitions, what was left, warnings.
    var csv: String {
        let heading = "file,line,column,kind,reason\n"
        return sorted.reduce(into: heading) { text, note in
            let cells = [
                file, "\(note.line)", note.column, note.kind.rawValue,
                note.reason[Console.language],
            ]
            text += cells.map(csvField).joined(separator: ",") + "\n"
        }
    }

    private var sorted: [RowNote] {
        notes.enumerated().sorted { ($0.element.line, $0.offset) < ($1.element.line, $1.offset) }
            .map { $0.element }
    }
}

extension RowNote {
    /// `points.csv line 17, column minutes: is not a number.`
    fileprivate func text(in file: String) -> String {
        localized(
            zh: "\(file) 第 \(line) 行，列 \(column)：\(reason.zh)",
            en: "\(file) line \(line), column \(column): \(reason.en)")
    }

    fileprivate var json: JSONValue {
        [
            "line": JSONValue(line), "column": .string(column), "kind": .string(kind.rawValue),
            "message": .string(reason[Console.language]),
        ]
    }
}
