public import Foundation
internal import GRDB
internal import SurveyModel
internal import SurveyStore

/// Imports households and persons.
///
/// Two passes: every row is checked and staged on disk, then villages are written one after the
/// other, each in its own transaction (`strict`: all in one). A row that says what it said last
/// time changes nothing; one that changed becomes an edit beside whatever surveyors wrote.
public struct RosterImport {
    static let householdColumns = [
        "household_no", "village_code", "head_name", "household_type", "address",
    ]
    static let personColumns = [
        "household_no", "person_no", "name", "birth_date", "sex", "relation",
    ]

    private let store: ServerStore
    private let staging: RosterStaging
    private let villages: [String: Area]
    private let today: CalendarDate
    private var report = ImportReport()
    private let progress: (ImportProgress) -> Void
    private var read = 0

    /// - Parameter folder: where the staging file is made.
    public init(
        _ store: ServerStore, folder: URL, progress: @escaping (ImportProgress) -> Void
    ) throws {
        self.store = store
        self.staging = try RosterStaging(in: folder)
        let tree = try store.read { db in try Areas.tree(in: db) }
        self.villages = Dictionary(tree.villages.map { ($0.code, $0) }) { a, _ in a }
        self.today = store.environment.today
        self.progress = progress
    }

    public mutating func run(households: URL, persons: URL?, strict: Bool) throws -> ImportReport {
        try stageHouseholds(CSVFile(households))
        if let persons {
            try stagePersons(CSVFile(persons))
        }
        if strict, report.wrong > 0 { return report }
        try staging.index()
        try write(strict: strict)
        return report
    }

    // MARK: Checking

    private mutating func stageHouseholds(_ csv: CSVFile) throws {
        let store = store
        try store.writer.read { main in
            try staging.queue.write { db in
                try csv.forEachRow(required: Self.householdColumns) { header, row in
                    report.rows += 1
                    tick(.reading)
                    do throws(RowProblem) {
                        try checkHousehold(header, row, csv.name)
                    } catch {
                        report.add(error)
                        return
                    }
                    try db.run(
                        """
                        INSERT OR IGNORE INTO household
                            (key, village, line, head_name, household_type, address)
                        VALUES (?, ?, ?, ?, ?, ?)
                        """,
                        [
                            header.field("household_no", of: row),
                            header.field("village_code", of: row), row.line,
                            header.field("head_name", of: row),
                            header.field("household_type", of: row),
                            header.field("address", of: row),
                        ])
                    if db.changesCount == 0 {
                        report.add(
                            RowProblem(
                                csv.name, row.line, "household_no", zh: "户编号重复",
                                en: "the household number occurs twice"))
                    }
                }
            }
        }
    }

    private func checkHousehold(
        _ header: CSVHeader, _ row: CSVRow, _ file: String
    ) throws(RowProblem) {
        try header.checkWidth(of: row, file)
        let village = header.field("village_code", of: row)
        guard village.isDigits(12) else {
            throw RowProblem(
                file, row.line, "village_code", zh: "不是 12 位数字", en: "not 12 digits")
        }
        guard villages[village] != nil else {
            throw RowProblem(
                file, row.line, "village_code", zh: "区域名册中没有此村",
                en: "the register has no such village")
        }
        try parse(
            [
                Household.householdNo.definition, Household.headName.definition,
                Household.householdType.definition, Household.address.definition,
            ],
            header, row, file)
    }

    private mutating func stagePersons(_ csv: CSVFile) throws {
        let store = store
        try store.writer.read { main in
            try staging.queue.write { db in
                try csv.forEachRow(required: Self.personColumns) { header, row in
                    report.rows += 1
                    tick(.reading)
                    let household = header.field("household_no", of: row)
                    do throws(RowProblem) {
                        try checkPerson(header, row, csv.name)
                    } catch {
                        report.add(error)
                        return
                    }
                    guard let village = try village(of: household, db, main) else {
                        report.add(
                            RowProblem(
                                csv.name, row.line, "household_no", zh: "没有这一户",
                                en: "there is no such household"))
                        return
                    }
                    let number = header.field("person_no", of: row)
                    try db.run(
                        """
                        INSERT OR IGNORE INTO person (key, household, village, person_no, line,
                            name, birth_date, sex, relation)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                        """,
                        [
                            household + "\u{1F}" + number, household, village, number, row.line,
                            header.field("name", of: row), header.field("birth_date", of: row),
                            header.field("sex", of: row), header.field("relation", of: row),
                        ])
                    if db.changesCount == 0 {
                        report.add(
                            RowProblem(
                                csv.name, row.line, "person_no", zh: "人员编号重复",
                                en: "the person number occurs twice in its household"))
                    }
                }
            }
        }
    }

    private func checkPerson(_ header: CSVHeader, _ row: CSVRow, _ file: String)
        throws(RowProblem)
    {
        try header.checkWidth(of: row, file)
        try parse(
            [
                Person.personNo.definition, Person.name.definition, Person.birthDate.definition,
                Person.sex.definition, Person.relation.definition,
            ], header, row, file)
        let birth = try? Person.birthDate.definition.parse(header.field("birth_date", of: row))
        if case .date(let birth)? = birth, birth > today {
            throw RowProblem(
                file, row.line, "birth_date", zh: "晚于今天", en: "is after today")
        }
    }

    /// Checks that each column holds an answer of its field.
    private func parse(
        _ fields: [FieldDefinition], _ header: CSVHeader, _ row: CSVRow, _ file: String
    ) throws(RowProblem) {
        for field in fields {
            do throws(AnswerProblem) {
                let value = try field.parse(header.field(field.key, of: row))
                guard field.key.hasSuffix("_no") else { continue }
                if value == .null { throw field.problem(.missing) }
            } catch {
                throw RowProblem(
                    file, row.line, field.key, zh: error.message.zh, en: error.message.en)
            }
        }
    }

    /// The village of a household in this file, or of one that was imported before.
    private func village(of household: String, _ staged: Database, _ main: Database) throws
        -> String?
    {
        if let village: String = try staged.value(
            "SELECT village FROM household WHERE key = ?", [household])
        {
            return village
        }
        return try main.value(
            """
            SELECT code FROM import_row JOIN area ON area.id = import_row.area
            WHERE kind = ?1 AND key = ?2
            UNION ALL
            SELECT code FROM household JOIN area ON area.id = household.area
            WHERE household_no = ?2
            """, [Int64(RecordKind.household.rawValue), household])
    }

    // MARK: Writing

    private mutating func write(strict: Bool) throws {
        let codes = try staging.villages()
        let total = try staging.queue.read { db in
            try Int.fetchOne(
                db,
                sql: "SELECT (SELECT COUNT(*) FROM household) + (SELECT COUNT(*) FROM person)")!
        }
        read = 0
        for group in strict ? [codes] : codes.map({ [$0] }) where !group.isEmpty {
            let staged = staging
            let known = villages
            let before = report
            let derived = store.derived
            let (after, written) = try store.append { db, draft, settlement in
                var writer = RosterWriter(db: db, derived: derived, report: before)
                try staged.queue.read { staged in
                    for code in group {
                        guard let village = known[code] else { continue }
                        try writer.write(village, from: staged, &draft)
                    }
                }
                settlement.displaced = writer.moved
                return (writer.report, writer.written)
            }
            report = after
            read += written
            progress(ImportProgress(phase: .writing, done: read, total: total))
        }
    }

    private mutating func tick(_ phase: ImportProgress.Phase) {
        read += 1
        if read.isMultiple(of: 5_000) {
            progress(ImportProgress(phase: phase, done: read, total: nil))
        }
    }
}
