internal import Foundation
internal import GRDB
public import SurveyLog
internal import SurveyMerge
public import SurveyModel
public import SurveyStore

/// What an import of a foreign table asks of the register and of checks.
extension FieldStore {
    /// The household that a row is about, and where the register has it: the one that an import of
    /// the row's key made, else the one that has its number; nil when the register has neither.
    ///
    /// - Parameter made: the id that the row's key makes now, then those that it once made.
    /// - Throws: `Failure` when several households have the number.
    public func importedHousehold(_ made: [SubjectID], number: String) throws
        -> (subject: SubjectID, area: AreaID)?
    {
        try read { db in
            for made in made {
                if let area = try AreaID.of(household: made, in: db) { return (made, area) }
            }
            let found = try db.rows(
                """
                SELECT \(subjectID("household.subject")) AS subject FROM household
                WHERE coalesce(folded_no, household_no) = ?
                """, [number.folded]
            ).compactMap { SubjectID($0["subject"] as Data) }
            let standing = Set(try found.map { try Joined.canonical(of: $0, in: db) })
            guard standing.count <= 1 else {
                throw try Self.ambiguous(standing, db)
            }
            guard let subject = found.count == 1 ? found.first : standing.first,
                let area = try AreaID.of(household: subject, in: db)
            else { return nil }
            return (subject, area)
        }
    }

    /// The member of a household that a row is about: the one that an import of the row's key made, else
    /// the one that has its number there; nil when the register has neither.
    ///
    /// - Parameter made: the id that the row's key makes now, then those that it once made.
    /// - Throws: `Failure` when several members have the number.
    public func importedPerson(_ made: [SubjectID], number: String, in household: SubjectID) throws
        -> SubjectID?
    {
        try read { db in
            for made in made
            where try db.row(
                "SELECT 1 FROM person WHERE subject = ?", [try db.number(of: made)]) != nil
            {
                return made
            }
            let found = try Self.members(
                of: household, "coalesce(folded_no, person_no) = ?", [number.foldedPlace], db)
            guard found.count <= 1 else { throw try Self.ambiguous(found, db) }
            return found.first
        }
    }

    /// Edits of a form's record that imports of this device wrote.
    public func imported(of form: OpenForm) throws -> Set<EditID> {
        let edits = form.state.included.map(\.id)
        guard !edits.isEmpty else { return [] }
        return try SurveyDatabase.read(writer) { db in
            Set(
                try edits.filter {
                    try db.row("SELECT 1 FROM imported_edit WHERE edit = ?", [$0.bytes]) != nil
                })
        }
    }

    /// Opens a check of a household that may be saved together with it: one that the register does
    /// not have yet is in `area`.
    public func openCheck(
        _ form: Form, ofImported household: SubjectID, in area: AreaID, round: Round
    ) throws -> OpenForm {
        try read { db in
            let subject = try Joined.canonical(of: household, in: db)
            let record = RecordKey(kind: form.kind, subject: subject, round: round.id)
            let registered = try Self.registeredArea(of: record, db)
            return try Self.open(
                form, record, area: registered ?? area, round, resuming: false, db)
        }
    }
}
