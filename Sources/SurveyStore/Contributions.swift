import Foundation
import GRDB
import SurveyCoverage
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyProjection

/// What subjects contribute to the counts, and what they contributed.
enum Contributions {
    /// Everything on which the contributions of some subjects depend, read at once.
    static func facts(of subjects: Set<SubjectID>, in db: Database) throws -> CountingFacts {
        var facts = CountingFacts(today: try Projector.day(db))
        try readEntries(of: subjects, &facts, db)
        try readChecks(of: subjects, &facts, db)
        try db.forEachRow(
            """
            SELECT subject, area, round, state, deadline FROM finding WHERE subject IN (KEYS)
            """, among: subjects.map(\.bytes)
        ) { row in
            facts.findings[try row.subject("finding.subject"), default: []].append(
                .init(
                    place: Place(area: AreaID(column: row[1]), round: RoundID(column: row[2])),
                    state: FindingState(rawValue: row[3]) ?? .open, deadline: row.day("deadline")))
        }
        try db.forEachRow(
            """
            SELECT second, COUNT(DISTINCT first), min(area) FROM duplicate
            WHERE second IN (KEYS) GROUP BY second
            """, among: subjects.map(\.bytes)
        ) { row in
            facts.pairs[try row.subject("duplicate.second")] = (row[1], AreaID(column: row[2]))
        }
        return facts
    }

    /// Households and their members, with the other entries that are the same.
    private static func readEntries(
        of subjects: Set<SubjectID>, _ facts: inout CountingFacts, _ db: Database
    ) throws {
        let hasJoins = try db.hasRows("joined")
        var entries = subjects
        if hasJoins {
            try readJoined(of: subjects, &facts, db)
            entries.formUnion(facts.joined.values.joined())
        }
        try db.forEachRow(
            """
            SELECT subject, area, household_no != '', set_aside FROM household
            WHERE subject IN (KEYS)
            """, among: entries.map(\.bytes)
        ) { row in
            facts.households[try row.subject("household.subject")] = .init(
                area: AreaID(column: row[1]), hasNumber: row[2], isSetAside: row[3])
        }
        try db.forEachRow(
            """
            SELECT subject, household, present, birth_date, set_aside, unplaced FROM person
            WHERE household IN (KEYS)
            """, among: facts.households.keys.map(\.bytes)
        ) { row in
            facts.members[try row.subject("person.household", 1), default: []].append(
                .init(
                    subject: try row.subject("person.subject"), isPresent: row[2],
                    birthDate: row.day("birth_date"), isSetAside: row[4], isUnplaced: row[5]))
        }
        try db.forEachRow(
            "SELECT subject FROM person WHERE subject IN (KEYS)",
            among: subjects.filter { facts.households[$0] == nil }.map(\.bytes)
        ) { facts.persons.insert(try $0.subject("person.subject")) }
        guard hasJoins else { return }
        let members = Set(facts.members.values.joined().map(\.subject))
        try readJoined(of: members, &facts, db)
        let others = Set(members.compactMap { facts.joined[$0] }.joined())
        var aside: [SubjectID: Bool] = [:]
        try db.forEachRow(
            "SELECT subject, set_aside FROM person WHERE subject IN (KEYS)",
            among: others.map(\.bytes)
        ) { aside[try $0.subject("person.subject")] = $0[1] }
        for member in members {
            guard let entries = facts.joined[member] else { continue }
            facts.asideWithOthers[member] = entries.allSatisfy { aside[$0] ?? true }
        }
    }

    private static func readJoined(
        of subjects: Set<SubjectID>, _ facts: inout CountingFacts, _ db: Database
    ) throws {
        var entries: [SubjectID: [SubjectID]] = [:]
        try db.forEachRow(
            """
            SELECT own.subject, other.subject FROM joined AS own
            JOIN joined AS other ON other.canonical = own.canonical
            WHERE own.subject IN (KEYS)
            """, among: subjects.map(\.bytes)
        ) { row in
            entries[try row.subject("joined.subject"), default: []].append(
                try row.subject("joined.subject", 1))
        }
        for (subject, others) in entries { facts.joined[subject] = others.sorted() }
    }

    private static func readChecks(
        of subjects: Set<SubjectID>, _ facts: inout CountingFacts, _ db: Database
    ) throws {
        let checked = subjects.union(facts.members.values.joined().map(\.subject))
        func take(_ row: Row) throws {
            let subject = try row.subject("check_state.subject")
            let round = RoundID(column: row[1])
            facts.checks[subject, default: []].append(
                .init(
                    kind: RecordKind(rawValue: UInt32(row[2] as Int64)), round: round,
                    outcome: Outcome(rawValue: row[3])))
            if facts.years[round] == nil {
                facts.years[round] = try Rounds.context(of: round, in: db).year
            }
        }
        try db.forEachRow(
            "SELECT subject, round, kind, outcome FROM check_state WHERE subject IN (KEYS)",
            among: checked.filter { facts.joined[$0] == nil }.map(\.bytes), take)
        try db.forEachRow(
            "SELECT subject, round, kind, outcome FROM joined_check WHERE subject IN (KEYS)",
            among: facts.joined.isEmpty ? [] : checked.map(\.bytes), take)
        for subject in subjects
        where facts.households[subject] == nil && !facts.persons.contains(subject) {
            for check in facts.checks[subject] ?? []
            where check.outcome != nil && check.kind != .clinic {
                let record = RecordKey(kind: check.kind, subject: subject, round: check.round)
                facts.written[record] = Set(
                    try Records.state(of: record, in: db).included.map(\.header.area))
            }
        }
    }

    /// What some subjects contribute by what was projected last.
    static func stored(of subjects: Set<SubjectID>, in db: Database) throws
        -> [SubjectID: [Place: Tally]]
    {
        var stored: [SubjectID: [Place: Tally]] = [:]
        try db.forEachRow(
            "SELECT subject, round, area, counts FROM contribution WHERE subject IN (KEYS)",
            among: subjects.map(\.bytes)
        ) { row in
            let place = Place(area: AreaID(column: row[2]), round: RoundID(column: row[1]))
            stored[try row.subject("contribution.subject"), default: [:]][place] = parse(row[3])
        }
        return stored
    }

    /// `1=3 2=11`: counters by number, ascending.
    static func text(_ tally: Tally) -> String {
        tally.counts.sorted { $0.key < $1.key }.map { "\($0.key.rawValue)=\($0.value)" }
            .joined(separator: " ")
    }

    static func parse(_ text: String) -> Tally {
        var tally = Tally()
        for part in text.split(separator: " ") {
            let pair = part.split(separator: "=")
            guard pair.count == 2, let number = UInt32(pair[0]), let value = Int(pair[1]),
                let counter = Counter.known(number)
            else { continue }
            tally.add(value, to: counter)
        }
        return tally
    }
}

extension Row {
    /// A column of a subject's bytes.
    func subject(_ place: String, _ index: Int = 0) throws -> SubjectID {
        try parsed(place, SubjectID(self[index]))
    }
}
