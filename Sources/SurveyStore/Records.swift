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
        guard let number = try SegmentLog.existingRecordNumber(of: key, in: db) else {
            return try fold(key, [Edit](), excluding: [])
        }
        return try state(of: key, number: number, in: db)
    }

    static func state(of key: RecordKey, number: Int64, in db: Database) throws -> RecordState {
        // Only the server's own logs speak about areas, users, devices, rounds and decisions.
        let edits = try SegmentLog.edits(
            ofRecord: number, fromServerOnly: key.kind >= .area, in: db)
        return try state(of: key, from: edits, excluding: try excluded(among: edits, in: db))
    }

    private static func state(
        of key: RecordKey, from edits: [Edit], excluding excluded: Set<EditID>
    )
        throws -> RecordState
    {
        try fold(key, edits, excluding: excluded)
    }

    /// The states of many records, read together; those without any edit are empty.
    ///
    /// - Returns: by the record's number. One of which the disk has changed a byte is not among them.
    static func states(of records: [(number: Int64, key: RecordKey)], in db: Database) throws
        -> [Int64: RecordState]
    {
        let keys = Dictionary(uniqueKeysWithValues: records.map { ($0.number, $0.key) })
        var edits: [Int64: [Edit]] = [:]
        var damaged: Set<Int64> = []
        try db.forEachRow(
            """
            SELECT edit.id, header, body, body_hash, record, log.public_key IS NOT NULL FROM edit
            LEFT JOIN log ON log.number = edit.log WHERE record IN (KEYS)
            """, among: records.map(\.number)
        ) { row in
            let number: Int64 = row[4]
            // Only the server's own logs speak about areas, users, devices, rounds and decisions.
            guard let key = keys[number], key.kind < .area || row[5] else { return }
            do {
                edits[number, default: []].append(try SegmentLog.edit(row))
            } catch is DamagedDatabase {
                damaged.insert(number)
            }
        }
        let excluded = try excluded(among: Array(edits.values.joined()), in: db)
        var states: [Int64: RecordState] = [:]
        for (number, key) in keys where !damaged.contains(number) {
            do {
                states[number] = try state(
                    of: key, from: edits[number] ?? [], excluding: excluded)
            } catch is MergeError {
                // The disk has changed which record an edit's row belongs to: it is not among them.
            }
        }
        return states
    }

    /// A record's state by decisions too that this transaction has made and not projected yet.
    package static func state(of key: RecordKey, deciding decided: FreshDecisions, in db: Database)
        throws -> RecordState
    {
        let edits = try SegmentLog.edits(of: key, in: db)
        let excluded = try excluded(among: edits, in: db)
        return try fold(
            key, edits, excluding: excluded.union(decided.held).subtracting(decided.lifted))
    }

    /// Whether the projection of a record is behind its edits.
    package static func isBehind(_ key: RecordKey, in db: Database) throws -> Bool {
        try DirtyRecords.contains(key, in: db)
    }

    /// Subjects whose entry, as a household or a person, is projected behind its edits.
    package static func behind(of subjects: Set<SubjectID>, in db: Database) throws
        -> Set<SubjectID>
    {
        var behind: Set<SubjectID> = []
        for kind in [RecordKind.household, .person] {
            let phase = DirtyRecords.Phase(kind).rawValue
            guard
                try db.value("SELECT 1 FROM dirty WHERE phase = ? LIMIT 1", [phase]) as Int64?
                    != nil
            else { continue }
            try db.forEachRow(
                """
                SELECT subject FROM record JOIN dirty ON dirty.record = record.number AND phase = ?
                WHERE kind = ? AND round = 0 AND subject IN (KEYS)
                """, [phase.databaseValue, Int64(kind.rawValue).databaseValue],
                among: subjects.map(\.bytes)
            ) { behind.insert(try $0.subject("record.subject")) }
        }
        return behind
    }

    /// Marks a record for projection.
    package static func invalidate(_ key: RecordKey, in db: Database) throws {
        guard let number = try SegmentLog.existingRecordNumber(of: key, in: db) else { return }
        try DirtyRecords.mark(number, key.kind, in: db)
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
            key, edits, joining: Set(entries), excluding: try excluded(among: edits, in: db))
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

    private static func excluded(among edits: [Edit], in db: Database) throws -> Set<EditID> {
        guard try db.hasRows("exclusion") else { return [] }
        var excluded: Set<EditID> = []
        try db.forEachRow(
            "SELECT edit FROM exclusion WHERE edit IN (KEYS)", among: edits.map(\.id.bytes)
        ) { row in excluded.insert(try row.parsed("exclusion.edit", EditID(row[0]))) }
        return excluded
    }

    /// Whether a server ever decided anything about an edit. What devices write into such a record means
    /// nothing.
    package static func isDecided(_ edit: EditID, in db: Database) throws -> Bool {
        try isWritten(.decision(about: edit), in: db)
    }

    /// Whether a server ever decided anything about one of some edits.
    package static func isAnyDecided(_ edits: [Edit], in db: Database) throws -> Bool {
        var isAny = false
        try db.forEachRow(
            "SELECT 1 FROM record WHERE kind = ? AND round = 0 AND subject IN (KEYS)",
            [Int64(RecordKind.decision.rawValue).databaseValue],
            among: edits.map(\.id.half.bytes)
        ) { _ in isAny = true }
        return isAny
    }

    /// Whether a server's log has an edit of a record.
    package static func isWritten(_ key: RecordKey, in db: Database) throws -> Bool {
        try db.value(
            """
            SELECT 1 FROM record JOIN edit ON edit.record = record.number
            JOIN log ON log.number = edit.log AND log.public_key IS NOT NULL
            WHERE kind = ? AND round = ? AND subject = ? LIMIT 1
            """, [Int64(key.kind.rawValue), key.round.column, key.subject.bytes]) as Int64? != nil
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
            "SELECT kind, round, subject FROM record WHERE kind = ? AND \(prefixCondition)",
            [Int64(form.kind.rawValue)] + prefixArguments(String(parts[1]))
        ).map { try $0.recordKey() }
        let matching = keys.filter {
            $0.subject.text.hasPrefix(parts[1])
                && (parts.count == 2 || $0.round.text.hasPrefix(parts[2]))
        }
        return Array(matching.prefix(20))
    }

    static let prefixCondition = "subject >= ? AND subject <= ?"

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
