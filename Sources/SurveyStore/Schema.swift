public import GRDB

/// The tables that a device and a server share: the segment log, and what is projected from it.
///
/// Truth is `log`, `segment`, `sealed_edit` and `open_edit`. Everything else can be made again from them.
/// 64-bit ids are stored as the signed integer of the same bits. Subjects and rounds of records are numbers
/// of `subject`, a round of 0 being the register's.
public enum Schema {
    public static func register(in migrator: inout DatabaseMigrator) {
        OlderSchema.register(in: &migrator)
        migrator.registerMigration("survey-14") { db in
            try OlderLog.adopt(db) {
                for tables in [log, entries, checks, joins] { try db.execute(sql: tables) }
            }
        }
    }

    private static let log = """
        -- What records are about: number in place of 16 bytes.
        CREATE TABLE subject (number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE);
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
            mark INTEGER,
            running BLOB,
            frame BLOB NOT NULL,
            signature BLOB NOT NULL
        );
        -- Edits as they travel in their segments. number: the segment's × 512 + 2 × its place there.
        CREATE TABLE sealed_edit (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
        CREATE INDEX segment_log ON segment (log, first);
        CREATE INDEX segment_area ON segment (area, number);
        CREATE INDEX segment_about ON segment (about, number) WHERE about IS NOT NULL;
        CREATE INDEX segment_unmarked ON segment (number) WHERE mark IS NULL AND running IS NULL;
        CREATE TRIGGER segment_delete AFTER DELETE ON segment
        BEGIN
            DELETE FROM log_end WHERE log = OLD.log;
            DELETE FROM sealed_edit
                WHERE number >= OLD.number << 9 AND number < (OLD.number + 1) << 9;
        END;
        -- Where each record's edits lie; one edit may lie in several places.
        -- number: of sealed_edit; one more for the edit that that one repeats; −2 × its counter while no
        -- segment carries it. proof: the first eight bytes of its id.
        CREATE TABLE edit (
            subject INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            round INTEGER NOT NULL,
            number INTEGER NOT NULL,
            proof INTEGER NOT NULL,
            PRIMARY KEY (subject, kind, round, number)
        ) WITHOUT ROWID;
        -- Edits that are here because a server's edit repeats them in another area, by their own logs.
        CREATE TABLE repeated (
            number INTEGER PRIMARY KEY,
            log INTEGER NOT NULL,
            counter INTEGER NOT NULL
        );
        CREATE INDEX repeated_dot ON repeated (log, counter);
        -- Edits that no segment carries yet. A device keeps its own until the server has them, so that what
        -- was damaged in between is here twice.
        CREATE TABLE open_edit (
            log INTEGER NOT NULL,
            counter INTEGER NOT NULL,
            id BLOB NOT NULL,
            edit BLOB NOT NULL,
            PRIMARY KEY (log, counter)
        );
        -- Edits that are not here and about which a server has decided, by the subjects of the decisions.
        CREATE TABLE awaited_edit (subject INTEGER PRIMARY KEY);
        -- Records whose projection is behind their edits. Emptied before anything is read.
        -- phase: what is projected before what.
        CREATE TABLE dirty (
            phase INTEGER NOT NULL,
            subject INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            round INTEGER NOT NULL,
            PRIMARY KEY (phase, subject, kind, round)
        ) WITHOUT ROWID;
        -- Records of which the disk has changed a byte: they stay as they were projected last.
        CREATE TABLE damaged_record (
            subject INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            round INTEGER NOT NULL,
            PRIMARY KEY (subject, kind, round)
        ) WITHOUT ROWID;
        """

    private static let entries = """
        -- folded_no: the number as it is looked up, where it is not household_no itself.
        -- latitude, longitude: in units of 10⁻⁹ degrees; null when its entry does not say so, or in
        -- another datum.
        -- visit: whether anybody was met there; empty when nobody said. visit_round: null when the entry
        -- does not say it.
        -- dup_place: of head and address, what entries that are probably one have in common.
        CREATE TABLE household (
            subject INTEGER PRIMARY KEY,
            area INTEGER NOT NULL,
            household_no TEXT NOT NULL,
            head_name TEXT NOT NULL,
            address TEXT NOT NULL,
            household_type TEXT NOT NULL,
            latitude INTEGER,
            longitude INTEGER,
            visit TEXT NOT NULL,
            visit_round INTEGER,
            set_aside INTEGER NOT NULL,
            folded_no TEXT,
            dup_place INTEGER
        );
        CREATE INDEX household_area ON household (area, household_no);
        CREATE INDEX household_number ON household (coalesce(folded_no, household_no), area);
        CREATE INDEX household_place ON household (dup_place, area) WHERE dup_place IS NOT NULL;
        CREATE INDEX household_set_aside ON household (area) WHERE set_aside = 1;
        -- unplaced: the entry names no household any more; household is the last one that it named.
        -- folded_no, folded_name: where they are not person_no and name themselves.
        CREATE TABLE person (
            subject INTEGER PRIMARY KEY,
            household INTEGER NOT NULL,
            area INTEGER NOT NULL,
            person_no TEXT NOT NULL,
            name TEXT NOT NULL,
            birth_date INTEGER,
            sex TEXT,
            relation TEXT,
            present INTEGER NOT NULL,
            set_aside INTEGER NOT NULL,
            unplaced INTEGER NOT NULL,
            folded_no TEXT,
            folded_name TEXT
        );
        CREATE INDEX person_household
            ON person (household, present, birth_date, set_aside, unplaced);
        CREATE INDEX person_area ON person (area);
        CREATE INDEX person_number ON person (coalesce(folded_no, person_no));
        -- Persons who once were said to belong to a household and now are not.
        CREATE TABLE former_member (
            household INTEGER NOT NULL,
            person INTEGER NOT NULL,
            PRIMARY KEY (household, person)
        ) WITHOUT ROWID;
        CREATE INDEX former_member_person ON former_member (person);
        -- Register records whose sections are contested.
        CREATE TABLE contested_register (
            subject INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            PRIMARY KEY (subject, kind)
        ) WITHOUT ROWID;
        """

    private static let checks = """
        -- outcome: of Outcome.stored.
        CREATE TABLE check_state (
            subject INTEGER NOT NULL,
            round INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            outcome INTEGER NOT NULL,
            contested INTEGER NOT NULL,
            held INTEGER NOT NULL,
            PRIMARY KEY (subject, round, kind)
        ) WITHOUT ROWID;
        CREATE INDEX check_contested ON check_state (contested) WHERE contested = 1;
        -- Edits of a check that do not count, by the area in which they were written.
        CREATE TABLE held_check (
            subject INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            round INTEGER NOT NULL,
            area INTEGER NOT NULL,
            count INTEGER NOT NULL,
            PRIMARY KEY (subject, kind, round, area)
        ) WITHOUT ROWID;
        -- What a subject adds to an area's counts. One that the register does not have counts wherever it
        -- was checked. counts: counters by number and what is added to each, as varints.
        CREATE TABLE contribution (
            subject INTEGER NOT NULL,
            round INTEGER NOT NULL,
            area INTEGER NOT NULL,
            counts BLOB NOT NULL,
            PRIMARY KEY (subject, round, area)
        ) WITHOUT ROWID;
        -- Problems that were found, and how far they are rectified.
        CREATE TABLE finding (
            subject INTEGER NOT NULL,
            round INTEGER NOT NULL,
            about INTEGER NOT NULL,
            area INTEGER NOT NULL,
            category TEXT NOT NULL,
            level TEXT NOT NULL,
            severity TEXT NOT NULL,
            deadline INTEGER,
            state TEXT NOT NULL,
            contested INTEGER NOT NULL,
            PRIMARY KEY (subject, round)
        ) WITHOUT ROWID;
        CREATE INDEX finding_about ON finding (about);
        CREATE INDEX finding_area ON finding (area);
        """

    private static let joins = """
        -- What is said of pairs of entries, by the record that says it.
        CREATE TABLE same_as (
            subject INTEGER PRIMARY KEY,
            first INTEGER NOT NULL,
            second INTEGER NOT NULL,
            same INTEGER NOT NULL
        );
        CREATE INDEX same_as_first ON same_as (first);
        CREATE INDEX same_as_second ON same_as (second);
        -- Entries that are one household or one person: those with the same canonical one.
        CREATE TABLE joined (
            subject INTEGER PRIMARY KEY,
            canonical INTEGER NOT NULL
        );
        CREATE INDEX joined_canonical ON joined (canonical);
        -- The checks of joined entries, judged as one; in place of what check_state has of each.
        CREATE TABLE joined_check (
            subject INTEGER NOT NULL,
            round INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            outcome INTEGER NOT NULL,
            contested INTEGER NOT NULL,
            PRIMARY KEY (subject, round, kind)
        ) WITHOUT ROWID;
        -- Pairs of entries that are probably one, by the entries that stand for them.
        -- key: of the group of entries that have the same in common.
        CREATE TABLE duplicate (
            reason TEXT NOT NULL,
            key TEXT NOT NULL,
            second INTEGER NOT NULL,
            first INTEGER NOT NULL,
            area INTEGER NOT NULL,
            PRIMARY KEY (reason, key, second)
        ) WITHOUT ROWID;
        CREATE INDEX duplicate_second ON duplicate (second);
        CREATE INDEX duplicate_first ON duplicate (first);
        """
}
