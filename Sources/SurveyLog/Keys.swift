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
    /// Whether `signature` is `publicKey`'s over `message`, by the one rule of SYNC.md: the equation
    /// without the cofactor, a canonical S, and a key that is canonical and of large order.
    /// Other keys verify nothing: one of small order would sign anything.
    public static func verify(_ signature: Data, of message: Data, by publicKey: Data) -> Bool {
        guard isSound(publicKey),
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey)
        else {
            return false
        }
        return key.isValidSignature(signature, for: message)
    }

    /// Whether 32 bytes are the canonical encoding of a point that is not of small order.
    static func isSound(_ publicKey: Data) -> Bool {
        guard publicKey.count == 32 else { return false }
        var y = [UInt8](publicKey)
        // The sign of x.
        y[31] &= 0x7F
        // y must be below p = 2²⁵⁵ − 19.
        let isLarge = y[31] == 0x7F && y[1..<31].allSatisfy { $0 == 0xFF } && y[0] >= 0xED
        return !isLarge && !smallOrders.contains(y)
    }

    /// y of the eight points whose order divides the cofactor.
    private static let smallOrders: Set<[UInt8]> = {
        func bytes(_ hex: String) -> [UInt8] {
            let digits = hex.compactMap(\.hexDigitValue).map(UInt8.init)
            return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
        }
        return [
            bytes(String(repeating: "00", count: 32)),
            bytes("01" + String(repeating: "00", count: 31)),
            bytes("ec" + String(repeating: "ff", count: 30) + "7f"),
            bytes("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
            bytes("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
        ]
    }()
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
