public import Foundation
public import SurveyLog
public import SurveyModel

/// How far a device has read the feed.
public struct FeedPosition: Sendable, Hashable {
    public var cursor: FeedCursor
    /// Earlier cursors, newest first, exponentially spaced.
    public var older: [FeedCursor]
    /// The areas that the cursor covers. The reserved area and own logs always are.
    public var covered: Set<AreaID>
    /// The position of every other area that the device keeps.
    public var lanes: [AreaID: UInt64]

    public init(
        cursor: FeedCursor = .start, older: [FeedCursor] = [], covered: Set<AreaID> = [],
        lanes: [AreaID: UInt64] = [:]
    ) {
        self.cursor = cursor
        self.older = older
        self.covered = covered
        self.lanes = lanes
    }
}

/// A device's identity, for a server that does not know its key.
public struct Readmission: Sendable {
    /// Public key of the log that was enrolled.
    public let root: Data
    /// The server's segments that enrolled it.
    public let enrolments: [Data]
    /// From the root to the sender, each signed by the key before.
    public let endorsements: [Endorsement]

    public init(root: Data, enrolments: [Data], endorsements: [Endorsement]) {
        self.root = root
        self.enrolments = enrolments
        self.endorsements = endorsements
    }
}

public struct SyncRequest: Sendable {
    /// The key id of the server that the device's home belongs to.
    public var serverKey: Data
    public var replica: ReplicaID
    /// 16 random bytes.
    public var nonce: Data
    /// The device's own log, unsealed edits left out.
    public var head: Tip
    public var receipt: SignedReceipt?
    public var position: FeedPosition
    /// Own segments that have no mark, encoded, in order.
    public var segments: [Data]
    /// Other logs' segments that have no mark.
    public var relayed: [Data]
    /// Villages opened by their reader.
    public var opened: [AreaID]
    /// Asks for a receipt and no feed.
    public var receiptOnly: Bool
    /// Asks for village tallies after this position.
    public var tallyPosition: UInt64?
    public var readmission: Readmission?
    /// Other logs' segments that have no mark, by their ids alone.
    public var offered: [SegmentID]
    /// What the answer is sealed to; nil asks for a plain one, as older devices do.
    public var answerKey: Data?

    public init(
        serverKey: Data, replica: ReplicaID, nonce: Data, head: Tip, receipt: SignedReceipt?,
        position: FeedPosition, segments: [Data], relayed: [Data], opened: [AreaID],
        receiptOnly: Bool, tallyPosition: UInt64?, readmission: Readmission? = nil,
        offered: [SegmentID] = []
    ) {
        self.readmission = readmission
        self.offered = offered
        self.serverKey = serverKey
        self.replica = replica
        self.nonce = nonce
        self.head = head
        self.receipt = receipt
        self.position = position
        self.segments = segments
        self.relayed = relayed
        self.opened = opened
        self.receiptOnly = receiptOnly
        self.tallyPosition = tallyPosition
    }
}

/// What became of a pushed segment.
public struct PushedSegment: Sendable, Hashable {
    public enum Result: Sendable, Hashable {
        /// Its number in the feed, new or already known.
        case stored(UInt64)
        /// Malformed or forged; the code says how.
        case refused(String)
    }

    public let id: SegmentID
    public let result: Result

    public init(id: SegmentID, result: Result) {
        self.id = id
        self.result = result
    }
}

/// A segment of the feed as bytes.
public struct FeedItem: Sendable {
    public let number: UInt64
    public let segment: Data

    public init(number: UInt64, segment: Data) {
        self.number = number
        self.segment = segment
    }
}

/// Something that a person should be told.
public struct Notice: Sendable, Hashable {
    /// Raw values are on the wire; an unknown one is ignored.
    public enum Code: String, Sendable, CaseIterable {
        case held = "NOTE-HELD"
        case accepted = "NOTE-ACCEPTED"
        case rejected = "NOTE-REJECTED"
        case revoked = "NOTE-REVOKED"
        case forked = "NOTE-FORKED"
        /// Logs of others with two branches, in the areas of a supervisor or an administrator.
        case forkedLogs = "NOTE-FORKS"
        case rewound = "NOTE-REWOUND"
        case areasChanged = "NOTE-AREAS"
        /// The device found its own log copied or restored, and started another.
        case newLog = "NOTE-NEWLOG"
        /// The server's clock and the device's differ by more than a day.
        case suspectClock = "NOTE-CLOCK"
        /// Villages were taken away, and others' records of them are no longer here.
        case evicted = "NOTE-EVICTED"
    }

    public let code: Code
    public let count: Int

    public init(_ code: Code, count: Int = 1) {
        self.code = code
        self.count = count
    }
}

/// Village tallies that changed.
public struct TallyUpdate: Sendable {
    public struct Village: Sendable {
        public let area: AreaID
        public let round: RoundID
        public let counts: [UInt32: UInt64]

        public init(area: AreaID, round: RoundID, counts: [UInt32: UInt64]) {
            self.area = area
            self.round = round
            self.counts = counts
        }
    }

    public let position: UInt64
    public let villages: [Village]
    public let heard: [AreaID: Int64]
    /// These replace everything held before.
    public let isComplete: Bool

    public init(
        position: UInt64, villages: [Village], heard: [AreaID: Int64], isComplete: Bool
    ) {
        self.position = position
        self.villages = villages
        self.heard = heard
        self.isComplete = isComplete
    }
}

public struct SyncResponse: Sendable {
    public var nonce: Data
    public var receipt: SignedReceipt
    /// The newest cursor of the request that lies on the server's timeline.
    public var matched: FeedCursor
    public var pushed: [PushedSegment]
    public var feed: [FeedItem]
    public var position: FeedPosition
    public var more: Bool
    public var backedUp: FeedCursor?
    public var notices: [Notice]
    public var tallies: TallyUpdate?
    /// The areas that the user may read now.
    public var scope: [AreaID]

    public init(
        nonce: Data, receipt: SignedReceipt, matched: FeedCursor, pushed: [PushedSegment],
        feed: [FeedItem], position: FeedPosition, more: Bool, backedUp: FeedCursor?,
        notices: [Notice], tallies: TallyUpdate?, scope: [AreaID]
    ) {
        self.nonce = nonce
        self.receipt = receipt
        self.matched = matched
        self.pushed = pushed
        self.feed = feed
        self.position = position
        self.more = more
        self.backedUp = backedUp
        self.notices = notices
        self.tallies = tallies
        self.scope = scope
    }
}

public struct EnrolRequest: Sendable {
    /// First 10 bytes of SHA-256(server key), as the code says.
    public let fingerprint: Data
    /// 10 bytes of the code.
    public let secret: Data
    public let publicKey: Data
    public let nonce: Data
    /// What the answer is sealed to; nil asks for a plain one, as older devices do.
    public var answerKey: Data?

    public init(fingerprint: Data, secret: Data, publicKey: Data, nonce: Data) {
        self.fingerprint = fingerprint
        self.secret = secret
        self.publicKey = publicKey
        self.nonce = nonce
    }
}

public struct EnrolResponse: Sendable {
    public let nonce: Data
    public let serverPublicKey: Data
    public let user: UserID
    /// The segment that enrols the device, kept for readmission.
    public let enrolment: FeedItem
    public let feedHead: FeedCursor

    public init(
        nonce: Data, serverPublicKey: Data, user: UserID, enrolment: FeedItem, feedHead: FeedCursor
    ) {
        self.nonce = nonce
        self.serverPublicKey = serverPublicKey
        self.user = user
        self.enrolment = enrolment
        self.feedHead = feedHead
    }
}

/// The body of every refusal by one of the two routes.
public struct WireRefusal: Error, Sendable, Hashable {
    public let code: String
    public let detail: String

    public init(code: String, detail: String = "") {
        self.code = code
        self.detail = detail
    }
}
