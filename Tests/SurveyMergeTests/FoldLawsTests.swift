import SurveyLog
import SurveyMerge
import SurveyModel
import TestSupport
import Testing

/// Laws of the merge over random histories. A seed that fails becomes a named test.
@Suite struct FoldLawsTests {
    private func state(_ edits: [Edit], excluding excluded: Set<EditID> = []) throws -> RecordState
    {
        try fold(RandomHistory.key, edits, excluding: excluded)
    }

    @Test(arguments: 0..<150 as Range<UInt64>)
    func `order and duplicates do not matter`(seed: UInt64) throws {
        var random = SplitMix64(seed)
        let edits = try RandomHistory(seed: seed).edits
        let once = try state(edits)
        for _ in 0..<5 {
            let again = edits.filter { _ in Bool.random(using: &random) }
            let other = try state((edits + again).shuffled(using: &random))
            #expect(other.sections == once.sections)
            #expect(other.included == once.included)
        }
    }

    @Test(arguments: 0..<150 as Range<UInt64>)
    func `copies that are joined in any grouping come to the same state`(seed: UInt64) throws {
        var random = SplitMix64(seed &+ 1_000)
        let edits = try RandomHistory(seed: seed).edits
        // Three copies that overlap and only together hold everything.
        var copies: [[Edit]] = [[], [], []]
        for edit in edits {
            for copy in copies.indices where Bool.random(using: &random) {
                copies[copy].append(edit)
            }
            copies[Int.random(in: 0..<3, using: &random)].append(edit)
        }
        func join(_ a: [Edit], _ b: [Edit]) throws -> [Edit] { try state(a + b).included }
        let left = try join(try join(copies[0], copies[1]), copies[2])
        let right = try join(copies[0], try join(copies[2], copies[1]))
        #expect(left == right)
        #expect(try state(left).sections == (try state(edits)).sections)
    }

    @Test(arguments: 0..<300 as Range<UInt64>)
    func `no value is dropped that nobody was shown`(seed: UInt64) throws {
        let history = try RandomHistory(seed: seed)
        #expect(lost(history, by: try state(history.edits).survivors) == 0)
    }

    @Test(arguments: 0..<300 as Range<UInt64>)
    func `what was shown and answered again does not come back`(seed: UInt64) throws {
        let history = try RandomHistory(seed: seed)
        let survivors = try state(history.edits).survivors
        for edit in history.edits {
            for section in edit.header.sections {
                let isReplaced = history.edits.contains { later in
                    later.header.sections.contains(section)
                        && history.shown[later.id]?.contains(edit.id) == true
                }
                #expect(survivors[section]?.contains(edit.id) == !isReplaced)
            }
        }
    }

    @Test(arguments: 0..<100 as Range<UInt64>)
    func `a section that was ever written keeps at least one answer`(seed: UInt64) throws {
        let edits = try RandomHistory(seed: seed).edits
        let state = try state(edits)
        #expect(Set(state.sections.keys) == Set(edits.flatMap(\.header.sections)))
        for section in state.sections.values {
            #expect(!section.siblings.isEmpty)
            #expect(Set(section.siblings.map(\.answers)).count == section.siblings.count)
            let known = section.siblings.contains { $0.answers == section.provisional }
            #expect(known, "no policy of these sections makes up an answer")
        }
    }

    @Test(arguments: 0..<100 as Range<UInt64>)
    func `an edit that saw all siblings resolves the record`(seed: UInt64) throws {
        var random = SplitMix64(seed)
        let edits = try RandomHistory(seed: seed).edits
        let before = try state(edits)
        var resolver = TestLog(99)
        let sections = Dictionary(
            uniqueKeysWithValues: before.sections.keys.map { ($0, SectionAnswers()) })
        guard !sections.isEmpty else { return }
        let resolution = try resolver.write(
            RandomHistory.key, sections, seen: before.references(writing: Set(sections.keys)))
        let after = try state((edits + [resolution]).shuffled(using: &random))
        #expect(!after.isContested)
        #expect(after.survivors.values.allSatisfy { $0 == [resolution.id] })
    }

    @Test(arguments: 0..<100 as Range<UInt64>)
    func `holding and then accepting an edit changes nothing in the end`(seed: UInt64) throws {
        var random = SplitMix64(seed)
        let edits = try RandomHistory(seed: seed).edits
        let held = Set(edits.filter { _ in random.chance(3) }.map(\.id))
        let during = try state(edits, excluding: held)
        #expect(Set(during.included.map(\.id)).isDisjoint(with: held))
        #expect(during.excluded.count == held.count)
        #expect(during.sections == (try state(edits.filter { !held.contains($0.id) })).sections)
        #expect(try state(edits).sections == (try state(edits.reversed())).sections)
    }

    @Test func `the rules that Lianhu does not use lose answers in these histories`() throws {
        var byMaximum = 0
        var byDot = 0
        for seed in 0..<300 as Range<UInt64> {
            let history = try RandomHistory(seed: seed)
            byMaximum += lost(history, by: naiveFold(history.edits, covers: coversByMaximum))
            byDot += lost(history, by: naiveFold(history.edits, covers: coversByDot))
        }
        #expect(byMaximum > 0, "the histories must be able to show the fault")
        #expect(byDot > 0, "the histories must be able to show the fault")
    }
}
