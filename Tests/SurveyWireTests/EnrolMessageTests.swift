import Foundation
import SurveyLog
import SurveyModel
import SurveyWire
import TestSupport
import Testing

@Suite struct EnrolMessageTests {
    private func request(secret: Int = 10, fingerprint: Int = 10, nonce: Data = Samples.nonce)
        -> EnrolRequest
    {
        EnrolRequest(
            fingerprint: Data(repeating: 1, count: fingerprint),
            secret: Data(repeating: 2, count: secret),
            publicKey: Samples.device.publicKey, nonce: nonce)
    }

    @Test func `an enrolment arrives as it was sent`() throws {
        let sent = request()
        let request = try EnrolRequest(bytes: try sent.sealed(by: Samples.device))
        #expect(request.fingerprint == sent.fingerprint)
        #expect(request.secret == sent.secret)
        #expect(request.publicKey == sent.publicKey)
        #expect(request.nonce == sent.nonce)
    }

    @Test func `a key is enrolled only by who holds it`() throws {
        let bytes = try request().sealed(by: LogKey.test(2))
        #expect(throws: WireError.wrongSignature) { try EnrolRequest(bytes: bytes) }
    }

    @Test(arguments: [(9, 10, 16), (11, 10, 16), (10, 9, 16), (10, 0, 16), (10, 10, 15)])
    func `parts of another length are malformed`(secret: Int, fingerprint: Int, nonce: Int) throws {
        let bytes = try request(secret: secret, fingerprint: fingerprint, nonce: Data(count: nonce))
            .sealed(by: Samples.device)
        #expect(throws: WireError.malformed(nonce == 16 ? "enrol" : "nonce")) {
            try EnrolRequest(bytes: bytes)
        }
    }

    @Test func `a device takes only the server whose fingerprint is in its code`() throws {
        let log = try Samples.log()
        let sent = EnrolResponse(
            nonce: Samples.nonce, serverPublicKey: Samples.server.publicKey, user: .surveyor,
            enrolment: FeedItem(number: 3, segment: try log.segment(1...1).encoded()),
            feedHead: Samples.cursor(3))
        let bytes = try sent.sealed(by: Samples.server)
        let fingerprint = ServerKeyID.fingerprint(Samples.server.publicKey)
        let response = try EnrolResponse(bytes: bytes, fingerprint: fingerprint)
        #expect(response.nonce == sent.nonce)
        #expect(response.user == sent.user)
        #expect(response.serverPublicKey == sent.serverPublicKey)
        #expect(
            response.enrolment.number == 3 && response.enrolment.segment == sent.enrolment.segment)
        #expect(response.feedHead == sent.feedHead)

        #expect(throws: WireError.wrongSignature) {
            try EnrolResponse(
                bytes: bytes, fingerprint: ServerKeyID.fingerprint(LogKey.test(201).publicKey))
        }
        let impostor = try sent.sealed(by: LogKey.test(201))
        #expect(throws: WireError.wrongSignature) {
            try EnrolResponse(bytes: impostor, fingerprint: fingerprint)
        }
    }

    @Test func `a refusal is read back, and anything else is not taken for one`() {
        let refusal = WireRefusal(code: "SYNC-04", detail: "replica")
        #expect(WireRefusal(bytes: refusal.encoded) == refusal)
        #expect(WireRefusal(bytes: Data()) == nil)
        #expect(WireRefusal(bytes: Data("<html>502 Bad Gateway</html>".utf8)) == nil)
        #expect(
            WireRefusal(
                bytes: WireRefusal(code: "X", detail: String(repeating: "x", count: 5_000)).encoded)
                == nil)
    }
}
