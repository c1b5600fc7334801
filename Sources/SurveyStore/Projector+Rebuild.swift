public import GRDB

extension Projector {
    /// Computes every projection again from the log, in one write transaction.
    ///
    /// Counts that vanish stay as zeros with a new clock value, so that whoever was told of them
    /// is told again.
    public static func rebuild(_ db: Database) throws {
        for table in [
            "area", "round", "account", "device", "exclusion", "household", "person",
            "check_state", "contested_register", "contribution", "former_member",
            "held_check", "same_as", "joined", "joined_check", "duplicate", "finding",
            "damaged_record",
        ] {
            try db.run("DELETE FROM \(table)", [])
        }
        try db.run("UPDATE tally SET value = 0, changed = ?", [try tick(db)])
        try DirtyRecords.mark("SELECT number FROM record", in: db)
        try catchUp(db)
    }

    /// What is projected, with the columns that a recomputation must agree on.
    ///
    /// Row numbers are left out: they depend on the order of arrival.
    package static let comparable: [(table: String, columns: String)] = [
        (
            "contested_register JOIN record ON record.number = record",
            "kind, round, subject"
        ),
        (
            "held_check JOIN record ON record.number = record",
            "kind, round, subject, area, count"
        ),
        ("area", "id, code, name, level, parent, managing_unit, withdrawn"),
        ("round", "id, code, title, year, water_standard, state, opened"),
        ("account", "id, name, role, areas, revoked"),
        ("device", "replica, public_key, root, account, revoked, enrolled_on"),
        ("exclusion", "edit, counter, state, reason"),
        (
            "household",
            "subject, area, household_no, head_name, address, household_type, latitude, longitude,"
                + " visit, visit_round, folded_no, set_aside, dup_place"
        ),
        (
            "person",
            "subject, household, area, person_no, name, birth_date, sex, relation, present,"
                + " folded_no, set_aside, unplaced, dup_name"
        ),
        ("former_member", "household, person"),
        ("same_as", "first, second, same"),
        ("joined", "subject, canonical"),
        ("duplicate", "reason, key, area, first, second"),
        ("joined_check", "subject, kind, round, outcome, contested"),
        ("check_state", "kind, round, subject, outcome, contested, held"),
        (
            "finding",
            "subject, about, round, area, category, level, severity, deadline, state, contested"
        ),
        ("contribution", "round, subject, area, counts"),
        ("tally", "area, round, counter, value"),
    ]
}
