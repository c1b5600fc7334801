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
    /// Edits of segments that were read, by the segments' numbers.
    private var segments: [Int64: Data] = [:]
    private var segmentBytes = 0
    private var servers: [ReplicaID: Bool] = [:]
    private var numbers: [SubjectID: Int64] = [:]
    /// Records that were written and wait to be projected in this transaction; nil while that is left to
    /// whoever reads next.
    private var touched: [DirtyRecords.Phase: [StoredKey: RecordKey]]?

    private static let keptBytes = 4 << 20
    private static let keptEdits = 20_000

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
    func makeSubjectNumbers(of subjects: Set<SubjectID>) throws -> [SubjectID: Int64] {
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

    /// Leaves what waits to whoever reads next.
    package func leave() throws {
        for phase in DirtyRecords.Phase.allCases {
            for record in take(phase) { try DirtyRecords.mark(record.stored, in: db) }
        }
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

    /// An edit by where it lies, proven to be what was stored.
    ///
    /// - Throws: ``DamagedDatabase`` when the disk has changed it: that is never folded, shown, sent or
    ///   repeated.
    func edit(_ number: Int64, at place: Int64, proof: Int64) throws -> Edit {
        if let edit = fresh[number] { return edit }
        do throws(LogError) {
            guard number >= 0 else { return try openEdit(number, proof: proof) }
            guard let edits = edits(ofSegment: number >> 9) else { throw .malformed("segment") }
            guard number & 1 == 1 else {
                return try StoredEdits.edit(in: edits, at: Int(place), proof: proof)
            }
            guard let edit = try StoredEdits.holder(in: edits, at: Int(place)).repeated(),
                edit.id.proof == proof
            else { throw .malformed("excerpt") }
            return edit
        } catch {
            throw DamagedDatabase("edit")
        }
    }

    private func openEdit(_ number: Int64, proof: Int64) throws(LogError) -> Edit {
        let rows = try? db.rows("SELECT edit FROM open_edit WHERE counter = ?", [-number / 2])
        for row in rows ?? [] {
            if let edit = try? StoredEdits.edit(in: row["edit"], at: 0, proof: proof) {
                return edit
            }
        }
        throw .malformed("open_edit")
    }

    /// The edits of a segment, as they are stored.
    private func edits(ofSegment number: Int64) -> Data? {
        if let known = segments[number] { return known }
        let row = try? db.row("SELECT edits FROM segment WHERE number = ?", [number])
        guard let edits = row?["edits"] as Data? else { return nil }
        segmentBytes += edits.count
        if segmentBytes > Self.keptBytes { (segments, segmentBytes) = ([:], edits.count) }
        segments[number] = edits
        return edits
    }

    /// An edit by its number alone. Those that lie before it are skipped, unless the disk has changed where
    /// they end.
    package func edit(_ number: Int64) throws -> Edit {
        if let edit = fresh[number] { return edit }
        guard number >= 0, let edits = edits(ofSegment: number >> 9) else {
            throw DamagedDatabase("edit")
        }
        let places = StoredEdits(edits).places
        let position = Int(number >> 1 & 255)
        if position < places.count,
            let holder = try? StoredEdits.holder(in: edits, at: places[position]),
            let edit = number & 1 == 0 ? holder : (try? holder.repeated()).flatMap({ $0 }),
            let key = try db.stored(edit.header.record),
            let row = try db.row(
                """
                SELECT proof FROM edit
                WHERE subject = ? AND kind = ? AND round = ? AND number = ?
                """, key.columns + [number]), row["proof"] == edit.id.proof
        {
            return edit
        }
        guard let row = try db.row("SELECT place, proof FROM edit WHERE number = ?", [number])
        else { throw DamagedDatabase("edit") }
        return try self.edit(number, at: row["place"], proof: row["proof"])
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

extension StoredEdits {
    /// An edit that may repeat another one, whatever it is.
    static func holder(in edits: Data, at place: Int) throws(LogError) -> Edit {
        try Edit(try Self.encoded(in: edits, at: place))
    }
}
