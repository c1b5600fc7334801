public import Foundation
public import GRDB
public import SurveyLog
public import SurveyModel

/// The log as tables: inserting and reading edits and segments, byte for byte.
public enum SegmentLog {
    // MARK: Numbers

    static func logNumber(of replica: ReplicaID, in db: Database) throws -> Int64 {
        if let number: Int64 = try db.value(
            "SELECT number FROM log WHERE replica = ?", [replica.bytes])
        {
            return number
        }
        try db.run("INSERT INTO log (replica) VALUES (?)", [replica.bytes])
        return db.lastInsertedRowID
    }

    static func recordNumber(of key: RecordKey, in db: Database) throws -> Int64 {
        if let number = try existingRecordNumber(of: key, in: db) { return number }
        try db.run(
            "INSERT INTO record (kind, round, subject) VALUES (?, ?, ?)",
            [Int64(key.kind.rawValue), key.round.column, key.subject.bytes])
        return db.lastInsertedRowID
    }

    static func existingRecordNumber(of key: RecordKey, in db: Database) throws -> Int64? {
        try db.value(
            "SELECT number FROM record WHERE kind = ? AND round = ? AND subject = ?",
            [Int64(key.kind.rawValue), key.round.column, key.subject.bytes])
    }

    /// The row of a record that is stored.
    package static func recordRow(of key: RecordKey, in db: Database) throws -> Int64? {
        try existingRecordNumber(of: key, in: db)
    }

    // MARK: Inserting

    /// Inserts an edit unless it is there, and marks its record for projection.
    ///
    /// - Returns: the edit's row.
    @discardableResult
    public static func insert(_ edit: Edit, in db: Database) throws -> Int64 {
        let log = try logNumber(of: edit.dot.replica, in: db)
        let counter = Int64(edit.dot.counter)
        if let known = try db.row(
            "SELECT number, record, body IS NULL AS bare FROM edit"
                + " WHERE log = ? AND counter = ? AND id = ?", [log, counter, edit.id.bytes])
        {
            let number: Int64 = known["number"]
            if known["bare"], case .body(let body) = edit.encoded.content {
                // A copy without its body came first; this one says what it stands for.
                try db.run(
                    "UPDATE edit SET body = ?, body_hash = NULL WHERE number = ?", [body, number])
                try DirtyRecords.mark(known["record"], edit.header.record.kind, in: db)
            }
            return number
        }
        let isFork =
            try db.value(
                "SELECT 1 FROM edit WHERE log = ? AND counter = ?", [log, counter]) as Int64? != nil
        if isFork { try db.run("INSERT OR IGNORE INTO forked_log (log) VALUES (?)", [log]) }
        let record = try recordNumber(of: edit.header.record, in: db)
        var body: Data?
        var hash: Data?
        switch edit.encoded.content {
        case .body(let bytes): body = bytes
        case .erased(let bytes): hash = bytes
        }
        try db.run(
            """
            INSERT INTO edit (log, counter, id, record, header, body, body_hash)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [log, counter, edit.id.bytes, record, edit.encoded.header, body, hash])
        let row = db.lastInsertedRowID
        try DirtyRecords.mark(record, edit.header.record.kind, in: db)
        return row
    }

    /// Inserts consecutive edits of one log, with few statements where none of them is there.
    ///
    /// - Returns: their rows, in their order.
    private static func insert(_ edits: [Edit], ofLog log: Int64, in db: Database) throws -> [Int64]
    {
        guard let first = edits.first?.dot.counter, let last = edits.last?.dot.counter,
            try !hasEdits(ofLog: log, from: first, to: last, in: db)
        else { return try edits.map { try insert($0, in: db) } }
        let records = try recordNumbers(of: edits.map(\.header.record), in: db)
        let writer = try RowWriter(
            """
            INSERT INTO edit (number, log, counter, id, record, header, body, body_hash)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """, in: db)
        let dirty = try RowWriter(
            "INSERT OR IGNORE INTO dirty (phase, record) VALUES (?, ?)", in: db)
        var row: Int64 = try db.value("SELECT max(number) FROM edit") ?? 0
        return try edits.map { edit in
            row += 1
            let record = records[edit.header.record]!
            let (body, hash): (Data?, Data?) =
                switch edit.encoded.content {
                case .body(let bytes): (bytes, nil)
                case .erased(let hash): (nil, hash)
                }
            try writer.write(
                .integer(row), .integer(log), .integer(Int64(edit.dot.counter)),
                .bytes(edit.id.bytes), .integer(record), .bytes(edit.encoded.header), .init(body),
                .init(hash))
            let phase = DirtyRecords.Phase(edit.header.record.kind)
            try dirty.write(.integer(phase.rawValue), .integer(record))
            return row
        }
    }

    /// Whether any edit of a part of a log is stored.
    package static func hasEdits(of replica: ReplicaID, from: UInt64, to: UInt64, in db: Database)
        throws -> Bool
    {
        try hasEdits(ofLog: logNumber(of: replica, in: db), from: from, to: to, in: db)
    }

    private static func hasEdits(ofLog log: Int64, from: UInt64, to: UInt64, in db: Database) throws
        -> Bool
    {
        try db.value(
            "SELECT 1 FROM edit WHERE log = ? AND counter BETWEEN ? AND ? LIMIT 1",
            [log, Int64(from), Int64(to)]) as Int64? != nil
    }

    /// The rows of records, made where they are not there.
    private static func recordNumbers(of keys: [RecordKey], in db: Database) throws
        -> [RecordKey: Int64]
    {
        struct Kind: Hashable {
            let kind: RecordKind
            let round: RoundID
        }
        var numbers: [RecordKey: Int64] = [:]
        for (group, keys) in Dictionary(
            grouping: Set(keys), by: { Kind(kind: $0.kind, round: $0.round) })
        {
            let (kind, round) = (Int64(group.kind.rawValue), group.round.column)
            try db.forEachRow(
                """
                SELECT subject, number FROM record
                WHERE kind = ? AND round = ? AND subject IN (KEYS)
                """, [kind.databaseValue, round.databaseValue], among: keys.map(\.subject.bytes)
            ) { row in
                let subject = try row.subject("record.subject")
                numbers[RecordKey(kind: group.kind, subject: subject, round: group.round)] = row[1]
            }
            let writer = try RowWriter(
                "INSERT INTO record (kind, round, subject) VALUES (?, ?, ?)", in: db)
            for key in keys.sorted(by: { $0.subject < $1.subject }) where numbers[key] == nil {
                try writer.write(.integer(kind), .integer(round), .bytes(key.subject.bytes))
                numbers[key] = db.lastInsertedRowID
            }
        }
        return numbers
    }

    /// Whether an edit is stored, in whatever segment.
    public static func contains(_ edit: Edit, in db: Database) throws -> Bool {
        try rowNumber(of: edit, in: db) != nil
    }

    /// The row of an edit that is stored.
    package static func rowNumber(of edit: Edit, in db: Database) throws -> Int64? {
        try db.value(
            """
            SELECT edit.number FROM edit JOIN log ON log.number = edit.log
            WHERE replica = ? AND counter = ? AND id = ?
            """, [edit.dot.replica.bytes, Int64(edit.dot.counter), edit.id.bytes])
    }

    /// Whether anybody ever wrote about a record.
    public static func contains(_ record: RecordKey, in db: Database) throws -> Bool {
        try existingRecordNumber(of: record, in: db) != nil
    }

    /// The row of a segment that is stored already.
    public static func number(of id: SegmentID, in db: Database) throws -> Int64? {
        try db.value("SELECT number FROM segment WHERE id = ?", [id.bytes])
    }

    /// Inserts a segment with its edits unless it is there.
    ///
    /// - Parameters:
    ///   - mark: a device's: the segment's number in the server's feed.
    ///   - running: a server's: the feed's hash after this segment.
    /// - Returns: the segment's row, and whether it is new.
    @discardableResult
    public static func insert(
        _ segment: Segment, mark: UInt64? = nil, running: Data? = nil, in db: Database
    ) throws -> (number: Int64, isNew: Bool) {
        if let known = try number(of: segment.id, in: db) { return (known, false) }
        let frame = segment.frame
        let log = try logNumber(of: frame.replica, in: db)
        try db.run(
            """
            INSERT INTO segment
                (id, log, area, first, last, about, frame, signature, mark, running)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                segment.id.bytes, log, frame.area.column, Int64(frame.first),
                Int64(frame.last), frame.about?.bytes, segment.frameBytes, segment.signature,
                mark.map(Int64.init), running,
            ])
        let number = db.lastInsertedRowID
        let rows = try insert(segment.edits, ofLog: log, in: db)
        let writer = try RowWriter(
            "INSERT INTO segment_edit (segment, position, edit) VALUES (?, ?, ?)", in: db)
        for (position, (edit, row)) in zip(segment.edits, rows).enumerated() {
            try writer.write(.integer(number), .integer(Int64(position)), .integer(row))
            // Only a server's log may speak for others. An excerpt that this version cannot read is
            // kept as it is.
            if frame.endorsement != nil, let repeated = try? edit.repeated() {
                try db.run(
                    "INSERT OR IGNORE INTO excerpt (holder, edit) VALUES (?, ?)",
                    [row, try insert(repeated, in: db)])
            }
        }
        try LogEnds.note(frame, ofLog: log, in: db)
        if let endorsement = frame.endorsement {
            try db.run(
                "UPDATE log SET public_key = ? WHERE number = ? AND public_key IS NULL",
                [endorsement.publicKey, log])
        }
        return (number, true)
    }

    // MARK: Reading

    /// Puts a stored segment together again, byte for byte.
    public static func segment(_ number: Int64, in db: Database) throws -> Segment {
        guard
            let row = try db.row(
                "SELECT frame, signature FROM segment WHERE number = ?", [number])
        else { throw DamagedDatabase("segment") }
        let edits = try db.rows(
            """
            SELECT edit.id, edit.header, edit.body, edit.body_hash FROM segment_edit
            JOIN edit ON edit.number = segment_edit.edit
            WHERE segment = ? ORDER BY position
            """, [number]
        ).map(edit)
        do throws(LogError) {
            return try Segment(frameBytes: row["frame"], edits: edits, signature: row["signature"])
        } catch {
            throw DamagedDatabase("segment.frame")
        }
    }

    /// All edits of a record, in order of arrival.
    public static func edits(of key: RecordKey, in db: Database) throws -> [Edit] {
        guard let number = try existingRecordNumber(of: key, in: db) else { return [] }
        return try edits(ofRecord: number, in: db)
    }

    /// Those edits of a record that servers wrote, in order of arrival.
    package static func serverEdits(of key: RecordKey, in db: Database) throws -> [Edit] {
        guard let number = try existingRecordNumber(of: key, in: db) else { return [] }
        return try edits(ofRecord: number, fromServerOnly: true, in: db)
    }

    /// - Parameter fromServerOnly: leaves out what enrolled devices wrote.
    package static func edits(
        ofRecord number: Int64, fromServerOnly: Bool = false, in db: Database
    ) throws -> [Edit] {
        let sql =
            fromServerOnly
            ? """
            SELECT edit.id, header, body, body_hash FROM edit
            JOIN log ON log.number = edit.log AND log.public_key IS NOT NULL
            WHERE record = ? ORDER BY edit.number
            """
            : "SELECT id, header, body, body_hash FROM edit WHERE record = ? ORDER BY number"
        return try db.rows(sql, [number]).map(edit)
    }

    /// An edit from its row, with its id computed again: what the disk changed since it was stored
    /// is never folded, shown, sent or repeated.
    package static func edit(_ row: Row) throws -> Edit {
        let body: Data? = row["body"]
        let content: EncodedEdit.Content
        if let body {
            content = .body(body)
        } else {
            let hash: Data? = row["body_hash"]
            content = .erased(hash: try row.parsed("edit.body_hash", hash))
        }
        let encoded = EncodedEdit(header: row["header"], content: content)
        let id = encoded.id
        guard id.bytes == row["id"] else { throw DamagedDatabase("edit") }
        return try Edit(encoded, id: id)
    }

    /// Those of some edits that are what their ids say. One that the disk has changed says nothing;
    /// it must not keep the others from being judged, and `check` names it.
    package static func sound(_ rows: [Row]) throws -> [Edit] {
        try rows.compactMap { row in
            do {
                return try edit(row)
            } catch is DamagedDatabase {
                return nil
            }
        }
    }

    /// The ends of a log as this store holds it.
    ///
    /// - Parameter isRead: its segments are read, all of them, whatever is kept of where it ends.
    public static func ends(
        of replica: ReplicaID, publicKey: Data, isRead: Bool = false, in db: Database
    ) throws -> (tips: [Tip], leaves: [Tip]) {
        if !isRead, let tip = try LogEnds.tip(of: replica, publicKey: publicKey, in: db) {
            return ([tip], [])
        }
        return LogGraph(publicKey: publicKey, spans: try spans(of: replica, in: db)).ends()
    }

    /// The spans of a log's segments, with the ids of their edits; without those whose frames the
    /// disk has changed.
    public static func spans(of replica: ReplicaID, in db: Database) throws -> [LogGraph.Span] {
        let segments = try db.rows(
            """
            SELECT segment.number, segment.id, segment.first, segment.frame FROM segment
            JOIN log ON log.number = segment.log
            WHERE replica = ? ORDER BY first
            """, [replica.bytes])
        return try segments.compactMap { row in
            guard let frame = frame(row) else { return nil }
            let ids = try db.rows(
                """
                SELECT edit.id FROM segment_edit JOIN edit ON edit.number = segment_edit.edit
                WHERE segment = ? ORDER BY position
                """, [row["number"] as Int64]
            ).map { row in try row.parsed("edit.id", EditID(row["id"] as Data)) }
            return LogGraph.Span(first: frame.first, previous: frame.previous, edits: ids)
        }
    }

    /// A segment's frame, from a row with its id; nil when the disk has changed it.
    package static func frame(_ row: Row) -> SegmentFrame? {
        let bytes: Data = row["frame"]
        guard SegmentID(frame: bytes).bytes == row["id"] as Data else { return nil }
        return try? SegmentFrame(bytes: bytes)
    }
}
