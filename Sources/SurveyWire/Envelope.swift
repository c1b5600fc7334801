public import Foundation
public import SurveyLog
internal import SurveyProtobuf
internal import SwiftProtobuf

/// A message with its signature, not yet believed.
public struct SealedMessage: Sendable {
    public let payload: Data
    public let signature: Data
    /// Whose key is to verify it: a sync request's replica.
    public let sender: ReplicaID?
    /// The sender's key, when it asks to be readmitted.
    public let publicKey: Data

    /// Seals a payload: signs it, wraps it, compresses it.
    static func seal(
        _ payload: Data, domain: SignatureDomain, key: LogKey, sender: ReplicaID? = nil,
        publicKey: Data = Data()
    ) throws(WireError) -> Data {
        do {
            let signature = try key.sign(domain.message(payload))
            let envelope = PBEnvelope.with {
                $0.payload = payload
                $0.signature = signature
                if let sender { $0.sender = sender.bytes }
                $0.publicKey = publicKey
            }
            let bytes: Data = try envelope.serializedBytes()
            return Zstd.compress(bytes)
        } catch {
            throw .malformed("envelope")
        }
    }

    /// Opens what travelled, within the limits.
    ///
    /// - Parameter limit: bytes after decompression; of a request fewer, because anybody may send one.
    public init(bytes: Data, limit: Int = WireLimits.responseBytes) throws(WireError) {
        guard bytes.count <= WireLimits.compressedBytes else { throw .oversized }
        let plain = try Zstd.decompress(bytes, limit: limit)
        let envelope = try parse(PBEnvelope.self, plain, "envelope")
        self.payload = envelope.payload
        self.signature = envelope.signature
        self.sender = ReplicaID(envelope.sender)
        self.publicKey = envelope.publicKey
    }

    public func verify(_ domain: SignatureDomain, by publicKey: Data) throws(WireError) {
        guard Signature.verify(signature, of: domain.message(payload), by: publicKey) else {
            throw .wrongSignature
        }
    }
}

func parse<M: SwiftProtobuf.Message>(_: M.Type, _ bytes: Data, _ name: String)
    throws(WireError) -> M
{
    do {
        return try M(serializedBytes: bytes)
    } catch {
        throw .malformed(name)
    }
}

func serialize(_ message: some SwiftProtobuf.Message) throws(WireError) -> Data {
    do {
        return try message.serializedBytes()
    } catch {
        throw .malformed(String(describing: type(of: message)))
    }
}
