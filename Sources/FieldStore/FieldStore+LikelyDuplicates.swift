internal import Foundation
internal import GRDB
public import SurveyModel
public import SurveyStore

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
        let number = (form.answers[Household.householdNo] ?? "").folded
        let name = form.answers[Household.headName] ?? ""
        let address = (form.answers[Household.address] ?? "").folded
        return try read { db in
            var reasons: [SubjectID: [LikelyDuplicate.Reason]] = [:]
            func add(_ reason: LikelyDuplicate.Reason, _ rows: [Row]) throws {
                for row in rows {
                    guard let subject = SubjectID(row["subject"] as Data),
                        subject != form.record.subject
                    else { continue }
                    let household = try Joined.canonical(of: subject, in: db)
                    // The head is a member of the household too.
                    let known = reasons[household] ?? []
                    guard !known.contains(reason),
                        reason != .member || !known.contains(.headName)
                    else { continue }
                    reasons[household, default: []].append(reason)
                }
            }
            let area = form.area.column
            try add(
                .number,
                db.rows(
                    """
                    SELECT \(subjectID("household.subject")) AS subject FROM household
                    WHERE coalesce(folded_no, household_no) = ?
                    """, [number]))
            // Names and addresses stand as they were typed: those of one village are compared.
            let households = try db.rows(
                """
                SELECT \(subjectID("household.subject")) AS subject, head_name, address
                FROM household WHERE area = ? ORDER BY 1
                """, [area])
            if !name.folded.isEmpty {
                let folded = name.folded
                let sound = Pinyin(folded).letters
                let heads = households.map { ($0, ($0["head_name"] as String).folded) }
                try add(.headName, heads.filter { $0.1 == folded }.map(\.0))
                try add(
                    .headSound,
                    heads.filter {
                        $0.1 != folded && $0.1.count == folded.count
                            && Pinyin($0.1).letters == sound
                    }.map(\.0))
                try add(
                    .member,
                    db.rows(
                        """
                        SELECT DISTINCT \(subjectID("person.household")) AS subject, name
                        FROM person WHERE area = ?
                        """, [area]
                    ).filter { ($0["name"] as String).folded == folded })
            }
            if !address.isEmpty {
                try add(
                    .address, households.filter { ($0["address"] as String).folded == address })
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
