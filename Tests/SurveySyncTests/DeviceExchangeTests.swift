import Foundation
import SurveyLog
import SurveyModel
import SurveySync
import SurveyWire
import TestSupport
import Testing

@Suite struct DeviceExchangeTests {
    private static let server = LogKey.test(200)
    private static let device = LogKey.test(1)
    private static let other = LogKey.test(2)
    private static let (a, b) = (AreaID(rawValue: 1), AreaID(rawValue: 2))

    private func nonce(_ byte: UInt8) -> Data { Data(repeating: byte, count: 16) }

    private func exchange(receiptOnly: Bool = false) -> DeviceExchange {
        DeviceExchange(
            replica: Self.device.replica, serverPublicKey: Self.server.publicKey,
            receiptOnly: receiptOnly)
    }

    private func view(
        _ position: FeedPosition = FeedPosition(), unmarked: [OutboundSegment] = []
    ) -> DeviceView {
        DeviceView(
            head: Tip(
                replica: Self.device.replica, counter: 0,
                chain: ChainValue(publicKey: Self.device.publicKey)),
            receipt: nil, position: position, unmarked: unmarked, opened: [], tallyPosition: nil,
            readmission: Readmission(root: Self.device.publicKey, enrolments: [], endorsements: []))
    }

    private func receipt(
        for replica: ReplicaID = device.replica,
        serverKey: Data = ServerKeyID.make(server.publicKey),
        signedBy key: LogKey = server
    ) throws -> SignedReceipt {
        try SignedReceipt(
            Receipt(
                serverKey: serverKey, replica: replica, tips: [], leaves: [], feedHead: cursor(9),
                time: 0),
            key: key)
    }

    /// An honest answer to a request, changed as the test says.
    private func answer(_ request: SyncRequest, _ change: (inout SyncResponse) -> Void = { _ in })
        throws -> SyncResponse
    {
        var response = SyncResponse(
            nonce: request.nonce, receipt: try receipt(), matched: request.position.cursor,
            pushed: [], feed: [],
            position: request.position, more: false, backedUp: nil, notices: [], tallies: nil,
            scope: [])
        response.position.older = []
        change(&response)
        return response
    }

    private func segment(_ number: UInt8, bytes: Int = 10, of replica: ReplicaID = device.replica)
        -> OutboundSegment
    {
        OutboundSegment(
            id: SegmentID(Data(repeating: number, count: 32))!, replica: replica,
            bytes: Data(repeating: number, count: bytes))
    }

    // MARK: Which response is believed

    @Test func `an honest response is taken once`() throws {
        var exchange = exchange()
        let request = exchange.request(from: view(), nonce: nonce(1))
        let step = try exchange.receive(try answer(request))
        #expect(step.rewindTo == nil)
        #expect(!step.again)
        #expect(throws: ExchangeError.noOpenRequest) { try exchange.receive(try answer(request)) }
    }

    @Test func `a response to another request is dropped and the right one still counts`() throws {
        var exchange = exchange()
        let old = exchange.request(from: view(), nonce: nonce(1))
        let request = exchange.request(from: view(), nonce: nonce(2))
        #expect(throws: ExchangeError.wrongNonce) { try exchange.receive(try answer(old)) }
        #expect(throws: ExchangeError.wrongNonce) {
            try exchange.receive(try answer(request) { $0.nonce = Data() })
        }
        _ = try exchange.receive(try answer(request))
    }

    @Test func `a response that comes after a restart is dropped`() throws {
        var before = exchange()
        let request = before.request(from: view(), nonce: nonce(1))
        var after = exchange()
        #expect(throws: ExchangeError.noOpenRequest) { try after.receive(try answer(request)) }
    }

    @Test func `a forged receipt is refused, whatever is wrong with it`() throws {
        let forged = [
            try receipt(signedBy: .test(201)), try receipt(for: Self.other.replica),
            try receipt(serverKey: Data(count: 8)),
            SignedReceipt(bytes: try receipt().bytes, signature: Data()),
            SignedReceipt(bytes: Data(), signature: try receipt().signature),
        ]
        for receipt in forged {
            var exchange = exchange()
            let request = exchange.request(from: view(), nonce: nonce(1))
            #expect(throws: ExchangeError.forgedReceipt) {
                try exchange.receive(try answer(request) { $0.receipt = receipt })
            }
        }
    }

    @Test func `a feed that cannot be parsed is refused as a whole`() throws {
        var log = TestLog(2)
        try log.write(.test(.housing), [SectionTag(rawValue: 1): [:]])
        let good = try log.segment(1...1).encoded()
        var exchange = exchange()
        let request = exchange.request(from: view(), nonce: nonce(1))
        #expect(throws: ExchangeError.malformed("feed 8")) {
            try exchange.receive(
                try answer(request) {
                    $0.feed = [
                        FeedItem(number: 7, segment: good), FeedItem(number: 8, segment: Data([1])),
                    ]
                })
        }
        let step = try exchange.receive(
            try answer(request) { $0.feed = [FeedItem(number: 7, segment: good)] })
        #expect(step.segments.map(\.number) == [7])
        #expect(step.segments.map(\.segment.edits) == [log.edits])
    }

    // MARK: The position

    @Test func `an area that the device keeps may not vanish without a lane`() throws {
        let position = FeedPosition(cursor: cursor(50), covered: [Self.a], lanes: [Self.b: 20])
        var exchange = exchange()
        let request = exchange.request(from: view(position), nonce: nonce(1))
        for lost in [
            FeedPosition(cursor: cursor(60), covered: [Self.a]),
            FeedPosition(cursor: cursor(60), lanes: [Self.b: 20]),
        ] {
            #expect(throws: ExchangeError.malformed("covered")) {
                try exchange.receive(try answer(request) { $0.position = lost })
            }
        }
        let swapped = FeedPosition(cursor: cursor(60), covered: [Self.b], lanes: [Self.a: 50])
        let step = try exchange.receive(try answer(request) { $0.position = swapped })
        #expect(step.position?.covered == [Self.b])
        #expect(step.position?.lanes == [Self.a: 50])
    }

    @Test func `a cursor that goes back without a rewind is refused`() throws {
        var exchange = exchange()
        let request = exchange.request(
            from: view(FeedPosition(cursor: cursor(50))), nonce: nonce(1))
        #expect(throws: ExchangeError.malformed("cursor")) {
            try exchange.receive(
                try answer(request) { $0.position = FeedPosition(cursor: cursor(40)) })
        }
    }

    @Test func `a server that came back from a backup rewinds the device and is asked again`()
        throws
    {
        let position = FeedPosition(
            cursor: cursor(50), older: [cursor(48), cursor(40), cursor(20)])
        var exchange = exchange()
        let request = exchange.request(from: view(position), nonce: nonce(1))
        let step = try exchange.receive(
            try answer(request) {
                $0.matched = cursor(40)
                $0.position = FeedPosition(cursor: cursor(60, timeline: 1))
            })
        #expect(step.rewindTo == cursor(40))
        #expect(step.again)
        let older = try #require(step.position).older
        #expect(older.contains(cursor(20)))
        #expect(!older.contains(cursor(48)), "read on a timeline that is gone")
    }

    @Test func `after a rewind the cursor of the lost timeline is not kept`() throws {
        let position = FeedPosition(cursor: cursor(50), older: [cursor(40)])
        var exchange = exchange()
        let request = exchange.request(from: view(position), nonce: nonce(1))
        let step = try exchange.receive(
            try answer(request) {
                $0.matched = cursor(40)
                $0.position = FeedPosition(cursor: cursor(60, timeline: 1))
            })
        let older = try #require(step.position).older
        #expect(older == [cursor(40)])
    }

    @Test func `a cursor that the request never named is not matched`() throws {
        let position = FeedPosition(cursor: cursor(50), older: [cursor(40)])
        var exchange = exchange()
        let request = exchange.request(from: view(position), nonce: nonce(1))
        let strange = try answer(request) {
            $0.matched = cursor(45, timeline: 3)
            $0.position.cursor = cursor(60)
        }
        let step = try? exchange.receive(strange)
        #expect(step == nil)
    }

    @Test func `a rewind to the start is always possible`() throws {
        var exchange = exchange()
        let request = exchange.request(
            from: view(FeedPosition(cursor: cursor(50), covered: [Self.a])), nonce: nonce(1))
        let step = try exchange.receive(
            try answer(request) {
                $0.matched = .start
                $0.position = FeedPosition(cursor: .start, covered: [Self.a])
            })
        #expect(step.rewindTo == .start)
        #expect(step.position?.older == [])
    }

    // MARK: What is sent

    @Test func `own segments go apart from others', both in the order given`() {
        var exchange = exchange()
        let unmarked = [
            segment(1, of: Self.other.replica), segment(2), segment(3),
            segment(4, of: Self.other.replica),
        ]
        let request = exchange.request(from: view(unmarked: unmarked), nonce: nonce(1))
        #expect(request.segments == [unmarked[1].bytes, unmarked[2].bytes])
        #expect(request.relayed == [unmarked[0].bytes, unmarked[3].bytes])
    }

    @Test func `what does not fit waits behind, in order, and is asked for again`() throws {
        var exchange = exchange()
        let half = WireLimits.segmentBytes / 2
        // Reserved, own, own, others': a small one behind a large one does not overtake it.
        let unmarked = [
            segment(1, bytes: half, of: Self.other.replica), segment(2, bytes: half),
            segment(3, bytes: half),
            segment(4, bytes: 1, of: Self.other.replica),
        ]
        let request = exchange.request(from: view(unmarked: unmarked), nonce: nonce(1))
        #expect(request.segments == [unmarked[1].bytes])
        #expect(request.relayed == [unmarked[0].bytes])
        let step = try exchange.receive(
            try answer(request) {
                $0.pushed = [
                    PushedSegment(id: unmarked[0].id, result: .stored(7)),
                    PushedSegment(id: unmarked[1].id, result: .refused("SYNC-11")),
                ]
            })
        #expect(step.again)
        #expect(step.marks.map(\.id) == [unmarked[0].id] && step.marks.map(\.number) == [7])
        #expect(
            step.refused.map(\.id) == [unmarked[1].id] && step.refused.map(\.code) == ["SYNC-11"])

        let rest = exchange.request(from: view(unmarked: Array(unmarked[2...])), nonce: nonce(2))
        #expect(rest.segments == [unmarked[2].bytes] && rest.relayed == [unmarked[3].bytes])
        #expect(try !exchange.receive(try answer(rest)).again)
    }

    @Test func `a segment larger than the budget is sent alone, not held back for ever`() throws {
        var exchange = exchange()
        let unmarked = [segment(1, bytes: WireLimits.segmentBytes + 1), segment(2)]
        let request = exchange.request(from: view(unmarked: unmarked), nonce: nonce(1))
        #expect(request.segments == [unmarked[0].bytes])
        #expect(try exchange.receive(try answer(request)).again)
    }

    @Test func `more to read is another round trip`() throws {
        var exchange = exchange()
        let request = exchange.request(from: view(), nonce: nonce(1))
        #expect(try exchange.receive(try answer(request) { $0.more = true }).again)
    }

    @Test func `asking for a receipt sends nothing, moves nothing and ends at once`() throws {
        var exchange = exchange(receiptOnly: true)
        let position = FeedPosition(cursor: cursor(50), covered: [Self.a])
        let request = exchange.request(
            from: view(position, unmarked: [segment(1)]), nonce: nonce(1))
        #expect(request.receiptOnly && request.segments.isEmpty && request.relayed.isEmpty)
        let step = try exchange.receive(
            try answer(request) {
                $0.position = FeedPosition()
                $0.more = true
            })
        #expect(step.position == nil)
        #expect(!step.again)
        #expect(step.receipt.feedHead == cursor(9))
    }

    @Test func `the request names the server, the device and what it knows`() {
        var exchange = exchange()
        var view = view(
            FeedPosition(
                cursor: cursor(50), older: [cursor(40)], covered: [Self.a], lanes: [Self.b: 3]))
        view.opened = [Self.b]
        view.tallyPosition = 5
        let request = exchange.request(from: view, nonce: nonce(3))
        #expect(request.serverKey == ServerKeyID.make(Self.server.publicKey))
        #expect(request.replica == Self.device.replica)
        #expect(request.head == view.head)
        #expect(request.position == view.position)
        #expect(
            request.opened == [Self.b] && request.tallyPosition == 5 && request.nonce == nonce(3))
    }
}
