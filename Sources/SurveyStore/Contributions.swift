import Foundation
import GRDB
package import SurveyCoverage
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyProjection

/// What subjects contribute to the counts, and what they contributed.
enum Contributions {
    /// Everything on which the contributions of some subjects depend, read at once.
    static func facts(of subjects: [Int64], _ log: LogSession) throws -> CountingFacts {
        let db = log.db
        var facts = CountingFacts(today: try Projector.day(db))
        try readEntries(of: subjects, &facts, db)
        try readChecks(of: subjects, &facts, log)
        if try db.hasRows("finding") {
            try db.forEachRow(
                "SELECT subject, area, round, state, deadline FROM finding WHERE subject IN (KEYS)",
                among: subjects
            ) { row in
                facts.findings[row.integer(0), default: []].append(
                    .init(
                        place: Place(
                            area: AreaID(column: row.integer(1)),
                            round: try db.round(row.integer(2))),
                        state: FindingState(rawValue: row.text(3)) ?? .open,
                        deadline: row.day(4)))
            }
        }
        if try db.hasRows("duplicate") {
            try db.forEachRow(
                """
                SELECT second, COUNT(DISTINCT first), min(area) FROM duplicate
                WHERE second IN (KEYS) GROUP BY second
                """, among: subjects
            ) { row in
                facts.pairs[row.integer(0)] = (
                    Int(row.integer(1)), AreaID(column: row.integer(2))
                )
            }
        }
        return facts
    }

    /// Households and their members, with the other entries that are the same.
    private static func readEntries(
        of subjects: [Int64], _ facts: inout CountingFacts, _ db: Database
    ) throws {
        let hasJoins = try db.hasRows("joined")
        var entries = subjects
        if hasJoins {
            try readJoined(of: subjects, &facts, db)
            entries = Set(subjects).union(facts.joined.values.joined()).sorted()
        }
        try db.forEachRow(
            """
            SELECT subject, area, household_no != '', set_aside FROM household
            WHERE subject IN (KEYS)
            """, among: entries
        ) { row in
            facts.households[row.integer(0)] = .init(
                area: AreaID(column: row.integer(1)), hasNumber: row.flag(2),
                isSetAside: row.flag(3))
        }
        try db.forEachRow(
            """
            SELECT subject, household, present, birth_date, set_aside, unplaced FROM person
            WHERE household IN (KEYS)
            """, among: facts.households.keys.sorted()
        ) { row in
            facts.members[row.integer(1), default: []].append(
                .init(
                    subject: row.integer(0), isPresent: row.flag(2), birthDate: row.day(3),
                    isSetAside: row.flag(4), isUnplaced: row.flag(5)))
        }
        try db.forEachRow(
            "SELECT subject FROM person WHERE subject IN (KEYS)",
            among: subjects.filter { facts.households[$0] == nil }
        ) { facts.persons.insert($0.integer(0)) }
        guard hasJoins else { return }
        let members = Set(facts.members.values.joined().map(\.subject))
        try readJoined(of: members.sorted(), &facts, db)
        let others = Set(members.compactMap { facts.joined[$0] }.joined())
        var aside: [Int64: Bool] = [:]
        try db.forEachRow(
            "SELECT subject, set_aside FROM person WHERE subject IN (KEYS)", among: others.sorted()
        ) { aside[$0.integer(0)] = $0.flag(1) }
        for member in members {
            guard let entries = facts.joined[member] else { continue }
            facts.asideWithOthers[member] = entries.allSatisfy { aside[$0] ?? true }
        }
    }

    private static func readJoined(
        of subjects: [Int64], _ facts: inout CountingFacts, _ db: Database
    ) throws {
        var entries: [Int64: (canonical: Int64, others: [Int64])] = [:]
        try db.forEachRow(
            """
            SELECT own.subject, own.canonical, other.subject FROM joined AS own
            JOIN joined AS other ON other.canonical = own.canonical
            WHERE own.subject IN (KEYS)
            """, among: subjects
        ) { row in
            entries[row.integer(0), default: (row.integer(1), [])].others.append(row.integer(2))
        }
        for (subject, (canonical, others)) in entries {
            facts.joined[subject] = [canonical] + others.filter { $0 != canonical }.sorted()
        }
    }

    private static func readChecks(
        of subjects: [Int64], _ facts: inout CountingFacts, _ log: LogSession
    ) throws {
        let db = log.db
        let checked = Set(subjects).union(facts.members.values.joined().map(\.subject))
        var rounds: [Int64: RoundID] = [:]
        func take(_ row: LookedUpRow) throws {
            let number = row.integer(1)
            let round = try rounds[number] ?? db.round(number)
            rounds[number] = round
            facts.checks[row.integer(0), default: []].append(
                .init(
                    kind: RecordKind(rawValue: UInt32(truncatingIfNeeded: row.integer(2))),
                    round: round, outcome: Outcome(stored: row.integer(3))))
        }
        try db.forEachRow(
            "SELECT subject, round, kind, outcome FROM check_state WHERE subject IN (KEYS)",
            among: checked.filter { facts.joined[$0] == nil }.sorted(), take)
        if !facts.joined.isEmpty {
            try db.forEachRow(
                "SELECT subject, round, kind, outcome FROM joined_check WHERE subject IN (KEYS)",
                among: checked.sorted(), take)
        }
        for round in rounds.values {
            facts.years[round] = try Rounds.context(of: round, in: db).year
        }
        for subject in subjects
        where facts.households[subject] == nil && !facts.persons.contains(subject) {
            guard let checks = facts.checks[subject] else { continue }
            facts.checks[subject] = try placed(checks, of: db.subject(subject), log)
        }
    }

    /// Checks of a subject that the register does not have, with the areas where they count.
    private static func placed(
        _ checks: [CountingFacts.Check], of subject: SubjectID, _ log: LogSession
    ) throws -> [CountingFacts.Check] {
        try checks.map { check in
            var check = check
            if check.kind == .clinic {
                let village = AreaID(subject)
                check.areas = village.subject == subject ? [village] : []
            } else if check.outcome != nil {
                let record = RecordKey(kind: check.kind, subject: subject, round: check.round)
                check.areas = Set(try log.state(of: record).included.map(\.header.area))
            }
            return check
        }
    }

    /// What some subjects contribute by what was projected last.
    static func stored(of subjects: [Int64], in db: Database) throws -> [Int64: [Place: Tally]] {
        var stored: [Int64: [Place: Tally]] = [:]
        var rounds: [Int64: RoundID] = [:]
        try db.forEachRow(
            "SELECT subject, round, area, counts FROM contribution WHERE subject IN (KEYS)",
            among: subjects
        ) { row in
            let number = row.integer(1)
            let round = try rounds[number] ?? db.round(number)
            rounds[number] = round
            let place = Place(area: AreaID(column: row.integer(2)), round: round)
            stored[row.integer(0), default: [:]][place] = tally(row.bytes(3))
        }
        return stored
    }

    /// The numbers of rounds in which something counts.
    static func numbers(of facts: CountingFacts, in db: Database) throws -> [RoundID: Int64] {
        var numbers: [RoundID: Int64] = [.register: 0]
        for round in facts.years.keys { numbers[round] = try db.makeNumber(of: round) }
        return numbers
    }

    /// Counters by number, ascending, each with what it counts, as varints.
    static func bytes(_ tally: Tally) -> Data {
        var bytes: [UInt8] = []
        func append(_ value: UInt64) {
            var rest = value
            while rest >= 0x80 {
                bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
                rest >>= 7
            }
            bytes.append(UInt8(rest))
        }
        for entry in tally.entries {
            append(UInt64(entry.counter.rawValue))
            append(UInt64(clamping: entry.value))
        }
        return Data(bytes)
    }

    static func tally(_ bytes: Data) -> Tally {
        var tally = Tally()
        var numbers: [UInt64] = []
        var (value, shift): (UInt64, UInt64) = (0, 0)
        for byte in [UInt8](bytes) {
            value |= UInt64(byte & 0x7F) << shift
            shift += 7
            guard byte < 0x80 || shift > 56 else { continue }
            numbers.append(value)
            (value, shift) = (0, 0)
        }
        for pair in stride(from: 0, to: numbers.count - 1, by: 2) {
            guard let counter = Counter.known(UInt32(truncatingIfNeeded: numbers[pair])) else {
                continue
            }
            tally.add(Int(clamping: numbers[pair + 1]), to: counter)
        }
        return tally
    }
}

extension LookedUpRow {
    /// A column of days since 1970-01-01.
    func day(_ column: Int32) -> CalendarDate? {
        optional(column).map { CalendarDate(daysSinceEpoch: Int32(truncatingIfNeeded: $0)) }
    }
}

extension Outcome {
    /// What stands in a table for an outcome, or for none: never given to another one.
    package static func stored(_ outcome: Outcome?) -> Int64 {
        switch outcome {
        case nil: 0
        case .safe: 1
        case .basicallySafe: 2
        case .unsafe: 3
        case .notAssessed: 4
        case .excluded: 5
        case .contested: 6
        case .contestedMaybeSafe: 7
        case .contestedMaybeExcluded: 8
        }
    }

    package init?(stored: Int64) {
        switch stored {
        case 1: self = .safe
        case 2: self = .basicallySafe
        case 3: self = .unsafe
        case 4: self = .notAssessed
        case 5: self = .excluded
        case 6: self = .contested
        case 7: self = .contestedMaybeSafe
        case 8: self = .contestedMaybeExcluded
        default: return nil
        }
    }
}
