import Foundation
import SurveyLog
import SurveyModel
import TestSupport
import Testing

@Suite struct ReceiptTests {
    private static let server = LogKey.test(200)

    private static func receipt() throws -> Receipt {
        var log = TestLog(1)
        try log.write(.test(.housing), [SectionTag(rawValue: 1): [:]])
        let segment = try log.segment(1...1)
        return Receipt(
            serverKey: Data(repeating: 3, count: 8), replica: log.replica, tips: [log.tip],
            leaves: [Tip(replica: log.replica, counter: 9, chain: log.chain(1))],
            feedHead: FeedCursor.start.appending(segment.id), time: 1_767_225_600_000)
    }

    @Test func `a receipt is opened with the server's key and says what was written`() throws {
        let receipt = try Self.receipt()
        let signed = try SignedReceipt(receipt, key: Self.server)
        #expect(try signed.open(serverKey: Self.server.publicKey) == receipt)
    }

    @Test func `another key, a changed receipt and a changed signature are forged`() throws {
        let signed = try SignedReceipt(try Self.receipt(), key: Self.server)
        #expect(throws: LogError.forged) { try signed.open(serverKey: LogKey.test(1).publicKey) }
        for position in signed.bytes.indices {
            var bytes = signed.bytes
            bytes[position] ^= 1
            #expect(throws: LogError.forged) {
                try SignedReceipt(bytes: bytes, signature: signed.signature).open(
                    serverKey: Self.server.publicKey)
            }
        }
        for position in signed.signature.indices {
            var signature = signed.signature
            signature[position] ^= 0x10
            #expect(throws: LogError.forged) {
                try SignedReceipt(bytes: signed.bytes, signature: signature).open(
                    serverKey: Self.server.publicKey)
            }
        }
    }

    @Test func `a signature over another kind of message is no receipt`() throws {
        let signed = try SignedReceipt(try Self.receipt(), key: Self.server)
        for domain in [SignatureDomain.request, .response, .enrol, .enrolled, .endorsement] {
            let other = SignedReceipt(
                bytes: signed.bytes, signature: try Self.server.sign(domain.message(signed.bytes)))
            #expect(throws: LogError.forged) { try other.open(serverKey: Self.server.publicKey) }
        }
    }

    @Test func `a cursor depends on every segment before it and on their order`() throws {
        var log = TestLog(1)
        for number in 0..<3 {
            try log.write(.test(.housing, subject: UInt64(number)), [SectionTag(rawValue: 1): [:]])
        }
        let ids = try (1...3).map { try log.segment($0...$0).id }
        let cursor = ids.reduce(FeedCursor.start) { $0.appending($1) }
        #expect(cursor.sequence == 3)
        #expect(cursor.hash.count == 8)
        #expect(ids.reversed().reduce(FeedCursor.start) { $0.appending($1) }.hash != cursor.hash)
        #expect(FeedCursor(sequence: 3, storedHash: cursor.hash) == cursor)
    }

    @Test func `a cursor that no database could hold is refused`() {
        #expect(FeedCursor(sequence: UInt64(Int64.max) + 1, storedHash: Data(count: 8)) == nil)
        #expect(FeedCursor(sequence: 1, storedHash: Data(count: 7)) == nil)
        #expect(FeedCursor(sequence: 0, storedHash: Data(count: 8)) == .start)
    }
}
