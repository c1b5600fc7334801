internal import Foundation
internal import GRDB
public import SurveyLog
internal import SurveyModel
public import SurveyStore
public import SurveyWire

/// Segments of one request, their signatures verified.
public struct Push: Sendable {
    /// The device that sends; the writers may be others when it relays.
    public let sender: RegisteredDevice
    public let segments: [Segment]

    public init(sender: RegisteredDevice, segments: [Segment]) {
        self.sender = sender
        self.segments = segments
    }
}

extension ServerStore {
    /// Records that were behind before a push and are projected with it, so that pushes alone leave nobody
    /// behind, and none takes long.
    private static let projectedWithPushes = 500

    /// Stores the pushes of several requests in one durable transaction.
    ///
    /// Every self-consistent signed segment is stored, whether or not its predecessor is known or
    /// forked. What its writer may not write is held by a decision that is numbered before it.
    /// On any error nothing of any push is acknowledged.
    ///
    /// - Returns: for each push the feed number of each of its segments.
    public func store(_ pushes: [Push]) throws -> [[PushedSegment]] {
        let now = environment.now()
        return try writer.write { db in
            let clock = try Projector.tick(db)
            return try log.writing(in: db, projecting: Self.projectedWithPushes) { draft in
                // A database that was just taken over has everything to project yet.
                try Projector.catchUpRegister(draft.log)
                var arrival = Arrival(draft.log, now: now, clock: clock)
                let pushed = try pushes.map { try arrival.store($0, &draft) }
                try arrival.settlement.settle(&draft)
                return pushed
            }
        }
    }
}
