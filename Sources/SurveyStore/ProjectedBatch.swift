import GRDB
import SurveyMerge
import SurveyModel

/// Records that are projected together, with what is known of them and their subjects before: read at
/// once.
struct ProjectedBatch {
    struct Record {
        let number: Int64
        let key: RecordKey
    }

    /// By number; those of which the disk has changed a byte are not among them.
    let states: [Int64: RecordState]
    /// Rows as they were projected last, by their record's number.
    private(set) var households: [Int64: DuplicateKeys] = [:]
    private(set) var persons: [Int64: DuplicateKeys.Member] = [:]
    private(set) var contested: Set<Int64> = []
    private(set) var held: Set<Int64> = []
    /// Where the register has the households that persons name.
    private(set) var areas: [SubjectID: AreaID] = [:]
    /// The household of each person who was checked.
    private(set) var belonging: [SubjectID: SubjectID] = [:]
    /// Persons of whom something is written as former members.
    private(set) var former: Set<SubjectID> = []
    /// The rules of the rounds that are checked in.
    private(set) var contexts: [RoundID: AssessmentContext] = [:]

    init(_ records: [Record], in db: Database) throws {
        states = try Records.states(of: records.map { ($0.number, $0.key) }, in: db)
        func numbers(_ kinds: RecordKind...) -> [Int64] {
            records.filter { kinds.contains($0.key.kind) }.map(\.number)
        }
        try db.forEachRow(
            """
            SELECT record, area, folded_no, dup_place, set_aside FROM household
            WHERE record IN (KEYS)
            """, among: numbers(.household)
        ) { households[$0[0]] = DuplicateKeys(household: $0) }
        try db.forEachRow(
            "SELECT record FROM contested_register WHERE record IN (KEYS)",
            among: numbers(.household, .person, .sameAs)
        ) { contested.insert($0[0]) }
        try readPersons(numbers(.person), db)
        try readChecks(records.map(\.key).filter { $0.round != .register }, db)
        if try db.hasRows("held_check") {
            try db.forEachRow(
                "SELECT record FROM held_check WHERE record IN (KEYS)", among: records.map(\.number)
            ) { held.insert($0[0]) }
        }
    }

    private mutating func readPersons(_ numbers: [Int64], _ db: Database) throws {
        guard !numbers.isEmpty else { return }
        try db.forEachRow(
            """
            SELECT record, household, area, dup_name, birth_date, set_aside FROM person
            WHERE record IN (KEYS)
            """, among: numbers
        ) { persons[$0[0]] = DuplicateKeys.Member($0) }
        let entries = numbers.compactMap { states[$0] }
        try db.forEachRow(
            "SELECT subject, area FROM household WHERE subject IN (KEYS)",
            among: Set(entries.compactMap(\.personHousehold)).map(\.bytes)
        ) { row in
            if let household = SubjectID(row[0]) { areas[household] = AreaID(column: row[1]) }
        }
        guard try db.hasRows("former_member") else { return }
        try db.forEachRow(
            "SELECT person FROM former_member WHERE person IN (KEYS)",
            among: entries.map(\.key.subject.bytes)
        ) { row in
            if let person = SubjectID(row[0]) { former.insert(person) }
        }
    }

    private mutating func readChecks(_ keys: [RecordKey], _ db: Database) throws {
        for round in Set(keys.map(\.round)) {
            contexts[round] = try Rounds.context(of: round, in: db)
        }
        try db.forEachRow(
            "SELECT subject, household FROM person WHERE subject IN (KEYS)",
            among: Set(keys.filter { [.medical, .schooling].contains($0.kind) }.map(\.subject))
                .map(\.bytes)
        ) { row in
            if let person = SubjectID(row[0]) { belonging[person] = SubjectID(row[1]) }
        }
    }
}

/// Entries whose place is another one than before: what is where they are is projected again.
struct MovedEntries {
    var households: Set<SubjectID> = []
    var persons: Set<SubjectID> = []

    /// - Parameter rejoined: gets the members of the households, who may be joined with others now.
    mutating func settle(_ db: Database, _ rejoined: inout Set<SubjectID>) throws {
        let all = households.union(persons).map(\.bytes)
        if !all.isEmpty, try db.hasRows("finding") {
            // Findings are where their subject is.
            try DirtyRecords.mark(
                "SELECT record FROM finding WHERE about IN (KEYS)", among: all, in: db)
            try DirtyRecords.mark(
                """
                SELECT finding.record FROM person JOIN finding ON about = person.subject
                WHERE household IN (KEYS)
                """, among: households.map(\.bytes), in: db)
        }
        var members: [Int64] = []
        try db.forEachRow(
            "SELECT record, subject FROM person WHERE household IN (KEYS)",
            among: households.map(\.bytes)
        ) { row in
            members.append(row[0])
            if let person = SubjectID(row[1]) { rejoined.insert(person) }
        }
        for member in members { try DirtyRecords.mark(member, .person, in: db) }
        self = MovedEntries()
    }
}
