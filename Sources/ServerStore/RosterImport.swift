public import Foundation
internal import GRDB
internal import SurveyModel
internal import SurveyStore

/// Imports households and persons.
///
/// Every row is checked and staged on disk, the whole is compared with the register, then villages
/// are written a few at a time, each few in a transaction. A row that
/// says what it said last time changes nothing; one that changed becomes an edit beside whatever
/// surveyors wrote.
public struct RosterImport {
    static let householdColumns = [
        "household_no", "village_code", "head_name", "household_type", "address",
    ]
    static let personColumns = [
        "household_no", "person_no", "name", "birth_date", "sex", "relation",
    ]

    let store: ServerStore
    let staging: RosterStaging
    let tree: AreaTree
    private let villages: [String: Area]
    private let today: CalendarDate
    var files = RosterFiles(households: "", persons: "")
    var report = ImportReport()
    /// Households whose rows are wrong: their persons are not given to another of that number.
    var refused: Set<String> = []
    /// Households whose number is somebody else's: their persons are not imported either.
    var reusedNumbers: Set<String> = []
    private let progress: (ImportProgress) -> Void
    private var read = 0

    /// - Parameter folder: where the staging file is made.
    public init(
        _ store: ServerStore, folder: URL, progress: @escaping (ImportProgress) -> Void
    ) throws {
        self.store = store
        self.staging = try RosterStaging(in: folder)
        self.tree = try store.read { db in try Areas.tree(in: db) }
        self.villages = Dictionary(
            tree.villages.filter { !$0.isWithdrawn }.map { ($0.code, $0) }
        ) { a, _ in a }
        self.today = store.environment.today
        self.progress = progress
    }

    /// - Parameters:
    ///   - strict: imports nothing while any row is wrong.
    ///   - allowMoves: also when many households would move, or numbers seem to be of another
    ///     register of areas.
    public mutating func run(
        households: URL, persons: URL?, strict: Bool, allowMoves: Bool = false
    ) throws -> ImportReport {
        let (households, persons) = (CSVFile(households), persons.map { CSVFile($0) })
        files = RosterFiles(households: households.name, persons: persons?.name ?? "")
        try stageHouseholds(households)
        if let persons { try stagePersons(persons) }
        try staging.index()
        try review(allowMoves: allowMoves, persons: persons != nil)
        try placePersons()
        report.sortProblems([files.households, files.persons])
        report.isRefused = strict && report.wrong > 0
        if report.isStopped || report.isRefused { return report }
        try staging.indexPersons()
        try write(allowMoves: allowMoves)
        report.sortProblems([files.households, files.persons])
        return report
    }

    // MARK: Checking

    private mutating func stageHouseholds(_ csv: CSVFile) throws {
        try staging.queue.write { db in
            let writer = try RowWriter(
                """
                INSERT OR IGNORE INTO household
                    (key, raw, village, line, head_name, household_type, address)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """, in: db)
            try csv.forEachRow(required: Self.householdColumns) { header, row in
                report.rows += 1
                tick(.reading)
                let key = RosterKey(household: header.field("household_no", of: row))
                let village: Area
                do throws(RowProblem) {
                    village = try checkHousehold(header, row)
                } catch {
                    refused.insert(key.folded)
                    report.add(error)
                    return
                }
                try writer.write(
                    .text(key.folded), .text(key.raw), .integer(village.id.column),
                    .integer(Int64(row.line)), .text(header.field("head_name", of: row)),
                    .text(header.field("household_type", of: row)),
                    .text(header.field("address", of: row)))
                if db.changesCount == 0 {
                    report.add(
                        RowProblem(
                            csv.name, row.line, "household_no", zh: "户编号重复",
                            en: "the household number occurs twice"))
                }
            }
        }
    }

    private func checkHousehold(_ header: CSVHeader, _ row: CSVRow) throws(RowProblem) -> Area {
        let file = files.households
        try header.checkWidth(of: row, file)
        let code = header.field("village_code", of: row).folded
        guard code.isDigits(12) else {
            throw RowProblem(
                file, row.line, "village_code", zh: "不是 12 位数字", en: "not 12 digits")
        }
        guard let village = villages[code] else {
            if let former = tree.find(code).first(where: { $0.level == .village }),
                let now = tree[tree.standing(for: former.id)], !now.isWithdrawn
            {
                throw RowProblem(
                    file, row.line, "village_code", zh: "此代码已停用，请改为 \(now.code)",
                    en: "this code is no longer used; write \(now.code)")
            }
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
        return village
    }

    private mutating func stagePersons(_ csv: CSVFile) throws {
        try staging.queue.write { db in
            let writer = try RowWriter(
                """
                INSERT OR IGNORE INTO person (key, raw, household, household_raw,
                    person_no, line, name, birth_date, sex, relation)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """, in: db)
            try csv.forEachRow(required: Self.personColumns) { header, row in
                report.rows += 1
                tick(.reading)
                do throws(RowProblem) {
                    try checkPerson(header, row)
                } catch {
                    report.add(error)
                    return
                }
                let household = RosterKey(household: header.field("household_no", of: row))
                let number = header.field("person_no", of: row)
                let key = RosterKey(person: number, of: household)
                try writer.write(
                    .text(key.folded), .text(key.raw), .text(household.folded),
                    .text(household.raw), .text(number.foldedPlace), .integer(Int64(row.line)),
                    .text(header.field("name", of: row)),
                    .text(header.field("birth_date", of: row)),
                    .text(header.field("sex", of: row)),
                    .text(header.field("relation", of: row)))
                if db.changesCount == 0 {
                    report.add(
                        RowProblem(
                            csv.name, row.line, "person_no", zh: "人员编号重复",
                            en: "the person number occurs twice in its household"))
                }
            }
        }
    }

    private func checkPerson(_ header: CSVHeader, _ row: CSVRow) throws(RowProblem) {
        let file = files.persons
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
                let text = header.field(field.key, of: row)
                let isNumber = field.key.hasSuffix("_no")
                let value = try field.parse(isNumber ? text.folded : text)
                guard isNumber else { continue }
                if value == .null { throw field.problem(.missing) }
            } catch {
                throw RowProblem(
                    file, row.line, field.key, zh: error.message.zh, en: error.message.en)
            }
        }
    }

    // MARK: Writing

    /// Rows of one transaction: others' pushes come between.
    private static let slice = 4_000

    private mutating func write(allowMoves: Bool) throws {
        let (households, persons) = try staging.count()
        read = 0
        for group in try staging.slices(of: Self.slice) {
            let (staged, known, before, files) = (staging, tree, report, files)
            let derived = store.derived
            let (after, written) = try store.append { db, draft, settlement in
                try Projector.catchUp(draft.log)
                var writer = RosterWriter(
                    db, derived, known, files, allowMoves: allowMoves, report: before)
                try staged.queue.read { staged in
                    try writer.write(group.compactMap { known[$0] }, from: staged, &draft)
                }
                settlement.displaced = writer.moved
                return (writer.report, writer.written)
            }
            report = after
            read += written
            progress(
                ImportProgress(phase: .writing, done: read, total: households + persons))
        }
    }

    private mutating func tick(_ phase: ImportProgress.Phase) {
        read += 1
        if read.isMultiple(of: 5_000) {
            progress(ImportProgress(phase: phase, done: read, total: nil))
        }
    }
}
