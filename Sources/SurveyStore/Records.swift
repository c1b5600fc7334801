internal import Foundation
public import GRDB
public import SurveyLog
public import SurveyMerge
public import SurveyModel

/// Edits that were held or let count in a transaction whose decisions are not projected yet.
package struct FreshDecisions: Sendable {
    package var held: Set<EditID> = []
    package var lifted: Set<EditID> = []

    package init() {}
}

/// Records folded from the log.
public enum Records {
    /// A record's state from its edits and the decisions about them. Empty when nothing is known.
    public static func state(of key: RecordKey, in db: Database) throws -> RecordState {
        try LogSession(db).state(of: key)
    }

    /// Marks a record for projection.
    package static func invalidate(_ key: RecordKey, in db: Database) throws {
        guard let stored = try db.stored(key) else { return }
        try DirtyRecords.mark(stored, in: db)
    }

    /// The state of a check with what was written about every entry that is the same household, or the
    /// same person. Whoever fills in such a form is shown all of it, and supersedes all of it.
    public static func state(of key: RecordKey, joining entries: [SubjectID], in db: Database)
        throws -> RecordState
    {
        guard entries.count > 1 else { return try state(of: key, in: db) }
        let edits = try entries.flatMap { entry in
            try SegmentLog.edits(
                of: RecordKey(kind: key.kind, subject: entry, round: key.round), in: db)
        }
        return try fold(
            key, edits, joining: Set(entries), excluding: try LogSession(db).excluded(among: edits))
    }

    /// A record as people are shown it: a check with those of its subject's other entries.
    public static func shown(_ key: RecordKey, in db: Database) throws -> RecordState {
        guard Form.form(of: key.kind)?.joinsEntries == true else {
            return try state(of: key, in: db)
        }
        return try state(of: key, joining: Joined.entries(of: key.subject, in: db), in: db)
    }

    /// Where a household is; nil when its entry does not say so, or cannot be read any more.
    static func position(of household: SubjectID, in db: Database) throws -> Position? {
        do {
            let key = RecordKey(kind: .household, subject: household)
            return Position(try state(of: key, in: db).answers)
        } catch is DamagedDatabase {
            return nil
        }
    }

    /// Whether a server ever decided anything about an edit. What devices write into such a record means
    /// nothing.
    package static func isDecided(_ edit: EditID, in db: Database) throws -> Bool {
        try isWritten(.decision(about: edit), in: db)
    }

    /// Whether a server has decided anything about one of some edits that were not here.
    package static func isAnyAwaited(_ edits: [Edit], in db: Database) throws -> Bool {
        guard try db.hasRows("awaited_edit") else { return false }
        var isAny = false
        try db.forEachRow(
            "SELECT 1 FROM subject JOIN awaited_edit ON subject = number WHERE id IN (KEYS)",
            among: edits.map(\.id.half.bytes)
        ) { _ in isAny = true }
        return isAny
    }

    /// Whether a server's log has an edit of a record.
    package static func isWritten(_ key: RecordKey, in db: Database) throws -> Bool {
        guard let stored = try db.stored(key) else { return false }
        return try db.value(
            """
            SELECT 1 FROM edit
            LEFT JOIN repeated ON repeated.number = edit.number AND edit.number & 1 = 1
            LEFT JOIN segment ON segment.number = edit.number >> 9
            JOIN log ON log.number = coalesce(repeated.log, segment.log)
                AND log.public_key IS NOT NULL
            WHERE subject = ? AND kind = ? AND round = ? LIMIT 1
            """, stored.columns) as Int64? != nil
    }

    /// Why an edit does not count; nil when it does.
    public static func exclusion(of edit: EditID, in db: Database) throws -> Inclusion? {
        guard
            let row = try db.row(
                "SELECT state, reason FROM exclusion WHERE edit = ?", [edit.bytes])
        else { return nil }
        let reason: String? = row["reason"]
        return row["state"] as String == "rejected"
            ? .rejected : .held(reason.flatMap(HoldReason.init(rawValue:)))
    }

    /// Records whose key begins with what a person typed: as many as are worth naming.
    public static func find(text: String, in db: Database) throws -> [RecordKey] {
        let parts = text.lowercased().split(separator: "-", omittingEmptySubsequences: false)
        guard let first = parts.first, let form = Form.form(key: String(first)),
            parts.count == 2 || parts.count == 3
        else { return [] }
        let keys = try db.rows(
            """
            SELECT DISTINCT edit.round, id FROM subject
            JOIN edit ON edit.subject = subject.number AND kind = ? WHERE \(prefixCondition("id"))
            """, [Int64(form.kind.rawValue)] + prefixArguments(String(parts[1]))
        ).map { row in
            RecordKey(
                kind: form.kind, subject: try row.subject("subject.id", "id"),
                round: try db.round(row["round"]))
        }
        let matching = keys.filter {
            $0.subject.text.hasPrefix(parts[1])
                && (parts.count == 2 || $0.round.text.hasPrefix(parts[2]))
        }
        return Array(matching.prefix(20))
    }

    /// What devices wrote about a subject, and findings about it, by kind: in the register and in rounds that
    /// are known.
    package static func about(_ subject: SubjectID, in db: Database) throws -> [RecordKey] {
        guard let number = try db.number(of: subject) else { return [] }
        let rounds = Set([RoundID.register] + (try Rounds.all(in: db).map(\.id)))
        let rows = try db.rows(
            """
            SELECT DISTINCT kind, round, subject FROM edit WHERE subject = ?1 AND kind BETWEEN 1 AND 31
            UNION SELECT \(RecordKind.finding.rawValue), round, subject FROM finding WHERE about = ?1
            ORDER BY kind
            """, [number])
        return try rows.map { row in
            RecordKey(
                kind: RecordKind(rawValue: UInt32(truncatingIfNeeded: row["kind"] as Int64)),
                subject: try db.subject(row["subject"]), round: try db.round(row["round"]))
        }.filter { rounds.contains($0.round) }
    }

    /// The rounds in which a subject was checked.
    package static func rounds(
        ofChecks kind: RecordKind, about subject: SubjectID, in db: Database
    ) throws -> [RoundID] {
        try db.rows(
            "SELECT round FROM check_state WHERE subject = ? AND kind = ?",
            [try db.number(of: subject), Int64(kind.rawValue)]
        ).map { try db.round($0["round"]) }
    }

    static func prefixCondition(_ column: String) -> String {
        "\(column) >= ? AND \(column) <= ?"
    }

    /// Bounds of the subjects whose text can begin with a prefix.
    static func prefixArguments(_ prefix: String) -> StatementArguments {
        func bound(_ fill: Character) -> Data {
            let padded = prefix + String(repeating: fill, count: max(0, 26 - prefix.count))
            // The last character of 26 carries two bits only.
            let text = String(padded.prefix(25)) + (prefix.count >= 26 ? padded.suffix(1) : "0")
            return Base32.decode(text) ?? Data()
        }
        var high = bound("z")
        if !high.isEmpty, prefix.count < 26 { high[high.endIndex - 1] |= 3 }
        return [bound("0"), high]
    }
}

extension LogSession {
    /// A record's state from its edits and the decisions about them.
    package func state(of key: RecordKey) throws -> RecordState {
        let edits = try counting(edits(of: key), of: key)
        return try fold(key, edits, excluding: excluded(among: edits))
    }

    /// A record's state by decisions too that this transaction has made and not projected yet.
    package func state(of key: RecordKey, deciding decided: FreshDecisions) throws -> RecordState {
        let edits = try edits(of: key)
        let excluded = try excluded(among: edits)
        return try fold(
            key, edits, excluding: excluded.union(decided.held).subtracting(decided.lifted))
    }

    /// The states of many records, read together; those without any edit are empty.
    ///
    /// - Returns: without those of which the disk has changed a byte.
    func states(of records: [StoredRecord]) throws -> [StoredKey: RecordState] {
        var edits = try edits(of: records)
        for record in records where record.key.kind >= .area {
            edits[record.stored] = try edits[record.stored].map { try counting($0, of: record.key) }
        }
        let excluded = try excluded(among: Array(edits.values.joined()))
        var states: [StoredKey: RecordState] = [:]
        states.reserveCapacity(records.count)
        for record in records {
            guard let edits = edits[record.stored] else { continue }
            states[record.stored] = try fold(record.key, edits, excluding: excluded)
        }
        return states
    }

    /// Only the server's own logs speak about areas, users, devices, rounds and decisions.
    private func counting(_ edits: [Edit], of key: RecordKey) throws -> [Edit] {
        key.kind < .area ? edits : try edits.filter { try isServers($0.dot.replica) }
    }

    func excluded(among edits: [Edit]) throws -> Set<EditID> {
        guard try db.hasRows("exclusion") else { return [] }
        var excluded: Set<EditID> = []
        try db.forEachRow(
            "SELECT edit FROM exclusion WHERE edit IN (KEYS)", among: edits.map(\.id.bytes)
        ) { row in
            guard let id = EditID(row.bytes(0)) else { throw DamagedDatabase("exclusion.edit") }
            excluded.insert(id)
        }
        return excluded
    }
}
