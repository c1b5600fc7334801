internal import Crypto
public import Foundation
package import SurveyModel

/// One installation: the first 8 bytes of SHA-256(public key).
public struct ReplicaID: Sendable, Hashable, Comparable {
    private let word: UInt64

    public var bytes: Data { word.bigEndianBytes }

    public init?(_ bytes: Data) {
        guard bytes.count == 8 else { return nil }
        word = bytes.withUnsafeBytes { $0.word(0) }
    }

    public init(publicKey: Data) {
        word = SHA256.hash(data: publicKey).withUnsafeBytes { $0.word(0) }
    }

    public static func < (a: ReplicaID, b: ReplicaID) -> Bool { a.word < b.word }
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
    private let words: Words4

    public var bytes: Data { words.bytes }

    public init?(_ bytes: Data) {
        guard let words = Words4(bytes) else { return nil }
        self.words = words
    }

    init(header: Data, bodyHash: some ContiguousBytes) {
        var hash = SHA256()
        hash.update(data: Self.domain)
        hash.update(data: header)
        bodyHash.withUnsafeBytes { hash.update(bufferPointer: $0) }
        words = Words4(whole: hash.finalize())
    }

    private static let domain = Data("lianhu-edit-1".utf8)

    /// The first four bytes: what a reference checks.
    public var check: Data { Data(bytes.prefix(4)) }

    fileprivate var prefix: UInt32 { words.half.prefix }

    /// The first eight bytes as a number: what an edit is proven by where it is stored.
    package var proof: Int64 { Int64(bitPattern: words.half.first) }

    /// The first 16 bytes, as a subject.
    package var half: SubjectID { SubjectID(words.half) }

    fileprivate func update(_ hash: inout SHA256) {
        words.withUnsafeBytes { hash.update(bufferPointer: $0) }
    }

    public static func < (a: EditID, b: EditID) -> Bool { a.words < b.words }
}

/// An edit named by its dot and the start of its id.
///
/// A reference whose check does not match covers nothing: after a clone one dot may stand for
/// two edits, and only one of them was seen.
public struct Reference: Sendable, Hashable, Comparable {
    public let dot: Dot
    private let prefix: UInt32

    /// 4 bytes.
    public var check: Data { withUnsafeBytes(of: prefix.bigEndian) { Data($0) } }

    public init?(dot: Dot, check: Data) {
        guard check.count == 4 else { return nil }
        self.dot = dot
        prefix = check.reduce(0) { $0 << 8 | UInt32($1) }
    }

    public init(dot: Dot, id: EditID) {
        self.dot = dot
        prefix = id.prefix
    }

    public static func < (a: Reference, b: Reference) -> Bool {
        a.dot == b.dot ? a.prefix < b.prefix : a.dot < b.dot
    }
}

/// The running hash of a log: chain(0) = SHA-256(public key),
/// chain(n) = SHA-256(chain(n − 1) ‖ EditID(n)).
public struct ChainValue: Sendable, Hashable {
    private let words: Words4

    public var bytes: Data { words.bytes }

    public init?(_ bytes: Data) {
        guard let words = Words4(bytes) else { return nil }
        self.words = words
    }

    /// The chain value of an empty log.
    public init(publicKey: Data) { self.init(hash: SHA256.hash(data: publicKey)) }

    private init(hash: SHA256.Digest) { words = Words4(whole: hash) }

    public func appending(_ id: EditID) -> ChainValue {
        var hash = SHA256()
        words.withUnsafeBytes { hash.update(bufferPointer: $0) }
        id.update(&hash)
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
    private let words: Words4

    public var bytes: Data { words.bytes }

    public init?(_ bytes: Data) {
        guard let words = Words4(bytes) else { return nil }
        self.words = words
    }

    package init(frame: Data) {
        var hash = SHA256()
        hash.update(data: Segment.domain)
        hash.update(data: frame)
        words = Words4(whole: hash.finalize())
    }
}
