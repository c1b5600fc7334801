import GRDB
import SurveyLog
import SurveyMerge
import SurveyModel

/// Records that are projected together, with what is known of them and their subjects before: read at
/// once.
struct ProjectedBatch {
    /// Without those of which the disk has changed a byte.
    let states: [StoredKey: RecordState]
    /// Rows as they were projected last, by their subjects.
    private(set) var households: [Int64: DuplicateKeys] = [:]
    private(set) var persons: [Int64: DuplicateKeys.Member] = [:]
    private(set) var contested: Set<StoredKey> = []
    private(set) var held: Set<StoredKey> = []
    /// Numbers of the households that persons name and of the subjects that findings and pairs name.
    private(set) var numbers: [SubjectID: Int64] = [:]
    /// Where the register has the households that persons name.
    private(set) var areas: [Int64: AreaID] = [:]
    /// The household of each person who was checked.
    private(set) var belonging: [Int64: Int64] = [:]
    /// Persons of whom something is written as former members.
    private(set) var former: Set<Int64> = []
    /// The rules of the rounds that are checked in.
    private(set) var contexts: [RoundID: AssessmentContext] = [:]

    init(_ records: [StoredRecord], _ log: LogSession) throws {
        let db = log.db
        states = try log.states(of: records)
        func subjects(_ kinds: RecordKind...) -> [Int64] {
            records.filter { kinds.contains($0.key.kind) }.map(\.stored.subject)
        }
        try db.forEachRow(
            """
            SELECT subject, area, \(Numbers.household), dup_place, set_aside FROM household
            WHERE subject IN (KEYS)
            """, among: subjects(.household)
        ) { households[$0.integer(0)] = DuplicateKeys(household: $0, from: 1) }
        let entries = subjects(.household, .person, .sameAs)
        if !entries.isEmpty, try db.hasRows("contested_register") {
            try db.forEachRow(
                "SELECT subject, kind FROM contested_register WHERE subject IN (KEYS)",
                among: entries
            ) { row in
                let kind = RecordKind(rawValue: UInt32(truncatingIfNeeded: row.integer(1)))
                contested.insert(StoredKey(subject: row.integer(0), kind: kind, round: 0))
            }
        }
        try readNumbers(db)
        try readPersons(subjects(.person), db)
        try readChecks(records.filter { $0.stored.round != 0 }, db)
    }

    private mutating func readNumbers(_ db: Database) throws {
        var named: Set<SubjectID> = []
        for state in states.values {
            switch state.key.kind {
            case .person: for id in state.namedHouseholds { named.insert(id) }
            case .finding:
                state.answers[Finding.about].flatMap(SubjectID.init).map { _ = named.insert($0) }
            case .sameAs:
                state.key.pair(in: state.answers).map { named.formUnion([$0.first, $0.second]) }
            default: break
            }
        }
        if !named.isEmpty { numbers = try db.makeNumbers(of: named) }
    }

    private mutating func readPersons(_ subjects: [Int64], _ db: Database) throws {
        guard !subjects.isEmpty else { return }
        try db.forEachRow(
            """
            SELECT subject, household, area, \(Numbers.name), birth_date, set_aside FROM person
            WHERE subject IN (KEYS)
            """, among: subjects
        ) { persons[$0.integer(0)] = DuplicateKeys.Member($0, from: 1) }
        try db.forEachRow(
            "SELECT subject, area FROM household WHERE subject IN (KEYS)",
            among: Array(numbers.values)
        ) { areas[$0.integer(0)] = AreaID(column: $0.integer(1)) }
        guard try db.hasRows("former_member") else { return }
        try db.forEachRow(
            "SELECT person FROM former_member WHERE person IN (KEYS)", among: subjects
        ) { former.insert($0.integer(0)) }
    }

    private mutating func readChecks(_ records: [StoredRecord], _ db: Database) throws {
        guard !records.isEmpty else { return }
        for round in Set(records.map(\.key.round)) {
            contexts[round] = try Rounds.context(of: round, in: db)
        }
        let checked = records.filter { [.medical, .schooling].contains($0.key.kind) }
        try db.forEachRow(
            "SELECT subject, household FROM person WHERE subject IN (KEYS)",
            among: Set(checked.map(\.stored.subject)).sorted()
        ) { belonging[$0.integer(0)] = $0.integer(1) }
        guard try db.hasRows("held_check") else { return }
        try db.forEachRow(
            "SELECT subject, kind, round FROM held_check WHERE subject IN (KEYS)",
            among: Set(records.map(\.stored.subject)).sorted()
        ) { row in
            held.insert(
                StoredKey(
                    subject: row.integer(0),
                    kind: RecordKind(rawValue: UInt32(truncatingIfNeeded: row.integer(1))),
                    round: row.integer(2)))
        }
    }
}

extension RecordState {
    /// The households that any edit of a person's entry names that counts.
    var namedHouseholds: [SubjectID] {
        included.compactMap { $0.answers[Person.household].flatMap(SubjectID.init) }
    }
}

/// In SQL: texts as they are looked up and compared, whatever way they were once written.
enum Numbers {
    static let household = "coalesce(folded_no, household_no)"
    static let person = "coalesce(folded_no, person_no)"
    static let name = "coalesce(folded_name, name)"
}

/// Entries whose place is another one than before: what is where they are is projected again.
struct MovedEntries {
    var households: Set<Int64> = []
    var persons: Set<Int64> = []

    /// - Parameter rejoined: gets the members of the households, who may be joined with others now.
    mutating func settle(_ db: Database, _ rejoined: inout Set<Int64>) throws {
        let all = households.union(persons).sorted()
        if !all.isEmpty, try db.hasRows("finding") {
            // Findings are where their subject is.
            let finding = Int64(RecordKind.finding.rawValue)
            try DirtyRecords.mark(
                "SELECT subject, \(finding) AS kind, round FROM finding WHERE about IN (KEYS)",
                among: all, in: db)
            try DirtyRecords.mark(
                """
                SELECT finding.subject AS subject, \(finding) AS kind, round FROM person
                JOIN finding ON about = person.subject WHERE household IN (KEYS)
                """, among: households.sorted(), in: db)
        }
        var members: [Int64] = []
        try db.forEachRow(
            "SELECT subject FROM person WHERE household IN (KEYS)", among: households.sorted()
        ) { members.append($0.integer(0)) }
        rejoined.formUnion(members)
        for member in members {
            try DirtyRecords.mark(StoredKey(subject: member, kind: .person, round: 0), in: db)
        }
        self = MovedEntries()
    }
}
