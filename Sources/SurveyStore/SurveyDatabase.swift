public import Foundation
public import GRDB

/// Opens the SQLite file that holds a segment log and its projections.
///
/// Durability: write-ahead log with `synchronous=FULL`, asserted after opening because GRDB's pool
/// sets NORMAL while it opens. What a commit acknowledged survives a power cut.
public enum SurveyDatabase {
    /// Why a file is not opened. Nothing was changed.
    public enum OpenError: Error, Sendable, Equatable {
        case newerVersion
        case notDurable
    }

    public static func configuration(busyTimeout: TimeInterval = 30) -> Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(busyTimeout)
        configuration.foreignKeysEnabled = false
        configuration.prepareDatabase { db in
            if !db.configuration.readonly {
                try db.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
            }
        }
        return configuration
    }

    /// Migrates an older file, refuses a newer one, and asserts durability.
    public static func prepare(_ writer: any DatabaseWriter, _ migrator: DatabaseMigrator) throws {
        guard try !writer.read(migrator.hasBeenSuperseded) else { throw OpenError.newerVersion }
        if try !writer.read(migrator.hasCompletedMigrations) { try migrator.migrate(writer) }
        try writer.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA synchronous = FULL")
            guard try Int.fetchOne(db, sql: "PRAGMA synchronous") == 2 else {
                throw OpenError.notDurable
            }
        }
    }
}
