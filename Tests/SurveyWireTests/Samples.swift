import Foundation
import SurveyLog
import SurveyModel
import SurveyWire
import TestSupport

/// Messages with every part filled in.
enum Samples {
    static let server = LogKey.test(200)
    static let device = LogKey.test(1)
    static let nonce = Data((0..<16).map { UInt8($0) })

    static func log() throws -> TestLog {
        var log = TestLog(1)
        for number in 1...3 as ClosedRange<UInt64> {
            try log.write(
                .test(.housing, subject: number),
                [SectionTag(rawValue: 1): [FieldTag(rawValue: 2): .boolean(true)]])
        }
        return log
    }

    static func receipt() throws -> SignedReceipt {
        let log = try log()
        return try SignedReceipt(
            Receipt(
                serverKey: ServerKeyID.make(server.publicKey), replica: log.replica,
                tips: [log.tip],
                leaves: [], feedHead: cursor(9), time: -5),
            key: server)
    }

    static func cursor(_ sequence: UInt64) -> FeedCursor {
        FeedCursor(
            sequence: sequence, storedHash: Data(repeating: UInt8(sequence & 255), count: 8))!
    }

    static func request() throws -> SyncRequest {
        let log = try log()
        return SyncRequest(
            serverKey: ServerKeyID.make(server.publicKey), replica: log.replica, nonce: nonce,
            head: log.tip, receipt: try receipt(),
            position: FeedPosition(
                cursor: cursor(8), older: [cursor(7), cursor(4)],
                covered: [.village, AreaID(rawValue: .max)],
                lanes: [AreaID(rawValue: 9): 3, AreaID(rawValue: 10): 0]),
            segments: [try log.segment(1...2).encoded(), try log.segment(3...3).encoded()],
            relayed: [Data([1, 2, 3])], opened: [AreaID(rawValue: 9)], receiptOnly: false,
            tallyPosition: 0)
    }

    static func response() throws -> SyncResponse {
        let log = try log()
        return SyncResponse(
            nonce: nonce, receipt: try receipt(), matched: cursor(8),
            pushed: [
                PushedSegment(id: try log.segment(1...2).id, result: .stored(11)),
                PushedSegment(id: try log.segment(3...3).id, result: .refused("SYNC-11")),
            ],
            feed: [FeedItem(number: 9, segment: try log.segment(1...3).encoded())],
            position: FeedPosition(
                cursor: cursor(9), covered: [.village], lanes: [AreaID(rawValue: 9): 3]),
            more: true, backedUp: cursor(5),
            notices: [Notice(.held, count: 2), Notice(.areasChanged)],
            tallies: TallyUpdate(
                position: 4,
                villages: [
                    TallyUpdate.Village(area: .village, round: .spring, counts: [1: 2, 99: 3])
                ],
                heard: [.village: -1], isComplete: true),
            scope: [.village, AreaID(rawValue: 9)])
    }
}
