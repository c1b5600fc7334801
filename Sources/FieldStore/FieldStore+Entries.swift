internal import Foundation
internal import GRDB
internal import SurveyLog
internal import SurveyMerge
public import SurveyModel
public import SurveyStore

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
            if open.isResumed, let number = open.answers[Person.personNo], taken.contains(number) {
                open.answers[Person.personNo] = next
            }
            open.settle(Person.household)
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
            return open
        }
    }
}

/// A household that may be the one that somebody is about to add.
public struct LikelyDuplicate: Sendable {
    public enum Reason: Sendable {
        case number
        case headName
        case headSound
        case address
        case member

        public var label: Label {
            switch self {
            case .number: Label(zh: "户编号相同", en: "same number")
            case .headName: Label(zh: "户主同名", en: "same head of household")
            case .headSound: Label(zh: "户主同音", en: "a head whose name sounds the same")
            case .address: Label(zh: "住址相同", en: "same address")
            case .member: Label(zh: "成员同名", en: "a member of that name")
            }
        }
    }

    public let household: HouseholdRow
    public let reasons: [Reason]
}

extension FieldStore {
    /// Households that may be the one of a form, the likeliest first: the same number anywhere, or
    /// in its village the same head of household (or one whose name sounds the same), address, or a
    /// member of the head's name.
    public func likelyDuplicates(of form: OpenForm, round: Round?) throws -> [LikelyDuplicate] {
        let number = form.answers[Household.householdNo] ?? ""
        let name = form.answers[Household.headName] ?? ""
        let address = form.answers[Household.address] ?? ""
        return try read { db in
            var reasons: [SubjectID: [LikelyDuplicate.Reason]] = [:]
            func add(_ reason: LikelyDuplicate.Reason, _ rows: [Row]) throws {
                for row in rows {
                    guard let subject = SubjectID(row["subject"] as Data),
                        subject != form.record.subject
                    else { continue }
                    let household = try Joined.canonical(of: subject, in: db)
                    // The head is a member of the household too.
                    guard reason != .member || reasons[household]?.contains(.headName) != true
                    else { continue }
                    reasons[household, default: []].append(reason)
                }
            }
            let area = form.area.column
            try add(
                .number, db.rows("SELECT subject FROM household WHERE household_no = ?", [number]))
            if !name.isEmpty {
                let sound = Pinyin(name).letters
                let heads = try db.rows(
                    """
                    SELECT subject, head_name FROM household
                    WHERE area = ?1 AND length(head_name) = length(?2) ORDER BY subject
                    """, [area, name])
                try add(.headName, heads.filter { $0["head_name"] == name })
                try add(
                    .headSound,
                    heads.filter {
                        $0["head_name"] != name && Pinyin($0["head_name"]).letters == sound
                    })
                try add(
                    .member,
                    db.rows(
                        """
                        SELECT DISTINCT household AS subject FROM person
                        WHERE area = ? AND name = ?
                        """, [area, name]))
            }
            if !address.isEmpty {
                try add(
                    .address,
                    db.rows(
                        "SELECT subject FROM household WHERE area = ? AND address = ?",
                        [area, address]))
            }
            return try reasons.compactMap { subject, reasons in
                try Subjects.household(subject, round: round, db).map {
                    LikelyDuplicate(household: $0, reasons: reasons)
                }
            }.sorted {
                ($1.reasons.count, $0.household.householdNo)
                    < ($0.reasons.count, $1.household.householdNo)
            }
        }
    }
}
