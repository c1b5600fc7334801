public import Foundation
public import SurveyLog
internal import SurveyModel
internal import SurveyProtobuf
internal import SwiftProtobuf

extension SyncResponse {
    /// The bytes to send, signed by the server key.
    public func sealed(by key: LogKey) throws(WireError) -> Data {
        try SealedMessage.seal(try payload(), domain: .response, key: key)
    }

    private func payload() throws(WireError) -> Data {
        try serialize(
            PBSyncResponse.with {
                $0.nonce = nonce
                $0.receipt = PBSignedReceipt(receipt)
                $0.matched = PBCursor(matched)
                $0.pushed = pushed.map(PBPushedSegment.init)
                $0.feed = feed.map(PBFeedItem.init)
                $0.cursor = PBCursor(position.cursor)
                $0.covered = position.covered.map(\.rawValue).sorted()
                $0.lanes = [PBLane](position.lanes)
                $0.more = more
                if let backedUp { $0.backedUp = PBCursor(backedUp) }
                $0.notices = notices.map { notice in
                    PBNotice.with {
                        $0.code = notice.code.rawValue
                        $0.count = UInt64(notice.count)
                    }
                }
                if let tallies { $0.tallies = PBTallies(tallies) }
                $0.scope = scope.map(\.rawValue).sorted()
            })
    }

    /// Opens what travelled and verifies the server's signature.
    public init(bytes: Data, serverKey: Data) throws(WireError) {
        let sealed = try SealedMessage(bytes: bytes)
        try sealed.verify(.response, by: serverKey)
        try self.init(payload: sealed.payload)
    }

    /// Parses a payload whose signature was verified.
    package init(payload: Data) throws(WireError) {
        let message = try parse(PBSyncResponse.self, payload, "response")
        var pushed: [PushedSegment] = []
        for entry in message.pushed { pushed.append(try entry.value()) }
        let feed = message.feed.map(\.value)
        guard feed.allSatisfy({ $0.number <= UInt64(Int64.max) }) else { throw .malformed("feed") }
        self.init(
            nonce: try SurveyWire.nonce(message.nonce), receipt: message.receipt.value,
            matched: try message.matched.value("matched"), pushed: pushed,
            feed: feed,
            position: FeedPosition(
                cursor: try message.cursor.value("cursor"),
                covered: Set(try areas(message.covered)), lanes: try message.lanes.value()),
            more: message.more,
            backedUp: message.hasBackedUp ? try message.backedUp.value("backed_up") : nil,
            notices: message.notices.compactMap { notice in
                Notice.Code(rawValue: notice.code).map {
                    Notice($0, count: Int(clamping: notice.count))
                }
            },
            tallies: message.hasTallies ? try message.tallies.value() : nil,
            scope: try areas(message.scope))
    }
}

extension PBPushedSegment {
    init(_ pushed: PushedSegment) {
        self.init()
        segment = pushed.id.bytes
        switch pushed.result {
        case .stored(let number): self.number = number
        case .refused(let code): refusal = code
        }
    }

    func value() throws(WireError) -> PushedSegment {
        guard let id = SegmentID(segment), number > 0 || !refusal.isEmpty,
            number <= UInt64(Int64.max)
        else {
            throw .malformed("pushed")
        }
        return PushedSegment(id: id, result: number > 0 ? .stored(number) : .refused(refusal))
    }
}

extension PBTallies {
    init(_ update: TallyUpdate) {
        self.init()
        position = update.position
        complete = update.isComplete
        villages = update.villages.map { village in
            PBVillageTally.with {
                $0.area = village.area.rawValue
                $0.round = village.round.rawValue
                $0.counts = village.counts.sorted { $0.key < $1.key }.map { counter, value in
                    PBTallyCount.with {
                        $0.counter = counter
                        $0.value = value
                    }
                }
            }
        }
        heard = update.heard.sorted { $0.key < $1.key }.map { area, time in
            PBHeard.with {
                $0.area = area.rawValue
                $0.time = time
            }
        }
    }

    func value() throws(WireError) -> TallyUpdate {
        // Sums of what a village can have stay far below 2^63.
        guard villages.allSatisfy({ $0.counts.allSatisfy { $0.value <= UInt64(Int32.max) } }) else {
            throw .malformed("tallies")
        }
        return TallyUpdate(
            position: position,
            villages: villages.map { village in
                TallyUpdate.Village(
                    area: AreaID(rawValue: village.area),
                    round: RoundID(rawValue: village.round),
                    counts: Dictionary(
                        village.counts.map { ($0.counter, $0.value) }
                    ) { a, _ in a })
            },
            heard: Dictionary(
                heard.map { (AreaID(rawValue: $0.area), $0.time) }
            ) { a, _ in a },
            isComplete: complete)
    }
}
