internal import Foundation
internal import GRDB
internal import SurveyCoverage
public import SurveyLog
internal import SurveyModel
public import SurveyStore
internal import SurveySync
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
            return try log.writing(in: db) { draft in
                var settlement = Settlement()
                let pushed = try pushes.map { push in
                    try Self.store(push, now, clock, db, &draft, &settlement)
                }
                try settlement.settle(db, &draft)
                return pushed
            }
        }
    }

    private static func store(
        _ push: Push, _ now: Int64, _ clock: Int64, _ db: Database,
        _ draft: inout ServerLog.Draft, _ settlement: inout Settlement
    ) throws -> [PushedSegment] {
        // The server's own segments, which a restored server is given back, come first: they say
        // who may write what follows.
        let register = push.segments.filter(\.isRegister)
        for segment in register where try Feed.append(segment, in: db).isNew {
            settlement.registerChanged = true
        }
        if !register.isEmpty { try Projector.catchUpRegister(db) }
        var judge = Judge(db)
        judge.await(push.segments)
        return try push.segments.map { segment in
            let number: UInt64
            if let known = try SegmentLog.number(of: segment.id, in: db) {
                number = UInt64(known)
            } else {
                number = try store(segment, now, clock, db, &draft, &judge)
                try settlement.note(segment, db)
            }
            return PushedSegment(id: segment.id, result: .stored(number))
        }
    }

    private static func store(
        _ segment: Segment, _ now: Int64, _ clock: Int64, _ db: Database,
        _ draft: inout ServerLog.Draft, _ judge: inout Judge
    ) throws -> UInt64 {
        if segment.frame.endorsement == nil {
            guard let writer = try Accounts.device(segment.frame.replica, in: db) else {
                throw DamagedDatabase("device")
            }
            var held = 0
            // What came in another segment before was judged then.
            for edit in segment.edits where try !SegmentLog.contains(edit, in: db) {
                guard let reason = try judge.reason(for: edit, from: writer) else { continue }
                try Holds.decide(
                    .hold, edit, root: writer.root, reason: reason, seen: [], db, &draft)
                held += 1
            }
            // A hold is numbered before the segment that it holds.
            try draft.seal()
            if held < segment.edits.count {
                try Coverage.note(segment.frame.area, heardAt: now, clock: clock, in: db)
            }
        }
        return try Feed.append(segment, in: db).number
    }
}

extension Segment {
    /// Written by a server into the area that everybody reads.
    fileprivate var isRegister: Bool { frame.endorsement != nil && frame.area == .reserved }
}
