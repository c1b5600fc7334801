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
    private let tree: AreaTree
    let files: RosterFiles
    /// Whether a number that was given to somebody else may move that household.
    let allowMoves: Bool
    var report: ImportReport
    var written = 0
    /// Households and persons that are in another village than at the last import, and new ones about
    /// which something was written before.
    var moved: Set<SubjectID> = []
    private var lookup: RosterLookup
    /// Which subjects households became in this transaction.
    private var became: [String: SubjectID] = [:]
    private var remembered: [Remembered] = []
    /// Households that another import took since the roster was compared with the register.
    private var refused: Set<String> = []

    init(
        _ db: Database, _ derived: DerivedID, _ tree: AreaTree, _ files: RosterFiles,
        allowMoves: Bool, report: ImportReport
    ) {
        self.db = db
        self.derived = derived
        self.tree = tree
        self.files = files
        self.allowMoves = allowMoves
        self.report = report
        self.lookup = RosterLookup(db, derived, tree)
    }

    /// Writes the rows of villages: what is known of all of them is read at once.
    mutating func write(
        _ villages: [Area], from staged: Database, _ draft: inout ServerLog.Draft
    ) throws {
        let rows = try villages.map { village in
            (
                village: village, households: try RosterRow.households(in: village, staged),
                persons: try RosterRow.persons(in: village, staged)
            )
        }
        try lookup.facts.read(
            households: rows.flatMap { $0.households.map(\.key) },
            persons: rows.flatMap { $0.persons.map(\.key) })
        for (village, households, persons) in rows {
            for row in households { try write(household: row, in: village, &draft) }
            for row in persons { try write(person: row, in: village, &draft) }
            written += households.count + persons.count
        }
        try draft.seal()
        try remember(draft.log)
    }

    // MARK: Rows

    private mutating func write(
        household row: RosterRow, in village: Area, _ draft: inout ServerLog.Draft
    ) throws {
        var answers = Answers()
        try parse(
            row, &answers,
            [
                Household.householdNo.definition, Household.headName.definition,
                Household.householdType.definition, Household.address.definition,
            ])
        let name = row.fields[Household.headName.definition.tag] ?? ""
        let match = try lookup.household(row.key, name: name, in: village.id)
        if !allowMoves, try lookup.isReused(match, name: name, in: village.id) {
            refused.insert(row.key.folded)
            return report.add(.reusedNumber(in: files.households, row.line))
        }
        if case .new(_, let clash?) = match {
            report.announce(.clash(clash, in: files.households, row.line))
        }
        var place = village
        if case .known(_, let area, _) = match { place = standing(area, in: village) }
        answers[Household.villageCode] = place.code
        answers[Household.village] = place.id.subject.bytes
        try write(
            .household, row.key, match, answers,
            imported: [
                Household.householdNo.definition, Household.headName.definition,
                Household.householdType.definition, Household.address.definition,
                Household.village.definition,
            ],
            // Written where the village is; another code of the same village is no news.
            carried: [Household.villageCode.definition],
            in: place, &draft)
    }

    private mutating func write(
        person row: RosterRow, in village: Area, _ draft: inout ServerLog.Draft
    ) throws {
        guard let house = row.household, !refused.contains(house.folded),
            let household = try row.found ?? became[house.folded]
                ?? lookup.facts.importRow(.household, house)?.subject
        else { return }
        var answers = Answers()
        answers[Person.household] = household.bytes
        answers[Person.presence] = .resident
        try parse(
            row, &answers,
            [
                Person.personNo.definition, Person.name.definition, Person.birthDate.definition,
                Person.sex.definition, Person.relation.definition,
            ])
        let match = try lookup.person(
            row.key, of: household, no: row.fields[Person.personNo.definition.tag] ?? "",
            name: row.fields[Person.name.definition.tag] ?? "",
            birth: answers[Person.birthDate], in: village.id)
        if case .new(_, .some) = match {
            report.announce(.personClash(in: files.persons, row.line))
        }
        try write(
            .person, row.key, match, answers,
            imported: [
                Person.household.definition, Person.personNo.definition,
                Person.name.definition, Person.birthDate.definition,
                Person.sex.definition, Person.relation.definition,
            ],
            carried: [],
            in: standing(try lookup.area(of: household) ?? village.id, in: village), &draft)
    }

    /// Where a row of a village is written: a household of a village that was merged into it stays
    /// there.
    private func standing(_ area: AreaID, in village: Area) -> Area {
        lookup.isIn(area, village.id) ? tree[area] ?? village : village
    }

    private func parse(
        _ row: RosterRow, _ answers: inout Answers, _ fields: [FieldDefinition]
    ) throws {
        for field in fields { answers[field.tag] = try field.parse(row.fields[field.tag] ?? "") }
    }

    // MARK: Records

    /// Writes a new record, the sections that changed since the last import, or nothing.
    ///
    /// - Parameter carried: fields that are written with the others of their section, and are no
    ///   reason to write it.
    private mutating func write(
        _ kind: RecordKind, _ key: RosterKey, _ match: RosterLookup.Match, _ answers: Answers,
        imported: [FieldDefinition], carried: [FieldDefinition], in village: Area,
        _ draft: inout ServerLog.Draft
    ) throws {
        let digest = Self.digest(imported.map { answers[$0.tag]?.plainText ?? "" })
        switch match {
        case .new(let subject, _):
            // Whoever knew the id may have written about it before, wherever they liked.
            if !lookup.facts.isUnused(subject), try Registration.isAwaited(subject, in: db) {
                moved.insert(subject)
            }
            try draft.append(
                RecordKey(kind: kind, subject: subject), in: village.id,
                Form.form(of: kind)!.sections(answers))
            remember(kind, key, subject, village, digest)
            report.added += 1
        case .known(_, _, let last) where last?.digest == digest: report.unchanged += 1
        case .known(let subject, let before, _):
            // A move is written where the subject was: who reads that village must hear of it.
            let isNews = try amend(
                RecordKey(kind: kind, subject: subject), answers, imported: imported,
                carried: carried, in: before, &draft)
            if isNews, before != village.id { moved.insert(subject) }
            remember(kind, key, subject, village, digest)
            if isNews { report.changed += 1 } else { report.unchanged += 1 }
        }
    }

    /// Keeps which subject a row became, under its folded key alone.
    private mutating func remember(
        _ kind: RecordKind, _ key: RosterKey, _ subject: SubjectID, _ village: Area, _ digest: Data
    ) {
        if kind == .household { became[key.folded] = subject }
        lookup.taken.insert(subject)
        remembered.append(
            Remembered(
                kind: kind, key: key, subject: subject, area: village.id, digest: digest))
    }

    private struct Remembered {
        let kind: RecordKind
        let key: RosterKey
        let subject: SubjectID
        let area: AreaID
        let digest: Data
    }

    private mutating func remember(_ log: LogSession) throws {
        let numbers = try log.makeSubjectNumbers(of: Set(remembered.map(\.subject)))
        let writer = try RowWriter(
            """
            INSERT INTO import_row (kind, key, subject, area, digest) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (kind, key) DO UPDATE
            SET subject = excluded.subject, area = excluded.area, digest = excluded.digest
            """, in: db)
        for row in remembered {
            let kind = Int64(row.kind.rawValue)
            if row.key.raw != row.key.folded {
                try db.run(
                    "DELETE FROM import_row WHERE kind = ? AND key = ?", [kind, row.key.raw])
            }
            guard let subject = numbers[row.subject] else { throw DamagedDatabase("subject") }
            try writer.write(
                .integer(kind), .text(row.key.folded), .integer(subject),
                .integer(row.area.column), .bytes(row.digest))
        }
        remembered = []
    }

    /// An import has seen only imports: what surveyors wrote meanwhile is kept beside it.
    ///
    /// - Returns: whether anything was written.
    private func amend(
        _ record: RecordKey, _ answers: Answers, imported: [FieldDefinition],
        carried: [FieldDefinition], in area: AreaID, _ draft: inout ServerLog.Draft
    ) throws -> Bool {
        // Nothing that waits to be sealed is about this record: a key occurs once in an import.
        let edits = try draft.log.edits(of: record)
        let imports = try edits.filter { edit in
            // A device may call itself the server; its log is an enrolled one all the same.
            try edit.header.author == .server
                && Accounts.device(edit.dot.replica, in: db) == nil
        }
        let ours = try fold(record, imports, excluding: [])
        let shown = try draft.log.state(of: record)
        let form = Form.form(of: record.kind)!
        let compared = Set(imported.map(\.tag))
        let written = compared.union(carried.map(\.tag))
        var sections: [SectionTag: SectionAnswers] = [:]
        for (tag, new) in form.sections(answers) {
            let old = ours.sections[tag]?.provisional ?? [:]
            let changes = new.filter { compared.contains($0.key) && old[$0.key] != $0.value }
            guard changes.contains(where: { $0.value != .null || old[$0.key] != nil }) else {
                continue
            }
            // A row that stands for a surveyor's entry and agrees with it says nothing new.
            if ours.sections[tag] == nil, let entry = shown.sections[tag]?.provisional,
                changes.allSatisfy({ Self.agree($0.value, entry[$0.key]) })
            {
                continue
            }
            sections[tag] = old.merging(new.filter { written.contains($0.key) }) { $1 }
        }
        guard !sections.isEmpty else { return false }
        try draft.append(
            record, in: area, sections, seen: ours.references(writing: Set(sections.keys)))
        return true
    }

    /// Whether an answer of a row is none, or that of an entry, however it was typed.
    private static func agree(_ new: FieldValue, _ entered: FieldValue?) -> Bool {
        new == .null || new == entered || new.plainText.folded == entered?.plainText.folded
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
