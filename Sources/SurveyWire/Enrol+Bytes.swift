public import Foundation
public import SurveyLog
internal import SurveyModel
internal import SurveyProtobuf
internal import SwiftProtobuf

extension EnrolRequest {
    /// The bytes to send, signed by the key that is enrolled.
    public func sealed(by key: LogKey) throws(WireError) -> Data {
        try SealedMessage.seal(
            try serialize(
                PBEnrolRequest.with {
                    $0.protocol = WireLimits.protocolVersion
                    $0.serverKey = fingerprint
                    $0.secret = secret
                    $0.publicKey = publicKey
                    $0.nonce = nonce
                    if let answerKey { $0.answerKey = answerKey }
                }), domain: .enrol, key: key)
    }

    /// Opens what travelled; the signature must be of the key that is to be enrolled.
    public init(bytes: Data) throws(WireError) {
        let sealed = try SealedMessage(bytes: bytes, limit: WireLimits.requestBytes)
        let message = try parse(PBEnrolRequest.self, sealed.payload, "enrol")
        guard message.protocol == WireLimits.protocolVersion else {
            throw .unsupportedProtocol(message.protocol)
        }
        guard message.publicKey.count == 32, message.secret.count == 10,
            message.serverKey.count == 10
        else { throw .malformed("enrol") }
        try sealed.verify(.enrol, by: message.publicKey)
        self.init(
            fingerprint: message.serverKey, secret: message.secret,
            publicKey: message.publicKey, nonce: try SurveyWire.nonce(message.nonce))
        answerKey = try SurveyWire.answerKey(message.answerKey)
    }
}

extension EnrolResponse {
    public func sealed(by key: LogKey) throws(WireError) -> Data {
        try SealedMessage.seal(
            try serialize(
                PBEnrolResponse.with {
                    $0.nonce = nonce
                    $0.serverPublicKey = serverPublicKey
                    $0.user = user.rawValue
                    $0.enrolment = PBFeedItem(enrolment)
                    $0.feedHead = PBCursor(feedHead)
                }), domain: .enrolled, key: key)
    }

    /// Opens what travelled and checks that the key that signed it is the code's.
    public init(bytes: Data, fingerprint: Data) throws(WireError) {
        let sealed = try SealedMessage(bytes: bytes)
        let message = try parse(PBEnrolResponse.self, sealed.payload, "enrolled")
        guard ServerKeyID.fingerprint(message.serverPublicKey) == fingerprint else {
            throw .wrongSignature
        }
        try sealed.verify(.enrolled, by: message.serverPublicKey)
        self.init(
            nonce: message.nonce, serverPublicKey: message.serverPublicKey,
            user: UserID(rawValue: message.user), enrolment: message.enrolment.value,
            feedHead: try message.feedHead.value("feed_head"))
    }
}

extension WireRefusal {
    public var encoded: Data {
        let message = PBRefusal.with {
            $0.code = code
            $0.detail = detail
        }
        return (try? message.serializedBytes()) ?? Data()
    }

    /// nil when the bytes are not a refusal of this protocol.
    public init?(bytes: Data) {
        guard bytes.count <= 4_096, let message = try? PBRefusal(serializedBytes: bytes),
            !message.code.isEmpty
        else { return nil }
        self.init(code: message.code, detail: message.detail)
    }
}
