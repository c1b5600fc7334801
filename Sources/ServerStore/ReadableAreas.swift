import GRDB
import SurveyModel
import SurveyStore
import SurveySync
import Synchronization

/// The villages of accounts by the state of the areas: every push and every answer asks for them, and a city
/// has a thousand.
final class ReadableAreas: Sendable {
    private struct Key: Hashable {
        let version: Int64
        let role: Role
        let areas: Set<AreaID>
    }

    static let shared = ReadableAreas()
    private static let limit = 512

    private let known = Mutex<[Key: Set<AreaID>]>([:])

    /// The villages that an account may read, whether it is revoked or not.
    func villages(of account: Account, in db: Database) throws -> Set<AreaID> {
        let key = Key(
            version: try Areas.version(in: db), role: account.role, areas: account.areas)
        if let villages = known.withLock({ $0[key] }) { return villages }
        var active = account
        active.isRevoked = false
        let villages = active.readable(in: try Areas.tree(in: db))
        known.withLock { known in
            if known.count >= Self.limit { known = [:] }
            known[key] = villages
        }
        return villages
    }
}
