public import Foundation

/// What an administrator hands to a user: a secret, and which server key to trust.
///
/// Shape: 32 characters of ``Base32`` in groups of four; 10 secret bytes, then the first 10 bytes
/// of SHA-256(server key).
public struct EnrolmentCode: Sendable, Hashable {
    public let secret: Data
    public let fingerprint: Data

    public init(secret: Data, fingerprint: Data) {
        self.secret = secret
        self.fingerprint = fingerprint
    }

    /// Accepts either case, spaces and hyphens, however wide they are written.
    public init?(text: String) {
        let plain = text.folded.filter { $0 != "-" }
        guard plain.utf8.count == 32, let bytes = Base32.decode(plain), bytes.count == 20 else {
            return nil
        }
        self.init(secret: Data(bytes.prefix(10)), fingerprint: Data(bytes.suffix(10)))
    }

    public var text: String {
        let plain = Array(Base32.encode(secret + fingerprint).uppercased())
        return stride(from: 0, to: plain.count, by: 4)
            .map { String(plain[$0..<min($0 + 4, plain.count)]) }.joined(separator: "-")
    }
}
