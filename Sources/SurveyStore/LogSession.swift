import Foundation
package import GRDB
package import SurveyLog
package import SurveyModel

/// The log within one transaction: what is written in it is not read back, and what lies together is read
/// once.
///
/// Not to be kept beyond its transaction: another one may give the same numbers to something else.
package final class LogSession {
    package let db: Database
    /// Edits that were written, by number.
    private var fresh: [Int64: Edit] = [:]
    private var servers: [ReplicaID: Bool] = [:]
    private var numbers: [SubjectID: Int64] = [:]
    /// Records that were written and wait to be projected in this transaction; nil while that is left to
    /// whoever reads next.
    private var touched: [DirtyRecords.Phase: [StoredKey: RecordKey]]?

    private static let keptEdits = 8_000

    /// - Parameter isProjecting: its records are projected before the transaction ends.
    package init(_ db: Database, isProjecting: Bool = false) {
        self.db = db
        touched = isProjecting ? [:] : nil
    }

    // MARK: Numbers

    /// The numbers of those of some subjects that have one.
    package func subjectNumbers(of subjects: Set<SubjectID>) throws -> [SubjectID: Int64] {
        try known(subjects) { try db.numbers(of: $0) }
    }

    /// The numbers of subjects, given to those that have none.
    package func makeSubjectNumbers(of subjects: Set<SubjectID>) throws -> [SubjectID: Int64] {
        try known(subjects) { try db.makeNumbers(of: $0) }
    }

    private func known(
        _ subjects: Set<SubjectID>, _ read: (Set<SubjectID>) throws -> [SubjectID: Int64]
    ) rethrows -> [SubjectID: Int64] {
        let unknown = subjects.filter { numbers[$0] == nil }
        if !unknown.isEmpty {
            if numbers.count > Self.keptEdits { numbers = [:] }
            numbers.merge(try read(unknown)) { $1 }
        }
        var found: [SubjectID: Int64] = [:]
        found.reserveCapacity(subjects.count)
        for subject in subjects { found[subject] = numbers[subject] }
        return found
    }

    // MARK: What was written

    func note(_ edit: Edit, _ number: Int64) {
        if fresh.count >= Self.keptEdits { fresh = [:] }
        fresh[number] = edit
    }

    func forget(_ number: Int64) { fresh[number] = nil }

    /// A record's edits are others than before.
    func touch(_ record: StoredRecord) throws {
        if touched == nil { return try DirtyRecords.mark(record.stored, in: db) }
        touched?[DirtyRecords.Phase(record.key.kind), default: [:]][record.stored] = record.key
    }

    /// Takes the records of a phase out that were written here.
    func take(_ phase: DirtyRecords.Phase) -> [StoredRecord] {
        guard let records = touched?.removeValue(forKey: phase) else { return [] }
        return records.map { StoredRecord(key: $0.value, stored: $0.key) }
            .sorted { $0.stored < $1.stored }
    }

    /// Whether records of these phases wait.
    func waits(_ phases: [DirtyRecords.Phase]) -> Bool {
        touched.map { touched in phases.contains { touched[$0] != nil } } ?? false
    }

    /// Whether the projection of a record is behind its edits.
    package func isBehind(_ key: RecordKey) throws -> Bool {
        guard let stored = try db.stored(key) else { return false }
        return try touched?[DirtyRecords.Phase(key.kind)]?[stored] != nil
            || DirtyRecords.contains(stored, in: db)
    }

    /// Subjects whose entry, as a household or a person, is projected behind its edits.
    package func behind(of subjects: [SubjectID: Int64]) throws -> Set<SubjectID> {
        var behind: Set<SubjectID> = []
        for kind in [RecordKind.household, .person] {
            let phase = DirtyRecords.Phase(kind)
            if let touched = touched?[phase], !touched.isEmpty {
                for (subject, number) in subjects
                where touched[StoredKey(subject: number, kind: kind, round: 0)] != nil {
                    behind.insert(subject)
                }
            }
            for key in try DirtyRecords.contained(
                phase, kind, among: Array(subjects.values), in: db)
            {
                behind.formUnion(subjects.filter { $0.value == key }.keys)
            }
        }
        return behind
    }

    // MARK: Reading

    /// An edit by its number, proven to be what was stored.
    ///
    /// - Throws: ``DamagedDatabase`` when the disk has changed it: that is never folded, shown, sent or
    ///   repeated.
    func edit(_ number: Int64, proof: Int64) throws -> Edit {
        if let edit = fresh[number] { return edit }
        let rows =
            number < 0
            ? try db.rows("SELECT edit AS bytes FROM open_edit WHERE counter = ?", [-number / 2])
            : try db.rows("SELECT bytes FROM sealed_edit WHERE number = ?", [number & ~1])
        for row in rows {
            if let edit = Self.edit(number, in: row["bytes"], proof: proof) { return edit }
        }
        throw DamagedDatabase("edit")
    }

    /// Reads sealed edits for what follows: few statements in place of one for each.
    func prepare(_ edits: [(number: Int64, proof: Int64)]) throws {
        let unknown = edits.filter { $0.number >= 0 && fresh[$0.number] == nil }
        guard unknown.count > 1 else { return }
        var proofs: [Int64: [(number: Int64, proof: Int64)]] = [:]
        for edit in unknown { proofs[edit.number & ~1, default: []].append(edit) }
        try db.forEachRow(
            "SELECT number, bytes FROM sealed_edit WHERE number IN (KEYS)",
            among: proofs.keys.sorted()
        ) { row in
            let bytes = row.bytes(1)
            for (number, proof) in proofs[row.integer(0)] ?? [] {
                if let edit = Self.edit(number, in: bytes, proof: proof) { note(edit, number) }
            }
        }
    }

    /// - Returns: nil when it is another one.
    private static func edit(_ number: Int64, in bytes: Data, proof: Int64) -> Edit? {
        guard number >= 0, number & 1 == 1 else {
            return try? StoredEdits.edit(in: bytes, proof: proof)
        }
        guard let holder = try? Edit(StoredEdits.encoded(in: bytes)),
            let edit = (try? holder.repeated()).flatMap({ $0 }), edit.id.proof == proof
        else { return nil }
        return edit
    }

    /// An edit by its number alone.
    package func edit(_ number: Int64) throws -> Edit {
        if let edit = fresh[number] { return edit }
        if let bytes: Data = try db.value(
            "SELECT bytes FROM sealed_edit WHERE number = ?", [number & ~1]),
            let holder = try? Edit(StoredEdits.encoded(in: bytes)),
            let edit = number & 1 == 0 ? holder : (try? holder.repeated()).flatMap({ $0 }),
            let key = try db.stored(edit.header.record)
        {
            let proof: Int64? = try db.value(
                """
                SELECT proof FROM edit
                WHERE subject = ? AND kind = ? AND round = ? AND number = ?
                """, key.columns + [number])
            if proof == edit.id.proof { return edit }
        }
        throw DamagedDatabase("edit")
    }

    /// Whether a log is a server's: its frames carry its key.
    package func isServers(_ replica: ReplicaID) throws -> Bool {
        if let known = servers[replica] { return known }
        let key: Data? = try db.value(
            "SELECT public_key FROM log WHERE replica = ?", [replica.bytes])
        // A log that was not there may come in this transaction.
        if key != nil { servers[replica] = true }
        return key != nil
    }
}
