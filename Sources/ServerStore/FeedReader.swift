import Foundation
import GRDB
import SurveyLog
import SurveyModel
import SurveyStore
import SurveySync
import SurveyWire

/// Reads the part of the feed that a plan names, up to a number of bytes.
struct FeedReader {
    let db: Database
    let device: RegisteredDevice
    let plan: ReadPlan
    /// Segments that the request itself carried.
    let pushed: Set<UInt64>
    /// The requester's own head, below which its own branch is skipped.
    let ownHead: Tip

    struct Page {
        var items: [FeedItem] = []
        var position: FeedPosition
        var more: Bool
    }

    /// - Parameter budget: bytes of segments; at least one segment is read when one waits.
    func page(budget: Int) throws -> Page {
        let head = try Feed.head(in: db)
        var items: [FeedItem] = []
        var left = budget
        // The cursor's own lane: the reserved area, covered areas, own logs and decisions on them.
        let main = try read(
            after: plan.matched.sequence, through: head.sequence, where: try mainCondition(),
            skippingOwn: true, into: &items, &left)
        let cursor = main == head.sequence ? head : try Feed.cursor(at: main, in: db) ?? head
        var reached: [AreaID: UInt64] = [:]
        if cursor == head {
            for lane in plan.lanes {
                guard left > 0 || items.isEmpty else { break }
                reached[lane.area] = try read(
                    after: lane.from, through: cursor.sequence,
                    where: "area = \(lane.area.column)", skippingOwn: false, into: &items,
                    &left)
            }
        }
        let position = plan.position(cursor: cursor, reached: reached)
        let waiting = plan.lanes.contains { position.lanes[$0.area] != nil }
        return Page(items: items, position: position, more: cursor != head || waiting)
    }

    /// Reads segments in order until the budget is spent.
    ///
    /// - Returns: the number that everything was read through.
    private func read(
        after start: UInt64, through end: UInt64, where condition: String, skippingOwn: Bool,
        into items: inout [FeedItem], _ left: inout Int
    ) throws -> UInt64 {
        var position = start
        var own: Set<UInt64>?
        while position < end {
            let numbers = try Row.fetchAll(
                db,
                sql: """
                    SELECT segment.number AS number, log.replica AS replica FROM segment
                    JOIN log ON log.number = segment.log
                    WHERE segment.number > ? AND segment.number <= ? AND (\(condition))
                    ORDER BY segment.number LIMIT 256
                    """,
                arguments: [Int64(position), Int64(end)])
            guard !numbers.isEmpty else { return end }
            for row in numbers {
                let number = UInt64(row["number"] as Int64)
                if skippingOwn, row["replica"] as Data == device.replica.bytes {
                    let skipped = try own ?? ownBranch()
                    own = skipped
                    if skipped.contains(number) {
                        position = number
                        continue
                    }
                }
                if pushed.contains(number) {
                    position = number
                    continue
                }
                let bytes = try SegmentLog.encoded(Int64(number), in: db)
                guard left >= bytes.count || items.isEmpty else {
                    left = 0
                    return position
                }
                left -= bytes.count
                items.append(FeedItem(number: number, segment: bytes))
                position = number
            }
            if numbers.count < 256 { return end }
        }
        return position
    }

    private func mainCondition() throws -> String {
        let areas = plan.covered.subtracting([.reserved]).map { String($0.column) }
        let family = try Row.fetchAll(
            db,
            sql: """
                SELECT log.number FROM log JOIN device ON device.replica = log.replica
                WHERE device.root = ?
                """, arguments: [device.root.bytes]
        ).map { String($0[0] as Int64) }
        return """
            area IN (\(areas.joined(separator: ",")))
            OR area = 0 AND log.public_key IS NOT NULL
            OR segment.log IN (\(family.joined(separator: ",")))
            OR about = x'\(device.root.bytes.map { String(format: "%02x", $0) }.joined())'
            """
    }

    /// Own segments on the way to the requester's head. A clone's branch is not on it.
    private func ownBranch() throws -> Set<UInt64> {
        if try LogEnds.isOnLine(ownHead, in: db) {
            // Of those before the cursor nobody asks.
            return try Set(
                db.rows(
                    """
                    SELECT segment.number FROM segment JOIN log ON log.number = segment.log
                    WHERE replica = ? AND segment.number > ? AND last <= ?
                    """,
                    [
                        device.replica.bytes, Int64(plan.matched.sequence),
                        Int64(clamping: ownHead.counter),
                    ]
                ).map { UInt64($0["number"] as Int64) })
        }
        var byEnd: [Tip: (number: UInt64, frame: SegmentFrame)] = [:]
        let rows = try db.rows(
            """
            SELECT segment.number, segment.id, frame FROM segment JOIN log ON log.number = segment.log
            WHERE replica = ?
            """, [device.replica.bytes])
        for row in rows {
            guard let frame = SegmentLog.frame(row) else { continue }
            byEnd[frame.tip] = (UInt64(row["number"] as Int64), frame)
        }
        var branch = pushed
        var open = [ownHead] + byEnd.values.filter { pushed.contains($0.number) }.map(\.frame.tip)
        while let tip = open.popLast() {
            guard let (number, frame) = byEnd.removeValue(forKey: tip) else { continue }
            branch.insert(number)
            open.append(
                Tip(replica: frame.replica, counter: frame.first - 1, chain: frame.previous))
        }
        return branch
    }
}
