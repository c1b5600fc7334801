import SurveyModel
import Synchronization

/// Trees of areas by the version of the areas that they were read from, in whatever database: a version is
/// a number at random, which no other state has.
final class AreaTrees: Sendable {
    private struct Key: Equatable {
        let version: Int64
        let round: RoundID?
    }

    private static let limit = 4
    private let known = Mutex<[(key: Key, tree: AreaTree)]>([])

    func tree(_ version: Int64, _ round: RoundID?, _ read: () throws -> AreaTree) rethrows
        -> AreaTree
    {
        let key = Key(version: version, round: round)
        if let tree = known.withLock({ $0.first { $0.key == key }?.tree }) { return tree }
        let tree = try read()
        known.withLock { known in
            known.insert((key, tree), at: 0)
            if known.count > Self.limit { known.removeLast() }
        }
        return tree
    }
}
