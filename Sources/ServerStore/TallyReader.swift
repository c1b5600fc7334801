import GRDB
import SurveyModel
import SurveyStore
import SurveyWire

/// Village counts that changed, in pages that fit a response.
struct TallyReader {
    /// Villages × rounds of one page, and those that changed at the time of the last one: of some
    /// 150 bytes each, compressed, so that they fit a response.
    static let limit = 1_000

    let db: Database
    let scope: Set<AreaID>
    /// Drawn anew by every process that serves: the clock of a server that came back from a backup
    /// may show again what it showed before, and mean something else.
    let epoch: UInt64

    static let clockBits: UInt64 = 40

    /// Counts that changed after a value of the tally clock.
    ///
    /// A page ends where the clock ticks, so that its position leaves nothing out.
    func page(since position: UInt64) throws -> (update: TallyUpdate, more: Bool) {
        let now = try Projector.clock(db)
        let clock = position % (1 << Self.clockBits)
        let isKnown = position >> Self.clockBits == epoch && clock <= UInt64(now)
        let since = isKnown ? Int64(clock) : 0
        let pairs = try db.rows(
            """
            SELECT area, round, MAX(changed) AS changed
            FROM tally INDEXED BY tally_changed WHERE changed > ?
            GROUP BY area, round ORDER BY 3
            """, [since]
        ).filter { scope.contains(AreaID(column: $0["area"])) }
        var end = now
        if pairs.count > Self.limit { end = pairs[Self.limit - 1]["changed"] }
        let villages = try pairs.prefix { ($0["changed"] as Int64) <= end }.map { pair in
            let counts = try db.rows(
                "SELECT counter, value FROM tally WHERE area = ? AND round = ?",
                [pair["area"] as Int64, pair["round"] as Int64])
            return TallyUpdate.Village(
                area: AreaID(column: pair["area"]), round: RoundID(column: pair["round"]),
                counts: Dictionary(
                    counts.map {
                        (UInt32($0["counter"] as Int64), UInt64(max(0, $0["value"] as Int64)))
                    }
                ) { a, _ in a })
        }
        var heard: [AreaID: Int64] = [:]
        for row in try db.rows(
            "SELECT area, time FROM heard WHERE changed > ? AND changed <= ?", [since, end])
        {
            let area = AreaID(column: row["area"])
            if scope.contains(area) { heard[area] = row["time"] }
        }
        return (
            TallyUpdate(
                position: epoch << Self.clockBits | UInt64(end), villages: villages, heard: heard,
                isComplete: since == 0),
            end < now
        )
    }
}
