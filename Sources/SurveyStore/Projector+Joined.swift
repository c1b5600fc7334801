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

    /// Writes which entries are joined with each other, and their checks as one. Everything whose
    /// contribution that may change is affected: entries that are joined count together, and a person
    /// with the household of whichever entry stands for them.
    ///
    /// Cost: O(what was touched × entries of a group), however much is said of them all.
    mutating func projectJoins() throws {
        let touched = affected.union(rejoined)
        regrouped = try touched.union(joined(with: touched))
        let groups = try groups(around: regrouped)
        regrouped.formUnion(groups.joined())
        for table in ["joined", "joined_check"] {
            try db.run(
                "DELETE FROM \(table) WHERE subject IN (KEYS)", among: regrouped.map(\.bytes))
        }
        for entries in groups {
            for entry in entries {
                try db.run(
                    "INSERT INTO joined (subject, canonical) VALUES (?, ?)",
                    [entry.bytes, entries[0].bytes])
            }
            try surviving(damageOf: nil) { try $0.projectChecks(of: entries) }
        }
        affected.formUnion(regrouped)
        let households = try self.households(ofPersons: affected).subtracting(affected)
        affected.formUnion(households)
        affected.formUnion(try joined(with: households))
    }

    /// The entries that some are joined with, as it stands.
    private func joined(with subjects: Set<SubjectID>) throws -> Set<SubjectID> {
        var others: Set<SubjectID> = []
        try db.forEachRow(
            """
            SELECT other.subject FROM joined AS own
            JOIN joined AS other ON other.canonical = own.canonical WHERE own.subject IN (KEYS)
            """, among: subjects.map(\.bytes)
        ) { others.insert(try $0.subject("joined")) }
        return others
    }

    /// Groups of entries that are the same, each ascending. Those that would have more entries than may
    /// be one join nobody, in whatever order it was said.
    private func groups(around subjects: Set<SubjectID>) throws -> [[SubjectID]] {
        var said: Set<SubjectID> = []
        for own in ["first", "second"] {
            try db.forEachRow(
                "SELECT \(own) FROM same_as WHERE \(own) IN (KEYS) AND same = 1",
                among: subjects.map(\.bytes)
            ) { said.insert(try $0.subject("same_as")) }
        }
        var groups: [[SubjectID]] = []
        var done: Set<SubjectID> = []
        for start in said.sorted() where !done.contains(start) {
            var group: Set = [start]
            var open = group
            while !open.isEmpty, group.count <= JoinedEntries.most {
                open = try same(as: open).subtracting(group)
                group.formUnion(open)
            }
            done.formUnion(group)
            if (2...JoinedEntries.most).contains(group.count) { groups.append(group.sorted()) }
        }
        return groups
    }

    /// Entries of which it is said directly that they are the same as one of these, of its kind and in its
    /// village.
    private func same(as subjects: Set<SubjectID>) throws -> Set<SubjectID> {
        var pairs: [(own: SubjectID, other: SubjectID)] = []
        for (own, other) in [("first", "second"), ("second", "first")] {
            try db.forEachRow(
                "SELECT \(own), \(other) FROM same_as WHERE \(own) IN (KEYS) AND same = 1",
                among: subjects.map(\.bytes)
            ) { pairs.append((try $0.subject("same_as"), try $0.subject("same_as", 1))) }
        }
        let places = try places(of: subjects.union(pairs.map(\.other)))
        return Set(
            pairs.filter { pair in
                places[pair.own].map { $0 == places[pair.other] } ?? false
            }.map(\.other))
    }

    private struct Place: Hashable {
        let isPerson: Bool
        let area: Int64
    }

    private func places(of subjects: Set<SubjectID>) throws -> [SubjectID: Place] {
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
        return places
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
