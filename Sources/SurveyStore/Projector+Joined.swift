import GRDB
import SurveyCoverage
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyProjection

/// Register entries that are one household or one person, and what their checks come to together.
extension Projector {
    mutating func projectSameAs(_ number: Int64, _ state: RecordState) throws {
        if let row = try db.row("SELECT first, second FROM same_as WHERE record = ?", [number]) {
            for key in ["first", "second"] {
                said.insert(try row.parsed("same_as", SubjectID(row[key])))
            }
        }
        defer { affected.formUnion(said) }
        let answers = state.answers
        guard let (first, second) = state.key.pair(in: answers) else {
            return try db.run("DELETE FROM same_as WHERE record = ?", [number])
        }
        try db.run(
            """
            INSERT INTO same_as (record, first, second, same) VALUES (?, ?, ?, ?)
            ON CONFLICT (record) DO UPDATE SET same = excluded.same
            """, [number, first.bytes, second.bytes, answers[SameAs.same] ?? false])
        said.formUnion([first, second])
    }

    /// Everything whose contribution may have changed: entries that are joined count together, and a
    /// person with the household of whichever entry stands for them.
    func affectedAndLinked() throws -> Set<SubjectID> {
        var all = try affected.union(linked(to: affected))
        let households = try self.households(ofPersons: all).subtracting(all)
        all.formUnion(households)
        return try all.union(linked(to: households))
    }

    /// Everything that subjects were ever said to be the same as, themselves included where anything
    /// is said of them. Cost: O(what is said of them all), however long the way from one to another.
    func linked(to subjects: Set<SubjectID>) throws -> Set<SubjectID> {
        var found: Set<SubjectID> = []
        var open = subjects
        while !open.isEmpty {
            var next: Set<SubjectID> = []
            for (own, other) in [("first", "second"), ("second", "first")] {
                try db.forEachRow(
                    "SELECT \(own), \(other) FROM same_as WHERE \(own) IN (KEYS)",
                    among: open.map(\.bytes)
                ) { row in
                    guard let own = SubjectID(row[0]), let other = SubjectID(row[1]) else { return }
                    found.insert(own)
                    next.insert(other)
                }
            }
            open = next.subtracting(found)
            found.formUnion(open)
        }
        return found
    }

    /// The households that persons belong to.
    func households(ofPersons persons: Set<SubjectID>) throws -> Set<SubjectID> {
        var households: Set<SubjectID> = []
        try db.forEachRow(
            "SELECT household FROM person WHERE subject IN (KEYS)", among: persons.map(\.bytes)
        ) { row in
            if let household = SubjectID(row[0]) { households.insert(household) }
        }
        return households
    }

    /// Writes which entries are joined with each other, and their checks as one.
    mutating func projectJoins() throws {
        var joined: Set<SubjectID> = []
        try db.forEachRow(
            "SELECT subject FROM joined WHERE subject IN (KEYS)", among: affected.map(\.bytes)
        ) { joined.insert(try $0.subject("joined")) }
        let subjects = try linked(to: affected).union(joined)
        for table in ["joined", "joined_check"] {
            try db.run(
                "DELETE FROM \(table) WHERE subject IN (KEYS)", among: subjects.map(\.bytes))
        }
        for entries in try sameEntries(among: subjects) {
            for entry in entries {
                try db.run(
                    "INSERT INTO joined (subject, canonical) VALUES (?, ?)",
                    [entry.bytes, entries[0].bytes])
            }
            try surviving(damageOf: nil) { try $0.projectChecks(of: entries) }
        }
    }

    /// Groups of entries that are the same, ascending: those of which it is said, of one kind and in
    /// one village.
    private func sameEntries(among subjects: Set<SubjectID>) throws -> [[SubjectID]] {
        struct Place: Hashable {
            let isPerson: Bool
            let area: Int64
        }
        var places: [SubjectID: Place] = [:]
        let keys = subjects.map(\.bytes)
        try db.forEachRow(
            "SELECT subject, area FROM household WHERE subject IN (KEYS)", among: keys
        ) { places[try $0.subject("household")] = Place(isPerson: false, area: $0[1]) }
        try db.forEachRow(
            """
            SELECT person.subject, household.area FROM person
            LEFT JOIN household ON household.subject = person.household
            WHERE person.subject IN (KEYS)
            """, among: keys
        ) { row in
            // Who cannot see where their household is joins them with nobody.
            let area: Int64? = row[1]
            places[try row.subject("person")] = area.map { Place(isPerson: true, area: $0) }
        }
        var same: [SubjectID: [SubjectID]] = [:]
        try db.forEachRow(
            "SELECT first, second FROM same_as WHERE first IN (KEYS) AND same = 1", among: keys
        ) { row in
            let (first, second) = (try row.subject("same_as"), try row.subject("same_as", 1))
            guard let place = places[first], place == places[second] else { return }
            same[first, default: []].append(second)
            same[second, default: []].append(first)
        }
        return JoinedEntries.groups(same)
    }

    /// Judges the checks of joined entries as those of one.
    private func projectChecks(of entries: [SubjectID]) throws {
        for key in try checks(of: entries, as: entries[0]) {
            let state = try Records.state(of: key, joining: entries, in: db)
            guard !state.isEmpty else { continue }
            let outcome = judge(state, in: try Rounds.context(of: key.round, in: db))
            try db.run(
                """
                INSERT INTO joined_check (subject, kind, round, outcome, contested)
                VALUES (?, ?, ?, ?, ?)
                """,
                [
                    entries[0].bytes, Int64(key.kind.rawValue), key.round.column,
                    outcome?.rawValue ?? "", state.isContested,
                ])
        }
    }

    /// The checks that any of the entries has, as those of one.
    private func checks(of entries: [SubjectID], as subject: SubjectID) throws -> [RecordKey] {
        let rows = try entries.flatMap {
            try db.rows("SELECT kind, round FROM check_state WHERE subject = ?", [$0.bytes])
        }
        let keys = rows.map { row in
            RecordKey(
                kind: RecordKind(rawValue: UInt32(row["kind"] as Int64)), subject: subject,
                round: RoundID(column: row["round"]))
        }
        return Array(Set(keys))
    }
}
