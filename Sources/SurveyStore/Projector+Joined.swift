import GRDB
import SurveyCoverage
import SurveyLog
import SurveyMerge
import SurveyModel

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
        var all = affected
        for subject in affected { all.formUnion(try Joined.linked(to: subject, in: db)) }
        let households = try Set(all.compactMap { try household(ofPerson: $0) }).subtracting(all)
        for household in households { all.formUnion(try Joined.linked(to: household, in: db)) }
        return all
    }

    /// Writes which entries a household or a person is joined with, and their checks as one.
    func projectJoined(_ subject: SubjectID) throws {
        try db.run("DELETE FROM joined WHERE subject = ?", [subject.bytes])
        try db.run("DELETE FROM joined_check WHERE subject = ?", [subject.bytes])
        let entries = try Joined.closure(of: subject, in: db)
        guard entries.count > 1 else { return }
        try db.run(
            "INSERT INTO joined (subject, canonical) VALUES (?, ?)",
            [subject.bytes, entries[0].bytes])
        guard entries[0] == subject else { return }
        for key in try checks(of: entries, as: subject) {
            let state = try Records.state(of: key, joining: entries, in: db)
            guard !state.isEmpty else { continue }
            let outcome = judge(state, in: try Rounds.context(of: key.round, in: db))
            try db.run(
                """
                INSERT INTO joined_check (subject, kind, round, outcome, contested)
                VALUES (?, ?, ?, ?, ?)
                """,
                [
                    subject.bytes, Int64(key.kind.rawValue), key.round.column,
                    outcome?.rawValue ?? "",
                    state.isContested,
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
