internal import Crypto
public import Foundation
internal import SurveyModel

/// One installation: the first 8 bytes of SHA-256(public key).
public struct ReplicaID: Sendable, Hashable, Comparable {
    public let bytes: Data

    public init?(_ bytes: Data) {
        guard bytes.count == 8 else { return nil }
        self.bytes = Data(bytes)
    }

    public init(publicKey: Data) {
        self.bytes = Data(SHA256.hash(data: publicKey).prefix(8))
    }

    public static func < (a: ReplicaID, b: ReplicaID) -> Bool {
        a.bytes.lexicographicallyPrecedes(b.bytes)
    }
}

/// The place of an edit in its log. Orders a log; is not an identity, because clones happen.
public struct Dot: Sendable, Hashable, Comparable {
    public let replica: ReplicaID
    /// Contiguous from 1.
    public let counter: UInt64

    public init(replica: ReplicaID, counter: UInt64) {
        self.replica = replica
        self.counter = counter
    }

    public static func < (a: Dot, b: Dot) -> Bool {
        a.replica == b.replica ? a.counter < b.counter : a.replica < b.replica
    }
}

/// The identity of an edit: SHA-256("lianhu-edit-1" ‖ header ‖ SHA-256(body)).
public struct EditID: Sendable, Hashable, Comparable {
    public let bytes: Data

    public init?(_ bytes: Data) {
        guard bytes.count == 32 else { return nil }
        self.bytes = Data(bytes)
    }

    init(header: Data, bodyHash: Data) {
        var hash = SHA256()
        hash.update(data: Data("lianhu-edit-1".utf8))
        hash.update(data: header)
        hash.update(data: bodyHash)
        self.bytes = Data(hash.finalize())
    }

    /// The first four bytes: what a reference checks.
    public var check: Data { Data(bytes.prefix(4)) }

    public static func < (a: EditID, b: EditID) -> Bool {
        a.bytes.lexicographicallyPrecedes(b.bytes)
    }
}

/// An edit named by its dot and the start of its id.
///
/// A reference whose check does not match covers nothing: after a clone one dot may stand for
/// two edits, and only one of them was seen.
public struct Reference: Sendable, Hashable, Comparable {
    public let dot: Dot
    /// 4 bytes.
    public let check: Data

    public init?(dot: Dot, check: Data) {
        guard check.count == 4 else { return nil }
        self.dot = dot
        self.check = Data(check)
    }

    public init(dot: Dot, id: EditID) {
        self.dot = dot
        self.check = id.check
    }

    public static func < (a: Reference, b: Reference) -> Bool {
        a.dot == b.dot ? a.check.lexicographicallyPrecedes(b.check) : a.dot < b.dot
    }
}

/// The running hash of a log: chain(0) = SHA-256(public key),
/// chain(n) = SHA-256(chain(n − 1) ‖ EditID(n)).
public struct ChainValue: Sendable, Hashable {
    public let bytes: Data

    public init?(_ bytes: Data) {
        guard bytes.count == 32 else { return nil }
        self.bytes = Data(bytes)
    }

    /// The chain value of an empty log.
    public init(publicKey: Data) {
        self.bytes = Data(SHA256.hash(data: publicKey))
    }

    private init(hash: SHA256.Digest) {
        self.bytes = Data(hash)
    }

    public func appending(_ id: EditID) -> ChainValue {
        var hash = SHA256()
        hash.update(data: bytes)
        hash.update(data: id.bytes)
        return ChainValue(hash: hash.finalize())
    }
}

/// The end of a log as somebody holds it.
public struct Tip: Sendable, Hashable {
    public let replica: ReplicaID
    public let counter: UInt64
    public let chain: ChainValue
    /// The first edit of the run that ends here: 1 for a tip, what follows a gap for a leaf.
    public let first: UInt64

    public init(replica: ReplicaID, counter: UInt64, chain: ChainValue, first: UInt64 = 1) {
        self.replica = replica
        self.counter = counter
        self.chain = chain
        self.first = first
    }
}

extension Tip {
    /// One word of a register entry: replica, counter, first and chain, in base 32.
    public var text: String {
        let parts = [
            Base32.encode(replica.bytes), String(counter), String(first),
            Base32.encode(chain.bytes),
        ]
        return parts.joined(separator: ".")
    }

    public init?(text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4, let replica = Base32.decode(parts[0]).flatMap(ReplicaID.init),
            let counter = UInt64(parts[1]), let first = UInt64(parts[2]),
            let chain = Base32.decode(parts[3]).flatMap(ChainValue.init)
        else { return nil }
        self.init(replica: replica, counter: counter, chain: chain, first: first)
    }
}

/// The identity of a segment: SHA-256("lianhu-segment-1" ‖ frame).
///
/// Leaves the signature out, which may be randomised: the frame alone fixes every byte.
public struct SegmentID: Sendable, Hashable {
    public let bytes: Data

    public init?(_ bytes: Data) {
        guard bytes.count == 32 else { return nil }
        self.bytes = Data(bytes)
    }

    package init(frame: Data) {
        self.bytes = Data(SHA256.hash(data: Segment.domain + frame))
    }
}
