import GRDB
import SurveyModel

/// The tables of earlier versions, and how each came from the one before: an older database goes through
/// them to those of today. Nothing else knows of them.
enum OlderSchema {
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("survey-1") { db in
            try db.execute(sql: log)
            try db.execute(sql: registerProjections)
            try db.execute(sql: subjectProjections)
            try db.execute(sql: coverageProjections)
        }
        migrator.registerMigration("survey-2") { db in try db.execute(sql: excerpts) }
        migrator.registerMigration("survey-3") { db in try db.execute(sql: joins) }
        migrator.registerMigration("survey-4") { db in try db.execute(sql: findings) }
        migrator.registerMigration("survey-5") { db in try db.execute(sql: damage) }
        migrator.registerMigration("survey-6") { db in try db.execute(sql: places) }
        migrator.registerMigration("survey-7") { db in
            for (name, folding) in [("folded", FieldFolding.number), ("folded_place", .place)] {
                db.add(
                    function: DatabaseFunction(name, argumentCount: 1, pure: true) {
                        String.fromDatabaseValue($0[0]).map { folding($0) }
                    })
            }
            try db.execute(sql: foldedNumbers)
        }
        migrator.registerMigration("survey-8") { db in try db.execute(sql: standing) }
        migrator.registerMigration("survey-9") { db in try db.execute(sql: visits) }
        migrator.registerMigration("survey-10") { db in try db.execute(sql: registers) }
        migrator.registerMigration("survey-11") { db in try db.execute(sql: phases) }
        migrator.registerMigration("survey-12") { db in try db.execute(sql: areaVersion) }
        migrator.registerMigration("survey-13") { db in try db.execute(sql: logEnds) }
    }

    private static let log = """
        -- public_key: of a server's log, whose frames carry it; null for a device's.
        CREATE TABLE log (
            number INTEGER PRIMARY KEY,
            replica BLOB NOT NULL UNIQUE,
            public_key BLOB
        );
        -- number: on a server the segment's place in the feed, on a device its order of arrival.
        -- mark: on a device the place in the server's feed; null until the server has it.
        -- running: on a server the feed's running hash.
        CREATE TABLE segment (
            number INTEGER PRIMARY KEY,
            id BLOB NOT NULL UNIQUE,
            log INTEGER NOT NULL,
            area INTEGER NOT NULL,
            first INTEGER NOT NULL,
            last INTEGER NOT NULL,
            about BLOB,
            frame BLOB NOT NULL,
            signature BLOB NOT NULL,
            mark INTEGER,
            running BLOB
        );
        CREATE INDEX segment_log ON segment (log, first);
        CREATE INDEX segment_area ON segment (area, number);
        CREATE INDEX segment_about ON segment (about, number) WHERE about IS NOT NULL;
        CREATE INDEX segment_unmarked ON segment (number) WHERE mark IS NULL AND running IS NULL;

        -- One dot may stand for two edits after a clone, so the dot is not unique.
        CREATE TABLE edit (
            number INTEGER PRIMARY KEY,
            log INTEGER NOT NULL,
            counter INTEGER NOT NULL,
            id BLOB NOT NULL,
            record INTEGER NOT NULL,
            header BLOB NOT NULL,
            body BLOB,
            body_hash BLOB
        );
        CREATE INDEX edit_dot ON edit (log, counter);
        CREATE INDEX edit_record ON edit (record);

        CREATE TABLE segment_edit (
            segment INTEGER NOT NULL,
            position INTEGER NOT NULL,
            edit INTEGER NOT NULL,
            PRIMARY KEY (segment, position)
        ) WITHOUT ROWID;
        CREATE INDEX segment_edit_edit ON segment_edit (edit);

        CREATE TABLE record (
            number INTEGER PRIMARY KEY,
            kind INTEGER NOT NULL,
            round INTEGER NOT NULL,
            subject BLOB NOT NULL,
            UNIQUE (kind, round, subject)
        );

        -- Records whose projection is behind their edits. Emptied before anything is read.
        CREATE TABLE dirty (record INTEGER PRIMARY KEY);
        """

    private static let excerpts = """
        -- Edits that a server's edit repeats in the area where their household is now.
        CREATE TABLE excerpt (
            holder INTEGER NOT NULL,
            edit INTEGER NOT NULL,
            PRIMARY KEY (holder, edit)
        ) WITHOUT ROWID;
        CREATE INDEX excerpt_edit ON excerpt (edit);
        -- Persons who once were said to belong to a household and now are not.
        CREATE TABLE former_member (
            household BLOB NOT NULL,
            person BLOB NOT NULL,
            PRIMARY KEY (household, person)
        ) WITHOUT ROWID;
        CREATE INDEX former_member_person ON former_member (person);
        -- Edits of a check that do not count, by the area in which they were written.
        CREATE TABLE held_check (
            record INTEGER NOT NULL,
            area INTEGER NOT NULL,
            count INTEGER NOT NULL,
            PRIMARY KEY (record, area)
        ) WITHOUT ROWID;
        -- A subject that the register does not have counts wherever it was checked.
        DROP TABLE contribution;
        CREATE TABLE contribution (
            round INTEGER NOT NULL,
            subject BLOB NOT NULL,
            area INTEGER NOT NULL,
            counts TEXT NOT NULL,
            PRIMARY KEY (subject, round, area)
        ) WITHOUT ROWID;
        -- Counted again from the log: the projections before were made by other rules.
        DELETE FROM check_state;
        UPDATE tally SET value = 0;
        INSERT OR IGNORE INTO dirty (record) SELECT number FROM record;
        """

    private static let joins = """
        -- What is said of pairs of households.
        CREATE TABLE same_as (
            record INTEGER PRIMARY KEY,
            first BLOB NOT NULL,
            second BLOB NOT NULL,
            same INTEGER NOT NULL
        );
        CREATE INDEX same_as_first ON same_as (first);
        CREATE INDEX same_as_second ON same_as (second);
        -- Entries that are one household: those with the same canonical one.
        CREATE TABLE joined (
            subject BLOB PRIMARY KEY,
            canonical BLOB NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX joined_canonical ON joined (canonical);
        -- The checks of joined entries, judged as one; in place of what check_state has of each.
        CREATE TABLE joined_check (
            subject BLOB NOT NULL,
            kind INTEGER NOT NULL,
            round INTEGER NOT NULL,
            outcome TEXT NOT NULL,
            contested INTEGER NOT NULL,
            PRIMARY KEY (subject, kind, round)
        ) WITHOUT ROWID;
        INSERT OR IGNORE INTO dirty (record) SELECT number FROM record WHERE kind = 10;
        """

    private static let findings = """
        -- Problems that were found, and how far they are rectified.
        CREATE TABLE finding (
            record INTEGER PRIMARY KEY,
            subject BLOB NOT NULL,
            about BLOB NOT NULL,
            round INTEGER NOT NULL,
            area INTEGER NOT NULL,
            category TEXT NOT NULL,
            level TEXT NOT NULL,
            severity TEXT NOT NULL,
            deadline INTEGER,
            state TEXT NOT NULL,
            contested INTEGER NOT NULL
        );
        CREATE UNIQUE INDEX finding_subject ON finding (subject, round);
        CREATE INDEX finding_about ON finding (about);
        CREATE INDEX finding_area ON finding (area);
        -- The day by which findings are overdue: days since 1970-01-01 in UTC+8.
        CREATE TABLE projected_day (id INTEGER PRIMARY KEY CHECK (id = 1), day INTEGER NOT NULL);
        INSERT INTO projected_day VALUES (1, 0);
        -- Children are counted by cohort, so households count again; kinds that were not known
        -- before are projected now.
        INSERT OR IGNORE INTO dirty (record) SELECT number FROM record WHERE kind IN (1, 2, 6, 7, 8, 9);
        """

    private static let damage = """
        -- Records of which the disk has changed a byte: they stay as they were projected last.
        CREATE TABLE damaged_record (record INTEGER PRIMARY KEY);
        -- Logs in which two edits have one place: written on by two copies of a device.
        CREATE TABLE forked_log (log INTEGER PRIMARY KEY);
        INSERT INTO forked_log SELECT DISTINCT log FROM edit
            GROUP BY log, counter HAVING COUNT(*) > 1;
        """

    private static let places = """
        -- Where a household is on maps of the world, in units of 10⁻⁹ degrees; null when its entry
        -- does not say so, or in another datum.
        ALTER TABLE household ADD COLUMN latitude INTEGER;
        ALTER TABLE household ADD COLUMN longitude INTEGER;
        -- Whether anybody was met there; empty when nobody said.
        ALTER TABLE household ADD COLUMN visit TEXT NOT NULL DEFAULT '';
        INSERT OR IGNORE INTO dirty (record) SELECT number FROM record WHERE kind = 1;
        """

    private static let foldedNumbers = """
        -- Numbers as they are looked up, whatever way they were once written.
        ALTER TABLE household ADD COLUMN folded_no TEXT NOT NULL DEFAULT '';
        UPDATE household SET folded_no = folded(household_no);
        CREATE INDEX household_folded ON household (folded_no);
        ALTER TABLE person ADD COLUMN folded_no TEXT NOT NULL DEFAULT '';
        UPDATE person SET folded_no = folded_place(person_no);
        CREATE INDEX person_folded ON person (folded_no);
        """

    private static let standing = """
        -- Entries that somebody has taken out of the counts.
        ALTER TABLE household ADD COLUMN set_aside INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE person ADD COLUMN set_aside INTEGER NOT NULL DEFAULT 0;
        -- The entry names no household any more; household is the last one that it named.
        ALTER TABLE person ADD COLUMN unplaced INTEGER NOT NULL DEFAULT 0;
        -- What entries that are probably one have in common beside their number, folded; empty when it
        -- says nothing.
        ALTER TABLE household ADD COLUMN dup_place TEXT NOT NULL DEFAULT '';
        ALTER TABLE person ADD COLUMN dup_name TEXT NOT NULL DEFAULT '';
        CREATE INDEX household_dup_number ON household (area, folded_no) WHERE folded_no != '';
        CREATE INDEX household_dup_place ON household (area, dup_place) WHERE dup_place != '';
        CREATE INDEX household_set_aside ON household (area) WHERE set_aside = 1;
        -- Pairs of entries that are probably one, by the entries that stand for them, first < second.
        -- key: of the group of entries that have the same in common.
        CREATE TABLE duplicate (
            reason TEXT NOT NULL,
            key TEXT NOT NULL,
            second BLOB NOT NULL,
            first BLOB NOT NULL,
            area INTEGER NOT NULL,
            PRIMARY KEY (reason, key, second)
        ) WITHOUT ROWID;
        CREATE INDEX duplicate_second ON duplicate (second);
        CREATE INDEX duplicate_first ON duplicate (first);
        INSERT OR IGNORE INTO dirty (record) SELECT number FROM record WHERE kind IN (1, 2, 10);
        """

    private static let visits = """
        -- The round of the visit; null when the entry does not say it.
        ALTER TABLE household ADD COLUMN visit_round INTEGER;
        INSERT OR IGNORE INTO dirty (record) SELECT number FROM record WHERE kind = 1;
        """

    private static let registers = """
        -- What took a withdrawn area in, and the codes that an area had before, joined by spaces.
        ALTER TABLE area ADD COLUMN merged_into INTEGER;
        ALTER TABLE area ADD COLUMN former_codes TEXT NOT NULL DEFAULT '';
        -- Areas as rounds keep them, where that is not as they are today.
        CREATE TABLE area_in_round (
            round INTEGER NOT NULL,
            id INTEGER NOT NULL,
            code TEXT NOT NULL,
            name TEXT NOT NULL,
            level TEXT NOT NULL,
            parent INTEGER,
            managing_unit TEXT,
            withdrawn INTEGER NOT NULL,
            merged_into INTEGER,
            former_codes TEXT NOT NULL,
            PRIMARY KEY (round, id)
        ) WITHOUT ROWID;
        CREATE INDEX area_in_round_id ON area_in_round (id);
        INSERT OR IGNORE INTO dirty (record) SELECT number FROM record WHERE kind = 32;
        """

    private static let phases = """
        -- phase: what is projected before what.
        ALTER TABLE dirty RENAME TO dirty_before;
        CREATE TABLE dirty (
            phase INTEGER NOT NULL,
            record INTEGER NOT NULL,
            PRIMARY KEY (phase, record)
        ) WITHOUT ROWID;
        INSERT INTO dirty (phase, record) SELECT \(DirtyRecords.phaseOfKind), number
            FROM dirty_before JOIN record ON number = dirty_before.record;
        DROP TABLE dirty_before;
        """

    /// Another number for each state of the areas, so that who has read them knows whether they are as
    /// they were. Not counted: a transaction that is taken back must not give its number to another.
    private static let areaVersion: String = {
        let triggers = ["area", "area_in_round"].flatMap { table in
            ["INSERT", "UPDATE", "DELETE"].map { event in
                """
                CREATE TRIGGER \(table)_\(event.lowercased()) AFTER \(event) ON \(table)
                BEGIN UPDATE area_version SET number = random(); END;
                """
            }
        }
        return """
            CREATE TABLE area_version (
                id INTEGER PRIMARY KEY CHECK (id = 1), number INTEGER NOT NULL);
            INSERT INTO area_version VALUES (1, random());
            \(triggers.joined(separator: "\n"))
            """
    }()

    private static let logEnds = """
        -- Logs whose segments follow one another from the first edit on, up to an end.
        -- start, chain: chain values before the first edit and after the last one; null of a log whose
        -- segments do not.
        CREATE TABLE log_end (
            log INTEGER PRIMARY KEY,
            counter INTEGER NOT NULL,
            start BLOB,
            chain BLOB
        );
        CREATE TRIGGER segment_delete AFTER DELETE ON segment
        BEGIN DELETE FROM log_end WHERE log = OLD.log; END;
        """

    private static let registerProjections = """
        CREATE TABLE area (
            id INTEGER PRIMARY KEY,
            code TEXT NOT NULL,
            name TEXT NOT NULL,
            level TEXT NOT NULL,
            parent INTEGER,
            managing_unit TEXT,
            withdrawn INTEGER NOT NULL
        );
        CREATE INDEX area_code ON area (code);
        CREATE TABLE round (
            id INTEGER PRIMARY KEY,
            code TEXT NOT NULL,
            title TEXT NOT NULL,
            year INTEGER NOT NULL,
            water_standard TEXT NOT NULL,
            state TEXT NOT NULL,
            opened INTEGER NOT NULL
        );
        CREATE TABLE account (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL,
            role TEXT NOT NULL,
            areas TEXT NOT NULL,
            revoked INTEGER NOT NULL
        );
        CREATE TABLE device (
            replica BLOB PRIMARY KEY,
            public_key BLOB NOT NULL,
            root BLOB NOT NULL,
            account INTEGER NOT NULL,
            revoked INTEGER NOT NULL,
            enrolled_on INTEGER
        ) WITHOUT ROWID;
        -- Edits that do not count, by decision.
        CREATE TABLE exclusion (
            edit BLOB PRIMARY KEY,
            log INTEGER NOT NULL,
            counter INTEGER NOT NULL,
            state TEXT NOT NULL,
            reason TEXT
        ) WITHOUT ROWID;
        CREATE INDEX exclusion_log ON exclusion (log, state);
        """

    private static let subjectProjections = """
        CREATE TABLE household (
            record INTEGER PRIMARY KEY,
            subject BLOB NOT NULL,
            area INTEGER NOT NULL,
            household_no TEXT NOT NULL,
            head_name TEXT NOT NULL,
            address TEXT NOT NULL,
            household_type TEXT NOT NULL
        );
        CREATE UNIQUE INDEX household_subject ON household (subject);
        CREATE INDEX household_number ON household (household_no);
        CREATE INDEX household_area ON household (area, household_no);
        CREATE TABLE person (
            record INTEGER PRIMARY KEY,
            subject BLOB NOT NULL,
            household BLOB NOT NULL,
            area INTEGER NOT NULL,
            person_no TEXT NOT NULL,
            name TEXT NOT NULL,
            birth_date INTEGER,
            sex TEXT,
            relation TEXT,
            present INTEGER NOT NULL
        );
        CREATE UNIQUE INDEX person_subject ON person (subject);
        CREATE INDEX person_household ON person (household);
        CREATE INDEX person_area ON person (area);
        CREATE TABLE check_state (
            record INTEGER PRIMARY KEY,
            kind INTEGER NOT NULL,
            round INTEGER NOT NULL,
            subject BLOB NOT NULL,
            outcome TEXT NOT NULL,
            contested INTEGER NOT NULL,
            held INTEGER NOT NULL
        );
        CREATE INDEX check_subject ON check_state (subject, round);
        CREATE INDEX check_contested ON check_state (contested) WHERE contested = 1;
        -- Register records whose sections are contested.
        CREATE TABLE contested_register (record INTEGER PRIMARY KEY);
        """

    private static let coverageProjections = """
        CREATE TABLE contribution (
            round INTEGER NOT NULL,
            subject BLOB NOT NULL,
            area INTEGER NOT NULL,
            counts TEXT NOT NULL,
            PRIMARY KEY (subject, round)
        ) WITHOUT ROWID;
        -- changed: value of the tally clock when the count last changed.
        CREATE TABLE tally (
            area INTEGER NOT NULL,
            round INTEGER NOT NULL,
            counter INTEGER NOT NULL,
            value INTEGER NOT NULL,
            changed INTEGER NOT NULL,
            PRIMARY KEY (area, round, counter)
        ) WITHOUT ROWID;
        CREATE INDEX tally_changed ON tally (changed);
        CREATE TABLE heard (
            area INTEGER PRIMARY KEY,
            time INTEGER NOT NULL,
            changed INTEGER NOT NULL
        );
        CREATE TABLE tally_clock (id INTEGER PRIMARY KEY CHECK (id = 1), value INTEGER NOT NULL);
        INSERT INTO tally_clock VALUES (1, 0);
        """
}
