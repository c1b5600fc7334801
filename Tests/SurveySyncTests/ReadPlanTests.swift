import Foundation
import SurveyLog
import SurveyModel
import SurveySync
import SurveyWire
import TestSupport
import Testing

/// A cursor of a timeline; cursors of different timelines have different hashes.
func cursor(_ sequence: UInt64, timeline: UInt8 = 0) -> FeedCursor {
    sequence == 0
        ? .start
        : FeedCursor(
            sequence: sequence,
            storedHash: Data(repeating: timeline, count: 4)
                + Data(repeating: UInt8(sequence & 255), count: 4))!
}

@Suite struct ReadPlanTests {
    private static let (a, b, c) = (AreaID(rawValue: 1), AreaID(rawValue: 2), AreaID(rawValue: 3))

    private func lanes(_ plan: ReadPlan) -> [AreaID: UInt64] {
        Dictionary(uniqueKeysWithValues: plan.lanes.map { ($0.area, $0.from) })
    }

    @Test func `a new device reads its areas from the start`() {
        let plan = ReadPlan(position: FeedPosition(), matched: .start, scope: [Self.b, Self.a])
        #expect(plan.covered.isEmpty)
        #expect(plan.lanes.map(\.area) == [Self.a, Self.b], "ascending, the same for every device")
        #expect(lanes(plan) == [Self.a: 0, Self.b: 0])
        #expect(plan.dormant.isEmpty)
    }

    @Test func `an area that was taken away becomes a lane at the old cursor`() {
        let position = FeedPosition(cursor: cursor(50), covered: [Self.a, Self.b])
        let plan = ReadPlan(position: position, matched: cursor(50), scope: [Self.a])
        #expect(plan.covered == [Self.a])
        #expect(plan.lanes.isEmpty)
        let next = plan.position(cursor: cursor(80), reached: [:])
        #expect(next.cursor == cursor(80))
        #expect(next.covered == [Self.a])
        #expect(next.lanes == [Self.b: 50], "not at 80: nothing of it was read since")
    }

    @Test func `an area that is given back is read on from its lane`() {
        let position = FeedPosition(cursor: cursor(80), covered: [Self.a], lanes: [Self.b: 50])
        let plan = ReadPlan(position: position, matched: cursor(80), scope: [Self.a, Self.b])
        #expect(lanes(plan) == [Self.b: 50])
        #expect(plan.dormant.isEmpty)
    }

    @Test func `an area never named before is read from the start beside the cursor`() {
        let position = FeedPosition(cursor: cursor(80), covered: [Self.a])
        let plan = ReadPlan(position: position, matched: cursor(80), scope: [Self.a, Self.c])
        #expect(plan.covered == [Self.a])
        #expect(lanes(plan) == [Self.c: 0])
    }

    @Test func `a lane that reaches the cursor joins it, one that does not stays behind`() {
        let position = FeedPosition(cursor: cursor(80), covered: [Self.a], lanes: [Self.b: 50])
        let plan = ReadPlan(
            position: position, matched: cursor(80), scope: [Self.a, Self.b, Self.c])
        let next = plan.position(cursor: cursor(90), reached: [Self.b: 90, Self.c: 89])
        #expect(next.covered == [Self.a, Self.b])
        #expect(next.lanes == [Self.c: 89])
        let unread = plan.position(cursor: cursor(90), reached: [:])
        #expect(unread.lanes == [Self.b: 50, Self.c: 0])
    }

    @Test func `areas that nobody reads any more stay where they were`() {
        let position = FeedPosition(cursor: cursor(80), covered: [Self.a], lanes: [Self.b: 50])
        let plan = ReadPlan(position: position, matched: cursor(80), scope: [Self.a])
        #expect(plan.dormant == [Self.b: 50])
        let next = plan.position(cursor: cursor(90), reached: [Self.b: 90])
        #expect(next.lanes == [Self.b: 50], "whatever was reached in an area that was not read")
    }

    @Test func `after a rewind every lane is cut to the cursor that matched`() {
        let position = FeedPosition(
            cursor: cursor(80), covered: [Self.a, Self.b],
            lanes: [Self.c: 70, AreaID(rawValue: 4): 20])
        let plan = ReadPlan(position: position, matched: cursor(30), scope: [Self.a, Self.c])
        #expect(plan.covered == [Self.a])
        #expect(lanes(plan) == [Self.c: 30])
        #expect(plan.dormant == [Self.b: 30, AreaID(rawValue: 4): 20])
    }

    @Test func `a server that came back empty is read from the start`() {
        let position = FeedPosition(cursor: cursor(80), covered: [Self.a], lanes: [Self.b: 40])
        let plan = ReadPlan(position: position, matched: .start, scope: [Self.a, Self.b])
        #expect(lanes(plan) == [Self.b: 0])
        let next = plan.position(cursor: .start, reached: [:])
        #expect(next.covered == [Self.a, Self.b])
        #expect(next.lanes.isEmpty)
    }

    @Test(arguments: 0..<300 as Range<UInt64>)
    func `no area that the device keeps is ever dropped, and none is skipped`(seed: UInt64) {
        var random = SplitMix64(seed)
        let areas = (1...5 as ClosedRange<UInt64>).map(AreaID.init)
        func some() -> Set<AreaID> { Set(areas.filter { _ in Bool.random(using: &random) }) }
        // What the device truly read of each area; a position must never claim more.
        var read: [AreaID: UInt64] = [:]
        var position = FeedPosition()
        var head: UInt64 = 0
        for _ in 0..<20 {
            head += UInt64.random(in: 0...10, using: &random)
            let scope = some()
            let kept = position.covered.union(position.lanes.keys)
            let plan = ReadPlan(position: position, matched: position.cursor, scope: scope)
            let to = UInt64.random(in: position.cursor.sequence...head, using: &random)
            for area in plan.covered {
                #expect(read[area] == position.cursor.sequence)
                read[area] = to
            }
            var reached: [AreaID: UInt64] = [:]
            for lane in plan.lanes where lane.from <= to {
                #expect(
                    read[lane.area, default: 0] >= lane.from, "a lane begins where reading ended")
                let end = UInt64.random(in: lane.from...to, using: &random)
                reached[lane.area] = end
                read[lane.area] = end
            }
            position = plan.position(cursor: cursor(to), reached: reached)
            #expect(kept.isSubset(of: position.covered.union(position.lanes.keys)))
            #expect(position.covered.isDisjoint(with: position.lanes.keys))
            #expect(position.covered.isSubset(of: scope))
            for area in position.covered { #expect(read[area, default: 0] >= to) }
            for (area, sequence) in position.lanes { #expect(read[area, default: 0] >= sequence) }
        }
    }
}
