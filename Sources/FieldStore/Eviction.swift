import GRDB
import SurveyLog
import SurveyModel
import SurveyStore

/// Takes away what the user may not read any more, as far as the server is sure to keep it.
///
/// Only others' segments go, of areas out of scope, and only those that the oldest backup holds:
/// if that backup is restored, nothing of what went is missing there. Own logs and the decisions
/// about them stay for ever.
struct Eviction {
    let db: Database
    let identity: HomeIdentity

    /// - Returns: how many villages were given up.
    func run() throws -> Int {
        guard let point = try FieldStore.backedUp(db) else { return 0 }
        let scope = try FieldStore.scope(db)
        let stored = try db.rows("SELECT DISTINCT area FROM segment").map {
            AreaID(column: $0["area"])
        }
        var evicted = 0
        for area in stored where area != .reserved && area != .none && !scope.contains(area) {
            guard try !isNeeded(area) else { continue }
            let numbers = try evictable(area, upTo: point)
            guard !numbers.isEmpty else { continue }
            try evict(numbers)
            // Read again from the start if the area comes back.
            try db.run("DELETE FROM lane WHERE area = ?", [area.column])
            evicted += 1
        }
        return evicted
    }

    /// Something of the area is still to be sent, or somebody left a form of it open.
    private func isNeeded(_ area: AreaID) throws -> Bool {
        let unsent: Int64? = try db.value(
            "SELECT 1 FROM segment WHERE area = ? AND mark IS NULL LIMIT 1", [area.column])
        let draft: Int64? = try db.value(
            """
            WITH here (subject) AS (
                SELECT id FROM household JOIN subject ON number = household.subject WHERE area = ?1
                UNION SELECT id FROM person JOIN subject ON number = person.subject WHERE area = ?1
                UNION SELECT ?2)
            SELECT 1 FROM draft
            WHERE subject IN (SELECT subject FROM here) OR about IN (SELECT subject FROM here)
            LIMIT 1
            """, [area.column, area.subject.bytes])
        guard unsent == nil, draft == nil else { return true }
        // What is not sealed yet has no segment; the next synchronization sends it.
        return try OwnLog.end(db).counter > OwnLog.sealedEnd(db).counter
    }

    private func evictable(_ area: AreaID, upTo point: FeedCursor) throws -> [Int64] {
        let family = try ClosedLogs.familyList(identity, db)
        let root = try ClosedLogs.family(identity, db)[0]
        return try db.rows(
            """
            SELECT number FROM segment
            WHERE area = ? AND mark <= ? AND log NOT IN (\(family))
                AND (about IS NULL OR about != ?)
            """, [area.column, Int64(point.sequence), root.bytes]
        ).map { $0["number"] }
    }

    private func evict(_ segments: [Int64]) throws {
        // Personal data must not stay in free pages.
        try db.execute(sql: "PRAGMA secure_delete = ON")
        defer { try? db.execute(sql: "PRAGMA secure_delete = OFF") }
        try SegmentLog.delete(segments, in: db)
        try Projector.catchUp(db)
        // Names must not stay in what is searched either.
        try db.run("DELETE FROM search WHERE subject NOT IN (SELECT subject FROM household)", [])
    }
}
