import Foundation
import SurveyLog
import SurveyModel
import SurveyWire
import TestSupport
import Testing

@Suite struct SyncRequestTests {
    private func open(_ bytes: Data) throws -> SyncRequest {
        let sealed = try SealedMessage(bytes: bytes)
        let request = try SyncRequest(payload: sealed.payload)
        try sealed.verify(.request, by: Samples.device.publicKey)
        return request
    }

    @Test func `a request arrives as it was sent`() throws {
        let sent = try Samples.request()
        let request = try open(try sent.sealed(by: Samples.device))
        #expect(request.serverKey == sent.serverKey)
        #expect(request.replica == sent.replica)
        #expect(request.nonce == sent.nonce)
        #expect(request.head == sent.head)
        #expect(request.receipt == sent.receipt)
        #expect(request.position == sent.position)
        #expect(request.segments == sent.segments)
        #expect(request.relayed == sent.relayed)
        #expect(request.opened == sent.opened)
        #expect(request.receiptOnly == false)
        #expect(request.tallyPosition == 0, "asking for all tallies is not asking for none")
    }

    @Test func `a first request has neither receipt nor position`() throws {
        var sent = try Samples.request()
        sent.receipt = nil
        sent.position = FeedPosition()
        sent.segments = []
        sent.relayed = []
        sent.opened = []
        sent.tallyPosition = nil
        sent.receiptOnly = true
        let request = try open(try sent.sealed(by: Samples.device))
        #expect(request.receipt == nil)
        #expect(request.position == FeedPosition())
        #expect(request.segments.isEmpty && request.relayed.isEmpty)
        #expect(request.tallyPosition == nil)
        #expect(request.receiptOnly)
    }

    @Test func `another device's signature, or one over another kind of message, is wrong`() throws
    {
        let bytes = try Samples.request().sealed(by: LogKey.test(2))
        #expect(throws: WireError.wrongSignature) { try open(bytes) }
        let own = try SealedMessage(bytes: try Samples.request().sealed(by: Samples.device))
        for domain in [SignatureDomain.response, .enrol, .enrolled, .receipt, .endorsement] {
            #expect(throws: WireError.wrongSignature) {
                try own.verify(domain, by: Samples.device.publicKey)
            }
        }
        try own.verify(.request, by: Samples.device.publicKey)
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func `a byte that flipped on the way is never believed`(seed: UInt64) throws {
        var random = SplitMix64(seed)
        let sent = try Samples.request()
        var bytes = try sent.sealed(by: Samples.device)
        let position = Int.random(in: 0..<bytes.count, using: &random)
        bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        // Some bits of a zstd header mean nothing; then the message is the very same.
        if let request = try? open(bytes) {
            #expect(request.segments == sent.segments && request.position == sent.position)
        }
    }

    @Test(arguments: [0, 15, 17])
    func `a nonce of another length is malformed`(count: Int) throws {
        var sent = try Samples.request()
        sent.nonce = Data(count: count)
        let bytes = try sent.sealed(by: Samples.device)
        #expect(throws: WireError.malformed("nonce")) { try open(bytes) }
    }

    @Test func `more areas, lanes or cursors than the limit are refused`() throws {
        let many = (0...UInt64(WireLimits.areas)).map(AreaID.init)
        var covered = try Samples.request()
        covered.position.covered = Set(many)
        var lanes = try Samples.request()
        lanes.position.lanes = Dictionary(uniqueKeysWithValues: many.map { ($0, 1) })
        var opened = try Samples.request()
        opened.opened = many
        var older = try Samples.request()
        older.position.older = Array(repeating: Samples.cursor(3), count: WireLimits.cursors + 1)
        for request in [covered, lanes, opened, older] {
            let bytes = try request.sealed(by: Samples.device)
            #expect(throws: WireError.oversized) { try open(bytes) }
        }
        older.position.older.removeLast()
        #expect(
            try open(try older.sealed(by: Samples.device)).position.older.count
                == WireLimits.cursors)
    }

    @Test func `a lane beyond what a database can hold is malformed`() throws {
        var sent = try Samples.request()
        sent.position.lanes = [.village: UInt64(Int64.max) + 1]
        let bytes = try sent.sealed(by: Samples.device)
        #expect(throws: WireError.malformed("lanes")) { try open(bytes) }
    }

    @Test func `a request of another protocol names its version`() throws {
        // Field 1, varint 7.
        #expect(throws: WireError.unsupportedProtocol(7)) {
            try SyncRequest(payload: Data([0x08, 0x07]))
        }
        #expect(throws: WireError.unsupportedProtocol(0)) { try SyncRequest(payload: Data()) }
        #expect(throws: WireError.malformed("request")) { try SyncRequest(payload: Data([0x08])) }
        #expect(throws: WireError.malformed("server_key")) {
            try SyncRequest(payload: Data([0x08, 0x01]))
        }
    }

    @Test func `the largest push that does not compress fits in a request`() throws {
        var random = SplitMix64(1)
        var sent = try Samples.request()
        func noise(_ count: Int) -> Data {
            Data((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) })
        }
        sent.segments = [noise(WireLimits.segmentBytes / 2), noise(WireLimits.segmentBytes / 2)]
        sent.position.covered = Set((0..<1_216).map { _ in AreaID(rawValue: random.next()) })
        let bytes = try sent.sealed(by: Samples.device)
        #expect(bytes.count <= WireLimits.compressedBytes)
        #expect(try open(bytes).segments == sent.segments)
    }
}

@Suite struct SyncResponseTests {
    @Test func `a response arrives as it was sent`() throws {
        let sent = try Samples.response()
        let bytes = try sent.sealed(by: Samples.server)
        let response = try SyncResponse(bytes: bytes, serverKey: Samples.server.publicKey)
        #expect(response.nonce == sent.nonce)
        #expect(response.receipt == sent.receipt)
        #expect(response.matched == sent.matched)
        #expect(response.pushed == sent.pushed)
        #expect(response.feed.map(\.number) == [9])
        #expect(response.feed.map(\.segment) == sent.feed.map(\.segment))
        #expect(response.position == sent.position)
        #expect(response.more)
        #expect(response.backedUp == sent.backedUp)
        #expect(response.notices == sent.notices)
        #expect(response.scope == sent.scope)
        let tallies = try #require(response.tallies)
        #expect(tallies.position == 4 && tallies.isComplete)
        #expect(tallies.villages.map(\.counts) == [[1: 2, 99: 3]])
        #expect(
            tallies.villages.map(\.area) == [.village] && tallies.villages.map(\.round) == [.spring]
        )
        #expect(tallies.heard == [.village: -1])
    }

    @Test func `what is absent stays absent`() throws {
        var sent = try Samples.response()
        sent.backedUp = nil
        sent.tallies = nil
        let bytes = try sent.sealed(by: Samples.server)
        let response = try SyncResponse(bytes: bytes, serverKey: Samples.server.publicKey)
        #expect(response.backedUp == nil)
        #expect(response.tallies == nil)
    }

    @Test(arguments: [UInt64(Int32.max) + 1, .max])
    func `a count that no village can have is refused`(count: UInt64) throws {
        var sent = try Samples.response()
        sent.tallies = TallyUpdate(
            position: 4,
            villages: [.init(area: .village, round: .spring, counts: [1: count])], heard: [:],
            isComplete: true)
        let bytes = try sent.sealed(by: Samples.server)
        #expect(throws: WireError.malformed("tallies")) {
            try SyncResponse(bytes: bytes, serverKey: Samples.server.publicKey)
        }
    }

    @Test func `another server's word is not taken`() throws {
        let bytes = try Samples.response().sealed(by: LogKey.test(201))
        #expect(throws: WireError.wrongSignature) {
            try SyncResponse(bytes: bytes, serverKey: Samples.server.publicKey)
        }
    }

    @Test func `a request is not taken for a response`() throws {
        let bytes = try Samples.request().sealed(by: Samples.server)
        #expect(throws: WireError.wrongSignature) {
            try SyncResponse(bytes: bytes, serverKey: Samples.server.publicKey)
        }
    }

    @Test func `a pushed segment is either numbered or refused`() throws {
        let id = try Samples.log().segment(1...1).id
        for result in [PushedSegment.Result.stored(0), .refused("")] {
            var sent = try Samples.response()
            sent.pushed = [PushedSegment(id: id, result: result)]
            let bytes = try sent.sealed(by: Samples.server)
            #expect(throws: WireError.malformed("pushed")) {
                try SyncResponse(bytes: bytes, serverKey: Samples.server.publicKey)
            }
        }
    }
}
