public import Foundation
internal import SurveyModel

/// An edit repeated in another area: when a household moves, its edits follow it, and a whole
/// segment would carry its neighbours' edits along.
///
/// The server's signature stands for the author's, which is over the whole segment. The edit's id
/// is computed from the bytes again, so references to it keep their meaning.
extension Edit {
    /// The bytes that an excerpt carries.
    public func excerpted() -> Data {
        var writer = WireWriter()
        SegmentCodec.encode(encoded, &writer)
        return writer.data
    }

    /// The edit that an excerpt carries; nil when this is none.
    ///
    /// - Throws: ``LogError/malformed(_:)`` when its bytes are no edit that may be repeated.
    public func repeated() throws(LogError) -> Edit? {
        guard header.record.kind == .excerpt, body != nil else { return nil }
        guard let bytes = answers[ExcerptForm.edit] else {
            throw .malformed("excerpt.edit")
        }
        let edit = try Edit(try SegmentCodec.decodeEdit(bytes))
        // What the register says of itself is never repeated: it counts from a server's log alone.
        guard edit.header.record.kind < .area else { throw .malformed("excerpt.kind") }
        return edit
    }
}
