import FieldStore
import Foundation
import GRDB
import NIOCore
import NIOEmbedded
import ServerStore
import SurveyCoverage
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyProjection
import SurveyStore
import SurveySync
import SurveyWire
import TestSupport
import Testing

@testable import FieldClient
@testable import ServerStore
@testable import SyncServer

/// No device makes a record useless for others, or keeps others waiting.
@Suite struct BoundScenarios {
    private static let one = "520402109201-1"

    private func floors(_ count: Int) -> [SectionTag: SectionAnswers] {
        [SectionTag(rawValue: 2): [Housing.floors.definition.tag: .integer(Int64(count))]]
    }

    private func heldCount(_ world: World, _ reason: HoldReason) throws -> Int {
        try world.server.excludedEdits().count { $0.inclusion == .held(reason) }
    }

    // MARK: Records that others can write

    enum Order: CaseIterable {
        case asWritten, lastFirst, mixed
    }

    @Test(arguments: Order.allCases)
    func `of one log's edits of a record so many count, in its order`(_ order: Order) async throws {
        let (world, wang, first, village) = try await World.withMallory()
        var mallory = first
        let house = try wang.store.household(Self.one, round: nil).subject
        let record = try world.record(.housing, house)
        let edits = try (0..<520).map { try mallory.edit(record, floors($0), in: village) }
        var segments = try stride(from: 0, to: edits.count, by: 40).map {
            try mallory.segment(Array(edits[$0..<$0 + 40]))
        }
        switch order {
        case .asWritten: break
        case .lastFirst: segments.reverse()
        case .mixed:
            var random = SplitMix64(7)
            segments.shuffle(using: &random)
        }
        for start in stride(from: 0, to: segments.count, by: 5) {
            try await mallory.push(Array(segments[start..<min(start + 5, segments.count)]))
        }
        let held = Set(try world.server.excludedEdits().map(\.edit.id))
        let beyond = Set(edits.dropFirst(EditBounds.editsOfRecord).map(\.id))
        #expect(held == beyond, "\(held.count) are held")
        #expect(try heldCount(world, .tooManyEdits) == 20)
        // Whoever else checks that household can save, send, and be counted.
        try await wang.sync()
        let edit = try wang.check("housing", Self.one, .graded("A")).edit
        try await wang.sync()
        #expect(try !world.isExcluded(edit))
        #expect(try world.server.check(in: world.folder).isSound)
    }

    @Test func `what a person accepted stays, however much comes before it later`() async throws {
        let (world, wang, first, village) = try await World.withMallory()
        var mallory = first
        let house = try wang.store.household(Self.one, round: nil).subject
        let record = try world.record(.housing, house)
        let edits = try (0..<510).map { try mallory.edit(record, floors($0), in: village) }
        let segments = try stride(from: 0, to: edits.count, by: 51).map {
            try mallory.segment(Array(edits[$0..<$0 + 51]))
        }
        try await mallory.push(Array(segments.dropFirst()))
        let accepted = edits[EditBounds.editsOfRecord]
        // Nothing was held so far: a person rejects it and takes that back.
        #expect(throws: Failure.self) { try world.server.review(accepted.id.hex, .accept) }
        try world.server.review(accepted.id.hex, .reject)
        try world.server.review(accepted.id.hex, .accept)
        try await mallory.push([segments[0]])
        let held = Set(try world.server.excludedEdits().map(\.edit.id))
        #expect(held == Set(edits.dropFirst(EditBounds.editsOfRecord + 1).map(\.id)))
    }

    @Test func `answers that no form asks for are handed on up to a size`() async throws {
        let (world, wang, first, village) = try await World.withMallory()
        var mallory = first
        let house = try wang.store.household(Self.one, round: nil).subject
        let record = try world.record(.housing, house)
        func edit(_ bytes: Int) throws -> Edit {
            var sections = floors(1)
            sections[SectionTag(rawValue: 2)]?[FieldTag(rawValue: 999)] = .text(
                String(repeating: "x", count: bytes))
            return try mallory.edit(record, sections, in: village)
        }
        let (small, large) = (try edit(8_000), try edit(9_000))
        try await mallory.push([try mallory.segment([small, large])])
        #expect(try !world.isExcluded(small))
        #expect(try heldCount(world, .unknownAnswers) == 1)
        try await wang.sync()
        let saved = try wang.check("housing", Self.one, .graded("A")).edit
        #expect(saved.encoded.byteCount < LogLimits.editBytes)
    }

    @Test func `any edit of a device can be rejected, and that be taken back`() async throws {
        let (world, wang, first, village) = try await World.withMallory()
        var mallory = first
        let house = try wang.store.household(Self.one, round: nil).subject
        let edit = try mallory.edit(
            try world.record(.housing, house), floors(1), in: village)
        try await mallory.push([try mallory.segment([edit])])
        try await wang.sync()
        let listed = try wang.store.history(edit.header.record).entries
        let name = String(try #require(listed.first).edit.id.hex.prefix(12))
        try world.server.revokeUser("mallory")
        try world.server.review(name, .reject)
        #expect(try world.isExcluded(edit))
        try await wang.sync()
        #expect(try wang.state(edit.header.record).included.isEmpty)
        try world.server.review(name, .accept)
        #expect(try !world.isExcluded(edit))
        // What the server wrote is nobody's to reject.
        let own = try #require(
            try world.segments().first { $0.frame.endorsement != nil }?.edits.first)
        #expect(throws: Failure.self) { try world.server.review(own.id.hex, .reject) }
    }

    @Test func `what its author says later replaces what was held, should that count one day`()
        async throws
    {
        let world = try World()
        let wang = try await world.device("wang", ["520402109"])
        try await wang.sync()
        let villages = try world.server.areas(["520402109201", "520402109202"])
        try wang.check("housing", Self.one, .graded("B"))
        // Taken away while wang was offline: both answers are held.
        try world.server.assign("wang", adding: [villages[1]], removing: [villages[0]])
        try world.server.assign("wang", adding: [], removing: try world.server.areas(["520402109"]))
        try await wang.sync()
        #expect(try heldCount(world, .outsideArea) == 1)
        let second = try wang.check("housing", Self.one, .graded("C")).edit
        try await wang.sync()
        for entry in try world.server.excludedEdits() {
            try world.server.review(entry.edit.id.bytes.hex, .accept)
        }
        let state = try world.server.read { db in
            try Records.state(of: second.header.record, in: db)
        }
        #expect(!state.isContested)
        #expect(state.answers[Housing.grade] == .c)
    }

    // MARK: Entries that are one

    @Test(arguments: [false, true])
    func `too many entries that hang together are none of them one`(isMiddleLast: Bool)
        async throws
    {
        let world = try World(households: JoinedEntries.most + 2)
        let (wang, li) = (
            try await world.device("wang", ["520402109201"]),
            try await world.device("li", ["520402109201"])
        )
        for device in [wang, li] { try await device.sync() }
        func number(_ index: Int) -> String { "520402109201-\(index)" }
        var links = Array(1...JoinedEntries.most)
        // Two groups that may stand, until a link between them.
        if isMiddleLast { links.append(links.remove(at: links.count / 2)) }
        for link in links {
            try wang.store.join(number(link), number(link + 1), same: true, reason: nil)
        }
        for device in [wang, li] { try await device.sync() }
        let all = 3 * (JoinedEntries.most + 2)
        #expect(try world.coverage().households == all)
        #expect(try wang.store.status().pairsWithoutEffect == JoinedEntries.most)
        try world.expectAgreement([wang, li])
        // One less, and they are one.
        try li.store.join(number(1), number(2), same: false, reason: nil)
        for device in [li, wang] { try await device.sync() }
        #expect(try world.coverage().households == all - JoinedEntries.most + 1)
        #expect(try li.store.status().pairsWithoutEffect == 0)
        try world.expectAgreement([wang, li])
    }

    // MARK: Nobody waits for another

    @Test func `a large push is written in parts, and others come between them`() async throws {
        let (world, wang, first, village) = try await World.withMallory()
        var mallory = first
        let house = try wang.store.household(Self.one, round: nil).subject
        let segments = try (0..<30).map { _ in
            try mallory.segment(
                try (0..<40).map { _ in
                    try mallory.edit(
                        try world.record(.housing, SubjectID(UInt64.random(in: 1 << 40 ... .max))),
                        floors(1), in: village)
                })
        }
        let devices = try world.server.devices()
        let greedy = try #require(devices.first { $0.replica == mallory.identity.replica })
        let honest = try #require(devices.first { $0.replica != greedy.replica })
        let key = try wang.store.identity().key
        let small = try Segment.seal(
            [
                try Edit(
                    header: EditHeader(
                        dot: Dot(replica: honest.replica, counter: 1),
                        record: try world.record(.housing, house), area: village,
                        sections: [SectionTag(rawValue: 2)], seen: [],
                        author: try wang.store.identity().user, deviceTime: 0, formVersion: 1),
                    body: EditBody(sections: floors(2), salt: nil))
            ], after: ChainValue(publicKey: key.publicKey), key: key)
        let commit = GroupCommit(world.server, limit: 100)
        async let many = commit.submit(Push(sender: greedy, segments: segments))
        try await Task.sleep(for: .milliseconds(1))
        let one = try await commit.submit(Push(sender: honest, segments: [small]))
        let pushed = try await many
        #expect(pushed.map(\.id) == segments.map(\.id))
        let last = try #require(pushed.compactMap(\.number).max())
        #expect(try #require(one.first?.number) < last, "the small push had to wait for all of it")
    }

    @Test func `a device waits behind itself, and others beside it`() async throws {
        let turns = Turns(budget: 1_000)
        let (a, b) = (Turns.Lane.device(Data([1])), Turns.Lane.device(Data([2])))
        let first = try await turns.take(a, bytes: 100)
        let waiting = (0..<4).map { _ in Task { try await turns.take(a, bytes: 100) } }
        // All four wait.
        while !turns.isFull(a) { await Task.yield() }
        await #expect(throws: Failure(.busyServer)) { try await turns.take(a, bytes: 100) }
        turns.giveBack(try await turns.take(b, bytes: 900))
        turns.giveBack(first)
        for task in waiting { turns.giveBack(try await task.value) }
        // One that is larger than everything together has its turn alone.
        turns.giveBack(try await turns.take(a, bytes: 5_000))
    }

    @Test func `the idlest connection of the address with most of them makes room`() throws {
        let connections = Connections(limit: 3, grace: .zero)
        func open(_ address: String) throws -> EmbeddedChannel {
            let channel = EmbeddedChannel()
            try channel.connect(to: SocketAddress(ipAddress: "10.0.0.9", port: 1)).wait()
            channel.remoteAddress = try SocketAddress(ipAddress: address, port: 4_000)
            connections.opened(channel)
            return channel
        }
        let (busy, idle) = (try open("10.0.0.1"), try open("10.0.0.1"))
        let other = try open("10.0.0.2")
        connections.note(busy, received: 800, isAnswered: false)
        connections.note(idle, received: 10, isAnswered: false)
        let next = try open("10.0.0.3")
        #expect(!idle.isActive && busy.isActive && other.isActive && next.isActive)
        // Whoever waits for an answer is not idle.
        connections.note(other, received: 900, isAnswered: false)
        connections.note(next, received: 900, isAnswered: false)
        connections.note(busy, received: 0, isAnswered: true)
        let last = try open("10.0.0.4")
        #expect(busy.isActive && last.isActive && [other, next].count(where: \.isActive) == 1)
    }

    @Test func `a request that is sent again is known for a while`() {
        let turns = Turns(memory: 3)
        func first(_ byte: UInt8) -> Bool { turns.isFirst(Data([byte])) }
        #expect(first(1) && first(2) && first(3))
        #expect(!first(1) && !first(3))
        #expect(first(4), "the first is forgotten")
        #expect(first(1) && !first(3) && !first(4))
    }
}
