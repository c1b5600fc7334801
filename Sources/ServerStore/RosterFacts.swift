import Foundation
import GRDB
import SurveyModel
import SurveyStore

/// Some rows of a roster as the register and the last imports have them, read together. Most rows are new or
/// unchanged; then nothing else is looked up.
struct RosterFacts {
    /// What a row became when it was imported last, and what it said.
    struct ImportRow {
        let subject: SubjectID
        let area: AreaID
        let digest: Data
    }

    private let db: Database
    private let derived: DerivedID
    private var asked: Set<RosterKey> = []
    private var rows: [RecordKind: [String: ImportRow]] = [:]
    private var ids: [Candidate: [SubjectID]] = [:]
    /// Ids that rows have or had and of which nothing at all is written.
    private var unused: Set<SubjectID> = []
    private var areas: [SubjectID: AreaID] = [:]
    /// Where the register has households with a number.
    private var numbered: [String: Set<AreaID>] = [:]

    private struct Candidate: Hashable {
        let kind: RecordKind
        let key: String
    }

    init(_ db: Database, _ derived: DerivedID) { (self.db, self.derived) = (db, derived) }

    /// Reads what is known of some rows, in place of what was read before.
    mutating func read(households: [RosterKey], persons: [RosterKey]) throws {
        self = RosterFacts(db, derived)
        asked = Set(households).union(persons)
        var candidates: Set<SubjectID> = []
        for (kind, keys) in [(RecordKind.household, households), (.person, persons)] {
            var found: [String: ImportRow] = [:]
            try db.forEachRow(
                """
                SELECT key, subject.id, area, digest FROM import_row
                JOIN subject ON subject.number = import_row.subject WHERE kind = ? AND key IN (KEYS)
                """, [Int64(kind.rawValue)], among: keys.flatMap(\.all)
            ) { row in
                found[row.text(0)] = ImportRow(
                    subject: try row.subject("import_row.subject", 1),
                    area: AreaID(column: row.integer(2)), digest: row.bytes(3))
            }
            rows[kind] = found
            for key in keys where key.all.allSatisfy({ found[$0] == nil }) {
                let ids =
                    [derived.subject(kind, key.folded)] + derived.formerSubjects(kind, key)
                self.ids[Candidate(kind: kind, key: key.folded)] = ids
                candidates.formUnion(ids)
            }
            candidates.formUnion(found.values.map(\.subject))
        }
        let numbers = try db.numbers(of: candidates)
        unused = candidates.filter { numbers[$0] == nil }
        let subjects = Dictionary(uniqueKeysWithValues: numbers.map { ($0.value, $0.key) })
        for table in ["household", "person"] {
            try db.forEachRow(
                "SELECT subject, area FROM \(table) WHERE subject IN (KEYS)",
                among: subjects.keys.sorted()
            ) { row in
                if let subject = subjects[row.integer(0)] {
                    areas[subject] = AreaID(column: row.integer(1))
                }
            }
        }
        try db.forEachRow(
            """
            SELECT coalesce(folded_no, household_no), area FROM household
            WHERE coalesce(folded_no, household_no) IN (KEYS)
            """, among: Set(households.map(\.folded)).sorted()
        ) { numbered[$0.text(0), default: []].insert(AreaID(column: $0.integer(1))) }
        for household in households where numbered[household.folded] == nil {
            numbered[household.folded] = []
        }
    }

    /// What a row became and said last; nil when no import had it.
    func importRow(_ kind: RecordKind, _ key: RosterKey) throws -> ImportRow? {
        try asked.contains(key)
            ? key.all.lazy.compactMap { rows[kind]?[$0] }.first
            : Self.importRow(kind, key, in: db)
    }

    static func importRow(_ kind: RecordKind, _ key: RosterKey, in db: Database) throws
        -> ImportRow?
    {
        for text in key.all {
            guard
                let row = try db.row(
                    """
                    SELECT \(subjectID("import_row.subject")) AS id, area, digest FROM import_row
                    WHERE kind = ? AND key = ?
                    """, [Int64(kind.rawValue), text])
            else { continue }
            return ImportRow(
                subject: try row.subject("import_row.subject", "id"),
                area: AreaID(column: row["area"]), digest: row["digest"])
        }
        return nil
    }

    /// The id that a row has, then those that it had with earlier versions.
    func ids(_ kind: RecordKind, _ key: RosterKey) -> [SubjectID] {
        ids[Candidate(kind: kind, key: key.folded)]
            ?? [derived.subject(kind, key.folded)] + derived.formerSubjects(kind, key)
    }

    /// Whether nothing at all is written under an id, as far as that was read.
    func isUnused(_ subject: SubjectID) -> Bool { unused.contains(subject) }

    /// Where the register has a household or a person.
    func area(of subject: SubjectID) throws -> AreaID? {
        if unused.contains(subject) { return nil }
        if let area = areas[subject] { return area }
        let area: Int64? = try db.value(
            """
            SELECT area FROM household WHERE subject = ?1
            UNION ALL SELECT area FROM person WHERE subject = ?1
            """, [try db.number(of: subject)])
        return area.map(AreaID.init(column:))
    }

    /// Where the register has households with a number.
    func areas(ofNumber key: RosterKey) throws -> Set<AreaID> {
        if let known = numbered[key.folded] { return known }
        return Set(
            try db.rows(
                "SELECT area FROM household WHERE coalesce(folded_no, household_no) = ?",
                [key.folded]
            ).map { AreaID(column: $0["area"]) })
    }
}
