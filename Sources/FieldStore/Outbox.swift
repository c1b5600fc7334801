import GRDB
import SurveyLog
import SurveyStore
import SurveySync
import SurveyWire

/// What waits to be sent.
struct Outbox {
    /// The reserved area's segments first, then own ones, then others', each in order.
    var segments: [OutboundSegment] = []
    /// Others' segments that the server probably has: their ids are sent before their bodies.
    var offered: [SegmentID] = []

    /// Segments of which the disk has changed a byte: they stay here, and are told.
    var damaged = 0

    /// From so many others' segments on, ids are offered first.
    private static let manyRelays = 8

    /// - Parameter declined: segments that the server said it does not have.
    static func waiting(
        _ identity: HomeIdentity, _ declined: Set<SegmentID>, _ db: Database
    ) throws -> Outbox {
        let family = try ClosedLogs.familyList(identity, db)
        let relays: Int =
            try db.value(
                """
                SELECT COUNT(*) FROM (SELECT 1 FROM segment
                    WHERE mark IS NULL AND running IS NULL AND area != 0
                        AND log NOT IN (\(family))
                    LIMIT \(manyRelays + 1))
                """) ?? 0
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT number, id, area = 0 OR log IN (\(family)) AS first FROM segment
                WHERE mark IS NULL AND running IS NULL
                ORDER BY area != 0, log NOT IN (\(family)), number
                """)
        var outbox = Outbox()
        // One more than fits, so that the exchange knows that something is left.
        var size = 0
        while size <= WireLimits.segmentBytes, let row = try rows.next() {
            guard let id = SegmentID(row["id"]) else { throw DamagedDatabase("segment.id") }
            if relays > manyRelays, !(row["first"] as Bool), !declined.contains(id) {
                guard outbox.offered.count < WireLimits.offers else { break }
                outbox.offered.append(id)
                size += WireLimits.offerBytes
                continue
            }
            let segment: Segment
            do {
                segment = try SegmentLog.segment(row["number"], in: db)
            } catch is DamagedDatabase {
                outbox.damaged += 1
                continue
            }
            let bytes = segment.encoded()
            size += bytes.count
            outbox.segments.append(
                OutboundSegment(id: id, replica: segment.frame.replica, bytes: bytes))
        }
        return outbox
    }
}
