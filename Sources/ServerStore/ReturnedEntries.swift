import GRDB
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore

/// Entries that this server imported before it came back from a backup, brought back by a device
/// after their rows were imported again under other ids: earlier versions gave other ids, and a row
/// may have stood for what a surveyor registered. Row and entry are the same by the number that the
/// server's own log says, so they are said to be the same and count once.
struct ReturnedEntries {
    private var pairs: [RecordKey: Pair] = [:]

    private struct Pair {
        let first: SubjectID
        let second: SubjectID
        let area: AreaID
    }

    /// Notes an edit that a server's log brings back.
    mutating func note(_ edit: Edit, _ log: LogSession) throws {
        let db = log.db
        let record = edit.header.record
        guard record.round == .register, let key = try key(of: edit, log),
            let row = try RosterFacts.importRow(record.kind, key, in: db),
            row.area == edit.header.area
        else { return }
        let imported = row.subject
        guard imported != record.subject else { return }
        let pair = RecordKey.sameAs(imported, record.subject)
        // What anybody said of the two already stands.
        guard try log.state(of: pair).included.isEmpty else { return }
        pairs[pair] = Pair(
            first: min(imported, record.subject), second: max(imported, record.subject),
            area: edit.header.area)
    }

    /// The row that an edit was imported from.
    private func key(of edit: Edit, _ log: LogSession) throws -> RosterKey? {
        let answers = edit.answers
        switch edit.header.record.kind {
        case .household: return answers[Household.householdNo].map { RosterKey(household: $0) }
        case .person:
            guard let no = answers[Person.personNo],
                let household = answers[Person.household].flatMap(SubjectID.init)
            else { return nil }
            let record = RecordKey(kind: .household, subject: household)
            // What a device says of a number joins nobody.
            let number = try log.serverEdits(of: record)
                .compactMap { $0.answers[Household.householdNo] }.last
            return number.map { RosterKey(person: no, of: RosterKey(household: $0)) }
        default: return nil
        }
    }

    func join(_ draft: inout ServerLog.Draft) throws {
        for (record, pair) in pairs.sorted(by: { $0.key.subject < $1.key.subject }) {
            var answers = Answers()
            answers[SameAs.first] = pair.first.bytes
            answers[SameAs.second] = pair.second.bytes
            answers[SameAs.same] = true
            try draft.append(record, in: pair.area, SameAs.form.sections(answers))
        }
    }
}
