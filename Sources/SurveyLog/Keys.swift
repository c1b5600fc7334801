internal import Crypto
public import Foundation

/// The Ed25519 key that owns a log.
public struct LogKey: Sendable {
    private let key: Curve25519.Signing.PrivateKey

    /// - Parameter seed: 32 random bytes, kept secret.
    public init(seed: Data) throws(LogError) {
        do {
            self.key = try Curve25519.Signing.PrivateKey(rawRepresentation: seed)
        } catch {
            throw .malformed("private key")
        }
    }

    public var seed: Data { key.rawRepresentation }
    public var publicKey: Data { key.publicKey.rawRepresentation }
    public var replica: ReplicaID { ReplicaID(publicKey: publicKey) }

    public func sign(_ message: Data) throws(LogError) -> Data {
        do {
            return try key.signature(for: message)
        } catch {
            throw .malformed("signature")
        }
    }
}

public enum Signature {
    /// Whether `signature` is `publicKey`'s over `message`. Malformed keys verify nothing.
    public static func verify(_ signature: Data, of message: Data, by publicKey: Data) -> Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey) else {
            return false
        }
        return key.isValidSignature(signature, for: message)
    }
}

/// What a signature is over, so that one kind of message is never taken for another.
public enum SignatureDomain: String, Sendable {
    case request = "lianhu-request-1"
    case response = "lianhu-response-1"
    case enrol = "lianhu-enrol-1"
    case enrolled = "lianhu-enrolled-1"
    case receipt = "lianhu-receipt-1"
    case endorsement = "lianhu-endorsement-1"

    public func message(_ payload: Data) -> Data { Data(rawValue.utf8) + payload }
}

/// One key's word for another: the server key's for a log of the server, a device's for the log
/// that follows its own.
public struct Endorsement: Sendable, Hashable {
    public let publicKey: Data
    public let signature: Data

    public init(publicKey: Data, signature: Data) {
        self.publicKey = publicKey
        self.signature = signature
    }

    public init(of log: LogKey, by endorser: LogKey) throws(LogError) {
        self.publicKey = log.publicKey
        self.signature = try endorser.sign(SignatureDomain.endorsement.message(log.publicKey))
    }

    public func isValid(by endorser: Data) -> Bool {
        Signature.verify(
            signature, of: SignatureDomain.endorsement.message(publicKey), by: endorser)
    }
}
