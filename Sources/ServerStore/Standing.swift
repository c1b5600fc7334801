import Foundation
import GRDB
import SurveyLog
import SurveyModel
import SurveyStore
import SurveySync
import Synchronization

/// What a user may do, and might do before something was taken away.
struct Standing: Sendable {
    let account: Account
    /// The villages that the user may write, whether revoked or not.
    let writable: Set<AreaID>
    let unassigned: [(areas: Set<AreaID>, ends: [Tip])]
    let revokedAt: [Tip]
}

/// A state of the register of areas, rounds, users and devices: no two registers have the same one.
struct RegisterState: Hashable {
    /// The last segment that says anything of it, and the feed's hash there; nil while not all of it is
    /// projected.
    private let end: End?

    private struct End: Hashable {
        let number: Int64
        let running: Data?
    }

    init(_ log: LogSession) throws {
        guard try !Projector.isRegisterBehind(log) else {
            end = nil
            return
        }
        end = try log.db.row(
            """
            SELECT number, running FROM segment WHERE area = 0 ORDER BY number DESC LIMIT 1
            """
        ).map { End(number: $0["number"], running: $0["running"]) }
    }

    var isKnown: Bool { end != nil }
}

/// Standings by the state of the register, kept while that stands.
final class Standings: Sendable {
    static let shared = Standings()

    private let known = Mutex<(register: RegisterState, users: [UserID: Standing])?>(nil)

    func standing(of user: UserID, by register: RegisterState) -> Standing? {
        known.withLock { $0?.register == register ? $0?.users[user] : nil }
    }

    func keep(_ standing: Standing, of user: UserID, by register: RegisterState) {
        guard register.isKnown else { return }
        known.withLock { known in
            if known?.register != register { known = (register, [:]) }
            known?.users[user] = standing
        }
    }
}
