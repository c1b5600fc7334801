internal import Foundation
public import GRDB
public import SurveyCoverage
public import SurveyModel

/// A household as a list shows it.
public struct HouseholdRow: Sendable {
    public let subject: SubjectID
    public let area: AreaID
    public let householdNo: String
    public let headName: String
    public let address: String
    /// Whether anybody was met there in the round; nil when nobody said.
    public let visit: VisitStatus?
    /// Members who live here or are away for a time.
    public let members: Int
    /// Of these, how many are of school age in the round.
    public let children: Int
    /// Of the members, how many have no medical check, or are children without one of schooling.
    public let uncheckedMembers: Int
    /// Housing and water of the household itself, medical and schooling of its worst member.
    public let checks: [Guarantee: Outcome]
    /// Numbers of other register entries that are the same household.
    public let sameAs: [String]
    /// Set aside: counted apart.
    public let isSetAside: Bool
    /// What somebody has to look at; nothing of one that is set aside.
    public let flags: [HouseholdFlag]

    /// What it is called by: its number, else the beginning of its id.
    public var handle: String {
        householdNo.isEmpty ? String(subject.text.prefix(10)) : householdNo
    }

    /// Whether a guarantee is checked here at all: schooling needs a child.
    public func isAsked(_ guarantee: Guarantee) -> Bool { guarantee != .schooling || children > 0 }
}

/// Why a household that counts may not belong in the counts.
public enum HouseholdFlag: String, Sendable, CaseIterable {
    case noNumber = "no_number"
    /// No members are registered, or all of them left.
    case noMembers = "no_members"

    public var label: Label {
        switch self {
        case .noNumber: Label(zh: "没有户编号", en: "no number")
        case .noMembers: Label(zh: "没有成员", en: "no members")
        }
    }
}

/// A person as a list shows it.
public struct PersonRow: Sendable {
    public let subject: SubjectID
    public let household: SubjectID
    public let householdNo: String
    public let area: AreaID
    public let personNo: String
    public let name: String
    public let birthDate: CalendarDate?
    public let isPresent: Bool
    /// Of compulsory school age in the round.
    public let isChild: Bool
    /// Medical, and schooling of a child.
    public let checks: [Guarantee: Outcome]
    /// Numbers of other register entries that are the same person.
    public let sameAs: [String]
    /// Set aside: counted apart.
    public let isSetAside: Bool
    /// Their entry names no household any more: ``household`` is the last one that it named.
    public let isUnplaced: Bool

    /// What they are called by: their household's number and their own, else the beginning of their id.
    public var handle: String {
        householdNo.isEmpty ? String(subject.text.prefix(10)) : "\(householdNo)/\(personNo)"
    }
}

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
        let joined = try Joined.all(in: db)
        let visits = try Visits(round, db)
        return try Row.fetchAll(
            db,
            sql: """
                SELECT *, \(Standing.isSetAside("household")) AS aside FROM household \(filter)
                AND subject NOT IN (SELECT subject FROM joined WHERE subject != canonical)
                \(standing) ORDER BY household_no
                """
        ).map { row in
            let subject = try row.parsed("household.subject", SubjectID(row["subject"]))
            return try household(
                row, joined[subject] ?? [subject], members: members, outcomes: outcomes, visits,
                db)
        }
    }

    public static func household(_ subject: SubjectID, round: Round?, _ db: Database) throws
        -> HouseholdRow?
    {
        let entries = try Joined.entries(of: subject, in: db)
        let members = try membership(
            "WHERE household IN (\(databaseQuestionMarks(count: entries.count)))",
            StatementArguments(entries.map(\.bytes)), round, db)
        let outcomes = try outcomes(
            round, of: entries + members.values.joined().map(\.subject), db)
        return try db.row(
            """
            SELECT *, \(Standing.isSetAside("household")) AS aside FROM household
            WHERE subject = ?
            """, [entries[0].bytes]
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
            let entries = try Joined.entries(of: household, in: db)
            let marks = databaseQuestionMarks(count: entries.count)
            conditions.append("person.household IN (\(marks))")
            arguments += StatementArguments(entries.map(\.bytes))
        }
        let filter = "WHERE " + conditions.joined(separator: " AND ")
        let joined = try Joined.all(in: db)
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT person.*, household.household_no, \(Standing.isSetAside("person")) AS aside
                FROM person
                LEFT JOIN household ON household.subject = person.household \(filter)
                ORDER BY household_no, person_no
                """, arguments: arguments)
        let subjects =
            household == nil ? nil : rows.compactMap { SubjectID($0["subject"] as Data) }
        let outcomes = try outcomes(round, of: subjects, db)
        return try rows.map { row in
            let subject = try row.parsed("person.subject", SubjectID(row["subject"]))
            return PersonRow(
                subject: subject,
                household: try row.parsed("person.household", SubjectID(row["household"])),
                householdNo: row["household_no"] ?? "", area: AreaID(column: row["area"]),
                personNo: row["person_no"], name: row["name"],
                birthDate: row.day("birth_date"),
                isPresent: row["present"],
                isChild: round?.isOfSchoolAge(bornOn: row.day("birth_date")) ?? false,
                checks: Self.checks(outcomes[subject]),
                sameAs: try (joined[subject] ?? []).dropFirst().compactMap {
                    try number(of: $0, in: db)
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
            """, [subject.bytes])
        if let area { return AreaID(column: area) }
        let village = AreaID(subject)
        guard village.subject == subject else { return nil }
        return (try db.value("SELECT id FROM area WHERE id = ?", [village.column]) as Int64?)
            .map(AreaID.init(column:))
    }

    /// What people call a subject: a household's number, a person's after its household's, a
    /// village's code; nil for one that has none.
    public static func number(of subject: SubjectID, in db: Database) throws -> String? {
        if let number: String = try db.value(
            """
            SELECT nullif(household_no, '') FROM household WHERE subject = ?1
            UNION ALL SELECT nullif(household_no, '') || '/' || person_no FROM person
            JOIN household ON household.subject = person.household WHERE person.subject = ?1
            """, [subject.bytes])
        {
            return number
        }
        let village = AreaID(subject)
        guard village.subject == subject else { return nil }
        return try db.value("SELECT code FROM area WHERE id = ?", [village.column])
    }

    /// The household that a subject is, or belongs to, by the entry that stands for it; nil for a
    /// village.
    public static func household(at subject: SubjectID, in db: Database) throws -> SubjectID? {
        let entry = try db.row(
            """
            SELECT subject AS entry FROM household WHERE subject = ?1
            UNION ALL SELECT household FROM person WHERE subject = ?1
            """, [subject.bytes]
        ).map { try $0.parsed("household", SubjectID($0["entry"])) }
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
        _ row: Row, _ entries: [SubjectID], members: [SubjectID: [Member]],
        outcomes: [SubjectID: [RecordKind: Outcome]], _ visits: Visits, _ db: Database
    ) throws -> HouseholdRow {
        let subject = entries[0]
        let present = entries.flatMap { members[$0] ?? [] }.filter(\.isPresent)
        let isSetAside: Bool = row["aside"]
        let numbers = try entries.compactMap { try number(of: $0, in: db) }
        var flags: [HouseholdFlag] = numbers.isEmpty ? [.noNumber] : []
        if present.isEmpty { flags.append(.noMembers) }
        let children = present.filter(\.isChild)
        var checks: [Guarantee: Outcome] = [:]
        checks[.housing] = outcomes[subject]?[.housing]
        checks[.water] = outcomes[subject]?[.water]
        checks[.medical] = worst(present.map { outcomes[$0.subject]?[.medical] })
        checks[.schooling] = worst(children.map { outcomes[$0.subject]?[.schooling] })
        return HouseholdRow(
            subject: subject, area: AreaID(column: row["area"]),
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
                try number(of: $0, in: db) ?? String($0.text.prefix(10))
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
        let subject: SubjectID
        let isPresent: Bool
        let isChild: Bool
    }

    private static func membership(
        _ filter: String, _ arguments: StatementArguments, _ round: Round?, _ db: Database
    ) throws -> [SubjectID: [Member]] {
        var members: [SubjectID: [Member]] = [:]
        let sql = """
            SELECT household, subject, present, birth_date FROM person \(filter)
            AND \(Standing.standsForItself("person")) AND NOT \(Standing.isSetAside("person"))
            """
        for row in try Row.fetchAll(db, sql: sql, arguments: arguments) {
            let household = try row.parsed("person.household", SubjectID(row["household"]))
            let subject = try row.parsed("person.subject", SubjectID(row["subject"]))
            members[household, default: []].append(
                Member(
                    subject: subject, isPresent: row["present"],
                    isChild: round?.isOfSchoolAge(bornOn: row.day("birth_date")) ?? false))
        }
        return members
    }

    /// - Parameter subjects: nil for all that were checked in the round.
    private static func outcomes(
        _ round: Round?, of subjects: [SubjectID]? = nil, _ db: Database
    ) throws -> [SubjectID: [RecordKind: Outcome]] {
        guard let round else { return [:] }
        var outcomes: [SubjectID: [RecordKind: Outcome]] = [:]
        let these = subjects.map {
            "AND subject IN (\(databaseQuestionMarks(count: $0.count)))"
        }
        let arguments =
            [round.id.column] + StatementArguments((subjects ?? []).map(\.bytes))
        for row in try Row.fetchAll(
            db,
            sql: """
                SELECT subject, kind, outcome FROM check_state
                WHERE round = ? \(these ?? "") AND subject NOT IN (SELECT subject FROM joined)
                UNION ALL
                SELECT subject, kind, outcome FROM joined_check WHERE round = ? \(these ?? "")
                """, arguments: arguments + arguments)
        {
            let subject = try row.parsed("check_state.subject", SubjectID(row["subject"]))
            outcomes[subject, default: [:]][RecordKind(rawValue: UInt32(row["kind"] as Int64))] =
                Outcome(rawValue: row["outcome"])
        }
        return outcomes
    }

    /// What one check comes to; nil when nobody has begun it.
    public static func outcome(of check: RecordKey, in db: Database) throws -> Outcome? {
        guard let round = try Rounds.find(check.round, in: db) else { return nil }
        return try outcomes(round, of: [check.subject], db)[check.subject]?[check.kind]
    }

    // MARK: Finding one

    /// What a person typed: an id, an unambiguous prefix of it, or the official number in any
    /// spelling. Of several that differ by spelling only, the one that is written as it was typed.
    ///
    /// - Returns: a few subjects at most; more than one mean that the text is ambiguous.
    public static func find(household text: String, _ db: Database) throws -> [SubjectID] {
        let key = text.typed.folded
        guard !key.isEmpty else { return [] }
        let byNumber = try subjects(
            "SELECT subject, household_no AS number FROM household WHERE folded_no = ? LIMIT 99",
            [key], written: text.trimmed, db)
        return byNumber.isEmpty ? try find(prefix: text.folded, table: "household", db) : byNumber
    }

    /// As ``find(household:_:)``; a person's number is `household number/person number`.
    public static func find(person text: String, _ db: Database) throws -> [SubjectID] {
        let folded = text.typed.folded
        if let slash = folded.lastIndex(of: "/") {
            return try subjects(
                """
                SELECT person.subject, household_no || '/' || person_no AS number FROM household
                JOIN person ON household.subject = person.household
                WHERE household.folded_no = ? AND household.folded_no != ''
                    AND person.folded_no = ? LIMIT 99
                """,
                [
                    String(folded[..<slash]),
                    folded[folded.index(after: slash)...].foldedPlace,
                ], written: text.trimmed, db)
        }
        let byNumber = try subjects(
            "SELECT subject, person_no AS number FROM person WHERE folded_no = ? LIMIT 9",
            [text.typed.foldedPlace], written: text.trimmed, db)
        return byNumber.isEmpty ? try find(prefix: folded, table: "person", db) : byNumber
    }

    private static func subjects(
        _ sql: String, _ arguments: StatementArguments, written text: String, _ db: Database
    ) throws -> [SubjectID] {
        guard !text.isEmpty else { return [] }
        let rows = try db.rows(sql, arguments)
        let exact = rows.filter {
            let number: String = $0["number"]
            return number == text || number.shown == text
        }
        return try (exact.isEmpty ? rows : exact).prefix(9).map { row in
            try row.parsed("subject", SubjectID(row["subject"]))
        }
    }

    private static func find(prefix text: String, table: String, _ db: Database) throws
        -> [SubjectID]
    {
        let text = text.lowercased()
        guard (4...26).contains(text.utf8.count) else { return [] }
        let arguments = Records.prefixArguments(text)
        return try subjects(
            "SELECT subject FROM \(table) WHERE \(Records.prefixCondition)", arguments, db
        ).filter { $0.text.hasPrefix(text) }
    }

    private static func subjects(_ sql: String, _ arguments: StatementArguments, _ db: Database)
        throws -> [SubjectID]
    {
        try db.rows(sql, arguments).map { row in
            try row.parsed("subject", SubjectID(row["subject"]))
        }
    }
}

extension String {
    /// As lists print a number: with a mark in place of what is not seen.
    fileprivate var shown: String {
        String(
            String.UnicodeScalarView(unicodeScalars.map { $0.isUnprintable ? "\u{FFFD}" : $0 }))
    }

    /// Without the marks of a number that was copied from a list.
    fileprivate var typed: String {
        String(String.UnicodeScalarView(unicodeScalars.filter { $0 != "\u{FFFD}" }))
    }
}

extension Outcome {
    /// Greater is worse: what a household takes of its members.
    var severity: Int {
        switch self {
        case .excluded: 0
        case .safe: 1
        case .basicallySafe: 2
        case .notAssessed: 3
        case .contested, .contestedMaybeSafe, .contestedMaybeExcluded: 4
        case .unsafe: 5
        }
    }
}

extension Set<AreaID> {
    /// Integers only, so nothing to escape.
    var sqlList: String { map { String($0.column) }.joined(separator: ",") }
}
