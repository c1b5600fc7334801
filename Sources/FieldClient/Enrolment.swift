import FieldStore
import Foundation
import SurveyLog
import SurveyModel
import SurveySync
import SurveyWire

extension FieldStore {
    /// Spends a code: the server registers this device's key under the code's user.
    ///
    /// Safe to repeat with the same key when the answer was lost.
    func enrol(_ code: EnrolmentCode, key: LogKey, over transport: any Transport) async throws {
        let nonce = environment.random(16)
        let answerKey: AnswerKey
        do throws(WireError) {
            answerKey = try AnswerKey(seed: environment.random(32))
        } catch {
            throw Failure(error)
        }
        var request = EnrolRequest(
            fingerprint: code.fingerprint, secret: code.secret, publicKey: key.publicKey,
            nonce: nonce)
        request.answerKey = answerKey.publicKey
        let body: Data
        do throws(WireError) { body = try request.sealed(by: key) } catch { throw Failure(error) }
        let reply: Data
        do {
            reply = try await transport.exchange("/v1/enrol", body)
        } catch let error as BrokenConnection {
            throw Failure(error)
        }
        let response: EnrolResponse
        do throws(WireError) {
            response = try EnrolResponse(
                bytes: answerKey.open(reply, answering: nonce), fingerprint: code.fingerprint)
        } catch .wrongSignature {
            throw Failure(.wrongServerKey)
        } catch {
            throw Failure(response: error)
        }
        guard response.nonce == nonce else { throw Failure(.badResponse, "nonce") }
        try finishEnrolment(response)
    }
}
