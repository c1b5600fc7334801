import Foundation
import SurveyLog
import SurveyModel
import SurveyWire
import TestSupport
import Testing

@testable import SurveySync

@Suite struct OlderCursorsTests {
    /// The ages of what is kept after this many syncs of so many segments each.
    private func ages(syncs: Int, step: () -> UInt64) -> [UInt64] {
        var (head, older) = (UInt64(0), [FeedCursor]())
        for _ in 0..<syncs {
            let next = head + step()
            older = OlderCursors.adding(cursor(head), to: older, below: cursor(next))
            head = next
        }
        return older.map { head - $0.sequence }
    }

    @Test func `the newest is kept, the start and the future are not`() {
        #expect(OlderCursors.adding(.start, to: [], below: cursor(5)) == [])
        #expect(OlderCursors.adding(cursor(5), to: [], below: cursor(5)) == [])
        #expect(OlderCursors.adding(cursor(6), to: [cursor(3)], below: cursor(5)) == [cursor(3)])
        #expect(
            OlderCursors.adding(cursor(4), to: [cursor(2)], below: cursor(5)) == [
                cursor(4), cursor(2),
            ])
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func `few are kept, newest first, each once`(seed: UInt64) {
        var random = SplitMix64(seed)
        let ages = ages(syncs: 500) { UInt64.random(in: 0...20, using: &random) }
        #expect(ages == ages.sorted())
        #expect(Set(ages).count == ages.count)
        #expect(ages.count <= 24)
    }

    @Test(arguments: [UInt64(1), 10, 100])
    func `a few reach far back after many even syncs`(step: UInt64) {
        let ages = ages(syncs: 1_000) { step }
        #expect((ages.max() ?? 0) >= 250 * step)
        #expect(ages.count >= 6)
    }
}
