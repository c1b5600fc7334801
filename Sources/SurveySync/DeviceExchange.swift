public import Foundation
public import SurveyLog
public import SurveyModel
public import SurveyWire

/// What a device knows when it asks.
public struct DeviceView: Sendable {
    public var head: Tip
    public var receipt: SignedReceipt?
    public var position: FeedPosition
    /// Segments without a mark: the reserved area's first, then own, then others', each in order.
    public var unmarked: [OutboundSegment]
    /// Others' segments without a mark of which only the ids are sent.
    public var offered: [SegmentID]
    public var opened: [AreaID]
    public var tallyPosition: UInt64?
    /// This device's identity, kept for a server that does not know it.
    public var readmission: Readmission
    /// The server has not yet given this log a receipt, though it is not the first one.
    public var isNewLog: Bool
    /// Segments that cannot be sent because the disk has changed them.
    public var damaged: Int

    public init(
        head: Tip, receipt: SignedReceipt?, position: FeedPosition,
        unmarked: [OutboundSegment], offered: [SegmentID] = [], opened: [AreaID],
        tallyPosition: UInt64?, readmission: Readmission, isNewLog: Bool = false,
        damaged: Int = 0
    ) {
        self.damaged = damaged
        self.readmission = readmission
        self.isNewLog = isNewLog
        self.head = head
        self.receipt = receipt
        self.position = position
        self.unmarked = unmarked
        self.offered = offered
        self.opened = opened
        self.tallyPosition = tallyPosition
    }
}

/// A sealed segment that waits to be sent.
public struct OutboundSegment: Sendable {
    public let id: SegmentID
    public let replica: ReplicaID
    public let bytes: Data

    public init(id: SegmentID, replica: ReplicaID, bytes: Data) {
        self.id = id
        self.replica = replica
        self.bytes = bytes
    }
}

/// What a device does with a response, all of it in one transaction.
public struct DeviceStep: Sendable {
    /// The server came back from a backup: marks above this are void, cursors cut to it.
    public var rewindTo: FeedCursor?
    public var marks: [(id: SegmentID, number: UInt64)]
    public var refused: [(id: SegmentID, code: String)]
    public var segments: [(number: UInt64, segment: Segment)]
    /// nil leaves the position as it is (a request for a receipt only).
    public var position: FeedPosition?
    public var signedReceipt: SignedReceipt
    public var receipt: Receipt
    public var backedUp: FeedCursor?
    public var scope: [AreaID]
    public var tallies: TallyUpdate?
    public var notices: [Notice]
    /// Segments offered by their ids that the server does not have.
    public var declined: Set<SegmentID>
    /// Another round trip is needed.
    public var again: Bool
}

/// Why a response is not believed. The device keeps everything and asks again later.
public enum ExchangeError: Error, Sendable, Equatable {
    /// It does not answer the open request.
    case wrongNonce
    case forgedReceipt
    case malformed(String)
    /// A response arrived when none was awaited.
    case noOpenRequest
}

/// The device's side of the exchange: which request comes next, what a response means.
///
/// Pure: no clock, no randomness, no store. A restart forgets the open request, so a late response
/// to it is dropped.
public struct DeviceExchange: Sendable {
    private let replica: ReplicaID
    private let serverPublicKey: Data
    private let receiptOnly: Bool
    private var open: SyncRequest?
    /// Something was left behind because the request was full.
    private var heldBack = false
    /// Segments that were offered and that the server does not have: their bodies are sent.
    public private(set) var declined: Set<SegmentID> = []
    /// Say who this device is in every request: the server answered that it does not know it.
    public var readmits = false

    public init(replica: ReplicaID, serverPublicKey: Data, receiptOnly: Bool = false) {
        self.replica = replica
        self.serverPublicKey = serverPublicKey
        self.receiptOnly = receiptOnly
    }

    /// - Parameter nonce: 16 fresh random bytes.
    public mutating func request(from view: DeviceView, nonce: Data) -> SyncRequest {
        let offered = receiptOnly ? [] : view.offered
        var size = offered.count * WireLimits.offerBytes
        var chosen: [OutboundSegment] = []
        for segment in receiptOnly ? [] : view.unmarked {
            guard chosen.isEmpty || size + segment.bytes.count <= WireLimits.segmentBytes else {
                break
            }
            size += segment.bytes.count
            chosen.append(segment)
        }
        heldBack = !receiptOnly && chosen.count < view.unmarked.count
        let request = SyncRequest(
            serverKey: ServerKeyID.make(serverPublicKey), replica: replica, nonce: nonce,
            head: view.head, receipt: view.receipt, position: view.position,
            segments: chosen.filter { $0.replica == replica }.map(\.bytes),
            relayed: chosen.filter { $0.replica != replica }.map(\.bytes),
            opened: view.opened, receiptOnly: receiptOnly, tallyPosition: view.tallyPosition,
            readmission: readmits || view.isNewLog ? view.readmission : nil, offered: offered)
        open = request
        return request
    }

    public mutating func receive(_ response: SyncResponse) throws(ExchangeError) -> DeviceStep {
        guard let request = open else { throw .noOpenRequest }
        guard response.nonce == request.nonce else { throw .wrongNonce }
        let receipt = try openReceipt(response.receipt)
        let segments = try parse(response.feed)
        // The newest point of this server's feed that the device was ever told of.
        let receiptHead = request.receipt.flatMap {
            try? $0.open(serverKey: serverPublicKey).feedHead
        }
        let offered = [request.position.cursor, .start] + request.position.older
        guard offered.contains(response.matched) || response.matched == receiptHead else {
            throw .malformed("matched")
        }
        let position = try newPosition(response, request)
        open = nil
        let newest = Self.newest(request.position.cursor, receiptHead)
        var step = DeviceStep(
            rewindTo: response.matched == newest ? nil : response.matched,
            marks: [], refused: [], segments: segments, position: position,
            signedReceipt: response.receipt, receipt: receipt, backedUp: response.backedUp,
            scope: response.scope, tallies: response.tallies, notices: response.notices,
            declined: [],
            again: !receiptOnly && (response.more || heldBack))
        for pushed in response.pushed {
            switch pushed.result {
            case .stored(let number): step.marks.append((pushed.id, number))
            case .refused(let code): step.refused.append((pushed.id, code))
            }
        }
        step.declined = Set(request.offered).subtracting(step.marks.map(\.id))
        declined.formUnion(step.declined)
        if !request.offered.isEmpty { step.again = true }
        if step.rewindTo != nil, !receiptOnly { step.again = true }
        // What was refused may have needed what was stored beside it, such as an enrolment.
        if !step.refused.isEmpty, !step.marks.isEmpty { step.again = true }
        return step
    }

    private func openReceipt(_ signed: SignedReceipt) throws(ExchangeError) -> Receipt {
        let receipt: Receipt
        do {
            receipt = try signed.open(serverKey: serverPublicKey)
        } catch {
            throw .forgedReceipt
        }
        guard receipt.replica == replica,
            receipt.serverKey == ServerKeyID.make(serverPublicKey)
        else { throw .forgedReceipt }
        return receipt
    }

    private func parse(_ feed: [FeedItem]) throws(ExchangeError)
        -> [(number: UInt64, segment: Segment)]
    {
        var segments: [(number: UInt64, segment: Segment)] = []
        for item in feed {
            do {
                segments.append((item.number, try Segment(bytes: item.segment)))
            } catch {
                throw .malformed("feed \(item.number)")
            }
        }
        return segments
    }

    /// The position to adopt. No area that the device keeps may be dropped without a lane.
    private func newPosition(_ response: SyncResponse, _ request: SyncRequest)
        throws(ExchangeError) -> FeedPosition?
    {
        guard !receiptOnly else { return nil }
        let new = response.position
        let kept = request.position.covered.union(request.position.lanes.keys)
        guard kept.isSubset(of: new.covered.union(new.lanes.keys)) else {
            throw .malformed("covered")
        }
        // Read from here on: the last receipt may know the feed further than the cursor does.
        let base = Self.oldest(request.position.cursor, response.matched)
        guard new.cursor.sequence >= base.sequence else { throw .malformed("cursor") }
        var position = new
        position.older = OlderCursors.adding(
            base, to: request.position.older.filter { $0.sequence < base.sequence },
            below: new.cursor)
        return position
    }

    private static func newest(_ a: FeedCursor, _ b: FeedCursor?) -> FeedCursor {
        guard let b, b.sequence > a.sequence else { return a }
        return b
    }

    private static func oldest(_ a: FeedCursor, _ b: FeedCursor) -> FeedCursor {
        a.sequence <= b.sequence ? a : b
    }
}

/// Keeps earlier cursors exponentially spaced, so that a few reach far back.
public enum OlderCursors {
    static let limit = 24

    static func adding(_ cursor: FeedCursor, to older: [FeedCursor], below head: FeedCursor)
        -> [FeedCursor]
    {
        var kept: [FeedCursor] = []
        var lastBucket: Int?
        let candidates = ([cursor] + older).filter {
            $0.sequence > 0 && $0.sequence < head.sequence
        }
        for candidate in candidates {
            // Of each power of two the oldest: it is the one that grows into the next.
            let bucket = (head.sequence - candidate.sequence).leadingZeroBitCount
            if bucket == lastBucket { kept.removeLast() }
            kept.append(candidate)
            lastBucket = bucket
        }
        return Array(kept.prefix(limit))
    }
}
