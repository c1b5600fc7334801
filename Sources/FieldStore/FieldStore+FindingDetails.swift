internal import Foundation
internal import GRDB
internal import SurveyLog
internal import SurveyMerge
public import SurveyModel
public import SurveyStore

/// A finding with everything that is said of it, for whoever only looks.
public struct FindingDetails: Sendable {
    public let row: FindingRow
    /// What it is about.
    public let about: SubjectName
    public let answers: Answers
    /// The names of people whom an answer stands for, by its field.
    public let people: [FieldTag: String]
    /// The statements open to the reader: that it is rectified, or verified, or neither.
    public let next: Step?
    /// The reader may say that it is not rectified after all.
    public let mayReopen: Bool

    public enum Step: Sendable {
        case rectify
        case verify
    }
}

extension FieldStore {
    /// A finding as it is now; nothing of it is filled in.
    public func finding(_ record: RecordKey) throws -> FindingDetails {
        try read { db in
            let user = try Self.identity(db).user
            guard let row = try Findings.finding(record, in: db) else {
                throw Failure(.unknownFinding, record.subject.text)
            }
            let state = try Records.shown(record, in: db)
            let answers = state.answers
            var people: [FieldTag: String] = [:]
            for field in [Finding.rectifiedBy, Finding.verifiedBy] {
                guard let subject = answers[field].flatMap(SubjectID.init) else { continue }
                let account = try Accounts.find(UserID(subject), in: db)
                people[field.definition.tag] = account?.name ?? "?"
            }
            let isOwn = answers[Finding.rectifiedBy] == user.subject.bytes
            let next: FindingDetails.Step? =
                switch row.state {
                case .open, .inProgress: .rectify
                case .rectified: isOwn ? .rectify : .verify
                case .verified: nil
                }
            return FindingDetails(
                row: row, about: try Self.name(of: row.about, db), answers: answers,
                people: people, next: next,
                mayReopen: row.state == .rectified
                    || row.state == .verified && Self.mayReopen(state, user))
        }
    }
}
