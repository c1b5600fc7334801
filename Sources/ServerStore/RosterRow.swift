import Foundation
import GRDB
import SurveyModel
import SurveyStore

/// A staged row of a roster: what stands in its fields, checked before.
struct RosterRow {
    let key: RosterKey
    let line: Int64
    let fields: [FieldTag: String]
    /// A person's household.
    var household: RosterKey?
    /// The household itself, when it has no row of its own in the roster.
    var found: SubjectID?

    static func households(in village: Area, _ staged: Database) throws -> [RosterRow] {
        var rows: [RosterRow] = []
        try staged.forEachRow(
            """
            SELECT key, raw, line, head_name, household_type, address FROM household
            WHERE village IN (KEYS) ORDER BY key
            """, among: [village.id.column]
        ) { row in
            rows.append(
                RosterRow(
                    key: RosterKey(folded: row.text(0), raw: row.text(1)), line: row.integer(2),
                    fields: [
                        Household.householdNo.definition.tag: row.text(0),
                        Household.headName.definition.tag: row.text(3),
                        Household.householdType.definition.tag: row.text(4),
                        Household.address.definition.tag: row.text(5),
                    ]))
        }
        return rows
    }

    static func persons(in village: Area, _ staged: Database) throws -> [RosterRow] {
        var rows: [RosterRow] = []
        try staged.forEachRow(
            """
            SELECT key, raw, line, household, household_raw, subject, person_no, name, birth_date,
                sex, relation FROM person
            WHERE village IN (KEYS) ORDER BY household, key
            """, among: [village.id.column]
        ) { row in
            rows.append(
                RosterRow(
                    key: RosterKey(folded: row.text(0), raw: row.text(1)), line: row.integer(2),
                    fields: [
                        Person.personNo.definition.tag: row.text(6),
                        Person.name.definition.tag: row.text(7),
                        Person.birthDate.definition.tag: row.text(8),
                        Person.sex.definition.tag: row.text(9),
                        Person.relation.definition.tag: row.text(10),
                    ],
                    household: RosterKey(folded: row.text(3), raw: row.text(4)),
                    found: SubjectID(row.bytes(5))))
        }
        return rows
    }
}
