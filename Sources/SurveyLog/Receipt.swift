internal import Crypto
public import Foundation
internal import SurveyProtobuf
internal import SwiftProtobuf

/// A point of the server's feed.
public struct FeedCursor: Sendable, Hashable {
    /// Number of the last segment read; 0 before the first.
    public let sequence: UInt64
    /// 8 bytes: the running hash over the ids of segments 1...sequence.
    public let hash: Data

    public static let start = FeedCursor(sequence: 0, hash: Data(count: 8))

    private init(sequence: UInt64, hash: Data) {
        self.sequence = sequence
        self.hash = hash
    }

    public init?(sequence: UInt64, storedHash hash: Data) {
        guard hash.count == 8, sequence <= UInt64(Int64.max) else { return nil }
        self.init(sequence: sequence, hash: Data(hash))
    }

    /// The cursor after one more segment: hash(n) = SHA-256(hash(n − 1) ‖ SegmentID)[0..<8].
    public func appending(_ id: SegmentID) -> FeedCursor {
        FeedCursor(
            sequence: sequence + 1, hash: Data(SHA256.hash(data: hash + id.bytes).prefix(8)))
    }
}

/// The server's word of what it holds.
public struct Receipt: Sendable, Hashable {
    public let serverKey: Data
    /// Whom it was given to.
    public let replica: ReplicaID
    /// Ends of the replica's log, contiguous from 1. Two after a fork.
    public let tips: [Tip]
    /// Ends of runs held beyond a gap; they claim nothing below their first edit.
    public let leaves: [Tip]
    public let feedHead: FeedCursor
    /// Milliseconds since the epoch by the server's clock.
    public let time: Int64

    public init(
        serverKey: Data, replica: ReplicaID, tips: [Tip], leaves: [Tip], feedHead: FeedCursor,
        time: Int64
    ) {
        self.serverKey = serverKey
        self.replica = replica
        self.tips = tips
        self.leaves = leaves
        self.feedHead = feedHead
        self.time = time
    }
}

extension Receipt {
    /// The ends of one log, contiguous from its start or not.
    public func ends(of replica: ReplicaID) -> [Tip] {
        (tips + leaves).filter { $0.replica == replica }
    }
}

/// A receipt as bytes, with the server's signature: proof that can be kept and shown.
public struct SignedReceipt: Sendable, Hashable {
    public let bytes: Data
    public let signature: Data

    public init(bytes: Data, signature: Data) {
        self.bytes = bytes
        self.signature = signature
    }

    public init(_ receipt: Receipt, key: LogKey) throws(LogError) {
        func message(_ tip: Tip) -> PBTip {
            PBTip.with {
                $0.replica = tip.replica.bytes
                $0.counter = tip.counter
                $0.chain = tip.chain.bytes
                if tip.first > 1 { $0.first = tip.first }
            }
        }
        self.bytes = try serialize(
            PBReceipt.with {
                $0.serverKey = receipt.serverKey
                $0.replica = receipt.replica.bytes
                $0.tips = receipt.tips.map(message)
                $0.leaves = receipt.leaves.map(message)
                $0.feedHead.sequence = receipt.feedHead.sequence
                $0.feedHead.hash = receipt.feedHead.hash
                $0.time = receipt.time
            })
        self.signature = try key.sign(SignatureDomain.receipt.message(bytes))
    }

    /// Parses and verifies.
    public func open(serverKey: Data) throws(LogError) -> Receipt {
        guard
            Signature.verify(
                signature, of: SignatureDomain.receipt.message(bytes), by: serverKey)
        else { throw .forged }
        let message = try parse(PBReceipt.self, bytes, "receipt")
        guard let replica = ReplicaID(message.replica) else {
            throw .malformed("receipt.replica")
        }
        guard
            let head = FeedCursor(
                sequence: message.feedHead.sequence, storedHash: message.feedHead.hash)
        else { throw .malformed("receipt.feed_head") }
        func tip(_ message: PBTip) throws(LogError) -> Tip {
            guard let replica = ReplicaID(message.replica),
                let chain = ChainValue(message.chain)
            else { throw .malformed("receipt.tip") }
            return Tip(
                replica: replica, counter: message.counter, chain: chain,
                first: max(1, message.first))
        }
        var tips: [Tip] = []
        for entry in message.tips { tips.append(try tip(entry)) }
        var leaves: [Tip] = []
        for entry in message.leaves { leaves.append(try tip(entry)) }
        return Receipt(
            serverKey: message.serverKey, replica: replica, tips: tips, leaves: leaves,
            feedHead: head, time: message.time)
    }
}

/// The id of a server key: the first 8 bytes of its SHA-256, as a replica's.
public enum ServerKeyID {
    public static func make(_ publicKey: Data) -> Data { ReplicaID(publicKey: publicKey).bytes }

    /// The longer fingerprint that an enrolment code carries: the first 10 bytes.
    public static func fingerprint(_ publicKey: Data) -> Data {
        Data(SHA256.hash(data: publicKey).prefix(10))
    }
}
