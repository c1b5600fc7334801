import Crypto
import Foundation
import SurveyLog
import SurveyModel

/// Ids of what administrators enter by a code, a number or a name: the same on this server whenever
/// it is entered. So what is imported again after a restore, before the devices have brought back
/// what was lost, meets it in one record and is counted once.
///
/// Ids of households and persons cannot be computed without the server's seed, which is in every
/// backup: nobody learns from a number whether, and as what, somebody is registered.
struct DerivedID {
    private let publicKey: Data
    /// Keyed, and nothing in it yet.
    private let template: HMAC<SHA256>

    init(_ key: LogKey) {
        publicKey = key.publicKey
        template = HMAC(
            key: HKDF<SHA256>.deriveKey(
                inputKeyMaterial: SymmetricKey(data: key.seed),
                info: Data("lianhu-subjects-1".utf8), outputByteCount: 32))
    }

    /// The subject of an imported household or person. Those whose numbers begin alike, as a village's do,
    /// have ids that begin alike: what is sorted by them is written and read together.
    ///
    /// - Parameters:
    ///   - key: the row's number, folded.
    ///   - generation: above 0 when what stands under the id before is somebody else's.
    func subject(_ kind: RecordKind, _ key: String, generation: Int = 0) -> SubjectID {
        let place = code(["place", String(key.prefix(Self.placeDigits))])
        let own = code(["\(kind.rawValue)", key, "\(generation)"])
        return SubjectID(place.prefix(6) + own.prefix(10))!
    }

    /// Digits of a village's code.
    private static let placeDigits = 12

    private func code(_ parts: [String]) -> Data {
        var code = template
        code.update(data: Self.message(parts))
        return Data(code.finalize())
    }

    /// The subjects that earlier versions gave a row. They serve to find again what those versions wrote;
    /// all but the first are public.
    func formerSubjects(_ kind: RecordKind, _ key: RosterKey) -> [SubjectID] {
        [SubjectID(code(["\(kind.rawValue)", key.folded, "0"]).prefix(16))!]
            + key.all.map { formerSubject(kind, $0) }
    }

    func formerSubject(_ kind: RecordKind, _ key: String) -> SubjectID {
        SubjectID(digest("\(kind.rawValue)", key).prefix(16))!
    }

    /// The id of an area, a round or a user; 0 and the greatest are reserved.
    ///
    /// - Parameter isTaken: whether an id stands for something else already, such as an area that
    ///   was withdrawn.
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
        hash.update(data: publicKey)
        hash.update(data: Self.message([kind, key]))
        return Data(hash.finalize())
    }

    /// Parts with their lengths, so that two lists of parts never make one message.
    private static func message(_ parts: [String]) -> Data {
        parts.reduce(into: Data()) { message, part in
            message += UInt64(part.utf8.count).bigEndianBytes
            message += Data(part.utf8)
        }
    }
}

extension ServerStore {
    var derived: DerivedID { DerivedID(key) }
}
