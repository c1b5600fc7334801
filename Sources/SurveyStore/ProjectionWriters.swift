import GRDB

/// The statements that write what is projected most, each looked up once.
final class ProjectionWriters {
    let household: RowWriter
    let person: RowWriter
    let check: RowWriter
    let contribution: RowWriter
    let tally: RowWriter

    init(_ db: Database) throws {
        household = try RowWriter(
            """
            INSERT INTO household
                (subject, area, household_no, head_name, address, household_type, latitude, longitude,
                    visit, visit_round, set_aside, folded_no, dup_place)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (subject) DO UPDATE SET area = excluded.area,
                household_no = excluded.household_no, head_name = excluded.head_name,
                address = excluded.address, household_type = excluded.household_type,
                latitude = excluded.latitude, longitude = excluded.longitude,
                visit = excluded.visit, visit_round = excluded.visit_round,
                set_aside = excluded.set_aside, folded_no = excluded.folded_no,
                dup_place = excluded.dup_place
            """, in: db)
        person = try RowWriter(
            """
            INSERT INTO person (subject, household, area, person_no, name, birth_date, sex, relation,
                present, set_aside, unplaced, folded_no, folded_name)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (subject) DO UPDATE SET household = excluded.household,
                area = excluded.area, person_no = excluded.person_no, name = excluded.name,
                birth_date = excluded.birth_date, sex = excluded.sex,
                relation = excluded.relation, present = excluded.present,
                set_aside = excluded.set_aside, unplaced = excluded.unplaced,
                folded_no = excluded.folded_no, folded_name = excluded.folded_name
            """, in: db)
        check = try RowWriter(
            """
            INSERT INTO check_state (subject, round, kind, outcome, contested, held)
            VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (subject, round, kind) DO UPDATE SET outcome = excluded.outcome,
                contested = excluded.contested, held = excluded.held
            """, in: db)
        contribution = try RowWriter(
            """
            INSERT INTO contribution (subject, round, area, counts) VALUES (?, ?, ?, ?)
            ON CONFLICT (subject, round, area) DO UPDATE SET counts = excluded.counts
            """, in: db)
        tally = try RowWriter(
            """
            INSERT INTO tally (area, round, counter, value, changed) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (area, round, counter)
            DO UPDATE SET value = value + excluded.value, changed = excluded.changed
            """, in: db)
    }
}
