package import Foundation

/// A segment's edits as they travel and are stored, one after the other: between its frame and its
/// signature.
package struct StoredEdits: Sendable {
    package let bytes: Data
    /// Where each edit begins.
    package let places: [Int]

    package init(_ edits: some Sequence<Edit>) { self.init(encoded: edits.lazy.map(\.encoded)) }

    package init(encoded edits: some Sequence<EncodedEdit>) {
        var writer = WireWriter()
        var places: [Int] = []
        for edit in edits {
            places.append(writer.count)
            writer.message(2) { SegmentCodec.encode(edit, &$0) }
        }
        (bytes, self.places) = (writer.data, places)
    }

    /// Edits that were stored; as many places as can be told apart.
    package init(_ bytes: Data) { (self.bytes, places) = (bytes, WireReader.places(of: bytes)) }

    /// The edit that begins at a place of a segment's edits.
    ///
    /// - Parameter proof: the beginning of its id.
    /// - Throws: ``LogError/malformed(_:)`` when the bytes are no edit, or another one.
    package static func edit(in bytes: Data, at place: Int, proof: Int64) throws(LogError) -> Edit {
        let encoded = try SegmentCodec.decodeEdit(in: bytes, at: place)
        let id = encoded.id
        guard id.proof == proof else { throw .malformed("edit") }
        return try Edit(encoded, id: id)
    }

    /// The same, whatever it is.
    package static func encoded(in bytes: Data, at place: Int) throws(LogError) -> EncodedEdit {
        try SegmentCodec.decodeEdit(in: bytes, at: place)
    }

    /// All of them, whatever they are.
    package func edits() throws(LogError) -> [EncodedEdit] {
        var edits: [EncodedEdit] = []
        for place in places { edits.append(try SegmentCodec.decodeEdit(in: bytes, at: place)) }
        return edits
    }
}

extension Segment {
    /// The bytes that travel, of parts that are stored.
    package static func encoded(frame: Data, edits: Data, signature: Data) -> Data {
        var (head, tail) = (WireWriter(), WireWriter())
        head.data(1, frame)
        tail.data(3, signature)
        return head.data + edits + tail.data
    }

    /// Puts a segment together of parts that are stored.
    package init(frame: Data, edits: Data, signature: Data) throws(LogError) {
        var parsed: [Edit] = []
        for edit in try StoredEdits(edits).edits() { parsed.append(try Edit(edit)) }
        try self.init(frameBytes: frame, edits: parsed, signature: signature)
    }
}
