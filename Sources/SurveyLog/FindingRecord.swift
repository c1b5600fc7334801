internal import Crypto
internal import Foundation
public import SurveyModel

extension RecordKey {
    /// The finding that a check calls for: two people who are shown the same problem of the same
    /// subject in one round write into one record.
    public static func finding(_ category: FindingCategory, about check: RecordKey) -> RecordKey {
        var hash = SHA256()
        hash.update(data: Data("lianhu-finding-1".utf8))
        hash.update(data: UInt64(check.kind.rawValue).bigEndianBytes)
        hash.update(data: check.round.rawValue.bigEndianBytes)
        hash.update(data: check.subject.bytes)
        hash.update(data: Data(category.rawValue.utf8))
        return RecordKey(
            kind: .finding, subject: SubjectID(Data(hash.finalize().prefix(16)))!,
            round: check.round)
    }
}
