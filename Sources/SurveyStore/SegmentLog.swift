public import Foundation
public import GRDB
public import SurveyLog
public import SurveyModel

/// The log as tables: segments and where their edits lie.
public enum SegmentLog {
    package static func logNumber(of replica: ReplicaID, in db: Database) throws -> Int64 {
        if let number: Int64 = try db.value(
            "SELECT number FROM log WHERE replica = ?", [replica.bytes])
        {
            return number
        }
        try db.run("INSERT INTO log (replica) VALUES (?)", [replica.bytes])
        return db.lastInsertedRowID
    }

    /// The row of a segment that is stored already.
    public static func number(of id: SegmentID, in db: Database) throws -> Int64? {
        try db.value("SELECT number FROM segment WHERE id = ?", [id.bytes])
    }

    /// Inserts a segment with its edits unless it is there. As ``LogSession/insert(_:mark:running:)``.
    @discardableResult
    public static func insert(_ segment: Segment, mark: UInt64? = nil, in db: Database) throws
        -> (number: Int64, isNew: Bool)
    {
        try LogSession(db).insert(segment, mark: mark)
    }

    /// Whether an edit is stored, in whatever segment.
    public static func contains(_ edit: Edit, in db: Database) throws -> Bool {
        try LogSession(db).contains(edit)
    }

    /// Whether anybody ever wrote about a record.
    public static func contains(_ record: RecordKey, in db: Database) throws -> Bool {
        guard let key = try db.stored(record) else { return false }
        return try db.value(
            "SELECT 1 FROM edit WHERE subject = ? AND kind = ? AND round = ? LIMIT 1", key.columns)
            as Int64? != nil
    }

    /// All edits of a record, in order of arrival.
    public static func edits(of key: RecordKey, in db: Database) throws -> [Edit] {
        try LogSession(db).edits(of: key)
    }

    /// Every edit that is stored, in order of arrival, those that are repeated elsewhere once more.
    ///
    /// - Parameters:
    ///   - area: only those that can be read in one area.
    ///   - isSound: leaves out what the disk has changed, in place of throwing.
    public static func forEachEdit(
        in db: Database, area: AreaID? = nil, isSound: Bool = false, _ body: (Edit) throws -> Void
    ) throws {
        let log = LogSession(db)
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT number, proof FROM edit
                \(area.map { "WHERE number >> 9 IN (SELECT number FROM segment WHERE area = \($0.column))" } ?? "")
                ORDER BY number < 0, CASE WHEN number < 0 THEN -number ELSE number END
                """)
        while let row = try rows.next() {
            do {
                try body(log.edit(row["number"], proof: row["proof"]))
            } catch let error as DamagedDatabase {
                guard isSound else { throw error }
            }
        }
    }

    /// The ids of all edits that are stored.
    public static func editIDs(in db: Database, area: AreaID? = nil) throws -> Set<EditID> {
        var ids: Set<EditID> = []
        try forEachEdit(in: db, area: area, isSound: true) { ids.insert($0.id) }
        return ids
    }

    // MARK: Segments

    /// Puts a stored segment together again, byte for byte.
    public static func segment(_ number: Int64, in db: Database) throws -> Segment {
        let (row, edits) = try parts(of: number, in: db)
        do throws(LogError) {
            let segment = try Segment(
                frame: row["frame"], edits: edits, signature: row["signature"])
            guard segment.id.bytes == row["id"] as Data else { throw .malformed("id") }
            return segment
        } catch {
            throw DamagedDatabase("segment")
        }
    }

    /// The bytes of a stored segment as they travel.
    ///
    /// - Throws: ``DamagedDatabase`` when the disk has changed one of them: nobody is sent that.
    package static func encoded(_ number: Int64, in db: Database) throws -> Data {
        let (row, edits) = try parts(of: number, in: db)
        guard let frame = frame(row), ids(of: edits, frame) != nil else {
            throw DamagedDatabase("segment")
        }
        return Segment.encoded(frame: row["frame"], edits: edits, signature: row["signature"])
    }

    private static func parts(of number: Int64, in db: Database) throws -> (Row, edits: [Data]) {
        guard
            let row = try db.row(
                "SELECT id, frame, signature FROM segment WHERE number = ?", [number])
        else { throw DamagedDatabase("segment") }
        return (row, try edits(ofSegment: number, in: db))
    }

    /// The edits of a segment as they are stored, in order.
    private static func edits(ofSegment number: Int64, in db: Database) throws -> [Data] {
        try db.rows(
            "SELECT bytes FROM sealed_edit WHERE number >= ? AND number < ? ORDER BY number",
            [number << 9, (number + 1) << 9]
        ).map { $0["bytes"] }
    }

    /// The ids of edits that a frame stands for; nil when they are others.
    private static func ids(of edits: [Data], _ frame: SegmentFrame) -> [EditID]? {
        let ids = edits.compactMap { try? StoredEdits.encoded(in: $0).id }
        guard ids.count == Int(frame.count),
            ids.reduce(frame.previous, { $0.appending($1) }) == frame.resulting
        else { return nil }
        return ids
    }

    /// A segment of a database that may be damaged, or of an earlier version.
    package static func salvaged(_ number: Int64, in db: Database) throws -> Segment {
        if try !db.tableExists("subject") { return try OlderLog.segment(number, in: db) }
        return try segment(number, in: db)
    }

    /// Makes again what says where edits lie. Every segment must be whole.
    package static func index(_ db: Database) throws {
        try db.execute(sql: "DELETE FROM edit WHERE number >= 0; DELETE FROM repeated")
        let log = LogSession(db)
        for number in try Int64.fetchAll(db, sql: "SELECT number FROM segment ORDER BY number") {
            try log.index(segment(number, in: db), number)
        }
    }

    /// Where edits lie, as ``Projector/comparable``.
    package static let comparable: [(table: String, rows: String)] = [
        (
            "edit",
            """
            SELECT \(subjectID("edit.subject")), kind, \(subjectID("edit.round")), number, proof
            FROM edit ORDER BY number, 1, 2, 3
            """
        )
    ]

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
        try db.rows(
            """
            SELECT segment.number, segment.id, frame FROM segment
            JOIN log ON log.number = segment.log WHERE replica = ? ORDER BY first
            """, [replica.bytes]
        ).compactMap { row in
            guard let frame = frame(row) else { return nil }
            let edits = try edits(ofSegment: row["number"], in: db)
            return ids(of: edits, frame).map {
                LogGraph.Span(first: frame.first, previous: frame.previous, edits: $0)
            } ?? LogGraph.Span(unreadable: frame)
        }
    }

    /// A segment's frame, from a row with its id; nil when the disk has changed it.
    package static func frame(_ row: Row) -> SegmentFrame? {
        let bytes: Data = row["frame"]
        guard SegmentID(frame: bytes).bytes == row["id"] as Data else { return nil }
        return try? SegmentFrame(bytes: bytes)
    }

    /// Deletes segments with all that only they carry, and marks what that changes for projection.
    ///
    /// Cost: one scan of all edits.
    package static func delete(_ segments: [Int64], in db: Database) throws {
        try db.execute(sql: "CREATE TEMP TABLE gone (number INTEGER PRIMARY KEY)")
        defer { try? db.execute(sql: "DROP TABLE gone") }
        for number in segments { try db.run("INSERT INTO gone (number) VALUES (?)", [number]) }
        let isGone = "number >= 0 AND number >> 9 IN (SELECT number FROM gone)"
        try DirtyRecords.mark(
            "SELECT DISTINCT subject, kind, round FROM edit WHERE \(isGone)", in: db)
        for table in ["edit", "repeated"] {
            try db.execute(sql: "DELETE FROM \(table) WHERE \(isGone)")
        }
        try db.execute(sql: "DELETE FROM segment WHERE number IN (SELECT number FROM gone)")
    }

    // MARK: By place in a log

    /// Whether any edit of a part of a log is stored.
    package static func hasEdits(of replica: ReplicaID, from: UInt64, to: UInt64, in db: Database)
        throws -> Bool
    {
        guard
            let log: Int64 = try db.value(
                "SELECT number FROM log WHERE replica = ?", [replica.bytes])
        else { return false }
        return try hasSealedEdits(ofLog: log, from: from, to: to, in: db)
            || db.value(
                "SELECT 1 FROM open_edit WHERE log = ? AND counter BETWEEN ? AND ? LIMIT 1",
                [log, Int64(clamping: from), Int64(clamping: to)]) as Int64? != nil
    }

    /// Whether a segment carries, or a server repeats, any edit of a part of a log.
    static func hasSealedEdits(ofLog log: Int64, from: UInt64, to: UInt64, in db: Database) throws
        -> Bool
    {
        try db.value(
            """
            SELECT 1 FROM segment WHERE log = ?1 AND first BETWEEN ?2 - 255 AND ?3 AND last >= ?2
            UNION ALL SELECT 1 FROM repeated WHERE log = ?1 AND counter BETWEEN ?2 AND ?3 LIMIT 1
            """, [log, Int64(clamping: from), Int64(clamping: to)]) as Int64? != nil
    }

    /// A place of a log beyond which no edit is stored: the last one, where its segments follow one another;
    /// 0 before the first.
    package static func lastCounter(of replica: ReplicaID, in db: Database) throws -> UInt64 {
        let last: Int64? = try db.value(
            """
            SELECT max(counter) FROM (
                SELECT coalesce(
                    (SELECT counter FROM log_end WHERE log = ?1 AND start IS NOT NULL),
                    (SELECT max(first) + 255 FROM segment WHERE log = ?1)) AS counter
                UNION ALL SELECT max(counter) FROM repeated WHERE log = ?1
                UNION ALL SELECT max(counter) FROM open_edit WHERE log = ?1)
            """, [try logNumber(of: replica, in: db)])
        return UInt64(last ?? 0)
    }

    /// The places in a log of its edits of a record, ascending.
    package static func counters(of record: RecordKey, by replica: ReplicaID, in db: Database)
        throws -> [UInt64]
    {
        guard let key = try db.stored(record) else { return [] }
        let log = try logNumber(of: replica, in: db)
        return try db.rows(
            """
            SELECT counter FROM (\(counting)) WHERE log = ?4 GROUP BY counter ORDER BY counter
            """, key.columns + [log]
        ).map { UInt64($0["counter"] as Int64) }
    }

    /// Log and counter of each of a record's edits.
    private static let counting = """
        SELECT segment.log AS log, segment.first + (edit.number >> 1 & 255) AS counter
        FROM edit JOIN segment ON segment.number = edit.number >> 9
        WHERE subject = ?1 AND kind = ?2 AND round = ?3 AND edit.number >= 0 AND edit.number & 1 = 0
        UNION ALL SELECT repeated.log, repeated.counter FROM edit
        JOIN repeated ON repeated.number = edit.number
        WHERE subject = ?1 AND kind = ?2 AND round = ?3 AND edit.number & 1 = 1
        UNION ALL SELECT open_edit.log, open_edit.counter FROM edit
        JOIN open_edit ON open_edit.counter = -edit.number / 2
        WHERE subject = ?1 AND kind = ?2 AND round = ?3 AND edit.number < 0
        """
}
