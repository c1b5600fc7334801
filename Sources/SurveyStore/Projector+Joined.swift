import GRDB
import SurveyCoverage
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyProjection

/// Register entries that are one household or one person, and what their checks come to together.
extension Projector {
    mutating func projectSameAs(
        _ record: Int64, _ state: RecordState, _ batch: ProjectedBatch
    ) throws {
        if let row = try db.row("SELECT first, second FROM same_as WHERE subject = ?", [record]) {
            said.formUnion([row["first"], row["second"]])
        }
        defer { affected.formUnion(said) }
        let answers = state.answers
        guard let pair = state.key.pair(in: answers), let first = batch.numbers[pair.first],
            let second = batch.numbers[pair.second]
        else { return try db.run("DELETE FROM same_as WHERE subject = ?", [record]) }
        try db.run(
            """
            INSERT INTO same_as (subject, first, second, same) VALUES (?, ?, ?, ?)
            ON CONFLICT (subject) DO UPDATE SET same = excluded.same
            """, [record, first, second, answers[SameAs.same] ?? false])
        said.formUnion([first, second])
    }

    /// The households that persons belong to.
    func households(ofPersons persons: Set<Int64>) throws -> Set<Int64> {
        var households: Set<Int64> = []
        try db.forEachRow(
            "SELECT household FROM person WHERE subject IN (KEYS)", among: persons.sorted()
        ) { households.insert($0.integer(0)) }
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
                "DELETE FROM \(table) WHERE subject IN (KEYS)", among: regrouped.sorted())
        }
        for entries in groups {
            for entry in entries {
                try db.run(
                    "INSERT INTO joined (subject, canonical) VALUES (?, ?)",
                    [entry, entries[0]])
            }
            try surviving(damageOf: nil) { try $0.projectChecks(of: entries) }
        }
        affected.formUnion(regrouped)
        let households = try self.households(ofPersons: affected).subtracting(affected)
        affected.formUnion(households)
        affected.formUnion(try joined(with: households))
    }

    /// The entries that some are joined with, as it stands.
    private func joined(with subjects: Set<Int64>) throws -> Set<Int64> {
        var others: Set<Int64> = []
        try db.forEachRow(
            """
            SELECT other.subject FROM joined AS own
            JOIN joined AS other ON other.canonical = own.canonical WHERE own.subject IN (KEYS)
            """, among: subjects.sorted()
        ) { others.insert($0.integer(0)) }
        return others
    }

    /// Groups of entries that are the same, each in the order of their ids. Those that would have more
    /// entries than may be one join nobody, in whatever order it was said.
    private func groups(around subjects: Set<Int64>) throws -> [[Int64]] {
        var said: Set<Int64> = []
        for own in ["first", "second"] {
            try db.forEachRow(
                "SELECT \(own) FROM same_as WHERE \(own) IN (KEYS) AND same = 1",
                among: subjects.sorted()
            ) { said.insert($0.integer(0)) }
        }
        var groups: [[Int64]] = []
        var done: Set<Int64> = []
        for start in said.sorted() where !done.contains(start) {
            var group: Set = [start]
            var open = group
            while !open.isEmpty, group.count <= JoinedEntries.most {
                open = try same(as: open).subtracting(group)
                group.formUnion(open)
            }
            done.formUnion(group)
            if (2...JoinedEntries.most).contains(group.count) {
                groups.append(try db.sortedByID(group))
            }
        }
        return groups
    }

    /// Entries of which it is said directly that they are the same as one of these, of its kind and in its
    /// village.
    private func same(as subjects: Set<Int64>) throws -> Set<Int64> {
        var pairs: [(own: Int64, other: Int64)] = []
        for (own, other) in [("first", "second"), ("second", "first")] {
            try db.forEachRow(
                "SELECT \(own), \(other) FROM same_as WHERE \(own) IN (KEYS) AND same = 1",
                among: subjects.sorted()
            ) { pairs.append(($0.integer(0), $0.integer(1))) }
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

    private func places(of subjects: Set<Int64>) throws -> [Int64: Place] {
        var places: [Int64: Place] = [:]
        let keys = subjects.sorted()
        try db.forEachRow(
            "SELECT subject, area FROM household WHERE subject IN (KEYS)", among: keys
        ) { places[$0.integer(0)] = Place(isPerson: false, area: $0.integer(1)) }
        try db.forEachRow(
            """
            SELECT person.subject, household.area FROM person
            LEFT JOIN household ON household.subject = person.household
            WHERE person.subject IN (KEYS)
            """, among: keys
        ) { row in
            // Who cannot see where their household is joins them with nobody.
            places[row.integer(0)] = row.optional(1).map { Place(isPerson: true, area: $0) }
        }
        return places
    }

    /// Judges the checks of joined entries as those of one.
    private func projectChecks(of entries: [Int64]) throws {
        let ids = try db.subjects(entries)
        let subjects = try entries.map { entry in
            guard let id = ids[entry] else { throw DamagedDatabase("subject") }
            return id
        }
        let rows = try entries.flatMap {
            try db.rows("SELECT kind, round FROM check_state WHERE subject = ?", [$0])
        }
        for stored in Set(
            rows.map { row in
                StoredKey(
                    subject: entries[0], kind: RecordKind(rawValue: UInt32(row["kind"] as Int64)),
                    round: row["round"])
            })
        {
            let key = RecordKey(
                kind: stored.kind, subject: subjects[0], round: try db.round(stored.round))
            let state = try Records.state(of: key, joining: subjects, in: db)
            guard !state.isEmpty else { continue }
            let outcome = judge(state, in: try Rounds.context(of: key.round, in: db))
            try db.run(
                """
                INSERT INTO joined_check (subject, kind, round, outcome, contested)
                VALUES (?, ?, ?, ?, ?)
                """, stored.columns + [Outcome.stored(outcome), state.isContested])
        }
    }
}

extension Database {
    /// Numbers of subjects in the order of their ids.
    func sortedByID(_ numbers: some Collection<Int64>) throws -> [Int64] {
        let ids = try subjects(numbers)
        return try numbers.map { number in
            guard let id = ids[number] else { throw DamagedDatabase("subject") }
            return (id, number)
        }.sorted { $0.0 < $1.0 }.map(\.1)
    }
}
