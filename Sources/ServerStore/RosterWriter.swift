import Crypto
import Foundation
import GRDB
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore

/// Writes the staged rows of villages as edits of the server's log.
struct RosterWriter {
    let db: Database
    let derived: DerivedID
    var report: ImportReport
    var written = 0
    /// Households and persons that are in another village than at the last import.
    var moved: Set<SubjectID> = []

    mutating func write(_ village: Area, from staged: Database, _ draft: inout ServerLog.Draft)
        throws
    {
        let households = try Row.fetchCursor(
            staged, sql: "SELECT * FROM household WHERE village = ? ORDER BY key",
            arguments: [village.code])
        while let row = try households.next() {
            try write(household: row, in: village, &draft)
            written += 1
        }
        let persons = try Row.fetchCursor(
            staged, sql: "SELECT * FROM person WHERE village = ? ORDER BY household, key",
            arguments: [village.code])
        while let row = try persons.next() {
            try write(person: row, in: village, &draft)
            written += 1
        }
    }

    private mutating func write(
        household row: Row, in village: Area, _ draft: inout ServerLog.Draft
    ) throws {
        var answers = Answers()
        answers[Household.villageCode] = village.code
        answers[Household.village] = village.id.subject.bytes
        try parse(
            row, &answers,
            [
                (Household.householdNo.definition, "key"),
                (Household.headName.definition, "head_name"),
                (Household.householdType.definition, "household_type"),
                (Household.address.definition, "address"),
            ])
        try write(
            .household, key: row["key"], answers: answers,
            imported: [
                Household.householdNo.definition, Household.headName.definition,
                Household.villageCode.definition, Household.householdType.definition,
                Household.address.definition, Household.village.definition,
            ],
            in: village, &draft)
    }

    private mutating func write(
        person row: Row, in village: Area, _ draft: inout ServerLog.Draft
    ) throws {
        guard
            // One that somebody else registered is as good as an imported one.
            let household: Data = try db.value(
                """
                SELECT subject FROM (
                    SELECT subject, 0 AS rank FROM import_row WHERE kind = ?1 AND key = ?2
                    UNION ALL SELECT subject, 1 FROM household WHERE household_no = ?2)
                ORDER BY rank, subject LIMIT 1
                """, [Int64(RecordKind.household.rawValue), row["household"] as String])
        else { return }
        var answers = Answers()
        answers[Person.household] = household
        answers[Person.presence] = .resident
        try parse(
            row, &answers,
            [
                (Person.personNo.definition, "person_no"), (Person.name.definition, "name"),
                (Person.birthDate.definition, "birth_date"), (Person.sex.definition, "sex"),
                (Person.relation.definition, "relation"),
            ])
        try write(
            .person, key: row["key"], answers: answers,
            imported: [
                Person.household.definition, Person.personNo.definition,
                Person.name.definition, Person.birthDate.definition,
                Person.sex.definition, Person.relation.definition,
            ],
            in: village, &draft)
    }

    private func parse(
        _ row: Row, _ answers: inout Answers, _ columns: [(FieldDefinition, String)]
    ) throws {
        for (field, column) in columns {
            answers[field.tag] = try field.parse(row[column] ?? "")
        }
    }

    /// Writes a new record, the sections that changed since the last import, or nothing.
    private mutating func write(
        _ kind: RecordKind, key: String, answers: Answers,
        imported: [FieldDefinition], in village: Area, _ draft: inout ServerLog.Draft
    ) throws {
        let form = Form.form(of: kind)!
        let digest = Self.digest(imported.map { answers[$0.tag]?.plainText ?? "" })
        guard
            let known = try db.row(
                "SELECT subject, area, digest FROM import_row WHERE kind = ? AND key = ?",
                [Int64(kind.rawValue), key]) ?? registered(kind, key, answers)
        else {
            let subject = derived.subject(kind, key)
            try draft.append(
                RecordKey(kind: kind, subject: subject), in: village.id,
                form.sections(answers))
            try db.run(
                """
                INSERT INTO import_row (kind, key, subject, area, digest) VALUES (?, ?, ?, ?, ?)
                """,
                [Int64(kind.rawValue), key, subject.bytes, village.id.column, digest])
            report.added += 1
            return
        }
        guard known["digest"] as Data != digest else {
            report.unchanged += 1
            return
        }
        guard let subject = SubjectID(known["subject"] as Data) else {
            throw DamagedDatabase("import_row.subject")
        }
        // A move is written where the subject was: who reads that village must hear of it.
        let registered: Int64? = try db.value(
            """
            SELECT area FROM household WHERE subject = ?1
            UNION ALL SELECT area FROM person WHERE subject = ?1
            """, [subject.bytes])
        let before = AreaID(column: registered ?? known["area"])
        if before != village.id { moved.insert(subject) }
        let record = RecordKey(kind: kind, subject: subject)
        try amend(record, answers, imported: imported, in: before, &draft)
        try db.run(
            """
            INSERT INTO import_row (kind, key, subject, area, digest) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (kind, key) DO UPDATE SET area = excluded.area, digest = excluded.digest
            """,
            [Int64(kind.rawValue), key, subject.bytes, village.id.column, digest])
        report.changed += 1
    }

    /// The subject that the register has under a row's number, though this server remembers no such
    /// import: it came back from a backup, and the devices gave the row's record back.
    private func registered(_ kind: RecordKind, _ key: String, _ answers: Answers) throws -> Row? {
        switch kind {
        case .household:
            try db.row(
                """
                SELECT subject, area, x'' AS digest FROM household WHERE household_no = ?
                ORDER BY subject LIMIT 1
                """, [key])
        default:
            try db.row(
                """
                SELECT subject, area, x'' AS digest FROM person
                WHERE household = ? AND person_no = ? ORDER BY subject LIMIT 1
                """, [answers[Person.household], answers[Person.personNo]])
        }
    }

    /// An import has seen only imports: what surveyors wrote meanwhile is kept beside it.
    private func amend(
        _ record: RecordKey, _ answers: Answers, imported: [FieldDefinition], in area: AreaID,
        _ draft: inout ServerLog.Draft
    ) throws {
        // Nothing that waits to be sealed is about this record: a key occurs once in an import.
        let edits = try SegmentLog.edits(of: record, in: db)
        let imports = try edits.filter { edit in
            // A device may call itself the server; its log is an enrolled one all the same.
            try edit.header.author == .server
                && Accounts.device(edit.dot.replica, in: db) == nil
        }
        let ours = try fold(record, imports, excluding: [])
        let form = Form.form(of: record.kind)!
        var sections: [SectionTag: SectionAnswers] = [:]
        for (tag, new) in form.sections(answers) {
            let old = ours.sections[tag]?.provisional ?? [:]
            let compared = Set(imported.map(\.tag))
            let changes = new.filter { compared.contains($0.key) && old[$0.key] != $0.value }
            guard changes.contains(where: { $0.value != .null || old[$0.key] != nil }) else {
                continue
            }
            sections[tag] = old.merging(new.filter { compared.contains($0.key) }) { $1 }
        }
        guard !sections.isEmpty else { return }
        try draft.append(
            record, in: area, sections, seen: ours.references(writing: Set(sections.keys)))
    }

    private static func digest(_ values: [String]) -> Data {
        var hash = SHA256()
        for value in values {
            hash.update(data: UInt64(value.utf8.count).bigEndianBytes)
            hash.update(data: Data(value.utf8))
        }
        return Data(hash.finalize().prefix(16))
    }
}
