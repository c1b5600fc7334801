package import Foundation

/// Edits as they travel in their segments and are stored: each a field of the segment's message.
package enum StoredEdits {
    package static func bytes(of edit: EncodedEdit) -> Data {
        var writer = WireWriter()
        writer.message(2) { SegmentCodec.encode(edit, &$0) }
        return writer.data
    }

    /// - Parameter proof: the beginning of its id.
    /// - Throws: ``LogError/malformed(_:)`` when the bytes are no edit, or another one.
    package static func edit(in bytes: Data, proof: Int64) throws(LogError) -> Edit {
        let encoded = try encoded(in: bytes)
        let id = encoded.id
        guard id.proof == proof else { throw .malformed("edit") }
        return try Edit(encoded, id: id)
    }

    /// The same, whatever it is.
    package static func encoded(in bytes: Data) throws(LogError) -> EncodedEdit {
        try SegmentCodec.decodeStoredEdit(bytes)
    }
}

extension Segment {
    /// The bytes that travel, of parts that are stored.
    package static func encoded(frame: Data, edits: [Data], signature: Data) -> Data {
        var (head, tail) = (WireWriter(), WireWriter())
        head.data(1, frame)
        tail.data(3, signature)
        var bytes = head.data
        bytes.reserveCapacity(bytes.count + edits.reduce(100) { $0 + $1.count })
        for edit in edits { bytes += edit }
        return bytes + tail.data
    }

    /// Puts a segment together of parts that are stored.
    package init(frame: Data, edits: [Data], signature: Data) throws(LogError) {
        var parsed: [Edit] = []
        for edit in edits { parsed.append(try Edit(try StoredEdits.encoded(in: edit))) }
        try self.init(frameBytes: frame, edits: parsed, signature: signature)
    }
}
