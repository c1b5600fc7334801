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
        _ number: Int64, _ state: RecordState, _ batch: ProjectedBatch
    ) throws {
        let answers = state.answers
        affected.insert(state.key.subject)
        let before = batch.households[number]
        // An entry whose number is cleared stays in the denominator, until somebody sets it aside.
        guard let area = state.householdArea else {
            touch(state.key.subject, from: before, to: nil)
            guard before != nil else { return }
            try db.run("DELETE FROM household WHERE record = ?", [number])
            moved.households.insert(state.key.subject)
            return
        }
        let householdNo = answers[Household.householdNo] ?? ""
        let keys = DuplicateKeys(
            area: area.column, number: householdNo, headName: answers[Household.headName] ?? "",
            address: answers[Household.address] ?? "",
            isSetAside: answers[Household.setAside] ?? false)
        let place = Position(answers).flatMap { $0.isWGS84 ? $0.billionths : nil }
        try db.run(
            """
            INSERT INTO household
                (record, subject, area, household_no, head_name, address, household_type,
                    latitude, longitude, visit, visit_round, folded_no, set_aside, dup_place)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (record) DO UPDATE SET area = excluded.area,
                household_no = excluded.household_no, head_name = excluded.head_name,
                address = excluded.address, household_type = excluded.household_type,
                latitude = excluded.latitude, longitude = excluded.longitude,
                visit = excluded.visit, visit_round = excluded.visit_round,
                folded_no = excluded.folded_no, set_aside = excluded.set_aside,
                dup_place = excluded.dup_place
            """,
            [
                number, state.key.subject.bytes, area.column, householdNo,
                answers[Household.headName] ?? "", answers[Household.address] ?? "",
                answers[Household.householdType]?.rawValue ?? "",
                place?.latitude, place?.longitude, answers[Household.visitStatus]?.rawValue ?? "",
                answers[Household.visitRound].flatMap(SubjectID.init).map { RoundID($0).column },
                keys.number, keys.isSetAside, keys.place,
            ])
        touch(state.key.subject, from: before, to: keys)
        // Members are where their household is.
        if before?.area != area.column { moved.households.insert(state.key.subject) }
    }

    mutating func projectPerson(
        _ number: Int64, _ state: RecordState, _ batch: ProjectedBatch
    ) throws {
        let answers = state.answers
        affected.insert(state.key.subject)
        let before = batch.persons[number]
        if let household = before?.household { affected.insert(household) }
        // An entry whose household is cleared stays in the last one that it named.
        let named = answers[Person.household].flatMap(SubjectID.init)
        let household = state.personHousehold
        try projectFormerHouseholds(
            state, current: household, hadSome: batch.former.contains(state.key.subject))
        guard let household, let area = batch.areas[household] ?? state.area else {
            touch(state.key.subject, from: before, to: nil)
            guard before != nil else { return }
            try db.run("DELETE FROM person WHERE record = ?", [number])
            moved.persons.insert(state.key.subject)
            return
        }
        let birthDate = answers[Person.birthDate].map { Int64($0.daysSinceEpoch) }
        let keys = DuplicateKeys.Member(
            household: household, area: area.column, name: (answers[Person.name] ?? "").folded,
            birthDate: birthDate, isSetAside: answers[Person.setAside] ?? false)
        let presence = answers[Person.presence] ?? .resident
        try db.run(
            """
            INSERT INTO person (record, subject, household, area, person_no, name, birth_date,
                sex, relation, present, folded_no, set_aside, unplaced, dup_name)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (record) DO UPDATE SET household = excluded.household,
                area = excluded.area, person_no = excluded.person_no, name = excluded.name,
                birth_date = excluded.birth_date, sex = excluded.sex,
                relation = excluded.relation, present = excluded.present,
                folded_no = excluded.folded_no, set_aside = excluded.set_aside,
                unplaced = excluded.unplaced, dup_name = excluded.dup_name
            """,
            [
                number, state.key.subject.bytes, household.bytes, area.column,
                answers[Person.personNo] ?? "", answers[Person.name] ?? "",
                birthDate, answers[Person.sex]?.rawValue, answers[Person.relation]?.rawValue,
                presence == .resident || presence == .away,
                (answers[Person.personNo] ?? "").foldedPlace, keys.isSetAside, named == nil,
                keys.name,
            ])
        affected.insert(household)
        touch(state.key.subject, from: before, to: keys)
        if before?.area != area.column || before?.household != household {
            moved.persons.insert(state.key.subject)
        }
    }

    private func projectFormerHouseholds(
        _ state: RecordState, current: SubjectID?, hadSome: Bool
    ) throws {
        let person = state.key.subject.bytes
        if hadSome { try db.run("DELETE FROM former_member WHERE person = ?", [person]) }
        // What is held puts nobody anywhere.
        guard state.included.count > 1 else { return }
        for edit in state.included {
            let answers = edit.answers
            guard let household = answers[Person.household], household != current?.bytes else {
                continue
            }
            try db.run(
                "INSERT OR IGNORE INTO former_member (household, person) VALUES (?, ?)",
                [household, person])
        }
    }

    mutating func projectCheck(
        _ number: Int64, _ state: RecordState, _ batch: ProjectedBatch
    ) throws {
        let context =
            try batch.contexts[state.key.round] ?? Rounds.context(of: state.key.round, in: db)
        let outcome = judge(state, in: context)
        if state.isEmpty {
            try db.run("DELETE FROM check_state WHERE record = ?", [number])
        } else {
            try db.run(
                """
                INSERT INTO check_state (record, kind, round, subject, outcome, contested, held)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (record) DO UPDATE SET outcome = excluded.outcome,
                    contested = excluded.contested, held = excluded.held
                """,
                [
                    number, Int64(state.key.kind.rawValue), state.key.round.column,
                    state.key.subject.bytes, outcome?.rawValue ?? "", state.isContested,
                    state.excluded.count,
                ])
        }
        try projectHeld(number, state, batch)
        affected.insert(state.key.subject)
        if let household = batch.belonging[state.key.subject] { affected.insert(household) }
    }

    // MARK: Contributions

    /// Subtracts what subjects contributed and adds what they contribute now.
    mutating func projectContributions(of subjects: Set<SubjectID>) throws {
        do {
            try replaceContributions(of: subjects)
        } catch is DamagedDatabase where subjects.count > 1 {
            // What the disk has changed of one of them keeps none of the others from being counted.
            for subject in subjects.sorted() {
                try surviving(damageOf: nil) { try $0.replaceContributions(of: [subject]) }
            }
        } catch is DamagedDatabase {
        }
    }

    private func replaceContributions(of subjects: Set<SubjectID>) throws {
        let facts = try Contributions.facts(of: subjects, in: db)
        let stored = try Contributions.stored(of: subjects, in: db)
        var sums: [Place: Tally] = [:]
        for subject in subjects.sorted() {
            let (old, new) = (stored[subject] ?? [:], facts.contribution(of: subject))
            for place in Set(old.keys).union(new.keys) where old[place] != new[place] {
                let tally = new[place] ?? Tally()
                let change = tally - (old[place] ?? Tally())
                sums[place] = (sums[place] ?? Tally()) + change
                try db.run(
                    tally.isEmpty
                        ? "DELETE FROM contribution WHERE subject = ? AND round = ? AND area = ?"
                        : """
                        INSERT INTO contribution (subject, round, area, counts) VALUES (?, ?, ?, ?)
                        ON CONFLICT (subject, round, area) DO UPDATE SET counts = excluded.counts
                        """,
                    [subject.bytes, place.round.column, place.area.column]
                        + (tally.isEmpty ? [] : [Contributions.text(tally)]))
            }
        }
        for (place, tally) in sums { try add(tally, to: place.area, place.round, clock) }
    }

    /// Edits of a check that do not count are counted where they were written: everybody who reads
    /// that area has them, and may not know where their subject is.
    func projectHeld(_ number: Int64, _ state: RecordState, _ batch: ProjectedBatch) throws {
        guard !state.excluded.isEmpty || batch.held.contains(number) else { return }
        let new = Dictionary(grouping: state.excluded, by: \.header.area).mapValues(\.count)
        var old: [AreaID: Int] = [:]
        for row in try db.rows("SELECT area, count FROM held_check WHERE record = ?", [number]) {
            old[AreaID(column: row["area"])] = row["count"]
        }
        for area in Set(old.keys).union(new.keys) where old[area] != new[area] {
            let count = new[area] ?? 0
            try add(
                Tally([.heldEdits: count - (old[area] ?? 0)]), to: area, state.key.round, clock)
            try db.run(
                "DELETE FROM held_check WHERE record = ? AND area = ?", [number, area.column])
            guard count > 0 else { continue }
            try db.run(
                "INSERT INTO held_check (record, area, count) VALUES (?, ?, ?)",
                [number, area.column, count])
        }
    }

    private func add(_ tally: Tally, to area: AreaID, _ round: RoundID, _ clock: Int64) throws {
        for (counter, value) in tally.counts {
            try db.run(
                """
                INSERT INTO tally (area, round, counter, value, changed) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (area, round, counter)
                DO UPDATE SET value = value + excluded.value, changed = excluded.changed
                """,
                [area.column, round.column, Int64(counter.rawValue), Int64(value), clock])
        }
    }
}

extension AreaID {
    /// Where the register has a household.
    package static func of(household: SubjectID, in db: Database) throws -> AreaID? {
        try
            (db.value("SELECT area FROM household WHERE subject = ?", [household.bytes])
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
