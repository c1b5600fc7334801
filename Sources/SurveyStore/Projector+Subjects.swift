import Foundation
package import GRDB
import SurveyCoverage
import SurveyLog
import SurveyMerge
package import SurveyModel
import SurveyProjection

/// Households, persons, checks, and what they contribute to coverage.
extension Projector {
    mutating func projectHousehold(
        _ subject: Int64, _ state: RecordState, _ batch: ProjectedBatch
    ) throws {
        let answers = state.answers
        affected.insert(subject)
        let before = batch.households[subject]
        // An entry whose number is cleared stays in the denominator, until somebody sets it aside.
        guard let area = state.householdArea else {
            touch(subject, from: before, to: nil)
            guard before != nil else { return }
            try db.run("DELETE FROM household WHERE subject = ?", [subject])
            moved.households.insert(subject)
            return
        }
        let householdNo = answers[Household.householdNo] ?? ""
        let keys = DuplicateKeys(
            area: area.column, number: householdNo, headName: answers[Household.headName] ?? "",
            address: answers[Household.address] ?? "",
            isSetAside: answers[Household.setAside] ?? false)
        let place = Position(answers).flatMap { $0.isWGS84 ? $0.billionths : nil }
        try writers.household.write(
            .integer(subject), .integer(area.column), .text(householdNo),
            .text(answers[Household.headName] ?? ""), .text(answers[Household.address] ?? ""),
            .text(answers[Household.householdType]?.rawValue ?? ""),
            .init(place?.latitude), .init(place?.longitude),
            .text(answers[Household.visitStatus]?.rawValue ?? ""),
            .init(
                answers[Household.visitRound].flatMap(SubjectID.init).map { RoundID($0).column }),
            .init(keys.isSetAside), keys.number == householdNo ? .null : .text(keys.number),
            .init(keys.place))
        touch(subject, from: before, to: keys)
        // Members are where their household is.
        if before?.area != area.column { moved.households.insert(subject) }
    }

    mutating func projectPerson(
        _ subject: Int64, _ state: RecordState, _ batch: ProjectedBatch
    ) throws {
        let answers = state.answers
        affected.insert(subject)
        let before = batch.persons[subject]
        if let household = before?.household { affected.insert(household) }
        // An entry whose household is cleared stays in the last one that it named.
        let named = answers[Person.household].flatMap(SubjectID.init)
        let household = state.personHousehold.flatMap { batch.numbers[$0] }
        try projectFormerHouseholds(subject, state, current: household, batch)
        guard let household, let area = batch.areas[household] ?? state.area else {
            touch(subject, from: before, to: nil)
            guard before != nil else { return }
            try db.run("DELETE FROM person WHERE subject = ?", [subject])
            moved.persons.insert(subject)
            return
        }
        let name = answers[Person.name] ?? ""
        let personNo = answers[Person.personNo] ?? ""
        let foldedNo = personNo.foldedPlace
        let birthDate = answers[Person.birthDate].map { Int64($0.daysSinceEpoch) }
        let keys = DuplicateKeys.Member(
            household: household, area: area.column, name: name.folded, birthDate: birthDate,
            isSetAside: answers[Person.setAside] ?? false)
        let presence = answers[Person.presence] ?? .resident
        try writers.person.write(
            .integer(subject), .integer(household), .integer(area.column), .text(personNo),
            .text(name), .init(birthDate), .init(answers[Person.sex]?.rawValue),
            .init(answers[Person.relation]?.rawValue),
            .init(presence == .resident || presence == .away), .init(keys.isSetAside),
            .init(named == nil), foldedNo == personNo ? .null : .text(foldedNo),
            keys.name == name ? .null : .text(keys.name))
        affected.insert(household)
        touch(subject, from: before, to: keys)
        if before?.area != area.column || before?.household != household {
            moved.persons.insert(subject)
        }
    }

    private func projectFormerHouseholds(
        _ person: Int64, _ state: RecordState, current: Int64?, _ batch: ProjectedBatch
    ) throws {
        if batch.former.contains(person) {
            try db.run("DELETE FROM former_member WHERE person = ?", [person])
        }
        // What is held puts nobody anywhere.
        guard state.included.count > 1 else { return }
        for named in state.namedHouseholds {
            guard let household = batch.numbers[named], household != current else { continue }
            try db.run(
                "INSERT OR IGNORE INTO former_member (household, person) VALUES (?, ?)",
                [household, person])
        }
    }

    mutating func projectCheck(
        _ record: StoredKey, _ state: RecordState, _ batch: ProjectedBatch
    ) throws {
        let context =
            try batch.contexts[state.key.round] ?? Rounds.context(of: state.key.round, in: db)
        let outcome = judge(state, in: context)
        let kind = Int64(record.kind.rawValue)
        if state.isEmpty {
            try db.run(
                "DELETE FROM check_state WHERE subject = ? AND round = ? AND kind = ?",
                [record.subject, record.round, kind])
        } else {
            try writers.check.write(
                integers: record.subject, record.round, kind, Outcome.stored(outcome),
                state.isContested ? 1 : 0, Int64(state.excluded.count))
        }
        try projectHeld(record, state, batch)
        affected.insert(record.subject)
        if let household = batch.belonging[record.subject] { affected.insert(household) }
    }

    // MARK: Contributions

    /// Subtracts what subjects contributed and adds what they contribute now.
    mutating func projectContributions(of subjects: [Int64]) throws {
        do {
            try replaceContributions(of: subjects)
        } catch is DamagedDatabase where subjects.count > 1 {
            // What the disk has changed of one of them keeps none of the others from being counted.
            for subject in subjects {
                try surviving(damageOf: nil) { try $0.replaceContributions(of: [subject]) }
            }
        } catch is DamagedDatabase {
        }
    }

    private func replaceContributions(of subjects: [Int64]) throws {
        let facts = try Contributions.facts(of: subjects, log)
        let stored = try Contributions.stored(of: subjects, in: db)
        let rounds = try Contributions.numbers(of: facts, in: db)
        var sums: [Place: Tally] = [:]
        for subject in subjects {
            let (old, new) = (stored[subject] ?? [:], facts.contribution(of: subject))
            for place in Set(old.keys).union(new.keys) where old[place] != new[place] {
                let tally = new[place] ?? Tally()
                let change = tally - (old[place] ?? Tally())
                sums[place] = (sums[place] ?? Tally()) + change
                let round = try rounds[place.round] ?? db.makeNumber(of: place.round)
                let key = [subject, round, place.area.column]
                guard !tally.isEmpty else {
                    try db.run(
                        "DELETE FROM contribution WHERE subject = ? AND round = ? AND area = ?",
                        StatementArguments(key))
                    continue
                }
                try writers.contribution.write(
                    .integer(key[0]), .integer(key[1]), .integer(key[2]),
                    .bytes(Contributions.bytes(tally)))
            }
        }
        for (place, tally) in sums { try add(tally, to: place.area, place.round, clock) }
    }

    /// Edits of a check that do not count are counted where they were written: everybody who reads
    /// that area has them, and may not know where their subject is.
    func projectHeld(_ record: StoredKey, _ state: RecordState, _ batch: ProjectedBatch) throws {
        guard !state.excluded.isEmpty || batch.held.contains(record) else { return }
        let new = Dictionary(grouping: state.excluded, by: \.header.area).mapValues(\.count)
        var old: [AreaID: Int] = [:]
        for row in try db.rows(
            "SELECT area, count FROM held_check WHERE subject = ? AND kind = ? AND round = ?",
            record.columns)
        {
            old[AreaID(column: row["area"])] = row["count"]
        }
        for area in Set(old.keys).union(new.keys) where old[area] != new[area] {
            let count = new[area] ?? 0
            try add(
                Tally([.heldEdits: count - (old[area] ?? 0)]), to: area, state.key.round, clock)
            try db.run(
                """
                DELETE FROM held_check WHERE subject = ? AND kind = ? AND round = ? AND area = ?
                """, record.columns + [area.column])
            guard count > 0 else { continue }
            try db.run(
                """
                INSERT INTO held_check (subject, kind, round, area, count) VALUES (?, ?, ?, ?, ?)
                """, record.columns + [area.column, count])
        }
    }

    private func add(_ tally: Tally, to area: AreaID, _ round: RoundID, _ clock: Int64) throws {
        for entry in tally.entries {
            try writers.tally.write(
                integers: area.column, round.column, Int64(entry.counter.rawValue),
                Int64(entry.value), clock)
        }
    }
}

extension AreaID {
    /// Where the register has a household.
    package static func of(household: SubjectID, in db: Database) throws -> AreaID? {
        try
            (db.value(
                "SELECT area FROM household WHERE subject = \(subjectNumber())", [household.bytes])
            as Int64?).map(AreaID.init(column:))
    }
}

private let registeringSections = Set(
    ["identity", "location"].compactMap { Household.form.section(key: $0)?.tag })

extension RecordState {
    /// Nothing is known of the record any more.
    var isEmpty: Bool { included.isEmpty && excluded.isEmpty }

    /// Where the register has the household that this record is the entry of; nil when it is none.
    ///
    /// It is entered by who it is or where; clearing either later takes it out of no count.
    package var householdArea: AreaID? {
        guard
            included.contains(where: { edit in
                !registeringSections.isDisjoint(with: edit.header.sections)
            })
        else { return nil }
        return answers[Household.village].flatMap(SubjectID.init).map { AreaID($0) } ?? area
    }

    /// The household that a person's entry names; one that is cleared stays the last one named.
    package var personHousehold: SubjectID? {
        answers[Person.household].flatMap(SubjectID.init) ?? lastHousehold
    }

    /// The household that the deepest included edit with one names.
    private var lastHousehold: SubjectID? {
        let naming = included.filter {
            $0.answers[Person.household].flatMap(SubjectID.init) != nil
        }
        return CausalDepth(included).deepest(naming)?.answers[Person.household]
            .flatMap(SubjectID.init)
    }

    /// The area of the record's deepest included edit.
    package var area: AreaID? {
        included.count > 1
            ? CausalDepth(included).deepest(included)?.header.area : included.first?.header.area
    }
}
