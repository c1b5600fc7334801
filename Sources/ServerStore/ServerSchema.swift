import GRDB
import SurveyStore

/// The tables that only a server needs.
enum ServerSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        Schema.register(in: &migrator)
        migrator.registerMigration("server-1") { db in
            try db.execute(
                sql: """
                    -- The key that signs receipts and endorses logs; part of every backup.
                    CREATE TABLE server_key (
                        id INTEGER PRIMARY KEY CHECK (id = 1),
                        seed BLOB NOT NULL
                    );
                    CREATE TABLE enrolment_code (
                        secret_hash BLOB PRIMARY KEY,
                        account INTEGER NOT NULL,
                        expires INTEGER NOT NULL,
                        used_by BLOB
                    ) WITHOUT ROWID;
                    -- Which subject an imported row became, and what the row said last.
                    CREATE TABLE import_row (
                        kind INTEGER NOT NULL,
                        key TEXT NOT NULL,
                        subject BLOB NOT NULL,
                        area INTEGER NOT NULL,
                        digest BLOB NOT NULL,
                        PRIMARY KEY (kind, key)
                    ) WITHOUT ROWID;
                    """)
        }
        migrator.registerMigration("server-2") { db in
            try db.execute(
                sql: """
                    -- Backups that may still be restored: up to where each one holds the feed.
                    CREATE TABLE backup (
                        number INTEGER PRIMARY KEY,
                        time INTEGER NOT NULL,
                        sequence INTEGER NOT NULL,
                        hash BLOB NOT NULL
                    );
                    """)
        }
        migrator.registerMigration("server-3") { db in
            try db.execute(
                sql: """
                    -- 0 while a backup is being made: it may be there whole, or not at all.
                    ALTER TABLE backup ADD COLUMN complete INTEGER NOT NULL DEFAULT 1;
                    """)
        }
        migrator.registerMigration("server-4") { db in
            try db.execute(
                sql: """
                    -- Devices that have brought a key to seal answers to: they always do.
                    CREATE TABLE sealing_device (replica BLOB PRIMARY KEY) WITHOUT ROWID;
                    -- Whom edits that were held depend on: edit.number by subject. One that counts by
                    -- now is looked at in vain.
                    CREATE TABLE held_subject (
                        subject BLOB NOT NULL,
                        edit INTEGER NOT NULL,
                        PRIMARY KEY (subject, edit)
                    ) WITHOUT ROWID;
                    """)
        }
        migrator.registerMigration("server-5") { db in
            try db.execute(
                sql: """
                    -- Where a backup is being made: one that was killed is cleared away.
                    ALTER TABLE backup ADD COLUMN file TEXT;
                    """)
        }
        migrator.registerMigration("server-6") { db in
            try db.execute(sql: "CREATE INDEX import_row_subject ON import_row (subject)")
        }
        migrator.registerMigration("server-7") { db in
            try db.execute(
                sql: """
                    -- Records in which devices have named a subject.
                    CREATE TABLE naming (
                        subject BLOB NOT NULL,
                        record INTEGER NOT NULL,
                        PRIMARY KEY (subject, record)
                    ) WITHOUT ROWID;
                    -- Tables of this kind that have been filled from the log.
                    CREATE TABLE server_index (name TEXT PRIMARY KEY) WITHOUT ROWID;
                    """)
        }
        // Subjects are numbers, and edits are found by their places in their logs.
        migrator.registerMigration("server-8") { db in
            try db.execute(
                sql: """
                    DROP TABLE held_subject;
                    -- Whom edits that were held depend on: log and counter by subject. One that counts by
                    -- now is looked at in vain.
                    CREATE TABLE held_subject (
                        subject INTEGER NOT NULL,
                        log INTEGER NOT NULL,
                        counter INTEGER NOT NULL,
                        PRIMARY KEY (subject, log, counter)
                    ) WITHOUT ROWID;
                    DROP TABLE naming;
                    -- Records in which devices have named a subject.
                    CREATE TABLE naming (
                        subject INTEGER NOT NULL,
                        record INTEGER NOT NULL,
                        kind INTEGER NOT NULL,
                        round INTEGER NOT NULL,
                        PRIMARY KEY (subject, record, kind, round)
                    ) WITHOUT ROWID;
                    DELETE FROM server_index;
                    ALTER TABLE import_row RENAME TO older_import_row;
                    DROP INDEX import_row_subject;
                    -- Which subject an imported row became, and what the row said last.
                    CREATE TABLE import_row (
                        kind INTEGER NOT NULL,
                        key TEXT NOT NULL,
                        subject INTEGER NOT NULL,
                        area INTEGER NOT NULL,
                        digest BLOB NOT NULL,
                        PRIMARY KEY (kind, key)
                    ) WITHOUT ROWID;
                    CREATE INDEX import_row_subject ON import_row (subject);
                    INSERT OR IGNORE INTO subject (id) SELECT subject FROM older_import_row;
                    INSERT INTO import_row SELECT kind, key, subject.number, area, digest
                        FROM older_import_row JOIN subject ON id = older_import_row.subject;
                    DROP TABLE older_import_row;
                    """)
        }
        return migrator
    }
}
