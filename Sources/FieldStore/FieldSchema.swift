import GRDB
import SurveyStore

/// The tables that only a device needs.
enum FieldSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        Schema.register(in: &migrator)
        migrator.registerMigration("field-1") { db in
            try db.execute(
                sql: """
                    -- Who this home is. account is null until the server has answered.
                    CREATE TABLE home (
                        id INTEGER PRIMARY KEY CHECK (id = 1),
                        server_url TEXT NOT NULL,
                        fingerprint BLOB NOT NULL,
                        seed BLOB NOT NULL,
                        server_key BLOB,
                        account INTEGER,
                        enrolment BLOB,
                        tls_ca TEXT,
                        plain_http INTEGER NOT NULL
                    );
                    -- The end of the own log, and the end of its sealed part.
                    CREATE TABLE own_log (
                        id INTEGER PRIMARY KEY CHECK (id = 1),
                        counter INTEGER NOT NULL,
                        chain BLOB NOT NULL,
                        sealed_counter INTEGER NOT NULL,
                        sealed_chain BLOB NOT NULL
                    );
                    -- How far the server's feed was read; older rows reach back.
                    CREATE TABLE feed_cursor (
                        sequence INTEGER PRIMARY KEY,
                        hash BLOB NOT NULL,
                        current INTEGER NOT NULL
                    );
                    -- sequence is null for an area that the cursor covers.
                    CREATE TABLE lane (area INTEGER PRIMARY KEY, sequence INTEGER);
                    CREATE TABLE scope (area INTEGER PRIMARY KEY);
                    CREATE TABLE opened (area INTEGER PRIMARY KEY);
                    CREATE TABLE sync_state (
                        id INTEGER PRIMARY KEY CHECK (id = 1),
                        last_sync INTEGER,
                        receipt BLOB,
                        receipt_signature BLOB,
                        tally_position INTEGER NOT NULL
                    );
                    INSERT INTO sync_state (id, tally_position) VALUES (1, 0);
                    -- What the server counted, for villages whose records are not here.
                    CREATE TABLE server_tally (
                        area INTEGER NOT NULL,
                        round INTEGER NOT NULL,
                        counter INTEGER NOT NULL,
                        value INTEGER NOT NULL,
                        PRIMARY KEY (area, round, counter)
                    ) WITHOUT ROWID;
                    -- A form that was opened and left. shown is what its author saw when opening.
                    CREATE TABLE draft (
                        kind INTEGER NOT NULL,
                        subject BLOB NOT NULL,
                        round INTEGER NOT NULL,
                        answers TEXT NOT NULL,
                        shown TEXT NOT NULL,
                        changed INTEGER NOT NULL,
                        PRIMARY KEY (kind, subject, round)
                    ) WITHOUT ROWID;
                    """)
        }
        migrator.registerMigration("field-2") { db in
            try db.execute(
                sql: """
                    -- Logs that this device closed: each key's word for the next one.
                    CREATE TABLE closed_log (
                        position INTEGER PRIMARY KEY,
                        public_key BLOB NOT NULL,
                        next_key BLOB NOT NULL,
                        signature BLOB NOT NULL
                    );
                    """)
        }
        migrator.registerMigration("field-3") { db in
            try db.execute(
                sql: """
                    -- Up to where the server's oldest backup reaches; null when it has none.
                    ALTER TABLE sync_state ADD COLUMN backed_up_sequence INTEGER;
                    ALTER TABLE sync_state ADD COLUMN backed_up_hash BLOB;
                    """)
        }
        migrator.registerMigration("field-4") { db in
            try db.execute(
                sql: """
                    -- What a household is found by, and from what that was made.
                    CREATE TABLE search (
                        subject BLOB PRIMARY KEY,
                        source TEXT NOT NULL,
                        text TEXT NOT NULL
                    ) WITHOUT ROWID;
                    """)
        }
        migrator.registerMigration("field-5") { db in
            try db.execute(
                sql: """
                    -- The village of a household, the household of a person, the subject of a
                    -- finding: a draft of a new one, whose key nobody knows, is found by it.
                    ALTER TABLE draft ADD COLUMN about BLOB;
                    """)
        }
        // What is found is ordered by other marks.
        migrator.registerMigration("field-6") { db in
            try db.execute(sql: "DELETE FROM search")
        }
        // What is found is folded, and so is what it is found by.
        migrator.registerMigration("field-7") { db in
            try db.execute(sql: "DELETE FROM search")
        }
        migrator.registerMigration("field-8") { db in
            try db.execute(
                sql: """
                    -- The server's time when it was last heard from, and by how much the clock of
                    -- this device was ahead of it then. Milliseconds.
                    ALTER TABLE sync_state ADD COLUMN heard INTEGER;
                    ALTER TABLE sync_state ADD COLUMN clock_offset INTEGER NOT NULL DEFAULT 0;
                    -- What the last notices said: the user or the device is revoked, and so many
                    -- own edits are held, of which a revoked device gets no decisions.
                    ALTER TABLE sync_state ADD COLUMN revoked INTEGER NOT NULL DEFAULT 0;
                    ALTER TABLE sync_state ADD COLUMN told_held INTEGER NOT NULL DEFAULT 0;
                    """)
        }
        migrator.registerMigration("field-9") { db in
            try db.execute(
                sql: """
                    -- Edits that an import of a table wrote here: what follows them was answered.
                    CREATE TABLE imported_edit (edit BLOB PRIMARY KEY) WITHOUT ROWID;
                    """)
        }
        // Subjects are numbers.
        migrator.registerMigration("field-10") { db in
            try db.execute(
                sql: """
                    DROP TABLE search;
                    -- What a household is found by, and from what that was made.
                    CREATE TABLE search (
                        subject INTEGER PRIMARY KEY,
                        source TEXT NOT NULL,
                        text TEXT NOT NULL
                    );
                    """)
        }
        return migrator
    }
}
