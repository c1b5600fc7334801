public import SurveyLog
public import SurveyModel
public import SurveyWire

/// What part of the feed a request is answered with, and the position that results.
///
/// The scope is computed by the server for every request; it is never derived from the device's
/// word. Pure: the store reads what the plan says and reports how far it came.
public struct ReadPlan: Sendable {
    /// The newest cursor of the request on the server's timeline.
    public let matched: FeedCursor
    /// Areas read from the cursor on.
    public let covered: Set<AreaID>
    /// Areas read beside it, ascending, each from its own position.
    public let lanes: [(area: AreaID, from: UInt64)]
    /// Areas out of scope that the device keeps; not read.
    public let dormant: [AreaID: UInt64]

    /// - Parameters:
    ///   - position: the device's word of what it has read.
    ///   - scope: the areas it is given now.
    public init(position: FeedPosition, matched: FeedCursor, scope: Set<AreaID>) {
        self.matched = matched
        // What was read beyond the matched cursor was read on another timeline.
        func cut(_ sequence: UInt64) -> UInt64 { min(sequence, matched.sequence) }
        covered = position.covered.intersection(scope)
        lanes = scope.subtracting(covered).sorted()
            .map { ($0, cut(position.lanes[$0] ?? 0)) }
        var dormant = position.lanes.filter { !scope.contains($0.key) }.mapValues(cut)
        for area in position.covered.subtracting(scope) { dormant[area] = matched.sequence }
        self.dormant = dormant
    }

    /// The position after reading up to `cursor` and each lane up to `reached`.
    ///
    /// A lane that reaches the cursor joins it.
    public func position(cursor: FeedCursor, reached: [AreaID: UInt64]) -> FeedPosition {
        var position = FeedPosition(cursor: cursor, covered: covered, lanes: dormant)
        for lane in lanes {
            let sequence = reached[lane.area] ?? lane.from
            if sequence >= cursor.sequence {
                position.covered.insert(lane.area)
            } else {
                position.lanes[lane.area] = sequence
            }
        }
        return position
    }
}
