internal import Crypto
internal import Foundation
public import SurveyModel

extension RecordKey {
    /// The record that says whether two households are the same: whoever speaks of the pair, in
    /// either order, writes into it.
    public static func sameAs(_ a: SubjectID, _ b: SubjectID) -> RecordKey {
        var hash = SHA256()
        hash.update(data: Data("lianhu-same-as-1".utf8))
        hash.update(data: min(a, b).bytes)
        hash.update(data: max(a, b).bytes)
        return RecordKey(kind: .sameAs, subject: SubjectID(Data(hash.finalize().prefix(16)))!)
    }

    /// The two households that an edit of this record speaks of; nil when it is no such record or
    /// the answers are another pair's.
    public func pair(in answers: Answers) -> (first: SubjectID, second: SubjectID)? {
        guard kind == .sameAs, round == .register,
            let first = answers[SameAs.first].flatMap(SubjectID.init),
            let second = answers[SameAs.second].flatMap(SubjectID.init),
            first < second, .sameAs(first, second) == self
        else { return nil }
        return (first, second)
    }
}
