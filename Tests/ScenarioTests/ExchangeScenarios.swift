import FieldStore
import Foundation
import GRDB
import ServerStore
import SurveyCoverage
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore
import SurveySync
import SurveyWire
import Synchronization
import TestSupport
import Testing

@testable import FieldClient

@Suite struct ExchangeScenarios {
    private static let house = "520402109201-1"

    private func surveyor(households: Int = 4) async throws -> (World, Device) {
        let world = try World(households: households)
        let wang = try await world.device("wang", ["520402109"])
        try await wang.sync()
        return (world, wang)
    }

    private func edits(_ world: World) throws -> Int {
        try world.server.writer.read { db in
            try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM edit")!
        }
    }

    @Test(arguments: [1, 40, 200])
    func `a day's checks are one round trip`(count: Int) async throws {
        let (_, wang) = try await surveyor(households: 100)
        for number in 1...count {
            let village = World.villages[number > 100 ? 1 : 0]
            try wang.check("housing", "\(village)-\((number - 1) % 100 + 1)", .graded("A"))
        }
        let summary = try await wang.sync()
        #expect(summary.sent == count)
        #expect(summary.roundTrips == 1)
        #expect(summary.receipt?.counter == UInt64(count))
        #expect(try wang.store.status().pending == 0)
    }

    @Test func `a push repeated after a lost response changes nothing`() async throws {
        let (world, wang) = try await surveyor()
        try wang.check("housing", Self.house, .graded("A"))
        world.network.fail(.losesResponse)
        await #expect(throws: Failure(.unreachable, "lost response")) { try await wang.sync() }
        let (count, segments) = (try edits(world), try world.segments().map(\.id))
        #expect(try wang.store.status().pending == 1, "not acknowledged, so still pending")

        let summary = try await wang.sync()
        #expect(summary.sent == 1)
        #expect(try edits(world) == count)
        #expect(try world.segments().map(\.id) == segments)
        #expect(try wang.store.status().pending == 0)
        let requests = world.network.record.withLock { $0.requests.suffix(2) }
        let pushed = try requests.map {
            try SyncRequest(payload: try SealedMessage(bytes: $0).payload).segments
        }
        #expect(pushed[0] == pushed[1], "a segment is sealed once and sent byte-identical")
    }

    @Test func `a request delivered twice changes nothing`() async throws {
        let (world, wang) = try await surveyor()
        try wang.check("housing", Self.house, .graded("A"))
        world.network.fail(.repeatsRequest)
        let summary = try await wang.sync()
        #expect(summary.sent == 1)
        #expect(try world.coverage().count(.housing).safe == 1)
    }

    @Test(arguments: [TestNetwork.Fault.losesRequest, .cutsRequest, .flipsResponse])
    func `a broken exchange keeps everything and the next one brings it over`(
        fault: TestNetwork.Fault
    ) async throws {
        let (world, wang) = try await surveyor()
        try wang.check("housing", Self.house, .graded("A"))
        world.network.fail(fault)
        await #expect(throws: Failure.self) { try await wang.sync() }
        #expect(try wang.store.status().pending == 1)
        try await wang.sync()
        #expect(try world.coverage().count(.housing).safe == 1)
        #expect(try wang.store.verify().missing.isEmpty)
    }

    @Test func `verify counts what the server holds and names what it does not`() async throws {
        let (_, wang) = try await surveyor()
        try wang.check("housing", Self.house, .graded("A"))
        try await wang.sync()
        try wang.check("housing", Self.house, .graded("B"))
        let last = try wang.store.status().lastSync
        try await wang.sync(receiptOnly: true)
        #expect(try wang.store.status().lastSync == last, "nothing else was heard")
        let proof = try wang.store.verify()
        #expect(proof.edits == 2 && proof.receipted == 1)
        #expect(proof.missing.map(\.counter) == [2])
        #expect(!proof.isForked)
    }

    @Test func `a first sync that does not fit one response comes in pages and is whole`()
        async throws
    {
        let world = try World(households: 1_500)
        let wang = try await world.device("wang", ["5204"])
        let summary = try await wang.sync()
        #expect(summary.roundTrips > 1)
        #expect(try wang.households().count == 4_500)
        #expect(
            try wang.coverage().rows.map(\.households) == [1_500, 1_500, 1_500])
        let response = world.network.record.withLock { $0.responses.map(\.count).max() }
        #expect(try #require(response) <= WireLimits.compressedBytes)
        let again = try await wang.sync()
        #expect(again.received == 0 && again.roundTrips == 1)
    }

    @Test func `many checks that do not fit one request all arrive`() async throws {
        let (world, wang) = try await surveyor(households: 100)
        // Random letters do not compress.
        var random = SystemRandomNumberGenerator()
        for number in 1...100 {
            let letters = (0..<190).map { _ in
                String(UnicodeScalar(UInt32.random(in: 0x4E00...0x9FA5, using: &random))!)
            }
            var answers = [String: String].graded("C")
            answers["appraiser"] = letters.joined()
            for village in World.villages.prefix(2) {
                try wang.check("housing", "\(village)-\(number)", answers)
                try wang.check("housing", "\(village)-\(number)", answers)
            }
        }
        let summary = try await wang.sync()
        #expect(summary.sent == 400)
        #expect(summary.roundTrips > 1)
        #expect(try world.coverage().count(.housing).unsafe == 200)
        let largest = world.network.record.withLock { $0.requests.map(\.count).max() }
        #expect(try #require(largest) <= WireLimits.compressedBytes)
    }

    @Test func `a server that came back from a backup gets what it lost, interrupted or not`()
        async throws
    {
        let (world, wang) = try await surveyor()
        try wang.check("housing", Self.house, .graded("B"))
        try await wang.sync()
        try world.backUp(to: "backup")
        // Pushed and marked, but the cursor had not got there when the network broke.
        try wang.check("housing", "520402109201-2", .graded("A"))
        _ = try world.importRoster(World.householdsCSV(600))
        try wang.check("housing", "520402109201-3", .graded("A"))
        var exchange = DeviceExchange(
            replica: try wang.store.identity().replica,
            serverPublicKey: try wang.store.identity().serverKey)
        var request = exchange.request(
            from: try wang.store.deviceView(), nonce: world.clock.environment.random(16))
        let answerKey = try AnswerKey(seed: world.clock.environment.random(32))
        request.answerKey = answerKey.publicKey
        let reply = try await world.network.post(
            "/v1/sync", try request.sealed(by: try wang.store.identity().key))
        var response = try SyncResponse(
            bytes: answerKey.open(reply.body, answering: request.nonce),
            serverKey: try wang.store.identity().serverKey)
        response.feed = []
        response.position = request.position
        response.more = true
        _ = try wang.store.apply(try exchange.receive(response))
        #expect(try wang.store.status().pending == 0)

        let restored = try world.restore("backup")
        try await wang.sync()
        #expect(try wang.store.status().pending == 0)
        #expect(try wang.store.verify().missing.isEmpty)
        let tree = try restored.areaTree()
        let table = CoverageTable(
            try restored.coverage(try world.round()), villages: tree.villages, tree: tree, by: .city
        )
        #expect(table.rows[0].count(.housing).safe == 3)
    }

    @Test func `a device relays what a restored server lost of others, enrolments first`()
        async throws
    {
        let (world, wang) = try await surveyor()
        try world.backUp(to: "backup")
        let li = try await world.device("li", ["520402109"])
        try await li.sync()
        try li.check("housing", Self.house, .graded("D"))
        try await li.sync()
        try await wang.sync()
        let restored = try world.restore("backup")
        try await wang.sync()
        let rows = try restored.coverage(try world.round())
        #expect(rows.reduce(0) { $0 + $1.tally[.housingUnsafe] } == 1)
        #expect(try restored.devices().count == 2)
        #expect(try await li.sync().refused == 0)
    }

    @Test func `the same segments in any order and with gaps give the same state`() async throws {
        let (world, wang) = try await surveyor()
        let li = try await world.device("li", ["520402109"])
        try await li.sync()
        for (device, grades) in [(wang, "ABCA"), (li, "CADB")] {
            for (number, grade) in grades.enumerated() {
                try device.check(
                    "housing", "520402109201-\(number + 1)", .graded(String(grade)))
                if number == 1 { try await device.sync() }
            }
        }
        for device in [wang, li, wang] { try await device.sync() }
        let whole = try Recomputation(try world.segments(), in: world, "whole")
        for seed in 0..<5 as Range<UInt64> {
            var random = SplitMix64(seed)
            let shuffled = try world.segments().shuffled(using: &random)
            let other = try Recomputation(shuffled, in: world, "shuffled-\(seed)")
            #expect(try other.tallies() == whole.tallies())
            #expect(try other.answers() == whole.answers())
        }
        #expect(try whole.tallies() == Recomputation.tallies(of: world.server.read))
    }

    @Test(arguments: 0..<6 as Range<UInt64>)
    func `after any day devices, server and a recomputation agree`(seed: UInt64) async throws {
        var random = SplitMix64(seed)
        let world = try World(seed: seed)
        var devices: [Device] = []
        for number in 1...4 {
            let areas = number == 4 ? ["520423102"] : ["520402109"]
            devices.append(try await world.device("surveyor \(number)", areas))
            try await devices.last!.sync()
        }
        for _ in 0..<60 {
            let device = devices.randomElement(using: &random)!
            if random.chance(4) {
                if random.chance(3) {
                    world.network.fail(random.chance(2) ? .losesResponse : .losesRequest)
                }
                _ = try? await device.sync()
                continue
            }
            try step(device, &random)
        }
        world.network.record.withLock { $0.faults = [] }
        for _ in 0..<2 { for device in devices { try await device.sync() } }

        let recomputed = try Recomputation(try world.segments(), in: world, "recomputed")
        #expect(try recomputed.tallies() == Recomputation.tallies(of: world.server.read))
        let onServer = try Recomputation.answers(of: world.server.read)
        for device in devices {
            let here = try Recomputation.answers(of: device.store.read)
            for (record, answers) in here { #expect(onServer[record] == answers) }
            #expect(try device.store.verify().missing.isEmpty)
            let rows = try device.coverage().rows
            for row in rows {
                for guarantee in Guarantee.allCases {
                    let count = row.count(guarantee)
                    #expect(
                        count.safe + count.unsafe + count.contested + count.notAssessed
                            == count.registered)
                }
            }
        }
        let own = try devices[0].coverage().rows.map(\.tally)
        let tree = try world.server.areaTree()
        let villages = try devices[0].store.readableVillages()
        let theirs = CoverageTable(
            try world.server.coverage(try world.round()), villages: villages, tree: tree,
            by: .village)
        #expect(own == theirs.rows.map(\.tally))
    }

    /// One thing that a surveyor does.
    private func step(_ device: Device, _ random: inout SplitMix64) throws {
        let house = try device.households().randomElement(using: &random)!
        let record = try device.world.record(.housing, house.subject)
        switch Int.random(in: 0..<5, using: &random) {
        case 0...1:
            let grade = ["A", "B", "C", "D"].randomElement(using: &random)!
            let state = try device.state(record)
            if let contested = state.contestedSections.first {
                let chosen = contested.siblings.randomElement(using: &random)!
                _ = try device.store.resolve(
                    record, section: Housing.form.section(contested.section)!.key,
                    .choose(chosen.id.hex), reason: "复核")
            } else {
                // A better grade takes a reason.
                let answers = [String: String].graded(grade).merging(["note": "复核 \(random.next())"]
                ) { a, _ in a }
                try device.check("housing", house.householdNo, answers)
            }
        case 2:
            guard try !device.state(record).isContested else { return }
            try device.check(
                "housing", house.householdNo, ["floors": "\(Int.random(in: 1...3, using: &random))"]
            )
        default:
            let person = try device.store.persons(
                in: nil, household: house.householdNo, round: nil
            ).randomElement(using: &random)!
            guard try !device.state(device.world.record(.medical, person.subject)).isContested
            else { return }
            try device.check(
                "medical", "\(house.householdNo)/\(person.personNo)",
                random.chance(2)
                    ? ["insurance": "1", "insured_year": "2026"]
                    : ["insurance": "0", "uninsured_reason": "9"])
        }
    }
}
