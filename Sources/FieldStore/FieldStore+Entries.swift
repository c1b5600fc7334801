internal import Foundation
internal import GRDB
internal import SurveyLog
internal import SurveyMerge
public import SurveyModel
internal import SurveyStore

/// Register entries that are made and corrected where people live.
extension FieldStore {
    /// Opens the entry of a household that the register does not have.
    ///
    /// - Parameters:
    ///   - subject: nil makes a new one.
    ///   - number: its official number; nil gives it one of its own.
    ///   - resuming: takes up the last one that was left in this village.
    public func openNewHousehold(
        in village: Area, as subject: SubjectID? = nil, number: String? = nil,
        resuming: Bool = false
    ) throws -> OpenForm {
        guard village.level == .village else { throw Failure(.unknownArea, village.code) }
        try Self.requireStanding(village)
        return try read { db in
            let left =
                resuming
                ? try Draft.newRecords(.household, about: [village.id.subject], db).first : nil
            let record =
                left ?? RecordKey(kind: .household, subject: subject ?? environment.newSubject())
            var open = try Self.open(
                Household.form, record, area: village.id, nil, resuming: resuming, db)
            open.prefill {
                $0[Household.villageCode] = village.code
                $0[Household.village] = village.id.subject.bytes
                // A number of its own until it has an official one: nobody else makes the same.
                $0[Household.householdNo] =
                    number ?? "\(village.code)-N\(record.subject.text.suffix(5).uppercased())"
            }
            open.settle(Household.villageCode)
            open.settleStanding()
            try open.beginVisit(db)
            if try !Self.here(db).contains(village.id) {
                open.subjectWarning = Label(
                    zh: "本村名册不在本机，不能查重：最好先 lianhu pull \(village.code)",
                    en:
                        "the register of this village is not here, so nobody knows whether it has the "
                        + "household: better \"lianhu pull \(village.code)\" first")
            }
            return open
        }
    }

    /// Opens a household's entry to correct it. Moving it is another thing, see ``move(_:to:address:)``.
    ///
    /// - Parameter resuming: takes up a draft that was left.
    public func openHousehold(_ text: String, resuming: Bool = false) throws -> OpenForm {
        try read { db in
            let subject = try Self.subject(text, of: Household.form, db)
            let record = RecordKey(kind: .household, subject: subject)
            var open = try Self.open(
                Household.form, record, area: try Self.area(of: record, db), nil,
                resuming: resuming, db)
            open.settle(Household.villageCode)
            open.settleStanding()
            try open.beginVisit(db)
            return open
        }
    }

    /// Opens the entry of a member whom the register does not have.
    ///
    /// - Parameters:
    ///   - made: nil makes a new one.
    ///   - number: nil gives it the next one in the household.
    ///   - resuming: takes up the last one that was left in this household.
    public func openNewPerson(
        in household: String, as made: SubjectID? = nil, number: String? = nil,
        resuming: Bool = false
    ) throws -> OpenForm {
        try read { db in
            let subject = try Joined.canonical(
                of: Self.subject(household, of: Household.form, db), in: db)
            guard let area = try AreaID.of(household: subject, in: db) else {
                throw Failure(.unknownSubject, household)
            }
            let left =
                resuming
                ? try Draft.newRecords(
                    .person, about: Joined.entries(of: subject, in: db), db
                ).first : nil
            let record =
                left ?? RecordKey(kind: .person, subject: made ?? environment.newSubject())
            var open = try Self.open(Person.form, record, area: area, nil, resuming: resuming, db)
            let (taken, next) = try Self.numbers(in: subject, db)
            open.prefill {
                $0[Person.household] = subject.bytes
                $0[Person.presence] = .resident
                $0[Person.personNo] = number ?? next
            }
            // Another member may have been given the number while the draft lay.
            if open.isResumed, let number = open.answers[Person.personNo],
                taken.contains(number.foldedPlace)
            {
                open.answers[Person.personNo] = next
            }
            open.settle(Person.household)
            open.settleStanding()
            return open
        }
    }

    /// Opens a member's entry to correct it, or to say that they moved out or died.
    ///
    /// - Parameter resuming: takes up a draft that was left.
    public func openPerson(_ text: String, resuming: Bool = false) throws -> OpenForm {
        try read { db in
            let record = RecordKey(
                kind: .person, subject: try Self.subject(text, of: Person.form, db))
            var open = try Self.open(
                Person.form, record, area: try Self.area(of: record, db), nil,
                resuming: resuming, db)
            open.settle(Person.household)
            open.settleStanding()
            return open
        }
    }
}

extension OpenForm {
    /// What is said of a visit is said of the current round: what was said in another one is shown as
    /// that, like an answer of a check.
    fileprivate mutating func beginVisit(_ db: Database) throws {
        guard let round = try Rounds.choose(nil, in: db) else { return }
        let status = Household.visitStatus.definition.tag
        if let said = state.answers[Household.visitStatus],
            try Subjects.round(ofVisit: state.answers, db) != round.id
        {
            lastRound[Household.visitStatus] = said
            if !touched.contains(status) { answers[status] = nil }
        }
        answers[Household.visitRound] = round.id.subject.bytes
    }
}
