public import GRDB
public import SurveyCoverage
public import SurveyModel

/// Reading tallies. The caller catches up first.
public enum Coverage {
    /// Each village's counts: the register's and one round's together.
    public static func villages(round: RoundID, in db: Database) throws -> [VillageCount] {
        var tallies: [AreaID: Tally] = [:]
        for row in try db.rows(
            "SELECT area, counter, value FROM tally WHERE round IN (0, ?)", [round.column])
        {
            guard let counter = Counter(rawValue: UInt32(row["counter"] as Int64)) else { continue }
            tallies[AreaID(column: row["area"]), default: Tally()]
                .add(Int(row["value"] as Int64), to: counter)
        }
        var heard: [AreaID: Int64] = [:]
        for row in try db.rows("SELECT area, time FROM heard") {
            heard[AreaID(column: row["area"])] = row["time"]
        }
        return Set(tallies.keys).union(heard.keys).map {
            VillageCount(village: $0, tally: tallies[$0] ?? Tally(), lastHeard: heard[$0])
        }
    }

    /// Notes that an area was heard from.
    public static func note(_ area: AreaID, heardAt time: Int64, clock: Int64, in db: Database)
        throws
    {
        try db.run(
            """
            INSERT INTO heard (area, time, changed) VALUES (?, ?, ?)
            ON CONFLICT (area) DO UPDATE
            SET time = max(time, excluded.time), changed = excluded.changed
            """, [area.column, time, clock])
    }
}
