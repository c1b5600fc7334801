import SurveyLog
import SurveyMerge
import SurveyModel
import TestSupport
import Testing

@Suite struct VectorClockTests {
    private static let key = RecordKey.test(.housing)
    private static let section = SectionTag(rawValue: 1)

    @Test func `edits come before, after, at the same time as or are each other`() throws {
        var (a, b) = (TestLog(1), TestLog(2))
        let first = try a.write(Self.key, [Self.section: [:]])
        let second = try a.write(Self.key, [Self.section: [:]], seen: [first.reference])
        let third = try b.write(Self.key, [Self.section: [:]], seen: [second.reference])
        let lone = try b.write(Self.key, [Self.section: [:]])
        let history = History([third, lone, first, second])
        func relation(_ x: Edit, _ y: Edit) -> Causality {
            compare(history.clock(of: x.reference), history.clock(of: y.reference))
        }
        #expect(relation(first, second) == .before)
        #expect(relation(second, first) == .after)
        #expect(relation(first, first) == .same)
        #expect(relation(first, third) == .before, "through the second, which the third was shown")
        #expect(
            relation(third, lone) == .concurrent,
            "one log's later edit need not have seen the earlier")
        #expect(relation(first, lone) == .concurrent)
        let depth = CausalDepth([third, lone, first, second])
        #expect(
            [first, second, third, lone].map { depth.depth(of: $0.reference) } == [1, 2, 3, 1])
    }

    @Test func `two copies of a record are equal, one ahead, or diverged`() throws {
        var (a, b) = (TestLog(1), TestLog(2))
        let first = try a.write(Self.key, [Self.section: [:]])
        let second = try a.write(Self.key, [Self.section: [:]], seen: [first.reference])
        let other = try b.write(Self.key, [Self.section: [:]], seen: [first.reference])
        func version(_ edits: Edit...) -> VectorClock { History(edits).version }
        #expect(compare(version(first, second), version(second, first)) == .same)
        #expect(compare(version(first), version(first, second)) == .before)
        #expect(compare(version(first, second, other), version(first, other)) == .after)
        #expect(compare(version(first, second), version(first, other)) == .concurrent)
        #expect(compare(version(), version(first)) == .before)
        #expect(compare(version(), version()) == .same)
    }

    @Test func `a copy that lacks the past knows of it all the same`() throws {
        var a = TestLog(1)
        let first = try a.write(Self.key, [Self.section: [:]])
        let second = try a.write(Self.key, [Self.section: [:]], seen: [first.reference])
        #expect(compare(History([second]).version, History([first, second]).version) == .same)
        #expect(compare(History([first]).version, History([second]).version) == .before)
    }

    @Test(arguments: 0..<100 as Range<UInt64>)
    func `comparison is the inclusion of histories`(seed: UInt64) throws {
        let edits = try RandomHistory(seed: seed).edits
        let history = History(edits)
        for x in edits {
            for y in edits {
                let forth = compare(history.clock(of: x.reference), history.clock(of: y.reference))
                let back = compare(history.clock(of: y.reference), history.clock(of: x.reference))
                let opposite: Causality =
                    switch forth {
                    case .before: .after
                    case .after: .before
                    case .same: .same
                    case .concurrent: .concurrent
                    }
                #expect(back == opposite)
                #expect((forth == .same) == (x.reference == y.reference))
                if y.header.seen.contains(x.reference) { #expect(forth == .before) }
            }
        }
    }

    @Test(arguments: 0..<100 as Range<UInt64>)
    func `the version is the join of the clocks and holds each of them`(seed: UInt64) throws {
        let edits = try RandomHistory(seed: seed).edits
        let history = History(edits)
        let joined = edits.reduce(VectorClock([])) {
            $0.joined(with: history.clock(of: $1.reference))
        }
        #expect(history.version == joined)
        for edit in edits {
            let relation = compare(history.clock(of: edit.reference), history.version)
            #expect(relation == .before || relation == .same)
        }
    }
}
