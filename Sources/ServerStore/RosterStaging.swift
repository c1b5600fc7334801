import Foundation
import GRDB
import SurveyModel
import SurveyStore

/// A roster on its way in, sorted by village on disk so that memory stays constant.
///
/// A row's key is its folded number; `raw` is the number as the file has it, as older versions
/// keyed what they imported. A person's village is null until its household is found.
final class RosterStaging: Sendable {
    let queue: DatabaseQueue

    init(in folder: URL) throws {
        queue = try .scratch("import.tmp", in: folder)
        try queue.write { db in
            try db.execute(
                sql: """
                    CREATE TABLE household (
                        key TEXT PRIMARY KEY, raw TEXT NOT NULL, village INTEGER NOT NULL,
                        line INTEGER NOT NULL, head_name TEXT, household_type TEXT, address TEXT
                    ) WITHOUT ROWID;
                    CREATE TABLE person (
                        key TEXT PRIMARY KEY, raw TEXT NOT NULL,
                        household TEXT NOT NULL, household_raw TEXT NOT NULL,
                        village INTEGER, subject BLOB,
                        person_no TEXT NOT NULL, line INTEGER NOT NULL,
                        name TEXT, birth_date TEXT, sex TEXT, relation TEXT
                    ) WITHOUT ROWID;
                    """)
        }
    }

    deinit { try? queue.close() }

    /// Makes the villages readable in order.
    func index() throws {
        try queue.write { db in
            try db.execute(
                sql: """
                    CREATE INDEX household_village ON household (village, key);
                    CREATE INDEX person_household ON person (household);
                    """)
        }
    }

    /// Gives persons the village of their household's row.
    func placePersons() throws {
        try queue.write { db in
            try db.execute(
                sql: """
                    UPDATE person SET village =
                        (SELECT village FROM household WHERE household.key = person.household)
                    """)
        }
    }

    func indexPersons() throws {
        try queue.write { db in
            try db.execute(
                sql: "CREATE INDEX person_village ON person (village, household, key)")
        }
    }

    /// Villages that are written together: as many as have so many rows, one at least.
    func slices(of rows: Int) throws -> [[AreaID]] {
        try queue.read { db in
            let counts = try Row.fetchAll(
                db,
                sql: """
                    SELECT village, SUM(rows) AS rows FROM (
                        SELECT village, COUNT(*) AS rows FROM household GROUP BY village
                        UNION ALL SELECT village, COUNT(*) FROM person
                            WHERE village IS NOT NULL GROUP BY village)
                    GROUP BY village ORDER BY village
                    """)
            var slices: [[AreaID]] = []
            var sum = rows
            for row in counts {
                if sum >= rows {
                    slices.append([])
                    sum = 0
                }
                slices[slices.count - 1].append(AreaID(column: row["village"]))
                sum += row["rows"]
            }
            return slices
        }
    }

    /// Rows that are staged.
    func count() throws -> (households: Int, persons: Int) {
        try queue.read { db in
            (
                try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM household")!,
                try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM person")!
            )
        }
    }
}

extension DatabaseQueue {
    /// A database on disk for a while. It holds personal data: it has no name once it is open, so that
    /// nothing is left of it however the work ends.
    static func scratch(_ name: String, in folder: URL) throws -> DatabaseQueue {
        let file = folder.appending(path: name)
        try? FileManager.default.removeItem(at: file)
        var configuration = Configuration()
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY")
        }
        let queue = try DatabaseQueue(path: file.path, configuration: configuration)
        // SQLite makes the file when something is written first.
        try queue.write { db in try db.execute(sql: "PRAGMA user_version = 1") }
        try FileManager.default.removeItem(at: file)
        return queue
    }
}
