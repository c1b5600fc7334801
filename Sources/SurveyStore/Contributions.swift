import Foundation
import GRDB
import SurveyCoverage
import SurveyLog
import SurveyMerge
import SurveyModel

/// What a subject contributes, computed from the projected register and checks.
enum Contributions {
    /// A village and a round; the register's own counts belong to no round.
    struct Place: Hashable {
        let area: AreaID
        let round: RoundID
    }

    static func facts(of subject: SubjectID, in db: Database) throws -> [Place: Tally] {
        var places = try ownFacts(of: subject, in: db)
        // Whoever chose a finding's id may have chosen that of something else: each counts.
        places.merge(try finding(subject, in: db)) { $0 + $1 }
        // Open pairs count at the second entry of each.
        let row = try db.row(
            """
            SELECT COUNT(DISTINCT first) AS pairs, min(area) AS area FROM duplicate
            WHERE second = ?
            """, [subject.bytes])
        if let row, let area: Int64 = row["area"] {
            let place = Place(area: AreaID(column: area), round: .register)
            places[place, default: Tally()].add(row["pairs"], to: .probableDuplicates)
        }
        return places
    }

    private static func ownFacts(of subject: SubjectID, in db: Database) throws -> [Place: Tally] {
        if let area = try AreaID.of(household: subject, in: db) {
            return try household(subject, area: area, in: db)
        }
        // A member counts with its household, wherever that is.
        let belongs: Int64? = try db.value(
            "SELECT 1 FROM person WHERE subject = ?", [subject.bytes])
        return belongs == nil ? try unregistered(subject, in: db) : [:]
    }

    private static func finding(_ subject: SubjectID, in db: Database) throws -> [Place: Tally] {
        let rows = try db.rows("SELECT * FROM finding WHERE subject = ?", [subject.bytes])
        guard !rows.isEmpty else { return [:] }
        let today = try Projector.day(db)
        return rows.reduce(into: [:]) { places, row in
            places[
                Place(area: AreaID(column: row["area"]), round: RoundID(column: row["round"]))] =
                findingContribution(
                    FindingState(rawValue: row["state"]) ?? .open,
                    deadline: row.day("deadline"), today: today)
        }
    }

    /// Entries that are one household count once, with the members and checks of all.
    private static func household(_ subject: SubjectID, area: AreaID, in db: Database) throws
        -> [Place: Tally]
    {
        let entries = try Joined.entries(of: subject, in: db)
        guard entries[0] == subject else { return [:] }
        let members = try entries.flatMap {
            try db.rows(
                """
                SELECT subject, present, birth_date, unplaced, \(Standing.isSetAside("person")) AS aside
                FROM person WHERE household = ? AND \(Standing.standsForItself("person"))
                """, [$0.bytes])
        }.map { row in
            (
                subject: try row.parsed("person.subject", SubjectID(row["subject"])),
                present: row["present"] as Bool, birthDate: row.day("birth_date"),
                isSetAside: row["aside"] as Bool, isUnplaced: row["unplaced"] as Bool
            )
        }
        let isSetAside = try Standing.isSetAside(household: subject, in: db)
        let hasNumber = try entries.contains {
            try db.value(
                "SELECT household_no != '' FROM household WHERE subject = ?", [$0.bytes]) ?? false
        }
        var checks: [RoundID: [SubjectID: [RecordKind: Outcome]]] = [:]
        for candidate in [subject] + members.map(\.subject) {
            for (round, kind, outcome) in try self.checks(of: candidate, in: db) {
                checks[round, default: [:]][candidate, default: [:]][kind] = outcome
            }
        }
        func facts(_ checks: [SubjectID: [RecordKind: Outcome]]) -> HouseholdFacts {
            HouseholdFacts(
                isRegistered: true,
                members: members.map {
                    .init(
                        isPresent: $0.present, birthDate: $0.birthDate,
                        medical: checks[$0.subject]?[.medical],
                        schooling: checks[$0.subject]?[.schooling],
                        isSetAside: $0.isSetAside, isUnplaced: $0.isUnplaced)
                },
                housing: checks[subject]?[.housing], water: checks[subject]?[.water],
                isSetAside: isSetAside, hasNumber: hasNumber)
        }
        var places = [Place(area: area, round: .register): facts([:]).registerContribution]
        for (round, checks) in checks {
            let year = try Rounds.context(of: round, in: db).year
            places[Place(area: area, round: round)] = facts(checks).roundContribution(in: year)
        }
        return places
    }

    /// Every check of it that counts, in every area where it was written: whoever reads one of
    /// these areas alone counts the same.
    private static func unregistered(_ subject: SubjectID, in db: Database) throws
        -> [Place: Tally]
    {
        var places: [Place: Tally] = [:]
        for (round, kind, check) in try checks(of: subject, in: db) {
            let year = try Rounds.context(of: round, in: db).year
            // A village is not in the register of households: its clinic counts by itself.
            guard kind != .clinic else {
                guard AreaID(subject).subject == subject else { continue }
                places[Place(area: AreaID(subject), round: round)] = clinicContribution(
                    check)
                continue
            }
            let facts = HouseholdFacts(
                isRegistered: false,
                members: [
                    .init(
                        isPresent: true, medical: kind == .medical ? check : nil,
                        schooling: kind == .schooling ? check : nil)
                ],
                housing: kind == .housing ? check : nil, water: kind == .water ? check : nil)
            let record = RecordKey(kind: kind, subject: subject, round: round)
            let areas = Set(try Records.state(of: record, in: db).included.map(\.header.area))
            for area in areas {
                places[Place(area: area, round: round), default: Tally()] =
                    (places[Place(area: area, round: round)] ?? Tally())
                    + facts.roundContribution(in: year)
            }
        }
        return places
    }

    private static func checks(of subject: SubjectID, in db: Database) throws
        -> [(RoundID, RecordKind, Outcome)]
    {
        try db.rows(
            """
            SELECT round, kind, outcome FROM check_state
            WHERE subject = ?1 AND NOT EXISTS (SELECT 1 FROM joined WHERE subject = ?1)
            UNION ALL SELECT round, kind, outcome FROM joined_check WHERE subject = ?1
            """, [subject.bytes]
        ).compactMap { row in
            guard let outcome = (row["outcome"] as String?).flatMap(Outcome.init) else {
                return nil
            }
            return (
                RoundID(column: row["round"]), RecordKind(rawValue: UInt32(row["kind"] as Int64)),
                outcome
            )
        }
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
