internal import GRDB
internal import SurveyMerge
public import SurveyModel
internal import SurveyStore

/// Which records somebody means.
extension FieldStore {
    /// The records that a text stands for: by id or the start of one, or those of a subject with the
    /// findings about it.
    public func records(_ text: String) throws -> [RecordKey] {
        try read { db in
            let key = text.folded
            let found = try Records.find(text: key, in: db)
            guard Set(found.map(\.subject)).count <= 1 else {
                throw try Self.ambiguous(records: found, db)
            }
            guard found.isEmpty else { return found }
            var subjects =
                try Subjects.find(household: text, db) + Subjects.find(person: text, db)
                + Areas.find(village: text, in: db).map(\.id.subject)
            if subjects.isEmpty { subjects = try Findings.find(key, in: db) }
            return try subjects.flatMap { try Records.about($0, in: db) }
        }
    }

    /// The one record that a text stands for. A subject's check goes before its register entry,
    /// and a contested one before others when one is asked for.
    ///
    /// - Parameter section: of several contested ones that is meant in which this one is contested.
    public func record(_ text: String, contested: Bool = false, section key: String? = nil) throws
        -> RecordKey
    {
        var found =
            contested ? try contestedRecords(text).sorted { $0.text < $1.text } : try records(text)
        guard !found.isEmpty else { throw Failure(.unknownRecord, text) }
        if !contested, found.contains(where: { $0.kind != .finding }) {
            found.removeAll { $0.kind == .finding }
        }
        if let key {
            let meant = try read { [found] db in
                try found.filter { record in
                    let section = Form.form(of: record.kind)?.section(key: key)
                    return try Records.shown(record, in: db).contestedSections
                        .contains { $0.section == section?.tag }
                }
            }
            if !meant.isEmpty { found = meant }
        }
        let checks = found.filter { $0.round != .register }
        if checks.count == 1 { return checks[0] }
        guard found.count == 1 else {
            throw try read { [found] db in try Self.ambiguous(records: found, db) }
        }
        return found[0]
    }

    /// What is contested about what a text stands for; about a household's members too.
    ///
    /// - Throws: `Failure` when nothing is.
    public func conflicts(of text: String) throws -> [Conflict] {
        let found = try records(text)
        guard !found.isEmpty else { throw Failure(.unknownRecord, text) }
        var keys = try read { db in try Set(found.map { try canonical($0, in: db) }) }
        for household in Set(found.filter { $0.kind == .household }.map(\.subject)) {
            keys.formUnion(try conflicts(about: household).map(\.record))
        }
        let conflicts = try conflicts().filter { keys.contains($0.record) }
        guard !conflicts.isEmpty else { throw try notContested(found) }
        return conflicts
    }

    /// The contested ones of the records that a text stands for; those of a household's checks stand
    /// under one of its entries.
    ///
    /// - Throws: `Failure` when there is none.
    private func contestedRecords(_ text: String) throws -> Set<RecordKey> {
        let found = try records(text)
        guard !found.isEmpty else { throw Failure(.unknownRecord, text) }
        let contested = try read { db in
            try Set(found.map { try canonical($0, in: db) })
                .filter { try Records.shown($0, in: db).isContested }
        }
        guard !contested.isEmpty else { throw try notContested(found) }
        return contested
    }

    /// What to say of records that everybody agrees about: the numbers of their subjects.
    func notContested(_ records: [RecordKey]) throws -> Failure {
        let numbers = try read { db in try Set(records.map { try Self.subjectNumber($0, db) }) }
        return Failure(.notContested, numbers.sorted().joined(separator: ", "))
    }

    /// A check of a household that has several entries stands under one of them.
    private func canonical(_ record: RecordKey, in db: Database) throws -> RecordKey {
        guard record.round != .register else { return record }
        return RecordKey(
            kind: record.kind, subject: try Joined.canonical(of: record.subject, in: db),
            round: record.round)
    }
}
