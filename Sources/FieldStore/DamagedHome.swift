import Foundation
import GRDB
import SurveyLog
import SurveyModel
import SurveyStore

/// What can be read of a damaged home.
///
/// Read row by row: a damaged page ends a scan, but not the next look-up. No column's type is
/// relied on, nor any index. Outside a transaction: SQLite does not end one in which it found
/// damage.
struct DamagedHome {
    /// Whole segments of the home's own logs; of the open log also edits that were sealed again,
    /// each alone, because their segment is damaged or because they were not sealed yet.
    private(set) var segments: [Segment] = []
    private(set) var drafts: [DamagedDraft] = []
    private(set) var found = Recovered()

    /// The open log's key; of closed logs only the public part is left.
    private let key: LogKey
    private let publicKeys: [ReplicaID: Data]
    private var byDot: [Dot: Edit] = [:]
    /// What stands where in the open log, damaged edits included.
    private var ids: [UInt64: EditID] = [:]
    /// Chain values of the open log after so many edits, as its segments say.
    private var anchors: [UInt64: ChainValue] = [:]
    /// Counters of the open log that the server has acknowledged.
    private var acknowledged: Set<UInt64> = []
    /// The beginnings of edits' ids, by the edits' numbers, as far as they can be read.
    private var proofs: [Int64: Int64] = [:]
    private var unreadableRows = 0

    /// - Throws: ``Failure`` when the key of the open log cannot be read.
    init(_ db: Database) throws(Failure) {
        guard let seed = try? Data.fetchOne(db, sql: "SELECT seed FROM home"),
            let key = try? LogKey(seed: seed)
        else { throw Failure(.unrecoverable) }
        let closed = try? Data.fetchAll(db, sql: "SELECT public_key FROM closed_log")
        self.key = key
        publicKeys = Dictionary(
            ((closed ?? []) + [key.publicKey]).map { (ReplicaID(publicKey: $0), $0) }
        ) { a, _ in a }
        readReceipt(db)
        readOpenEdits(db)
        readProofs(db)
        readSegments(db)
        sealAlone(db)
        found.edits = Set(segments.flatMap(\.edits).map(\.id)).count
        found.others += max(0, unreadableRows - found.damaged)
        readDrafts(db)
    }

    // MARK: Rows

    /// The last row of a table.
    private static func last(_ table: String, _ column: String, _ db: Database) -> Int64 {
        let found = try? Int64.fetchOne(db, sql: "SELECT MAX(\(column)) FROM \(table)")
        // No more than there can be: a damaged number may be any.
        let pages = (try? Int64.fetchOne(db, sql: "PRAGMA page_count")) ?? 0
        let most = max(100_000, pages * 256)
        return found.map { min($0, most) } ?? most
    }

    /// A row; nil when there is none.
    private static func row(_ sql: String, _ number: Int64, _ db: Database) throws -> Row? {
        try Row.fetchOne(db, sql: sql, arguments: [number])
    }

    private static func blob(_ row: Row, _ column: String) -> Data? {
        if case .blob(let bytes) = (row[column] as DatabaseValue).storage { bytes } else { nil }
    }

    private static func number(_ row: Row, _ column: String) -> Int64? {
        if case .int64(let number) = (row[column] as DatabaseValue).storage { number } else { nil }
    }

    // MARK: Edits

    /// Notes how far the last receipt proves the open log.
    private mutating func readReceipt(_ db: Database) {
        guard
            let row = try? Row.fetchOne(
                db, sql: "SELECT server_key, receipt, receipt_signature FROM home, sync_state"),
            let serverKey = Self.blob(row, "server_key"), let bytes = Self.blob(row, "receipt"),
            let signature = Self.blob(row, "receipt_signature"),
            let receipt = try? SignedReceipt(bytes: bytes, signature: signature)
                .open(serverKey: serverKey)
        else { return }
        for end in receipt.ends(of: key.replica) where end.first <= end.counter {
            acknowledged.formUnion(end.first...end.counter)
        }
    }

    /// Own edits that the server had not acknowledged: they are kept beside their segments.
    private mutating func readOpenEdits(_ db: Database) {
        let open: Int64? = try? Int64.fetchOne(
            db, sql: "SELECT number FROM log WHERE replica = ?", arguments: [key.replica.bytes])
        var damaged: [(log: Int64, counter: UInt64, id: EditID)] = []
        // Unreadable rows since the last one that can be read.
        var run = 0
        let last = Self.last("open_edit", "rowid", db)
        for number in stride(from: Int64(1), through: last, by: 1) {
            let stored: Row?
            do {
                stored = try Self.row(
                    "SELECT log, counter, id, edit FROM open_edit WHERE rowid = ?", number, db)
            } catch {
                run += 1
                continue
            }
            guard let row = stored else { continue }
            unreadableRows += run
            run = 0
            let id = Self.blob(row, "id").flatMap { EditID($0) }
            if let id, let bytes = Self.blob(row, "edit"),
                let edit = try? StoredEdits.edit(in: bytes, proof: id.proof), edit.id == id
            {
                guard publicKeys[edit.dot.replica] != nil else { continue }
                byDot[edit.dot] = edit
                if edit.dot.replica == key.replica { ids[edit.dot.counter] = edit.id }
            } else if let log = Self.number(row, "log"), let counter = Self.number(row, "counter"),
                counter > 0, let id
            {
                damaged.append((log, UInt64(counter), id))
            } else {
                unreadableRows += 1
            }
        }
        // What lies behind the last readable row may be nothing at all.
        if run < 10_000 { unreadableRows += run }
        for (log, counter, id) in damaged where log == open ?? log && ids[counter] == nil {
            ids[counter] = id
        }
    }

    private mutating func readProofs(_ db: Database) {
        guard let rows = try? Row.fetchCursor(db, sql: "SELECT number, proof FROM edit") else {
            return
        }
        while let row = try? rows.next() {
            guard let number = Self.number(row, "number"), let proof = Self.number(row, "proof")
            else { continue }
            proofs[number] = proof
        }
    }

    // MARK: Segments

    private mutating func readSegments(_ db: Database) {
        for number in stride(
            from: Int64(1), through: Self.last("segment", "number", db), by: 1)
        {
            // A frame that is what its id says is what its author signed.
            guard
                let row = try? Self.row(
                    "SELECT id, frame, signature, mark FROM segment WHERE number = ?",
                    number, db),
                let bytes = Self.blob(row, "frame"),
                let signature = Self.blob(row, "signature"),
                SegmentID(frame: bytes).bytes == Self.blob(row, "id"),
                let frame = try? SegmentFrame(bytes: bytes), frame.count <= LogLimits.segmentEdits
            else { continue }
            let edits = Self.sealedEdits(of: number, frame, db)
            guard let publicKey = publicKeys[frame.replica] else {
                noteOthers(edits, frame)
                continue
            }
            let isOpen = frame.replica == key.replica
            let isMarked = Self.number(row, "mark") != nil
            if isOpen {
                anchors[frame.first - 1] = frame.previous
                anchors[frame.last] = frame.resulting
                if isMarked { acknowledged.formUnion(frame.first...frame.last) }
            }
            if let segment = whole(frame, bytes, edits, signature, publicKey) {
                segments.append(segment)
                continue
            }
            guard isOpen else {
                // Nobody can seal again what a closed log holds.
                found.damaged += Int(frame.count)
                if isMarked { found.acknowledged += Int(frame.count) }
                continue
            }
            for edit in soundEdits(edits) {
                byDot[edit.dot] = edit
                ids[edit.dot.counter] = edit.id
            }
        }
    }

    /// A segment of its edits, or else of those that are kept beside it.
    private func whole(
        _ frame: SegmentFrame, _ bytes: Data, _ edits: [Int64: Data], _ signature: Data,
        _ publicKey: Data
    ) -> Segment? {
        let parsed = edits.sorted { $0.key < $1.key }
            .compactMap { try? Edit(StoredEdits.encoded(in: $0.value)) }
        let placed = (frame.first...frame.last).compactMap { counter in
            byDot[Dot(replica: frame.replica, counter: counter)]
                ?? parsed.first { $0.dot.counter == counter }
        }
        for edits in [parsed, placed] {
            guard
                let segment = try? Segment(
                    frameBytes: bytes, edits: edits, signature: signature),
                (try? segment.verify(publicKey: publicKey, serverKey: publicKey)) != nil
            else { continue }
            return segment
        }
        return nil
    }

    /// A segment's edits by their numbers, as far as they can be read.
    private static func sealedEdits(of segment: Int64, _ frame: SegmentFrame, _ db: Database)
        -> [Int64: Data]
    {
        var edits: [Int64: Data] = [:]
        for position in 0..<min(Int64(frame.count), 256) {
            let number = segment << 9 | position << 1
            let stored = try? row("SELECT bytes FROM sealed_edit WHERE number = ?", number, db)
            if let row = stored { edits[number] = blob(row, "bytes") }
        }
        return edits
    }

    /// A segment's edits that are what they were.
    private func soundEdits(_ edits: [Int64: Data]) -> [Edit] {
        edits.compactMap { number, bytes in
            proofs[number].flatMap { try? StoredEdits.edit(in: bytes, proof: $0) }
        }
    }

    private mutating func noteOthers(_ edits: [Int64: Data], _ frame: SegmentFrame) {
        found.others += Int(frame.count) - soundEdits(edits).count
    }

    // MARK: The open log's edits that no whole segment carries

    /// Their place in the log follows from the ids before them, or from what segments say.
    private mutating func sealAlone(_ db: Database) {
        let own = segments.flatMap(\.edits).filter { $0.dot.replica == key.replica }
        let sealed = Set(own.map(\.id))
        let counters = Set(own.map(\.dot.counter))
        anchors[0] = ChainValue(publicKey: key.publicKey)
        var last = max(ids.keys.max() ?? 0, anchors.keys.max() ?? 0)
        if let row = try? Row.fetchOne(
            db, sql: "SELECT counter, sealed_counter, sealed_chain FROM own_log")
        {
            if let end = Self.number(row, "sealed_counter"), end >= 0, anchors[UInt64(end)] == nil {
                anchors[UInt64(end)] = Self.blob(row, "sealed_chain").flatMap { ChainValue($0) }
            }
            // Edits at the end of which no row can be read are missed, as far as that can be.
            if let end = Self.number(row, "counter"), end >= 0,
                UInt64(end) <= last + UInt64(unreadableRows)
            {
                last = max(last, UInt64(end))
            }
        }
        var chain: ChainValue?
        for counter in stride(from: UInt64(1), through: last, by: 1) {
            chain = anchors[counter - 1] ?? chain
            let id = ids[counter]
            if id.map({ !sealed.contains($0) }) ?? !counters.contains(counter) {
                let edit = byDot[Dot(replica: key.replica, counter: counter)]
                if let chain, let edit,
                    let segment = try? Segment.seal([edit], after: chain, key: key)
                {
                    segments.append(segment)
                } else {
                    found.damaged += 1
                    if acknowledged.contains(counter) { found.acknowledged += 1 }
                }
            }
            // Beyond a gap no place is known before the next segment.
            chain = id.flatMap { id in chain?.appending(id) }
        }
    }

    // MARK: Drafts

    private mutating func readDrafts(_ db: Database) {
        do {
            let rows = try Row.fetchCursor(db, sql: "SELECT * FROM draft")
            while let row = try rows.next() {
                if let draft = DamagedDraft(row) {
                    drafts.append(draft)
                } else {
                    found.lostDrafts += 1
                }
            }
        } catch {
            found.lostDrafts += 1
        }
    }
}

/// A form that was left in a damaged home, its columns being what they should be.
struct DamagedDraft {
    let record: RecordKey
    private let columns: [DatabaseValue]

    init?(_ row: Row) {
        func value(_ column: String) -> DatabaseValue {
            row.hasColumn(column) ? (row[column] as DatabaseValue) : .null
        }
        guard let kind = Int64.fromDatabaseValue(value("kind")),
            let subject = Data.fromDatabaseValue(value("subject")).flatMap({ SubjectID($0) }),
            let round = Int64.fromDatabaseValue(value("round")),
            String.fromDatabaseValue(value("answers")) != nil,
            String.fromDatabaseValue(value("shown")) != nil,
            Int64.fromDatabaseValue(value("changed")) != nil
        else { return nil }
        record = RecordKey(
            kind: RecordKind(rawValue: UInt32(truncatingIfNeeded: kind)), subject: subject,
            round: RoundID(column: round))
        columns = ["kind", "subject", "round", "answers", "shown", "changed", "about"].map(value)
    }

    /// Keeps it unless there is one of the same form here, or it cannot be opened.
    ///
    /// - Returns: whether it was kept.
    func take(_ db: Database) throws -> Bool {
        guard let form = Form.form(of: record.kind), try !Draft.exists(record, db) else {
            return false
        }
        try db.run(
            """
            INSERT INTO draft (kind, subject, round, answers, shown, changed, about)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """, StatementArguments(columns))
        do {
            _ = try Draft.load(record, form, db)
            return true
        } catch {
            try Draft.delete(record, db)
            return false
        }
    }
}
