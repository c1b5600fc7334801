internal import Foundation
internal import GRDB
public import SurveyModel
public import SurveyStore

/// Two entries that are probably one household, or one person, and of which nobody has said whether
/// they are.
public struct ProbableDuplicate: Sendable {
    public let first: SubjectName
    public let second: SubjectName
    public let reasons: [DuplicateReason]
    public let area: AreaID
    /// Whether each number leads to its entry alone.
    public let hasNumbers: Bool

    public var isOfPersons: Bool { reasons.contains(.member) }
}

extension DuplicateReason {
    public var label: Label {
        switch self {
        case .number: Label(zh: "户编号相同", en: "same number")
        case .place: Label(zh: "户主和住址相同", en: "same head and address")
        case .member: Label(zh: "同户同名、出生日期相同", en: "same name and date of birth")
        }
    }
}

extension FieldStore {
    /// Pairs that stand open in villages whose records are here, village by village.
    ///
    /// - Parameter villages: nil for all that this user may read.
    public func probableDuplicates(in villages: [Area]? = nil) throws -> [ProbableDuplicate] {
        try read { db in
            var areas = try Self.scope(db).intersection(Self.here(db))
            if let villages { areas.formIntersection(villages.map(\.id)) }
            let list = areas.map { String($0.column) }.joined(separator: ",")
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT area, \(subjectID("duplicate.first")) AS one,
                        \(subjectID("duplicate.second")) AS other,
                        group_concat(DISTINCT reason) AS reasons
                    FROM duplicate WHERE area IN (\(list))
                    GROUP BY area, first, second ORDER BY area, one, other
                    """)
            return try rows.compactMap { row in
                guard let first = SubjectID(row["one"] as Data),
                    let second = SubjectID(row["other"] as Data)
                else { return nil }
                let reasons = (row["reasons"] as String).split(separator: ",")
                    .compactMap { DuplicateReason(rawValue: String($0)) }
                let names = (try Self.name(of: first, db), try Self.name(of: second, db))
                let isOfPersons = reasons.contains(.member)
                func leads(_ number: String, to subject: SubjectID) throws -> Bool {
                    let found =
                        try isOfPersons
                        ? Subjects.find(person: number, db) : Subjects.find(household: number, db)
                    return found == [subject]
                }
                return ProbableDuplicate(
                    first: names.0, second: names.1,
                    reasons: DuplicateReason.allCases.filter(reasons.contains),
                    area: AreaID(column: row["area"]),
                    hasNumbers: try leads(names.0.number, to: first)
                        && leads(names.1.number, to: second))
            }
        }
    }

    /// Households that somebody has to look at: without a number, or with nobody left in them.
    public func flaggedHouseholds(in villages: [Area]?, round: Round?) throws -> [HouseholdRow] {
        try households(in: villages, round: round).filter { !$0.flags.isEmpty }
    }
}
