import FieldStore
import Foundation
import SurveyLog
import SurveyModel
import SurveyStore

/// Imports a foreign table: every row is read and judged first, then the sound ones are saved.
struct TableImport {
    /// Rows of one file, so that it fits in memory.
    static let rowLimit = 100_000
    /// Forms of one transaction.
    static let batch = 500

    let store: FieldStore
    let mapping: Mapping
    /// nil when the mapping has no checks.
    let round: Round?
    private(set) var report: TableReport

    private let table: CSVFile
    private let reader: RowReader
    /// The first row of each key.
    private var firsts: [String: TableRow] = [:]
    /// The line that speaks of a record: entries that are one household share their checks.
    private var lines: [RecordKey: Int] = [:]
    private var accepted: [(row: TableRow, isNew: Bool)] = []

    /// - Parameters:
    ///   - village: what `--village` says.
    ///   - code: of the round; nil is the current one.
    init(
        _ file: URL, _ mapping: Mapping, village: String?, round code: String?, _ store: FieldStore
    ) throws {
        self.store = store
        self.mapping = mapping
        round = try mapping.hasChecks ? Self.round(code, store) : nil
        table = CSVFile(file)
        reader = RowReader(
            mapping: mapping,
            villages: try Self.villages(mapping, option: village, store))
        report = TableReport(file: file.lastPathComponent)
    }

    private static func villages(_ mapping: Mapping, option: String?, _ store: FieldStore) throws
        -> ImportVillages?
    {
        guard let village = mapping.village else {
            guard option == nil else {
                throw Failure(
                    .usage,
                    Label(
                        zh: "成员在其户所在的村，不用 --village",
                        en: "members are where their household is: --village is not for them"))
            }
            return nil
        }
        return try ImportVillages(village, option: option, store)
    }

    private static func round(_ code: String?, _ store: FieldStore) throws -> Round {
        guard let round = try store.round(code), code != nil || round.isOpen else {
            throw Failure(.noOpenRound)
        }
        return round
    }

    // MARK: Reading

    /// Reads the whole file and decides about every row. Saves nothing.
    mutating func check(_ progress: (_ done: Int) -> Void) throws {
        let table = self.table
        try table.forEachRow(required: mapping.columns) { header, row in
            guard report.rows < Self.rowLimit else {
                throw Failure(.badFile, "\(table.name): > \(Self.rowLimit)")
            }
            report.rows += 1
            do {
                try judge(try reader.row(header, row))
            } catch let rejection as RowRejection {
                report.reject(rejection.notes)
            }
            progress(report.rows)
        }
    }

    private mutating func judge(_ row: TableRow) throws {
        if let first = firsts[row.id] {
            guard first.content == row.content else {
                throw RowRejection(
                    row.line, mapping.keyPlace, zh: "与第 \(first.line) 行编号相同而内容不同。",
                    en: "is that of line \(first.line), which says otherwise.")
            }
            return report.skip(
                RowNote(
                    .repeated, row.line, mapping.keyPlace,
                    Label(
                        zh: "与第 \(first.line) 行相同。",
                        en: "is that of line \(first.line), which says the same.")))
        }
        let plan = try plan(row)
        for record in plan.records {
            guard let line = lines[record] else { continue }
            throw RowRejection(
                row.line, mapping.keyPlace, zh: "与第 \(line) 行的对象相同。",
                en: "is about the same as line \(line).")
        }
        for record in plan.records { lines[record] = row.line }
        firsts[row.id] = row
        report.add(plan, sample: mapping.sample(of: row))
        if !plan.saves.isEmpty { accepted.append((row, plan.isNew)) }
    }

    // MARK: Saving

    /// Saves the rows that were accepted, so many forms in a transaction; each row in one.
    mutating func save(_ progress: (_ done: Int, _ total: Int) -> Void) throws {
        var forms: [(form: OpenForm, sections: Set<SectionTag>)] = []
        for (number, entry) in accepted.enumerated() {
            do {
                // Opened again: somebody may have saved, or synchronized, since it was judged.
                forms += try plan(entry.row).saves
            } catch let rejection as RowRejection {
                report.withdraw(isNew: entry.isNew, rejection.notes)
            }
            if forms.count >= Self.batch || number == accepted.count - 1, !forms.isEmpty {
                _ = try store.save(forms)
                forms = []
            }
            progress(number + 1, accepted.count)
        }
        accepted = []
    }
}
