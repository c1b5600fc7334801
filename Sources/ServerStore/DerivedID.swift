import Crypto
import Foundation
import SurveyLog
import SurveyModel

/// Ids of what administrators enter by a code, a number or a name: the same on this server whenever
/// it is entered. So what is imported again after a restore, before the devices have brought back
/// what was lost, meets it in one record and is counted once.
struct DerivedID {
    let serverKey: Data

    /// The subject of an imported household or person.
    func subject(_ kind: RecordKind, _ key: String) -> SubjectID {
        SubjectID(digest("\(kind.rawValue)", key).prefix(16))!
    }

    /// The id of an area, a round or a user; 0 and the greatest are reserved.
    ///
    /// - Parameter isTaken: whether an id stands for something else already, such as an area whose
    ///   code was withdrawn and given to another.
    func id<ID: StableID>(_ name: String, _ key: String, isTaken: (ID) throws -> Bool) rethrows
        -> ID
    {
        var generation = 0
        while true {
            let value = UInt64(bigEndianBytes: digest("\(name) \(generation)", key).prefix(8))
            let id = ID(rawValue: value)
            generation += 1
            if value != 0, value != .max, try !isTaken(id) { return id }
        }
    }

    private func digest(_ kind: String, _ key: String) -> Data {
        var hash = SHA256()
        hash.update(data: Data("lianhu-derived-1".utf8))
        hash.update(data: serverKey)
        for part in [kind, key] {
            hash.update(data: UInt64(part.utf8.count).bigEndianBytes)
            hash.update(data: Data(part.utf8))
        }
        return Data(hash.finalize())
    }
}

extension ServerStore {
    var derived: DerivedID { DerivedID(serverKey: key.publicKey) }
}
