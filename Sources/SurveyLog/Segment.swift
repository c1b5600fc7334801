public import Foundation
public import SurveyModel
internal import SurveyProtobuf
internal import SwiftProtobuf

/// What the author of a segment signs.
public struct SegmentFrame: Sendable, Hashable {
    init(
        replica: ReplicaID, area: AreaID, first: UInt64, count: UInt64, previous: ChainValue,
        resulting: ChainValue, endorsement: Endorsement?, about: ReplicaID?
    ) {
        self.replica = replica
        self.area = area
        self.first = first
        self.count = count
        self.previous = previous
        self.resulting = resulting
        self.endorsement = endorsement
        self.about = about
    }

    public let replica: ReplicaID
    public let area: AreaID
    /// Counter of the first edit.
    public let first: UInt64
    public let count: UInt64
    /// Chain value before the first edit.
    public let previous: ChainValue
    /// Chain value after the last edit.
    public let resulting: ChainValue
    /// Server logs only.
    public let endorsement: Endorsement?
    /// Decisions only: the root replica of the log that they judge.
    public let about: ReplicaID?

    /// Parses a frame on its own.
    package init(bytes: Data) throws(LogError) {
        self = try SegmentCodec.decodeFrame(bytes)
    }

    public var last: UInt64 { first + count - 1 }
    public var tip: Tip { Tip(replica: replica, counter: last, chain: resulting) }
}

/// What travels and what is stored: a run of consecutive edits of one log in one area.
///
/// Sealed once, then carried byte-identical; anyone with the log's public key can verify one alone.
public struct Segment: Sendable {
    static let domain = Data("lianhu-segment-1".utf8)

    public let id: SegmentID
    public let frame: SegmentFrame
    public let frameBytes: Data
    public let edits: [Edit]
    public let signature: Data

    /// Seals edits that follow `previous` in the log of `key`.
    ///
    /// - Precondition: `edits` is a run of one log and one area and not empty.
    public static func seal(
        _ edits: [Edit], after previous: ChainValue, key: LogKey,
        endorsement: Endorsement? = nil, about: ReplicaID? = nil
    ) throws(LogError) -> Segment {
        guard let first = edits.first else { throw .malformed("segment.edits") }
        guard edits.count <= LogLimits.segmentEdits else { throw .oversized }
        let frame = SegmentFrame(
            replica: key.replica, area: first.header.area, first: first.dot.counter,
            count: UInt64(edits.count), previous: previous,
            resulting: edits.reduce(previous) { $0.appending($1.id) },
            endorsement: endorsement, about: about)
        let bytes = try SegmentCodec.encode(frame)
        return try Segment(
            frame: frame, frameBytes: bytes, edits: edits,
            signature: try key.sign(Segment.domain + bytes))
    }

    /// A segment whose frame and edits agree: same log, same area, contiguous, chained.
    init(frame: SegmentFrame, frameBytes: Data, edits: [Edit], signature: Data)
        throws(LogError)
    {
        guard UInt64(edits.count) == frame.count, !edits.isEmpty else {
            throw .malformed("frame.count")
        }
        var chain = frame.previous
        for (offset, edit) in edits.enumerated() {
            guard edit.dot.replica == frame.replica,
                edit.dot.counter == frame.first + UInt64(offset)
            else { throw .malformed("edit.dot") }
            guard edit.header.area == frame.area else { throw .malformed("edit.area") }
            // Only a server repeats edits, and only that takes more room than an edit.
            guard frame.endorsement != nil || edit.encoded.byteCount <= LogLimits.editBytes else {
                throw .oversized
            }
            chain = chain.appending(edit.id)
        }
        guard chain == frame.resulting else { throw .malformed("frame.resulting") }
        self.id = SegmentID(frame: frameBytes)
        self.frame = frame
        self.frameBytes = frameBytes
        self.edits = edits
        self.signature = signature
    }

    /// Puts a stored segment together again.
    public init(frameBytes: Data, edits: [Edit], signature: Data) throws(LogError) {
        try self.init(
            frame: try SegmentCodec.decodeFrame(frameBytes), frameBytes: frameBytes,
            edits: edits, signature: signature)
    }

    /// Parses a segment from the wire or a file; its signature is still to be verified.
    public init(bytes: Data) throws(LogError) {
        guard bytes.count <= LogLimits.encodedSegmentBytes else { throw .oversized }
        var (frame, signature) = (Data(), Data())
        var encoded: [EncodedEdit?] = []
        try WireReader.read(bytes, "segment") { reader, tag in
            switch (tag.field, tag.format) {
            case (1, .delimited): frame = try reader.data()
            case (2, .delimited): encoded.append(try SegmentCodec.decode(&reader))
            case (3, .delimited): signature = try reader.data()
            default: return false
            }
            return true
        }
        guard encoded.count <= LogLimits.segmentEdits else { throw .oversized }
        var edits: [Edit] = []
        edits.reserveCapacity(encoded.count)
        for edit in encoded {
            guard let edit else { throw .malformed("edit.content") }
            edits.append(try Edit(edit))
        }
        try self.init(frameBytes: frame, edits: edits, signature: signature)
    }

    /// The bytes that travel.
    public func encoded() -> Data {
        Self.encoded(
            frame: frameBytes, edits: edits.map { StoredEdits.bytes(of: $0.encoded) },
            signature: signature)
    }

    /// Verifies the signature, and for a server log its endorsement.
    ///
    /// - Parameters:
    ///   - publicKey: the device's enrolled key; nil for a server log, which carries its own.
    ///   - serverKey: the key that endorses server logs.
    public func verify(publicKey: Data?, serverKey: Data) throws(LogError) {
        let key: Data
        if let endorsement = frame.endorsement {
            guard endorsement.isValid(by: serverKey) else { throw .forged }
            key = endorsement.publicKey
        } else if let publicKey {
            key = publicKey
        } else {
            throw .forged
        }
        guard ReplicaID(publicKey: key) == frame.replica,
            Signature.verify(signature, of: Segment.domain + frameBytes, by: key),
            frame.first > 1 || frame.previous == ChainValue(publicKey: key)
        else { throw .forged }
    }
}

enum SegmentCodec {
    static func encode(_ frame: SegmentFrame) throws(LogError) -> Data {
        try serialize(
            PBSegmentFrame.with {
                $0.replica = frame.replica.bytes
                $0.area = frame.area.rawValue
                $0.first = frame.first
                $0.count = UInt32(frame.count)
                $0.previous = frame.previous.bytes
                $0.resulting = frame.resulting.bytes
                if let endorsement = frame.endorsement {
                    $0.publicKey = endorsement.publicKey
                    $0.endorsement = endorsement.signature
                }
                if let about = frame.about { $0.about = about.bytes }
            })
    }

    static func decodeFrame(_ bytes: Data) throws(LogError) -> SegmentFrame {
        let message = try parse(PBSegmentFrame.self, bytes, "frame")
        guard let replica = ReplicaID(message.replica) else { throw .malformed("frame.replica") }
        guard message.first > 0, message.count > 0,
            message.first <= UInt64(Int64.max) - UInt64(message.count)
        else { throw .malformed("frame.first") }
        guard let previous = ChainValue(message.previous),
            let resulting = ChainValue(message.resulting)
        else { throw .malformed("frame.chain") }
        var endorsement: Endorsement?
        if !message.publicKey.isEmpty {
            guard message.publicKey.count == 32 else { throw .malformed("frame.public_key") }
            endorsement = Endorsement(
                publicKey: message.publicKey, signature: message.endorsement)
        } else if !message.endorsement.isEmpty {
            throw .malformed("frame.endorsement")
        }
        var about: ReplicaID?
        if !message.about.isEmpty {
            about = ReplicaID(message.about)
            // Only a server's decisions are about another log.
            if about == nil || endorsement == nil { throw .malformed("frame.about") }
        }
        return SegmentFrame(
            replica: replica, area: AreaID(rawValue: message.area), first: message.first,
            count: UInt64(message.count), previous: previous, resulting: resulting,
            endorsement: endorsement, about: about)
    }

    static func encode(_ edit: EncodedEdit, _ writer: inout WireWriter) {
        writer.data(1, edit.header)
        switch edit.content {
        case .body(let body): writer.data(2, body, always: true)
        case .erased(let hash): writer.data(3, hash, always: true)
        }
    }

    /// - Returns: nil when there is neither a body nor its hash.
    static func decode(_ reader: inout WireReader) throws -> EncodedEdit? {
        var edit = WireEdit()
        try reader.message { try edit.take(&$0, $1) }
        return edit.edit
    }

    /// An edit with the tag that it has in its segment, and nothing after it.
    static func decodeStoredEdit(_ bytes: Data) throws(LogError) -> EncodedEdit {
        var edit = WireEdit()
        var count = 0
        try WireReader.read(bytes, "edit") { reader, tag in
            guard (tag.field, tag.format) == (2, .delimited) else { return false }
            count += 1
            try reader.message { try edit.take(&$0, $1) }
            return true
        }
        guard count == 1, let edit = edit.edit else { throw .malformed("edit.content") }
        return edit
    }

    static func decodeEdit(_ bytes: Data) throws(LogError) -> EncodedEdit {
        var edit = WireEdit()
        try WireReader.read(bytes, "excerpt") { try edit.take(&$0, $1) }
        guard let edit = edit.edit else { throw .malformed("edit.content") }
        return edit
    }

    private struct WireEdit {
        private var header = Data()
        private var content: EncodedEdit.Content?

        var edit: EncodedEdit? { content.map { EncodedEdit(header: header, content: $0) } }

        mutating func take(_ reader: inout WireReader, _ tag: WireReader.Tag) throws -> Bool {
            switch (tag.field, tag.format) {
            case (1, .delimited): header = try reader.data()
            case (2, .delimited): content = .body(try reader.data())
            case (3, .delimited): content = .erased(hash: try reader.data())
            default: return false
            }
            return true
        }
    }
}
