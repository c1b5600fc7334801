internal import Foundation
public import GRDB
public import SurveyCoverage
public import SurveyModel

public enum Subjects {
    /// Entries that are one household stand as one, by the one that its checks are written about.
    ///
    /// - Parameters:
    ///   - round: nil for a home without one, where nothing is checked.
    ///   - setAside: those that are set aside too.
    public static func households(
        in areas: Set<AreaID>?, round: Round?, setAside: Bool = false, _ db: Database
    ) throws -> [HouseholdRow] {
        let filter = areas.map { "WHERE area IN (\($0.sqlList))" } ?? "WHERE true"
        let standing = setAside ? "" : "AND NOT \(Standing.isSetAside("household"))"
        let members = try membership(filter, [], round, db)
        let outcomes = try outcomes(round, db)
        let joined = try Joined.groups(in: db)
        let visits = try Visits(round, db)
        return try Row.fetchAll(
            db,
            sql: """
                SELECT *, \(subjectID("household.subject")) AS id,
                    \(Standing.isSetAside("household")) AS aside FROM household \(filter)
                AND subject NOT IN (SELECT subject FROM joined WHERE subject != canonical)
                \(standing) ORDER BY household_no, id
                """
        ).map { row in
            let subject: Int64 = row["subject"]
            return try household(
                row, joined[subject] ?? [subject], members: members, outcomes: outcomes, visits,
                db)
        }
    }

    public static func household(_ subject: SubjectID, round: Round?, _ db: Database) throws
        -> HouseholdRow?
    {
        guard let number = try db.number(of: subject) else { return nil }
        let entries = try Joined.entries(of: number, in: db)
        let members = try membership(
            "WHERE household IN (\(databaseQuestionMarks(count: entries.count)))",
            StatementArguments(entries), round, db)
        let outcomes = try outcomes(
            round, of: entries + members.values.joined().map(\.subject), db)
        return try db.row(
            """
            SELECT *, \(subjectID("household.subject")) AS id,
                \(Standing.isSetAside("household")) AS aside FROM household
            WHERE subject = ?
            """, [entries[0]]
        ).map {
            try household(
                $0, entries, members: members, outcomes: outcomes, Visits(round, db), db)
        }
    }

    /// Entries that are one person stand as one. The members of a household that is set aside are
    /// listed with it alone.
    ///
    /// - Parameter setAside: those who are set aside too.
    public static func persons(
        in areas: Set<AreaID>?, household: SubjectID?, round: Round?, setAside: Bool = false,
        _ db: Database
    ) throws -> [PersonRow] {
        var conditions = [Standing.standsForItself("person")]
        if !setAside {
            conditions.append("NOT \(Standing.isSetAside("person"))")
            if household == nil {
                conditions.append("NOT coalesce(\(Standing.isSetAside("household")), 0)")
            }
        }
        var arguments: StatementArguments = []
        if let areas { conditions.append("person.area IN (\(areas.sqlList))") }
        if let household {
            let entries = try db.number(of: household).map { try Joined.entries(of: $0, in: db) }
            let marks = databaseQuestionMarks(count: entries?.count ?? 0)
            conditions.append("person.household IN (\(marks))")
            arguments += StatementArguments(entries ?? [])
        }
        let filter = "WHERE " + conditions.joined(separator: " AND ")
        let joined = try Joined.groups(in: db)
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT person.*, \(subjectID("person.subject")) AS id,
                    \(subjectID("person.household")) AS household_id,
                    household.household_no, \(Standing.isSetAside("person")) AS aside
                FROM person
                LEFT JOIN household ON household.subject = person.household \(filter)
                ORDER BY household_no, person_no, id
                """, arguments: arguments)
        let subjects = household == nil ? nil : rows.map { $0["subject"] as Int64 }
        let outcomes = try outcomes(round, of: subjects, db)
        return try rows.map { row in
            let subject: Int64 = row["subject"]
            return PersonRow(
                subject: try row.subject("person.subject", "id"),
                household: try row.subject("person.household", "household_id"),
                householdNo: row["household_no"] ?? "", area: AreaID(column: row["area"]),
                personNo: row["person_no"], name: row["name"],
                birthDate: row.day("birth_date"),
                isPresent: row["present"],
                isChild: round?.isOfSchoolAge(bornOn: row.day("birth_date")) ?? false,
                checks: Self.checks(outcomes[subject]),
                sameAs: try (joined[subject] ?? []).dropFirst().compactMap {
                    try number(ofEntry: $0, in: db)
                },
                isSetAside: row["aside"], isUnplaced: row["unplaced"])
        }
    }

    /// Where a person or a village stands, by its checks.
    private static func checks(_ outcomes: [RecordKind: Outcome]?) -> [Guarantee: Outcome] {
        Dictionary(
            uniqueKeysWithValues: Guarantee.allCases.compactMap { guarantee in
                outcomes?[guarantee.kind].map { (guarantee, $0) }
            })
    }

    /// Where the register has a subject of any kind; nil when it does not know it.
    public static func area(of subject: SubjectID, in db: Database) throws -> AreaID? {
        let area: Int64? = try db.value(
            """
            SELECT area FROM household WHERE subject = ?1
            UNION ALL SELECT area FROM person WHERE subject = ?1
            """, [try db.number(of: subject)])
        if let area { return AreaID(column: area) }
        let village = AreaID(subject)
        guard village.subject == subject else { return nil }
        return (try db.value("SELECT id FROM area WHERE id = ?", [village.column]) as Int64?)
            .map(AreaID.init(column:))
    }

    /// What people call a subject: a household's number, a person's after its household's, a
    /// village's code; nil for one that has none.
    public static func number(of subject: SubjectID, in db: Database) throws -> String? {
        if let entry = try db.number(of: subject),
            let number = try number(ofEntry: entry, in: db)
        {
            return number
        }
        let village = AreaID(subject)
        guard village.subject == subject else { return nil }
        return try db.value("SELECT code FROM area WHERE id = ?", [village.column])
    }

    private static func number(ofEntry subject: Int64, in db: Database) throws -> String? {
        try db.value(
            """
            SELECT nullif(household_no, '') FROM household WHERE subject = ?1
            UNION ALL SELECT nullif(household_no, '') || '/' || person_no FROM person
            JOIN household ON household.subject = person.household WHERE person.subject = ?1
            """, [subject])
    }

    /// The household that a subject is, or belongs to, by the entry that stands for it; nil for a
    /// village.
    public static func household(at subject: SubjectID, in db: Database) throws -> SubjectID? {
        let entry = try db.row(
            """
            SELECT \(subjectID("entry")) AS subject FROM (
                SELECT subject AS entry FROM household WHERE subject = ?1
                UNION ALL SELECT household FROM person WHERE subject = ?1)
            """, [try db.number(of: subject)]
        ).map { try $0.subject("household") }
        return try entry.map { try Joined.canonical(of: $0, in: db) }
    }

    /// The round to which the visit of a household's entry belongs.
    public static func round(ofVisit answers: Answers, _ db: Database) throws -> RoundID? {
        try answers[Household.visitRound].flatMap(SubjectID.init).map { RoundID($0) }
            ?? Rounds.first(in: db)
    }

    /// A visit is one of a round: nobody has been to a household in a round that has just begun.
    private struct Visits {
        private let round: RoundID?
        private let first: RoundID?

        init(_ round: Round?, _ db: Database) throws {
            self.round = round?.id
            first = try Rounds.first(in: db)
        }

        func status(_ row: Row) -> VisitStatus? {
            let made = (row["visit_round"] as Int64?).map(RoundID.init(column:)) ?? first
            return round == nil || made == round ? VisitStatus(rawValue: row["visit"]) : nil
        }
    }

    private static func household(
        _ row: Row, _ entries: [Int64], members: [Int64: [Member]],
        outcomes: [Int64: [RecordKind: Outcome]], _ visits: Visits, _ db: Database
    ) throws -> HouseholdRow {
        let subject = entries[0]
        let present = entries.flatMap { members[$0] ?? [] }.filter(\.isPresent)
        let isSetAside: Bool = row["aside"]
        let numbers = try entries.compactMap { try number(ofEntry: $0, in: db) }
        var flags: [HouseholdFlag] = numbers.isEmpty ? [.noNumber] : []
        if present.isEmpty { flags.append(.noMembers) }
        let children = present.filter(\.isChild)
        var checks: [Guarantee: Outcome] = [:]
        checks[.housing] = outcomes[subject]?[.housing]
        checks[.water] = outcomes[subject]?[.water]
        checks[.medical] = worst(present.map { outcomes[$0.subject]?[.medical] })
        checks[.schooling] = worst(children.map { outcomes[$0.subject]?[.schooling] })
        return HouseholdRow(
            subject: try row.subject("household.subject", "id"), area: AreaID(column: row["area"]),
            householdNo: row["household_no"], headName: row["head_name"],
            address: row["address"], visit: visits.status(row),
            members: present.count,
            children: children.count,
            uncheckedMembers: present.count { member in
                let checks = outcomes[member.subject]
                return checks?[.medical] == nil
                    || member.isChild && checks?[.schooling] == nil
            }, checks: checks,
            sameAs: try entries.dropFirst().map {
                try number(ofEntry: $0, in: db) ?? String(db.subject($0).text.prefix(10))
            },
            isSetAside: isSetAside, flags: isSetAside ? [] : flags)
    }

    /// What a household takes of its members; nil (unchecked) while one is unchecked, unless
    /// another already needs attention.
    private static func worst(_ outcomes: [Outcome?]) -> Outcome? {
        let worst = outcomes.compactMap { $0 }.max { $0.severity < $1.severity }
        guard let worst, outcomes.contains(nil) else { return worst }
        return worst.severity > Outcome.basicallySafe.severity ? worst : nil
    }

    /// The members who count in a household while they live there.
    private struct Member {
        let subject: Int64
        let isPresent: Bool
        let isChild: Bool
    }

    private static func membership(
        _ filter: String, _ arguments: StatementArguments, _ round: Round?, _ db: Database
    ) throws -> [Int64: [Member]] {
        var members: [Int64: [Member]] = [:]
        let sql = """
            SELECT household, subject, present, birth_date FROM person \(filter)
            AND \(Standing.standsForItself("person")) AND NOT \(Standing.isSetAside("person"))
            """
        for row in try Row.fetchAll(db, sql: sql, arguments: arguments) {
            members[row["household"] as Int64, default: []].append(
                Member(
                    subject: row["subject"], isPresent: row["present"],
                    isChild: round?.isOfSchoolAge(bornOn: row.day("birth_date")) ?? false))
        }
        return members
    }

    /// - Parameter subjects: nil for all that were checked in the round.
    private static func outcomes(
        _ round: Round?, of subjects: [Int64]? = nil, _ db: Database
    ) throws -> [Int64: [RecordKind: Outcome]] {
        guard let round, let number = try db.number(of: round.id) else { return [:] }
        var outcomes: [Int64: [RecordKind: Outcome]] = [:]
        let these = subjects.map {
            "AND subject IN (\(databaseQuestionMarks(count: $0.count)))"
        }
        let arguments = [number] + StatementArguments(subjects ?? [])
        for row in try Row.fetchAll(
            db,
            sql: """
                SELECT subject, kind, outcome FROM check_state
                WHERE round = ? \(these ?? "") AND subject NOT IN (SELECT subject FROM joined)
                UNION ALL
                SELECT subject, kind, outcome FROM joined_check WHERE round = ? \(these ?? "")
                """, arguments: arguments + arguments)
        {
            let kind = RecordKind(rawValue: UInt32(truncatingIfNeeded: row["kind"] as Int64))
            outcomes[row["subject"] as Int64, default: [:]][kind] = Outcome(stored: row["outcome"])
        }
        return outcomes
    }

    /// What one check comes to; nil when nobody has begun it.
    public static func outcome(of check: RecordKey, in db: Database) throws -> Outcome? {
        guard let round = try Rounds.find(check.round, in: db),
            let subject = try db.number(of: check.subject)
        else { return nil }
        return try outcomes(round, of: [subject], db)[subject]?[check.kind]
    }
}

extension Set<AreaID> {
    /// Integers only, so nothing to escape.
    var sqlList: String { map { String($0.column) }.joined(separator: ",") }
}
