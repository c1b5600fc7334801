import FieldStore
import Foundation
import GRDB
import SurveyCoverage
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore
import SurveySync
import SurveyWire
import TestSupport
import Testing

@testable import FieldClient
@testable import ServerStore
@testable import SyncServer

/// Attempts to write, read or move what is beyond a surveyor's villages, in any grouping.
@Suite struct BypassScenarios {
    /// How the same edits reach the server.
    enum Grouping: CaseIterable {
        case alone, oneRequest, oneSegment, committedTogether
    }

    private func foreignHouse(_ device: Device) throws -> SubjectID {
        try device.store.household("520402109202-1", round: nil).subject
    }

    @Test(arguments: Grouping.allCases)
    func `a held move opens no household to what comes after it`(_ grouping: Grouping)
        async throws
    {
        let (world, wang, first, village) = try await World.withMallory()
        var mallory = first
        let house = try foreignHouse(wang)
        let check = try world.record(.housing, house)
        let move = try mallory.edit(
            RecordKey(kind: .household, subject: house), Written.location("520402109201", village),
            in: village)
        let answer = try mallory.edit(check, Written.floors, in: village)
        switch grouping {
        case .alone:
            try await mallory.push([try mallory.segment([move])])
            try await mallory.push([try mallory.segment([answer])])
        case .oneRequest:
            try await mallory.push([try mallory.segment([move]), try mallory.segment([answer])])
        case .oneSegment: try await mallory.push([try mallory.segment([move, answer])])
        case .committedTogether:
            let sender = try #require(
                try world.server.devices().first { $0.replica == mallory.identity.replica })
            let segments = [try mallory.segment([move]), try mallory.segment([answer])]
            _ = try world.server.store(segments.map { Push(sender: sender, segments: [$0]) })
        }
        #expect(try world.isExcluded(move) && world.isExcluded(answer))
        #expect(try world.coverage().count(.housing).checked == 0)
        try await wang.sync()
        #expect(try wang.store.household("520402109202-1", round: nil).subject == house)
    }

    @Test func `two held edits tell nobody who a person is`() async throws {
        let (world, wang, first, village) = try await World.withMallory()
        var mallory = first
        let own = try mallory.device.store.household("520402109201-1", round: nil).subject
        let persons = try wang.store.persons(
            in: nil, household: "520402109202-1", round: try wang.store.round(nil))
        #expect(persons.count == 2)
        let taken = try persons.map { person in
            try mallory.segment(
                RecordKey(kind: .person, subject: person.subject), Written.membership(own),
                in: village)
        }
        try await mallory.push(taken)
        // Something that makes the household's members be looked through.
        let moved = try mallory.segment(
            RecordKey(kind: .household, subject: own), Written.location("520402109201", village),
            in: village)
        try await mallory.push([moved])
        try await mallory.device.sync()
        for person in persons {
            let told = try mallory.device.store.read { db in
                try SegmentLog.edits(
                    of: RecordKey(kind: .person, subject: person.subject), in: db)
            }
            #expect(told.allSatisfy { $0.header.author == mallory.identity.user })
        }
        #expect(try world.server.check(in: world.folder).isSound)
    }

    // MARK: Before a household is registered

    @Test func `what was written before a household is registered is judged by where it is`()
        async throws
    {
        let (world, wang, first, village) = try await World.withMallory()
        var mallory = first
        let other = try world.server.areas(["520402109202"])[0].id
        let house = SubjectID.fresh(1)
        let ghost = SubjectID.fresh(2)
        let before = [
            try mallory.segment(try world.record(.housing, house), Written.floors, in: village),
            try mallory.segment(
                RecordKey(kind: .person, subject: ghost), Written.membership(house), in: village),
            try mallory.segment(
                .sameAs(house, try foreignHouse(wang)),
                SameAs.form.sections(pair(house, try foreignHouse(wang))), in: village),
        ]
        try await mallory.push(before)
        // One half of the pair is registered, in another village.
        #expect(try world.isExcluded(before[2].edits[0]))
        #expect(try !world.isExcluded(before[0].edits[0]))
        #expect(try world.coverage().tally[.unregistered] == 1)

        var bella = try Mallory(try await world.device("bella", ["520402109202"]))
        try await bella.push([
            try bella.segment(
                RecordKey(kind: .household, subject: house),
                Written.entry("520402109202-9", "520402109202", other), in: other)
        ])
        #expect(try before.allSatisfy { try world.isExcluded($0.edits[0]) })
        #expect(try world.coverage().tally[.unregistered] == 0)
        #expect(try world.coverage().persons == 24)
        try await wang.sync()
        #expect(try wang.coverage().rows.map(\.tally).reduce(Tally(), +).counts[.persons] == 16)
        #expect(try world.server.check(in: world.folder).isSound)
    }

    @Test func `whoever may write where it turns out to be is counted and read there`()
        async throws
    {
        let (world, _, first, village) = try await World.withMallory()
        let other = try world.server.areas(["520402109202"])[0].id
        var both = try Mallory(try await world.device("both", ["520402109"]))
        let house = SubjectID.fresh(1)
        let check = try both.segment(
            try world.record(.housing, house), Written.floors, in: village)
        try await both.push([check])
        let bella = try await world.device("bella", ["520402109202"])
        var writer = try Mallory(bella)
        try await writer.push([
            try writer.segment(
                RecordKey(kind: .household, subject: house),
                Written.entry("520402109202-9", "520402109202", other), in: other)
        ])
        #expect(try !world.isExcluded(check.edits[0]))
        try await bella.sync()
        #expect(try bella.state(check.edits[0].header.record).included.count == 1)
        // Whoever reads the village where it was written counts the same as the server.
        let mallory = first.device
        try await mallory.sync()
        let server = try world.server.coverage(try world.round())
        for device in [bella, mallory] {
            let tree = try world.server.areaTree()
            for row in try device.coverage().rows {
                let village = try #require(tree.find(row.area).first).id
                #expect(row.tally == server.first { $0.village == village }?.tally ?? Tally())
            }
        }
    }

    private func pair(_ a: SubjectID, _ b: SubjectID) -> Answers {
        var answers = Answers()
        answers[SameAs.first] = min(a, b).bytes
        answers[SameAs.second] = max(a, b).bytes
        answers[SameAs.same] = true
        return answers
    }

    // MARK: One subject, one kind

    @Test func `a household under the id of a village or of a person is held`() async throws {
        let (world, wang, first, village) = try await World.withMallory()
        var mallory = first
        let person = try wang.store.persons(
            in: nil, household: nil, round: try wang.store.round(nil)
        ).first { $0.area == village }
        for subject in [village.subject, try #require(person).subject] {
            let segment = try mallory.segment(
                RecordKey(kind: .household, subject: subject),
                Written.entry("X", "520402109201", village), in: village)
            try await mallory.push([segment])
            #expect(try world.isExcluded(segment.edits[0]))
        }
        #expect(try world.coverage().households == 12)
    }

    // MARK: What a held edit prepares

    @Test func `a decision of one's own lets nothing count until the end of a request`()
        async throws
    {
        let (world, wang, first, village) = try await World.withMallory()
        var mallory = first
        let house = try foreignHouse(wang)
        let record = RecordKey(kind: .household, subject: house)
        let here = Written.location("520402109201", village)
        let missing = try #require(
            Reference(
                dot: Dot(replica: mallory.identity.replica, counter: 999), check: Data(count: 4)))
        // The decision is written first, about an edit that comes after it.
        let decisionCounter = mallory.counter + 1
        mallory.counter += 1
        let move = try mallory.edit(record, here, in: village, seen: [missing])
        let half = try #require(SubjectID(move.id.bytes.prefix(16)))
        let after = mallory.counter
        mallory.counter = decisionCounter - 1
        let decision = try mallory.edit(
            RecordKey(kind: .decision, subject: half), [SectionTag(rawValue: 1): [:]], in: village)
        mallory.counter = after
        let again = try mallory.edit(record, here, in: village, seen: [missing])
        try await mallory.push([try mallory.segment([decision, move, again])])
        for edit in [decision, move, again] { #expect(try world.isExcluded(edit)) }
        try await wang.sync()
        #expect(try wang.store.household("520402109202-1", round: nil).subject == house)
    }

    @Test func `an entry that says neither who nor where opens nothing to its writer`()
        async throws
    {
        let (world, _, first, village) = try await World.withMallory()
        var mallory = first
        let other = try world.server.areas(["520402109202"])[0].id
        let house = SubjectID.fresh(1)
        let record = RecordKey(kind: .household, subject: house)
        var size = Answers()
        size[Household.members] = 3
        var aside = Answers()
        aside[Household.setAside] = true
        let before = [
            try mallory.edit(record, Household.form.sections(size), in: village),
            try mallory.edit(record, Household.form.sections(aside), in: village),
            try mallory.edit(
                try world.record(.housing, house), Written.floors, in: village),
        ]
        try await mallory.push([try mallory.segment(before)])
        let bella = try await world.device("bella", ["520402109202"])
        var writer = try Mallory(bella)
        let entry = try writer.segment(
            record, Written.entry("520402109202-9", "520402109202", other), in: other)
        try await writer.push([entry])
        for edit in before { #expect(try world.isExcluded(edit)) }
        // Nor does she take it back by saying that she has seen it.
        let taken = try mallory.segment(
            record, Written.location("520402109201", village), in: village,
            seen: entry.edits.map(\.reference))
        try await mallory.push([taken])
        #expect(try world.isExcluded(taken.edits[0]))
        try await mallory.device.sync()
        let told = try mallory.device.store.read { db in
            try SegmentLog.edits(of: record, in: db)
        }
        #expect(told.allSatisfy { $0.header.author == mallory.identity.user })
        #expect(try world.coverage().households == 13)
    }

    @Test func `what is said of a pair names it`() async throws {
        let (world, wang, first, village) = try await World.withMallory()
        var mallory = first
        let houses = try ["520402109202-1", "520402109202-2"].map {
            try wang.store.household($0, round: nil).subject
        }.sorted()
        let pair = RecordKey.sameAs(houses[0], houses[1])
        try wang.store.join("520402109202-1", "520402109202-2", same: true, reason: nil)
        try await wang.sync()
        #expect(try world.coverage().households == 11)
        let seen = try world.server.read { db in
            try Records.state(of: pair, in: db).included.map(\.reference)
        }
        let same: SectionAnswers = [SameAs.same.definition.tag: .boolean(false)]
        let edits = [
            try mallory.edit(pair, [SectionTag(rawValue: 1): same], in: village, seen: seen),
            // Its fields in two sections, which come to a pair together.
            try mallory.edit(
                pair,
                [
                    SectionTag(rawValue: 1): same,
                    SectionTag(rawValue: 2): [
                        SameAs.first.definition.tag: .identifier(houses[0].bytes),
                        SameAs.second.definition.tag: .identifier(houses[1].bytes),
                    ],
                ], in: village, seen: seen),
        ]
        try await mallory.push([try mallory.segment(edits)])
        for edit in edits { #expect(try world.isExcluded(edit)) }
        #expect(try world.coverage().households == 11)
    }

    @Test func `a field in a section that is not its own says nothing`() async throws {
        let (world, wang, first, village) = try await World.withMallory()
        var mallory = first
        let other = try world.server.areas(["520402109202"])[0].id
        let own = try mallory.device.store.household("520402109201-1", round: nil).subject
        var sections = Written.location("520402109201", village)
        sections[SectionTag(rawValue: 99)] = [
            Household.village.definition.tag: .identifier(other.subject.bytes)
        ]
        for _ in 0..<20 {
            try await mallory.push([
                try mallory.segment(
                    RecordKey(kind: .household, subject: own), sections, in: village)
            ])
        }
        try await wang.sync()
        #expect(try wang.store.household("520402109201-1", round: nil).area == village)
        let area = try world.server.read { db in try Subjects.area(of: own, in: db) }
        #expect(area == village)
        #expect(try world.server.check(in: world.folder).isSound)
    }

    @Test func `the finding that a check calls for is about what its id says`() async throws {
        let (world, wang, first, village) = try await World.withMallory()
        var mallory = first
        let house = try foreignHouse(wang)
        let own = try mallory.device.store.household("520402109201-1", round: nil).subject
        let record = RecordKey.finding(.housing, about: try world.record(.housing, house))
        func found(_ subject: SubjectID) -> [SectionTag: SectionAnswers] {
            var answers = Answers()
            answers[Finding.about] = subject.bytes
            answers[Finding.category] = .housing
            return Finding.form.sections(answers)
        }
        let squat = try mallory.segment(record, found(own), in: village)
        try await mallory.push([squat])
        #expect(try !world.isExcluded(squat.edits[0]))
        let other = try world.server.areas(["520402109202"])[0].id
        var bella = try Mallory(try await world.device("bella", ["520402109202"]))
        let finding = try bella.segment(record, found(house), in: other)
        try await bella.push([finding])
        #expect(try !world.isExcluded(finding.edits[0]) && world.isExcluded(squat.edits[0]))
        let row = try world.server.read { db in try Findings.finding(record, in: db) }
        #expect(row?.area == other && row?.isContested == false)
    }

    // MARK: A law

    /// Edits of three devices in one order: moves, entries, memberships, checks, findings, anything
    /// about anybody.
    @Test(arguments: UInt64(1)...8)
    func `the same edits are held alike in any grouping`(_ seed: UInt64) async throws {
        var expected: [UInt64: Set<Int>] = [:]
        for grouping in 0..<3 {
            let (world, wang, mallory, _) = try await World.withMallory(seed: seed)
            let bella = try Mallory(try await world.device("bella", ["520402109202"]))
            let writers = [try Mallory(wang), mallory, bella]
            let held = try RandomPushes(seed: seed, world: world, writers: writers)
                .run(grouping: grouping)
            if let known = expected[seed] {
                #expect(held == known, "grouping \(grouping)")
            } else {
                expected[seed] = held
            }
            #expect(try world.server.check(in: world.folder).isSound)
        }
    }
}

/// Random edits that are pushed in one order and different groups.
private struct RandomPushes {
    let edits: [(writer: Int, edit: Edit)]
    let world: World
    var writers: [Mallory]

    init(seed: UInt64, world: World, writers: [Mallory]) throws {
        self.world = world
        var writers = writers
        var random = SplitMix64(seed)
        let villages = try Array(World.villages.prefix(2)).map { code in
            (code: code, id: try world.server.areas([code])[0].id)
        }
        let known = try writers[0].device.store.households(in: nil, round: nil).map(\.subject)
        let houses = Array(known.prefix(5)) + [.fresh(1), .fresh(2)]
        let persons =
            try writers[0].device.store.persons(in: nil, household: nil, round: nil)
            .prefix(4).map(\.subject) + [.fresh(3), .fresh(4)]
        var edits: [(Int, Edit)] = []
        for _ in 0..<60 {
            let writer = Int.random(in: 0..<3, using: &random)
            let house = houses.randomElement(using: &random)!
            let person = persons.randomElement(using: &random)!
            let village = villages.randomElement(using: &random)!
            let area = villages.randomElement(using: &random)!.id
            let edit: Edit
            switch Int.random(in: 0..<6, using: &random) {
            case 0:
                edit = try writers[writer].edit(
                    RecordKey(kind: .household, subject: house),
                    Written.location(village.code, village.id), in: area)
            case 1:
                edit = try writers[writer].edit(
                    RecordKey(kind: .household, subject: house),
                    Written.entry("N\(random.next() % 9)", village.code, village.id), in: area)
            case 2:
                edit = try writers[writer].edit(
                    RecordKey(kind: .person, subject: person), Written.membership(house), in: area)
            case 3:
                edit = try writers[writer].edit(
                    try world.record(.medical, person),
                    [SectionTag(rawValue: 3): [Medical.contract.definition.tag: .boolean(true)]],
                    in: area)
            case 4:
                var answers = Answers()
                answers[Finding.about] = house.bytes
                edit = try writers[writer].edit(
                    try world.record(.finding, .fresh(UInt64(random.next() % 2 + 7))),
                    Finding.form.sections(answers), in: area)
            default:
                edit = try writers[writer].edit(
                    try world.record(.housing, house), Written.floors, in: area)
            }
            edits.append((writer, edit))
        }
        self.edits = edits
        self.writers = writers
    }

    /// - Returns: the places in the order of those that are held at the end.
    func run(grouping: Int) throws -> Set<Int> {
        var writers = writers
        var pushes: [Push] = []
        for (writer, edit) in edits {
            let segment = try writers[writer].segment([edit])
            let replica = writers[writer].identity.replica
            let sender = try world.server.devices().first { $0.replica == replica }!
            if grouping == 1, let last = pushes.last, last.sender.replica == replica {
                pushes[pushes.count - 1] = Push(
                    sender: sender, segments: last.segments + [segment])
            } else {
                pushes.append(Push(sender: sender, segments: [segment]))
            }
        }
        if grouping == 2 {
            _ = try world.server.store(pushes)
        } else {
            for push in pushes { _ = try world.server.store([push]) }
        }
        return Set(try edits.indices.filter { try world.isExcluded(edits[$0].edit) })
    }
}

extension SubjectID {
    /// As a device would choose it.
    fileprivate static func fresh(_ number: UInt64) -> SubjectID {
        var random = SplitMix64(number)
        return SubjectID(Data((0..<16).map { _ in UInt8.random(in: 1...255, using: &random) }))!
    }
}
