import Foundation
import GRDB
import SurveyCoverage
import SurveyLog
import SurveyModel

/// What a subject contributes, computed from the projected register and checks.
enum Contributions {
    struct Facts {
        let area: AreaID
        let register: Tally
        let perRound: [RoundID: Tally]
    }

    static func facts(of subject: SubjectID, in db: Database) throws -> Facts {
        if let area = try AreaID.of(household: subject, in: db) {
            return try household(subject, area: area, in: db)
        }
        // A member counts with its household, wherever that is.
        let belongs: Int64? = try db.value(
            "SELECT 1 FROM person WHERE subject = ?", [subject.bytes])
        if belongs != nil {
            return Facts(area: .reserved, register: Tally(), perRound: [:])
        }
        return try unregistered(subject, in: db)
    }

    private static func household(_ subject: SubjectID, area: AreaID, in db: Database) throws
        -> Facts
    {
        let members = try db.rows(
            "SELECT subject, present FROM person WHERE household = ?", [subject.bytes]
        ).map { row in
            (
                subject: try row.parsed("person.subject", SubjectID(row["subject"])),
                present: row["present"] as Bool
            )
        }
        var checks: [RoundID: [SubjectID: [RecordKind: CheckFacts]]] = [:]
        for candidate in [subject] + members.map(\.subject) {
            for (round, kind, facts) in try self.checks(of: candidate, in: db) {
                checks[round, default: [:]][candidate, default: [:]][kind] = facts
            }
        }
        func facts(_ checks: [SubjectID: [RecordKind: CheckFacts]]) -> HouseholdFacts {
            HouseholdFacts(
                isRegistered: true,
                members: members.map {
                    .init(isPresent: $0.present, medical: checks[$0.subject]?[.medical])
                },
                housing: checks[subject]?[.housing], water: checks[subject]?[.water])
        }
        return Facts(
            area: area, register: facts([:]).registerContribution,
            perRound: checks.mapValues { facts($0).roundContribution })
    }

    private static func unregistered(_ subject: SubjectID, in db: Database) throws -> Facts {
        var perRound: [RoundID: Tally] = [:]
        for (round, kind, check) in try checks(of: subject, in: db) {
            let facts =
                kind == .medical
                ? HouseholdFacts(
                    isRegistered: false, members: [.init(isPresent: true, medical: check)],
                    housing: nil, water: nil)
                : HouseholdFacts(
                    isRegistered: false, members: [], housing: kind == .housing ? check : nil,
                    water: kind == .water ? check : nil)
            perRound[round] = (perRound[round] ?? Tally()) + facts.roundContribution
        }
        let area = perRound.isEmpty ? nil : try leastArea(of: subject, in: db)
        return Facts(area: area ?? .reserved, register: Tally(), perRound: perRound)
    }

    /// The area that the check edit with the least id names: the same on every replica.
    private static func leastArea(of subject: SubjectID, in db: Database) throws -> AreaID? {
        try db.rows(
            """
            SELECT header, body, body_hash, edit.id FROM edit
            JOIN check_state ON check_state.record = edit.record
            WHERE subject = ? ORDER BY edit.id LIMIT 1
            """, [subject.bytes]
        ).first.map { try SegmentLog.edit($0).header.area }
    }

    private static func checks(of subject: SubjectID, in db: Database) throws
        -> [(RoundID, RecordKind, CheckFacts)]
    {
        try db.rows(
            "SELECT round, kind, outcome, held FROM check_state WHERE subject = ?",
            [subject.bytes]
        ).map { row in
            (
                RoundID(column: row["round"]),
                RecordKind(rawValue: UInt32(row["kind"] as Int64)),
                CheckFacts(
                    outcome: Outcome(rawValue: row["outcome"]), held: row["held"])
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
                let counter = Counter(rawValue: number)
            else { continue }
            tally.add(value, to: counter)
        }
        return tally
    }
}
