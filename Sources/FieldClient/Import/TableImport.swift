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
    let clock: DeviceClock
    /// Replaces answers given since the last import, too.
    let overwrites: Bool

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
    ///   - overwriting: see ``overwrites``.
    init(
        _ file: URL, _ mapping: Mapping, village: String?, round code: String?,
        overwriting: Bool = false, _ store: FieldStore
    ) throws {
        self.store = store
        self.mapping = mapping
        clock = try store.clock()
        overwrites = overwriting
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
            if let line = lines[record] { throw sameSubject(row, as: line) }
        }
        for record in plan.records { lines[record] = row.line }
        firsts[row.id] = row
        report.add(plan, sample: mapping.sample(of: row))
        if !plan.saves.isEmpty { accepted.append((row, plan.isNew)) }
    }

    // MARK: Saving

    /// Saves the rows that were accepted, so many forms in a transaction; each row in one.
    mutating func save(_ progress: (_ done: Int, _ total: Int) -> Void) throws {
        var ready: [ReadyRow] = []
        for (number, entry) in accepted.enumerated() {
            do {
                // Opened again: somebody may have saved, or synchronized, since it was judged.
                let plan = try plan(entry.row)
                if let line = plan.records.compactMap({ lines[$0] }).first(where: {
                    $0 != entry.row.line
                }) {
                    throw sameSubject(entry.row, as: line)
                }
                if plan.left.isEmpty {
                    ready.append(
                        ReadyRow(row: entry.row, isNew: entry.isNew, saves: plan.saves))
                } else {
                    report.leave(isNew: entry.isNew, plan.left)
                }
            } catch let rejection as RowRejection {
                report.withdraw(isNew: entry.isNew, rejection.notes)
            }
            let count = ready.reduce(0) { $0 + $1.saves.count }
            if count >= Self.batch || number == accepted.count - 1, count > 0 {
                try save(ready)
                ready = []
            }
            progress(number + 1, accepted.count)
        }
        accepted = []
    }

    private struct ReadyRow {
        let row: TableRow
        let isNew: Bool
        let saves: [(form: OpenForm, sections: Set<SectionTag>)]
    }

    /// Saves rows together; where that is refused one by one, so that only those are rejected whose
    /// fault it is.
    private mutating func save(_ rows: [ReadyRow]) throws {
        do {
            _ = try store.save(rows.flatMap(\.saves), isImport: true)
        } catch let failure as Failure where failure.problem == .takenNumber {
            guard rows.count == 1 else {
                for row in rows where !row.saves.isEmpty { try save([row]) }
                return
            }
            let text = Label(zh: failure.text(.zh), en: failure.text(.en))
            report.withdraw(
                isNew: rows[0].isNew,
                [RowNote(.rejected, rows[0].row.line, mapping.keyPlace, text)])
        }
    }

    private func sameSubject(_ row: TableRow, as line: Int) -> RowRejection {
        RowRejection(
            row.line, mapping.keyPlace, zh: "与第 \(line) 行的对象相同。",
            en: "is about the same as line \(line).")
    }
}
