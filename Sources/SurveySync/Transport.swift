public import Foundation

/// A way to a server: one request's bytes there, one response's bytes back.
public protocol Transport: Sendable {
    /// - Parameter arrived: is told how many bytes of the answer have come, as they come.
    /// - Throws: ``TransportError``.
    func post(
        _ path: String, _ body: Data, arrived: (@Sendable (Int) -> Void)?
    ) async throws -> TransportReply
}

extension Transport {
    /// Without being told.
    public func post(_ path: String, _ body: Data) async throws -> TransportReply {
        try await post(path, body, arrived: nil)
    }
}

public struct TransportReply: Sendable {
    public let status: Int
    public let body: Data

    public init(status: Int, body: Data) {
        self.status = status
        self.body = body
    }
}

public enum TransportError: Error, Sendable, Equatable {
    /// No connection; the text says why and holds no personal data.
    case unreachable(String)
    /// There was a connection, and it broke: another try may go through.
    case interrupted(String)
    /// The certificate is not trusted.
    case untrusted(String)
    /// The answer is larger than the limit.
    case oversized
}
