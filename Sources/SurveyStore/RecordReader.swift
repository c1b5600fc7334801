internal import Foundation
public import GRDB
public import SurveyCoverage
internal import SurveyLog
internal import SurveyMerge
public import SurveyModel

/// A record with what its subject is called and where that is: a row of an export.
public struct RecordRow: Sendable {
    public let key: RecordKey
    /// Where the register has its subject; where it was written about one that it does not have.
    public let village: Area
    /// What people call its subject, as ``Subjects/number(of:in:)`` has it. A finding is called by
    /// what it is about.
    public let subjectNo: String
    /// nil for what is about a village.
    public let householdNo: String?
    /// The answers as shown, contested sections by their policy.
    public let answers: Answers
    public let contestedSections: [Section]
    /// Where the subject stands; nil for a form that concludes nothing.
    public let outcome: Outcome?
    /// Why, by the answers as shown.
    public let assessment: Assessment?
    /// The latest of its edits, each by its author's own clock: milliseconds since the epoch.
    public let lastDeviceTime: Int64?
    /// Where its household is, when that was asked for and its entry says so.
    public let position: Position?
    /// The number of the entry that stands for a household or a person with several; nil for that
    /// entry itself.
    public let sameAs: String?
    /// A person who does not live there any more.
    public let isGone: Bool
}

/// Reads all records of a form, one village after the other: only the keys of one are in memory.
///
/// The order is that of villages, then of numbers, so that two readings of the same records say the
/// same. Joined households have one check, as everywhere.
public struct RecordReader {
    private let form: Form
    private let villages: [Area]
    private let round: RoundID
    private let context: AssessmentContext?
    private let locating: Bool
    private let db: Database

    /// - Parameters:
    ///   - round: whose checks or findings; nil for the register, which belongs to none.
    ///   - locating: looks up the position of each record's household.
    public init(
        _ form: Form, in villages: [Area], round: Round?, locating: Bool, _ db: Database
    ) {
        self.form = form
        self.villages = villages
        self.round = round?.id ?? .register
        self.context = round?.context
        self.locating = locating
        self.db = db
    }

    /// - Returns: how many records cannot be read because the disk has changed them.
    public func forEach(_ body: (RecordRow) throws -> Void) throws -> Int {
        var damaged = 0
        // At the end come checks of subjects that the register does not have.
        let places: [Area?] = villages.map { Optional($0) } + [nil]
        for place in places {
            for found in try rows(in: place).map(Found.init) {
                let row: RecordRow?
                do {
                    row = try read(found, in: place)
                } catch is DamagedDatabase {
                    damaged += 1
                    continue
                }
                if let row { try body(row) }
            }
        }
        return damaged
    }

    // MARK: One record

    private func read(_ found: Found, in place: Area?) throws -> RecordRow? {
        let key = RecordKey(kind: form.kind, subject: found.subject, round: round)
        let state = try Records.shown(key, in: db)
        // What waits for review or was rejected says nothing.
        guard !state.included.isEmpty,
            let village = place ?? villages.first(where: { $0.id == state.area })
        else { return nil }
        let answers = form.kind == .finding ? try named(state.answers) : state.answers
        let assessment = context?.assess(form.kind, answers)
        return RecordRow(
            key: key, village: village, subjectNo: found.number(in: village),
            householdNo: found.householdNo, answers: answers,
            contestedSections: state.contestedSections.compactMap { form.section($0.section) },
            outcome: assessment == nil ? nil : found.outcome, assessment: assessment,
            lastDeviceTime: state.included.map(\.header.deviceTime).max(),
            position: try position(key, answers), sameAs: try standIn(key),
            isGone: try isGone(key.subject))
    }

    /// With the names of those who did something about it in place of their ids.
    private func named(_ answers: Answers) throws -> Answers {
        var answers = answers
        for field in [Finding.rectifiedBy, Finding.verifiedBy] {
            guard let id = answers[field].flatMap(SubjectID.init),
                let user = try Accounts.find(UserID(id), in: db)
            else { continue }
            answers[field.definition.tag] = .text(user.name)
        }
        return answers
    }

    private func position(_ key: RecordKey, _ answers: Answers) throws -> Position? {
        guard locating, form.subject == .household else { return nil }
        return try form.kind == .household
            ? Position(answers) : Records.position(of: key.subject, in: db)
    }

    private func isGone(_ subject: SubjectID) throws -> Bool {
        guard form.subject == .person || form.kind == .person else { return false }
        let present: Bool? = try db.value(
            "SELECT present FROM person WHERE subject = \(subjectNumber())", [subject.bytes])
        return present == false
    }

    private func standIn(_ key: RecordKey) throws -> String? {
        guard form.kind == .household || form.kind == .person else { return nil }
        let canonical = try Joined.canonical(of: key.subject, in: db)
        return try canonical == key.subject ? nil : Subjects.number(of: canonical, in: db)
    }

    // MARK: Which records there are

    private struct Found {
        let subject: SubjectID
        let householdNo: String?
        let personNo: String?
        /// What a finding is about.
        let about: SubjectID?
        let outcome: Outcome?

        init(_ row: Row) throws {
            let about: Data? = row["about"]
            let outcome: Int64? = row["outcome"]
            subject = try row.subject("record.subject", "id")
            householdNo = row["household_no"]
            personNo = row["person_no"]
            self.about = about.flatMap { SubjectID($0) }
            self.outcome = outcome.flatMap { Outcome(stored: $0) }
        }

        func number(in village: Area) -> String {
            if let householdNo {
                return personNo.map { "\(householdNo)/\($0)" } ?? householdNo
            }
            let subject = about ?? subject
            return subject == village.id.subject ? village.code : subject.text
        }
    }

    private func rows(in village: Area?) throws -> [Row] {
        let (kind, round) = (Int64(form.kind.rawValue), try db.number(of: round))
        guard let village else {
            let isCheck = Form.checks.contains { $0.kind == form.kind }
            guard isCheck, form.subject != .village else { return [] }
            return try db.rows(Self.unregistered, [kind, round])
        }
        let area = village.id.column
        switch form.kind {
        case .household: return try db.rows(Self.households, [area])
        case .person: return try db.rows(Self.persons, [area])
        case .finding: return try db.rows(Self.findings, [area, round])
        default: break
        }
        switch form.subject {
        case .household: return try db.rows(Self.checksOfHouseholds, [area, kind, round])
        case .person: return try db.rows(Self.checksOfPersons, [area, kind, round])
        case .village:
            let subject = try db.number(of: village.id.subject)
            return try db.rows(Self.checksOfVillage, [subject, kind, round])
        case .finding, .pair, .register: return []
        }
    }

    private static let households = """
        SELECT \(subjectID("household.subject")) AS id, household_no, NULL AS person_no, NULL AS about,
            NULL AS outcome
        FROM household WHERE area = ? ORDER BY household_no, id
        """

    private static let persons = """
        SELECT \(subjectID("person.subject")) AS id, household_no, person_no, NULL AS about,
            NULL AS outcome
        FROM person LEFT JOIN household ON household.subject = person.household
        WHERE person.area = ? ORDER BY household_no, person_no, id
        """

    private static let findings = """
        SELECT \(subjectID("finding.subject")) AS id, person_no,
            \(subjectID("finding.about")) AS about, NULL AS outcome,
            coalesce(own.household_no, theirs.household_no) AS household_no
        FROM finding
        LEFT JOIN household AS own ON own.subject = finding.about
        LEFT JOIN person ON person.subject = finding.about
        LEFT JOIN household AS theirs ON theirs.subject = person.household
        WHERE finding.area = ? AND finding.round = ? ORDER BY id
        """

    /// Entries that are one household have their checks as one, under the entry that stands for all.
    private static let checksOfHouseholds = """
        SELECT \(subjectID("household.subject")) AS id, household_no, NULL AS person_no,
            NULL AS about, outcome
        FROM household CROSS JOIN check_state ON check_state.subject = household.subject
        WHERE area = ?1 AND kind = ?2 AND round = ?3
            AND NOT EXISTS (SELECT 1 FROM joined WHERE joined.subject = household.subject)
        UNION ALL
        SELECT \(subjectID("household.subject")), household_no, NULL, NULL, outcome
        FROM household CROSS JOIN joined_check ON joined_check.subject = household.subject
        WHERE area = ?1 AND kind = ?2 AND round = ?3
        ORDER BY household_no, id
        """

    private static let checksOfPersons = """
        SELECT \(subjectID("person.subject")) AS id, household_no, person_no, NULL AS about, outcome
        FROM person CROSS JOIN check_state ON check_state.subject = person.subject
        LEFT JOIN household ON household.subject = person.household
        WHERE person.area = ?1 AND kind = ?2 AND round = ?3
            AND NOT EXISTS (SELECT 1 FROM joined WHERE joined.subject = person.subject)
        UNION ALL
        SELECT \(subjectID("person.subject")), household_no, person_no, NULL, outcome
        FROM person CROSS JOIN joined_check ON joined_check.subject = person.subject
        LEFT JOIN household ON household.subject = person.household
        WHERE person.area = ?1 AND kind = ?2 AND round = ?3
        ORDER BY household_no, person_no, id
        """

    private static let checksOfVillage = """
        SELECT \(subjectID("check_state.subject")) AS id, NULL AS household_no, NULL AS person_no, NULL AS about,
            outcome
        FROM check_state WHERE subject = ?1 AND kind = ?2 AND round = ?3
        """

    private static let unregistered = """
        SELECT \(subjectID("check_state.subject")) AS id, NULL AS household_no, NULL AS person_no,
            NULL AS about, outcome
        FROM check_state WHERE kind = ? AND round = ?
            AND NOT EXISTS (SELECT 1 FROM household WHERE household.subject = check_state.subject)
            AND NOT EXISTS (SELECT 1 FROM person WHERE person.subject = check_state.subject)
        ORDER BY id
        """
}
