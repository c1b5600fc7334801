import FieldStore
import Foundation
import ServerStore
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore
import SurveySync
import SurveyWire
import Synchronization
import TestSupport
import Testing

@testable import FieldClient
@testable import SyncServer

/// Who can read an answer.
@Suite struct SealingScenarios {
    private static let house = "520402109201-1"

    @Test func `a captured request tells nothing to whoever sends it again`() async throws {
        let world = try World()
        let wang = try await world.device("wang", ["520402109201"])
        try await wang.sync()
        let captured = try #require(world.network.record.withLock { $0.requests.last })
        let li = try await world.device("li", ["520402109201"])
        try await li.sync()
        try li.check("housing", Self.house, .graded("A"))
        try await li.sync()
        let reply = try await world.network.post("/v1/sync", captured, arrived: nil)
        #expect(reply.status == 200)
        #expect(throws: WireError.self) { try SealedMessage(bytes: reply.body) }
        // Whoever adds a key of their own breaks the signature.
        let stranger = try AnswerKey(seed: Data(repeating: 7, count: 32))
        #expect(throws: WireError.self) {
            try stranger.open(reply.body, answering: Data(repeating: 0, count: 16))
        }
    }

    @Test func `a device that once asked for a sealed answer is answered no other`() async throws {
        let (world, _, mallory, _) = try await World.withMallory()
        let request = try mallory.request([])
        let reply = try await world.network.post(
            "/v1/sync", try request.sealed(by: mallory.identity.key), arrived: nil)
        #expect(reply.status == 400)
        #expect(WireRefusal(bytes: reply.body)?.code == "SYNC-06")
    }

    @Test func `a device of an older version that never asked for one is still served`()
        async throws
    {
        let world = try World()
        let old = try Mallory(try await world.device("old", ["520402109201"]))
        let reply = try await world.network.post(
            "/v1/sync", try old.request([]).sealed(by: old.identity.key), arrived: nil)
        #expect(reply.status == 200)
        _ = try SyncResponse(bytes: reply.body, serverKey: old.identity.serverKey)
    }

    @Test func `a sealed answer opens for its own request alone`() throws {
        let key = try AnswerKey(seed: Data((0..<32).map { UInt8($0) }))
        let (nonce, other) = (Data(repeating: 1, count: 16), Data(repeating: 2, count: 16))
        let text = Data("回答".utf8)
        let sealed = try AnswerKey.seal(text, to: key.publicKey, answering: nonce)
        #expect(sealed.count == text.count + AnswerKey.overhead)
        #expect(try key.open(sealed, answering: nonce) == text)
        #expect(throws: WireError.wrongSignature) { try key.open(sealed, answering: other) }
        for position in sealed.indices {
            var changed = sealed
            changed[position] ^= 1
            #expect(throws: WireError.wrongSignature) { try key.open(changed, answering: nonce) }
        }
        #expect(throws: WireError.malformed("answer_key")) {
            try AnswerKey.seal(text, to: Data(count: 31), answering: nonce)
        }
    }

    @Test func `keys that would sign anything enrol nobody`() async throws {
        let world = try World()
        try world.server.addUser(
            "eve", role: .surveyor, areas: try world.server.areas(["520402109201"]))
        let code = try world.server.issueCode(for: "eve").code
        // A signature that the identity, as a key, verifies for every message: R the identity, S 0.
        let identity = Data([1]) + Data(count: 31)
        let forged = identity + Data(count: 32)
        #expect(!Signature.verify(forged, of: Data("anything".utf8), by: identity))
        let request = EnrolRequest(
            fingerprint: code.fingerprint, secret: code.secret, publicKey: identity,
            nonce: Data(count: 16))
        let body = try request.sealed(by: LogKey.test(5))
        let reply = try await world.network.post("/v1/enrol", body, arrived: nil)
        #expect(WireRefusal(bytes: reply.body)?.code == "SYNC-05")
        #expect(try world.server.devices().isEmpty)
    }
}
