package import GRDB
package import SurveyModel

/// Subjects by number: tables say in three bytes what somebody is called by in sixteen, and nothing is sorted
/// by random ids but the one list of them.
extension Database {
    /// The number of a subject; nil when nothing here is about it.
    package func number(of subject: SubjectID) throws -> Int64? {
        try value("SELECT number FROM subject WHERE id = ?", [subject.bytes])
    }

    /// The number of a round; nil when nothing here is of it.
    package func number(of round: RoundID) throws -> Int64? {
        round == .register ? 0 : try number(of: round.subject)
    }

    /// The number of a subject, given now if it has none.
    package func makeNumber(of subject: SubjectID) throws -> Int64 {
        if let number = try number(of: subject) { return number }
        try run("INSERT INTO subject (id) VALUES (?)", [subject.bytes])
        return lastInsertedRowID
    }

    func makeNumber(of round: RoundID) throws -> Int64 {
        round == .register ? 0 : try makeNumber(of: round.subject)
    }

    /// The numbers of those of some subjects that have one.
    package func numbers(of subjects: Set<SubjectID>) throws -> [SubjectID: Int64] {
        var numbers: [SubjectID: Int64] = [:]
        numbers.reserveCapacity(subjects.count)
        try forEachRow(
            "SELECT id, number FROM subject WHERE id IN (KEYS)", among: subjects.map(\.bytes)
        ) { numbers[try $0.subject("subject.id")] = $0.integer(1) }
        return numbers
    }

    /// The numbers of subjects, given in the order of their ids to those that have none: then each stands
    /// near those that came with it.
    func makeNumbers(of subjects: Set<SubjectID>) throws -> [SubjectID: Int64] {
        var numbers = try numbers(of: subjects)
        guard numbers.count < subjects.count else { return numbers }
        let writer = try RowWriter("INSERT INTO subject (id) VALUES (?)", in: self)
        for subject in subjects.filter({ numbers[$0] == nil }).sorted() {
            try writer.write(.bytes(subject.bytes))
            numbers[subject] = lastInsertedRowID
        }
        return numbers
    }

    /// The subject with a number.
    package func subject(_ number: Int64) throws -> SubjectID {
        let id: SubjectID? = try row("SELECT id FROM subject WHERE number = ?", [number])
            .flatMap { SubjectID($0["id"]) }
        guard let id else { throw DamagedDatabase("subject") }
        return id
    }

    package func subjects(_ numbers: some Collection<Int64>) throws -> [Int64: SubjectID] {
        var subjects: [Int64: SubjectID] = [:]
        subjects.reserveCapacity(numbers.count)
        try forEachRow(
            "SELECT number, id FROM subject WHERE number IN (KEYS)", among: Array(numbers)
        ) { subjects[$0.integer(0)] = try $0.subject("subject.id", 1) }
        return subjects
    }

    package func round(_ number: Int64) throws -> RoundID {
        number == 0 ? .register : RoundID(try subject(number))
    }
}

/// In SQL: the id of the subject whose number a column has.
package func subjectID(_ column: String) -> String {
    "(SELECT id FROM subject WHERE subject.number = \(column))"
}

/// In SQL: the number of the subject whose id is a parameter.
package func subjectNumber(_ parameter: String = "?") -> String {
    "(SELECT number FROM subject WHERE id = \(parameter))"
}

/// A record's key as tables have it.
package struct StoredKey: Sendable, Hashable, Comparable {
    package let subject: Int64
    package let kind: RecordKind
    package let round: Int64

    package init(subject: Int64, kind: RecordKind, round: Int64) {
        (self.subject, self.kind, self.round) = (subject, kind, round)
    }

    package var columns: StatementArguments { [subject, Int64(kind.rawValue), round] }

    package static func < (a: StoredKey, b: StoredKey) -> Bool {
        (a.subject, a.kind, a.round) < (b.subject, b.kind, b.round)
    }
}

/// A record by its key and as tables have it.
package struct StoredRecord: Sendable {
    package let key: RecordKey
    package let stored: StoredKey
}

extension Database {
    /// A record's key as tables have it; nil when nobody ever wrote about its subject.
    package func stored(_ key: RecordKey) throws -> StoredKey? {
        guard let subject = try number(of: key.subject), let round = try number(of: key.round)
        else { return nil }
        return StoredKey(subject: subject, kind: key.kind, round: round)
    }

    func makeStored(_ key: RecordKey) throws -> StoredKey {
        StoredKey(
            subject: try makeNumber(of: key.subject), kind: key.kind,
            round: try makeNumber(of: key.round))
    }
}
