public import GRDB
public import SurveyCoverage
public import SurveyModel

/// Reading tallies. The caller catches up first.
public enum Coverage {
    /// Each village's counts: the register's and one round's together.
    public static func villages(round: Round, in db: Database) throws -> [VillageCount] {
        let tallies = try tallies(from: "tally", round: round, in: db)
        var heard: [AreaID: Int64] = [:]
        for row in try db.rows("SELECT area, time FROM heard") {
            heard[AreaID(column: row["area"])] = row["time"]
        }
        return Set(tallies.keys).union(heard.keys).map {
            VillageCount(village: $0, tally: tallies[$0] ?? Tally(), lastHeard: heard[$0])
        }
    }

    /// Where the households of villages are, as far as their entries say so.
    public static func centroids(of villages: [AreaID], in db: Database) throws
        -> [AreaID: Centroid]
    {
        var centroids: [AreaID: Centroid] = [:]
        for row in try db.rows(
            """
            SELECT area, COUNT(*) AS count, SUM(latitude) AS latitude, SUM(longitude) AS longitude
            FROM household
            WHERE latitude IS NOT NULL AND NOT \(Standing.isSetAside("household"))
                AND subject NOT IN (SELECT subject FROM joined WHERE subject != canonical)
            GROUP BY area
            """)
        {
            centroids[AreaID(column: row["area"])] = Centroid(
                count: Int(row["count"] as Int64), latitude: row["latitude"],
                longitude: row["longitude"])
        }
        let wanted = Set(villages)
        return centroids.filter { wanted.contains($0.key) }
    }

    /// Villages' counts of a table of the shape (area, round, counter, value).
    package static func tallies(from table: String, round: Round, in db: Database) throws
        -> [AreaID: Tally]
    {
        var tallies: [AreaID: Tally] = [:]
        for row in try db.rows(
            "SELECT area, counter, value FROM \(table) WHERE round IN (0, ?)", [round.id.column])
        {
            guard let counter = Counter.known(UInt32(row["counter"] as Int64)) else { continue }
            tallies[AreaID(column: row["area"]), default: Tally()]
                .add(Int(row["value"] as Int64), to: counter)
        }
        // A new round rectifies nothing: what was found before it stays overdue in it.
        for row in try db.rows(
            """
            SELECT area, SUM(value) AS count FROM \(table)
            JOIN round ON round.id = \(table).round
            JOIN round AS later ON later.id = ?
            WHERE counter = ? AND (round.opened, round.code) < (later.opened, later.code)
            GROUP BY area
            """, [round.id.column, Int64(Counter.findingsOverdue.rawValue)])
        {
            tallies[AreaID(column: row["area"]), default: Tally()]
                .add(Int(row["count"] as Int64), to: .findingsOverdue)
        }
        return tallies.mapValues { $0.inRound(of: round.context.year) }
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
