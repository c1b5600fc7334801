import SurveyLog
import SurveyModel
import TestSupport
import Testing

@Suite struct LogGraphTests {
    private static func log(_ edits: Int, fork: Bool = false) throws -> TestLog {
        var log = TestLog(1)
        for number in 1...edits {
            let subject = UInt64(number) + (fork && number > 2 ? 1_000 : 0)
            try log.write(.test(.housing, subject: subject), [SectionTag(rawValue: 1): [:]])
        }
        return log
    }

    private func ends(_ spans: [LogGraph.Span]) -> (tips: [Tip], leaves: [Tip]) {
        LogGraph(publicKey: LogKey.test(1).publicKey, spans: spans).ends()
    }

    @Test func `an empty log has no end`() {
        let ends = ends([])
        #expect(ends.tips.isEmpty && ends.leaves.isEmpty)
    }

    @Test func `segments in any order make one tip`() throws {
        let log = try Self.log(6)
        let spans = [log.span(1...2), log.span(3...3), log.span(4...6)]
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0, 1]] {
            let ends = ends(order.map { spans[$0] })
            #expect(ends.tips == [log.tip])
            #expect(ends.leaves.isEmpty)
        }
    }

    @Test func `what lies beyond a gap is a leaf and claims nothing below`() throws {
        let log = try Self.log(6)
        let gap = ends([log.span(1...2), log.span(5...6)])
        #expect(gap.tips == [Tip(replica: log.replica, counter: 2, chain: log.chain(2))])
        #expect(
            gap.leaves == [
                Tip(replica: log.replica, counter: 6, chain: log.chain(6), first: 5)
            ])
        let headless = ends([log.span(4...5)])
        #expect(headless.tips.isEmpty)
        #expect(
            headless.leaves == [
                Tip(replica: log.replica, counter: 5, chain: log.chain(5), first: 4)
            ])
        let filled = ends([log.span(1...2), log.span(5...6), log.span(3...4)])
        #expect(filled.tips == [log.tip] && filled.leaves.isEmpty)
    }

    @Test func `a clone's branch is a second tip`() throws {
        let log = try Self.log(4)
        let clone = try Self.log(5, fork: true)
        let ends = ends([log.span(1...4), clone.span(3...5)])
        #expect(ends.tips == [log.tip, clone.tip])
        #expect(ends.leaves.isEmpty)
    }

    @Test func `a clone's branch beyond a gap is a leaf`() throws {
        let log = try Self.log(4)
        let clone = try Self.log(5, fork: true)
        let ends = ends([log.span(1...4), clone.span(4...5)])
        #expect(ends.tips == [log.tip])
        #expect(
            ends.leaves == [
                Tip(replica: log.replica, counter: 5, chain: clone.tip.chain, first: 4)
            ])
    }

    @Test func `overlapping segments are one log`() throws {
        let log = try Self.log(6)
        let ends = ends([log.span(1...4), log.span(3...6), log.span(1...6), log.span(2...2)])
        #expect(ends.tips == [log.tip])
        #expect(ends.leaves.isEmpty)
    }

    @Test func `a shorter copy of a branch is no end of its own`() throws {
        let log = try Self.log(6)
        let clone = try Self.log(6, fork: true)
        let ends = ends([log.span(1...6), log.span(1...3), clone.span(3...4), clone.span(3...6)])
        #expect(ends.tips.map(\.counter) == [6, 6])
        #expect(Set(ends.tips) == [log.tip, clone.tip])
    }

    @Test func `another key's log does not begin here`() throws {
        let log = try Self.log(3)
        let ends = LogGraph(publicKey: LogKey.test(2).publicKey, spans: [log.span(1...3)]).ends()
        #expect(ends.tips.isEmpty)
        #expect(ends.leaves.count == 1)
    }
}
