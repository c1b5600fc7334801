public import SurveyModel

/// Why bytes are not a message of the exchange.
public enum WireError: Error, Sendable, Equatable {
    case malformed(String)
    case oversized
    case wrongSignature
    case unsupportedProtocol(UInt32)
}

/// Limits of the exchange, the same on both sides.
public enum WireLimits {
    public static let protocolVersion: UInt32 = 1
    /// A request or response as it travels.
    public static let compressedBytes = 256 * 1024
    /// The same after decompression.
    public static let requestBytes = 1024 * 1024
    public static let responseBytes = 4 * 1024 * 1024
    /// Bytes of segments that one message carries, so that even incompressible ones fit.
    public static let segmentBytes = 224 * 1024
    /// Segments of which one request names only the ids, and what each takes of its size.
    public static let offers = 2_048
    public static let offerBytes = 34
    /// Areas, lanes and cursors that one message names.
    public static let areas = 4_096
    public static let cursors = 64
    /// Segments that enrolled a device, and logs that it has had.
    public static let enrolments = 8
    public static let endorsements = 256
}

extension Failure {
    /// What is wrong with a request.
    public init(_ error: WireError) {
        switch error {
        case .malformed(let part): self.init(.malformedRequest, part)
        case .oversized: self.init(.oversizedRequest)
        case .wrongSignature: self.init(.badSignature)
        case .unsupportedProtocol(let version): self.init(.unsupportedProtocol, "\(version)")
        }
    }
}
