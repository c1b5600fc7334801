internal import Crypto
internal import Foundation
public import SurveyModel

extension SubjectID {
    /// The subject of what a row of a foreign table is about: whoever imports a row of this key
    /// under this namespace, on whichever device and however often, speaks of one subject.
    ///
    /// - Parameter namespace: names whoever gave out the keys, so that two tables may use the same.
    public init(importing namespace: String, key: String) {
        var hash = SHA256()
        hash.update(data: Data("lianhu-import-1".utf8))
        for part in [namespace, key] {
            hash.update(data: UInt64(part.utf8.count).bigEndianBytes)
            hash.update(data: Data(part.utf8))
        }
        self.init(Data(hash.finalize().prefix(16)))!
    }
}
