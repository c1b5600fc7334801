internal import Crypto
public import Foundation

/// The key that the answer to one request is sealed to.
///
/// A request is signed, so it can be captured and sent again by anybody; without the private half of
/// this key, which never leaves the device's memory, the answer to it tells nothing.
///
/// Source: HPKE, RFC 9180, base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256,
/// ChaCha20-Poly1305.
public struct AnswerKey: Sendable {
    private let key: Curve25519.KeyAgreement.PrivateKey

    /// - Parameter seed: 32 fresh random bytes.
    public init(seed: Data) throws(WireError) {
        do {
            key = try Curve25519.KeyAgreement.PrivateKey(rawRepresentation: seed)
        } catch {
            throw .malformed("answer key")
        }
    }

    /// 32 bytes.
    public var publicKey: Data { key.publicKey.rawRepresentation }

    /// Opens an answer. One that is not sealed comes from a server that knows no such keys yet; it is
    /// signed like any other.
    ///
    /// - Parameter nonce: the request's.
    public func open(_ bytes: Data, answering nonce: Data) throws(WireError) -> Data {
        guard bytes.count <= WireLimits.compressedBytes else { throw .oversized }
        guard !bytes.starts(with: Zstd.magic) else { return bytes }
        guard bytes.count > Self.keyBytes else { throw .malformed("answer") }
        do {
            var recipient = try HPKE.Recipient(
                privateKey: key, ciphersuite: Self.suite, info: Self.info,
                encapsulatedKey: bytes.prefix(Self.keyBytes))
            return try recipient.open(bytes.dropFirst(Self.keyBytes), authenticating: nonce)
        } catch {
            throw .wrongSignature
        }
    }

    /// Seals an answer to the key that its request brought: the encapsulated key, then the ciphertext.
    public static func seal(_ bytes: Data, to publicKey: Data, answering nonce: Data)
        throws(WireError) -> Data
    {
        do {
            let recipient = try Curve25519.KeyAgreement.PublicKey(rawRepresentation: publicKey)
            var sender = try HPKE.Sender(
                recipientKey: recipient, ciphersuite: suite, info: info)
            return sender.encapsulatedKey + (try sender.seal(bytes, authenticating: nonce))
        } catch {
            throw .malformed("answer_key")
        }
    }

    /// By how much sealing makes an answer longer.
    public static let overhead = keyBytes + 16

    private static let keyBytes = 32
    private static let suite = HPKE.Ciphersuite.Curve25519_SHA256_ChachaPoly
    private static let info = Data("lianhu-answer-1".utf8)
}
