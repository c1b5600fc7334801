internal import SurveyModel

/// Why bytes are not an edit, a segment or a receipt.
public enum LogError: Error, Sendable, Equatable {
    /// The part that does not hold, such as `header.replica`.
    case malformed(String)
    /// Over the limit of bytes.
    case oversized
    /// The signature or the endorsement does not verify.
    case forged
}

/// Limits of a log, enforced before memory is spent.
public enum LogLimits {
    static func bytes(of kind: RecordKind) -> Int { kind == .excerpt ? excerptBytes : editBytes }

    /// Header and body of one edit.
    public static let editBytes = 64 * 1024
    /// The same of an edit that repeats another one, whole.
    static let excerptBytes = editBytes + 1024
    /// Edits of one segment.
    public static let segmentEdits = 256
    /// Edits' bytes after which a segment is sealed, so that any segment fits in any request.
    public static let segmentBytes = 96 * 1024
    /// Bytes of one encoded segment: the last edit may pass ``segmentBytes``.
    public static let encodedSegmentBytes = segmentBytes + editBytes + 16 * 1024
}
