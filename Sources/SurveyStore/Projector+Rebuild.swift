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
            "damaged_record", "awaited_edit",
        ] {
            try db.run("DELETE FROM \(table)", [])
        }
        try db.run("UPDATE tally SET value = 0, changed = ?", [try tick(db)])
        try DirtyRecords.mark("SELECT DISTINCT subject, kind, round FROM edit", in: db)
        try catchUp(db)
    }

    /// What is projected: rows on which a recomputation must agree, sorted. By ids, since the numbers of
    /// subjects depend on the order of arrival.
    package static let comparable: [(table: String, rows: String)] = [
        ("area", "id, code, name, level, parent, managing_unit, withdrawn"),
        ("round", "id, code, title, year, water_standard, state, opened"),
        ("account", "id, name, role, areas, revoked"),
        ("device", "replica, public_key, root, account, revoked, enrolled_on"),
        ("exclusion", "edit, counter, state, reason"),
        (
            "household",
            "@subject, area, household_no, head_name, address, household_type, latitude, longitude,"
                + " visit, visit_round, folded_no, set_aside, dup_place"
        ),
        (
            "person",
            "@subject, @household, area, person_no, name, birth_date, sex, relation, present,"
                + " folded_no, set_aside, unplaced, folded_name"
        ),
        ("former_member", "@household, @person"),
        ("contested_register", "@subject, kind"),
        ("check_state", "@subject, @round, kind, outcome, contested, held"),
        ("held_check", "@subject, @round, kind, area, count"),
        ("same_as", "@first, @second, same"),
        ("joined", "@subject, @canonical"),
        ("joined_check", "@subject, @round, kind, outcome, contested"),
        ("duplicate", "reason, key, area, @first, @second"),
        (
            "finding",
            "@subject, @about, @round, area, category, level, severity, deadline, state, contested"
        ),
        ("contribution", "@subject, @round, area, counts"),
        // Zero counts are the same as none.
        ("tally WHERE value != 0", "area, round, counter, value"),
    ].map { table, columns in
        let list = columns.split(separator: ", ").map { column in
            column.first == "@"
                ? subjectID("source." + column.dropFirst()) : "source." + column
        }
        let parts = table.split(separator: " ", maxSplits: 1)
        let places = list.indices.map { String($0 + 1) }.joined(separator: ", ")
        return (
            String(parts[0]),
            "SELECT \(list.joined(separator: ", ")) FROM \(parts[0]) AS source "
                + "\(parts.count > 1 ? String(parts[1]) : "") ORDER BY \(places)"
        )
    }
}
