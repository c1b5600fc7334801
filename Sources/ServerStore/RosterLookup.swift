import Foundation
import GRDB
import SurveyLog
import SurveyModel
import SurveyStore

/// Finds the register entries that a roster's rows speak of.
///
/// A row is known by its import row, by what this server wrote under the id that the row has or had
/// with earlier versions, or by number **and** name within its village. A number alone never makes
/// two households one: numbers are typed, and mistyped, everywhere.
struct RosterLookup {
    let db: Database
    let derived: DerivedID
    private let tree: AreaTree
    /// What is known of the rows at hand.
    var facts: RosterFacts
    /// Entries that rows of this transaction stand for.
    var taken: Set<SubjectID> = []
    /// The register's households of one village by number: of the village asked about last.
    private var index: (village: AreaID, households: [String: [Row]])?

    init(_ db: Database, _ derived: DerivedID, _ tree: AreaTree) {
        self.db = db
        self.derived = derived
        self.tree = tree
        facts = RosterFacts(db, derived)
    }

    /// What a row is, in the register as it stands.
    enum Match {
        /// - area: where the register has it, else where the last import put it.
        case known(SubjectID, area: AreaID, last: RosterFacts.ImportRow?)
        /// Under this id, and what has the same number and is not taken for it.
        case new(SubjectID, Clash?)
    }

    /// A row's number that another entry has.
    enum Clash {
        case otherVillage
        case otherName
    }

    // MARK: Households

    mutating func household(_ key: RosterKey, name: String, in village: AreaID) throws -> Match {
        if let row = try facts.importRow(.household, key) { return try known(row) }
        if let subject = try written(.household, key) {
            return .known(subject, area: try area(of: subject) ?? village, last: nil)
        }
        let same = try households(in: village)[key.folded] ?? []
        let match = try same.first { try Self.agree($0["head_name"], name) && !isImported($0) }
        if let match {
            return .known(
                try match.subject("household.subject", "id"), area: AreaID(column: match["area"]),
                last: nil)
        }
        let clash: Clash? =
            if !same.isEmpty {
                .otherName
            } else if try isElsewhere(key, than: village) {
                .otherVillage
            } else {
                nil
            }
        return try unused(.household, key, in: village, clash)
    }

    /// The household of a person's row that has no row of its own in the roster.
    ///
    /// - Parameter names: those of its persons in the roster, folded; nil finds only what rosters
    ///   brought.
    func household(_ key: RosterKey, ofPersonsNamed names: Set<String>?) throws -> (
        subject: SubjectID, area: AreaID
    )? {
        if let row = try facts.importRow(.household, key) {
            return (row.subject, try area(of: row.subject) ?? row.area)
        }
        if let subject = try written(.household, key), let area = try area(of: subject) {
            return (subject, area)
        }
        guard let names else { return nil }
        // One that a surveyor registered: its number must name its village, or a row its head.
        let candidates = try db.rows(
            """
            SELECT \(subjectID("household.subject")) AS id, household.area, head_name, code
            FROM household JOIN area ON area.id = household.area
            WHERE coalesce(folded_no, household_no) = ? ORDER BY 1
            """, [key.folded]
        ).filter { row in
            key.folded.hasPrefix(row["code"] as String)
                || names.contains((row["head_name"] as String).folded)
        }
        let subjects = Set(try candidates.map { try $0.subject("household.subject", "id") })
        guard subjects.count == 1, let row = candidates.first, let subject = subjects.first else {
            return nil
        }
        return (subject, AreaID(column: row["area"]))
    }

    /// Whether a known household is another one than the row's: the roster had its number in another
    /// village, and the register has it there under another head. The number was given away.
    func isReused(_ match: Match, name: String, in village: AreaID) throws -> Bool {
        guard case .known(let subject, let area, let last) = match, !isIn(area, village),
            !isIn(last?.area ?? area, village),
            let head: String = try db.value(
                "SELECT head_name FROM household WHERE subject = \(subjectNumber())",
                [subject.bytes])
        else { return false }
        return !Self.agree(head, name)
    }

    /// The former code of a village under which the roster had a row that is not known here by its
    /// present one: the numbers were made anew from codes, and their households have others.
    func formerCode(of key: RosterKey, _ match: Match, in village: AreaID) throws -> String? {
        guard let area = tree[village], key.folded.hasPrefix(area.code) else { return nil }
        if case .known(_, let place, _) = match, isIn(place, village) { return nil }
        let rest = key.folded.dropFirst(area.code.count)
        return try area.formerCodes.first { code in
            let former = RosterKey(household: code + rest)
            return try facts.importRow(.household, former).map { isIn($0.area, village) } ?? false
        }
    }

    /// Whether an area is a village, or was merged into it: its households stay where they are.
    func isIn(_ area: AreaID, _ village: AreaID) -> Bool {
        area == village || tree.standing(for: area) == village
    }

    private mutating func households(in village: AreaID) throws -> [String: [Row]] {
        if let index, index.village == village { return index.households }
        let rows = try tree.villages(within: village).flatMap { place in
            try db.rows(
                """
                SELECT \(subjectID("household.subject")) AS id, area, household_no, head_name
                FROM household WHERE area = ? ORDER BY 1
                """, [place.id.column])
        }
        let households = Dictionary(grouping: rows) { ($0["household_no"] as String).folded }
        index = (village, households)
        return households
    }

    private func isElsewhere(_ key: RosterKey, than village: AreaID) throws -> Bool {
        try facts.areas(ofNumber: key).contains { !isIn($0, village) }
    }

    // MARK: Persons

    func person(
        _ key: RosterKey, of household: SubjectID, no: String, name: String, birth: CalendarDate?,
        in village: AreaID
    ) throws -> Match {
        if let row = try facts.importRow(.person, key) { return try known(row) }
        if let subject = try written(.person, key) {
            return .known(subject, area: try area(of: subject) ?? village, last: nil)
        }
        // Nobody can be in a household of which nothing is written.
        let entries =
            facts.isUnused(household) ? [] : try Joined.entries(of: household, in: db)
        let members = try entries.flatMap { entry in
            try db.rows(
                """
                SELECT \(subjectID("person.subject")) AS id, area, person_no, name, birth_date
                FROM person WHERE household = \(subjectNumber()) ORDER BY 1
                """, [entry.bytes])
        }
        func isSame(_ row: Row, placed: Bool) -> Bool {
            let born: Int64? = row["birth_date"]
            let given = birth.map { Int64($0.daysSinceEpoch) }
            guard Self.agree(row["name"], name) else { return false }
            // Of one name in one household, the date tells who is who.
            let contradicts = born != nil && given != nil && born != given
            return placed ? !contradicts : born != nil && born == given
        }
        let place = no.foldedPlace
        let same = members.filter { ($0["person_no"] as String).foldedPlace == place }
        let match =
            try same.first { try isSame($0, placed: true) && !isImported($0) }
            ?? members.first { try isSame($0, placed: false) && !isImported($0) }
        if let match {
            return .known(
                try match.subject("person.subject", "id"), area: AreaID(column: match["area"]),
                last: nil)
        }
        return try unused(.person, key, in: village, same.isEmpty ? nil : .otherName)
    }

    // MARK: Records

    private func known(_ row: RosterFacts.ImportRow) throws -> Match {
        .known(row.subject, area: try area(of: row.subject) ?? row.area, last: row)
    }

    /// The subject under one of a row's ids about which a log of this server speaks: it imported the
    /// row once, and came back from a backup since. What only devices say of such an id proves
    /// nothing, since earlier ids can be computed by everybody.
    private func written(_ kind: RecordKind, _ key: RosterKey) throws -> SubjectID? {
        let ids = facts.ids(kind, key)
        let own = ids[0]
        if !facts.isUnused(own),
            try Records.isWritten(RecordKey(kind: kind, subject: own), in: db)
        {
            return own
        }
        return try ids.dropFirst().first { former in
            try !facts.isUnused(former) && says(key, former, kind) && !isImported(former)
        }
    }

    /// Whether a server's log gave an entry the number of a row.
    private func says(_ key: RosterKey, _ subject: SubjectID, _ kind: RecordKind) throws -> Bool {
        try LogSession(db).serverEdits(of: RecordKey(kind: kind, subject: subject)).contains {
            let answers = $0.answers
            guard kind == .person else {
                return answers[Household.householdNo]?.folded == key.folded
            }
            let place = key.folded.split(separator: "\u{1F}").last.map(String.init)
            return answers[Person.personNo]?.foldedPlace == place
        }
    }

    /// Whether another row of the roster stands for an entry already.
    private func isImported(_ row: Row) throws -> Bool {
        try isImported(row.subject("subject", "id"))
    }

    private func isImported(_ subject: SubjectID) throws -> Bool {
        if taken.contains(subject) { return true }
        return try db.value(
            "SELECT 1 FROM import_row WHERE subject = \(subjectNumber())", [subject.bytes])
            as Int64? != nil
    }

    /// An id for a new entry. What devices have written about it already is theirs about the same
    /// row, brought back before the row; if it is in another village, it is something else.
    private func unused(
        _ kind: RecordKind, _ key: RosterKey, in village: AreaID, _ clash: Clash?
    ) throws -> Match {
        for generation in 0...8 {
            let subject =
                generation == 0
                ? facts.ids(kind, key)[0]
                : derived.subject(kind, key.folded, generation: generation)
            let place = try area(of: subject)
            if place.map({ isIn($0, village) }) ?? true { return .new(subject, clash) }
        }
        throw Failure(.ambiguousSubject)
    }

    func area(of subject: SubjectID) throws -> AreaID? { try facts.area(of: subject) }

    /// Names that do not contradict each other: the same when folded, or one is not known.
    private static func agree(_ a: String, _ b: String) -> Bool {
        let (a, b) = (a.folded, b.folded)
        return a.isEmpty || b.isEmpty || a == b
    }
}
