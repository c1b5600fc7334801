import Foundation
import GRDB
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore

/// Where subjects are by everything that is stored so far and decided so far, projected or not.
///
/// An edit is judged by the edits before it, whether they came in an earlier request, earlier in the
/// same one or earlier in the same segment. Projections may be behind within a transaction; records
/// that they are behind of are folded here.
struct Whereabouts {
    let log: LogSession
    private var db: Database { log.db }
    /// Decisions of this transaction that are not projected yet.
    var decided = FreshDecisions()

    /// Entries that were read together; none once an edit or a decision may have moved one.
    private var entries: [SubjectID: Entry] = [:]

    private struct Entry {
        /// Where it is, if it is a household.
        var area: AreaID?
        /// Whose member it is, if it is a person.
        var household: SubjectID?
    }

    init(_ log: LogSession) { self.log = log }

    /// Reads where some subjects are, for judgements until ``forget()``.
    mutating func read(_ subjects: Set<SubjectID>) throws {
        var unknown = subjects.filter { entries[$0] == nil }
        // A person is where its household is.
        for _ in 0..<2 where !unknown.isEmpty {
            let numbers = try log.subjectNumbers(of: unknown)
            var read: [Int64: Entry] = [:]
            let keys = numbers.values.sorted()
            try db.forEachRow(
                "SELECT subject, area FROM household WHERE subject IN (KEYS)", among: keys
            ) { read[$0.integer(0), default: Entry()].area = AreaID(column: $0.integer(1)) }
            try db.forEachRow(
                """
                SELECT person.subject, id FROM person JOIN subject ON number = person.household
                WHERE person.subject IN (KEYS)
                """, among: keys
            ) { read[$0.integer(0), default: Entry()].household = try $0.subject("subject.id", 1) }
            let behind = try log.behind(of: numbers)
            var next: Set<SubjectID> = []
            for subject in unknown where !behind.contains(subject) {
                let entry = numbers[subject].flatMap { read[$0] } ?? Entry()
                entries[subject] = entry
                if let household = entry.household { next.insert(household) }
            }
            unknown = next.filter { entries[$0] == nil }
        }
    }

    /// Something was written or decided that may put somebody elsewhere.
    mutating func forget() { entries = [:] }

    /// Where the register has a household.
    func area(ofHousehold subject: SubjectID) throws -> AreaID? {
        if let entry = entries[subject] { return entry.area }
        let key = RecordKey(kind: .household, subject: subject)
        guard try log.isBehind(key) else {
            return try AreaID.of(household: subject, in: db)
        }
        return try state(of: key).householdArea
    }

    /// The kind of the entry that the register has under an id; nil when it has none. A person's entry
    /// names a household, be it by mistake its own id.
    func kind(ofEntry subject: SubjectID) throws -> SubjectKind? {
        if try area(ofHousehold: subject) != nil { return .household }
        return try household(ofPerson: subject) == nil ? nil : .person
    }

    /// The household that a subject is or belongs to; nil when the register has neither.
    func household(of subject: SubjectID) throws -> SubjectID? {
        try area(ofHousehold: subject) == nil ? household(ofPerson: subject) : subject
    }

    private func household(ofPerson subject: SubjectID) throws -> SubjectID? {
        if let entry = entries[subject] { return entry.household }
        let key = RecordKey(kind: .person, subject: subject)
        guard try log.isBehind(key) else {
            let household: Data? = try db.value(
                "SELECT \(subjectID("person.household")) FROM person WHERE subject = ?",
                [try db.number(of: subject)])
            return household.flatMap(SubjectID.init)
        }
        return try state(of: key).personHousehold
    }

    /// Where the register has a household or a person.
    func area(ofEntry subject: SubjectID) throws -> AreaID? {
        guard let household = try household(of: subject) else { return nil }
        if let area = try area(ofHousehold: household) { return area }
        return try state(of: RecordKey(kind: .person, subject: subject)).area
    }

    /// Where the register has a subject of any kind.
    func area(of subject: SubjectID) throws -> AreaID? {
        if let area = try area(ofEntry: subject) { return area }
        let village = AreaID(subject)
        guard village.subject == subject,
            try db.value("SELECT 1 FROM area WHERE id = ?", [village.column]) as Int64? != nil
        else { return nil }
        return village
    }

    /// What a finding is about by the edits of it that count.
    private func about(_ finding: RecordKey) throws -> SubjectID? {
        guard try log.isBehind(finding) else {
            let about: Data? = try db.value(
                """
                SELECT \(subjectID("finding.about")) FROM finding WHERE subject = ? AND round = ?
                """, [try db.number(of: finding.subject), try db.number(of: finding.round)])
            return about.flatMap(SubjectID.init)
        }
        return try state(of: finding).answers[Finding.about].flatMap(SubjectID.init)
    }

    /// Whom an edit is about: two entries, when it says whether they are the same; for a finding whom
    /// it was found at, by the edit and by what is known: nobody takes it elsewhere.
    func subjects(of edit: Edit) throws -> [SubjectID] {
        let record = edit.header.record
        guard record.kind == .finding || record.kind == .sameAs else { return [record.subject] }
        let answers = edit.answers
        // What a check calls for is about what that is about, whoever took its id before.
        if record.kind == .finding, edit.isCalledFor {
            return [answers[Finding.about].flatMap(SubjectID.init)].compactMap { $0 }
        }
        if record.kind == .finding {
            let about = Set(
                [answers[Finding.about].flatMap(SubjectID.init), try about(record)]
                    .compactMap { $0 })
            return about.isEmpty ? [record.subject] : about.sorted()
        }
        return record.pair(in: answers).map { [$0.first, $0.second] } ?? [record.subject]
    }

    /// Whether an edit of the subject's own entry was written in an area or put it there, that counts or
    /// did so until a person rejected it: who has not heard of a move, or that one was taken back, may
    /// write where the subject was.
    func wasOnce(_ subject: SubjectID, in area: AreaID) throws -> Bool {
        try [RecordKind.household, .person].contains { kind in
            let state = try state(of: RecordKey(kind: kind, subject: subject))
            func isThere(_ edit: Edit) throws -> Bool {
                // What says neither who nor where it is opens nothing to its writer.
                guard edit.isRegistering else { return false }
                return try edit.header.area == area || destination(of: edit) == area
            }
            return try state.included.contains(where: isThere)
                || state.excluded.contains { try isThere($0) && hasCounted($0.id) }
        }
    }

    /// The area into which an edit puts its household, or its person by the household that it names.
    func destination(of edit: Edit) throws -> AreaID? {
        let answers = edit.answers
        switch edit.header.record.kind {
        case .household:
            return answers[Household.village].flatMap(SubjectID.init).map { AreaID($0) }
        case .person:
            return try answers[Person.household].flatMap(SubjectID.init)
                .flatMap { try area(ofEntry: $0) }
        default: return nil
        }
    }

    /// Whether an edit that does not count did so before: its hold was lifted, or it never had one.
    private func hasCounted(_ edit: EditID) throws -> Bool {
        let verdicts = Set(
            try log.state(of: .decision(about: edit)).included
                .compactMap { $0.answers[DecisionForm.verdict] })
        return !verdicts.isDisjoint(with: [.lift, .accept])
            || verdicts.contains(.reject) && !verdicts.contains(.hold)
    }

    /// Whether an edit does not count.
    func isExcluded(_ edit: EditID) throws -> Bool {
        if decided.held.contains(edit) { return true }
        return try !decided.lifted.contains(edit) && Records.exclusion(of: edit, in: db) != nil
    }

    func state(of key: RecordKey) throws -> RecordState {
        try log.state(of: key, deciding: decided)
    }
}
