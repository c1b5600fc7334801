package import Foundation
import GRDB
package import SurveyLog
import SurveyModel

/// Writing edits and segments, byte for byte.
extension LogSession {
    /// Stores an edit that no segment carries yet. Another one at its place is an error: nothing takes the
    /// place of what somebody saved.
    package func open(_ edit: Edit) throws {
        let log = try SegmentLog.logNumber(of: edit.dot.replica, in: db)
        try noteForks([edit], ofLog: log)
        let record = StoredRecord(
            key: edit.header.record, stored: try db.makeStored(edit.header.record))
        let counter = Int64(edit.dot.counter)
        try db.run(
            "INSERT INTO open_edit (log, counter, id, edit) VALUES (?, ?, ?, ?)",
            [log, counter, edit.id.bytes, StoredEdits.bytes(of: edit.encoded)])
        let writer = try RowWriter(Self.insertion, in: db)
        try write(edit, record.stored, -2 * counter, with: writer)
        try touch(record)
    }

    /// Edits of a log from a place on that were not sealed when they were stored, in order.
    package func openEdits(of replica: ReplicaID, from counter: UInt64) throws -> [Edit] {
        try db.rows(
            """
            SELECT id, edit FROM open_edit JOIN log ON log.number = open_edit.log
            WHERE replica = ? AND counter >= ? ORDER BY counter
            """, [replica.bytes, Int64(clamping: counter)]
        ).map { row in
            guard let id = EditID(row["id"] as Data),
                let edit = try? StoredEdits.edit(in: row["edit"], proof: id.proof)
            else { throw DamagedDatabase("open_edit") }
            return edit
        }
    }

    /// Segments carry the edits of a log up to a place: they need not be kept beside them.
    package func forgetOpen(of replica: ReplicaID, through counter: UInt64) throws {
        try db.run(
            """
            DELETE FROM open_edit WHERE counter <= ?
                AND log = (SELECT number FROM log WHERE replica = ?)
            """, [Int64(clamping: counter), replica.bytes])
    }

    /// Inserts a segment with its edits unless it is there.
    ///
    /// - Parameters:
    ///   - mark: a device's: the segment's number in the server's feed.
    ///   - running: a server's: the feed's hash after this segment.
    /// - Returns: the segment's row, and whether it is new.
    @discardableResult
    package func insert(_ segment: Segment, mark: UInt64? = nil, running: Data? = nil) throws
        -> (number: Int64, isNew: Bool)
    {
        if let known = try SegmentLog.number(of: segment.id, in: db) { return (known, false) }
        let frame = segment.frame
        let log = try SegmentLog.logNumber(of: frame.replica, in: db)
        try noteForks(segment.edits, ofLog: log)
        try RowWriter(
            """
            INSERT INTO segment
                (id, log, area, first, last, about, mark, running, frame, signature)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, in: db
        ).write(
            .bytes(segment.id.bytes), .integer(log), .integer(frame.area.column),
            .integer(Int64(frame.first)), .integer(Int64(frame.last)),
            .init(frame.about?.bytes), .init(mark.map(Int64.init)), .init(running),
            .bytes(segment.frameBytes), .bytes(segment.signature))
        let number = db.lastInsertedRowID
        let sealed = try RowWriter("INSERT INTO sealed_edit (number, bytes) VALUES (?, ?)", in: db)
        for (position, edit) in segment.edits.enumerated() {
            try sealed.write(
                .integer(number << 9 | Int64(position) << 1),
                .bytes(StoredEdits.bytes(of: edit.encoded)))
        }
        try index(segment, number)
        try LogEnds.note(frame, ofLog: log, in: db)
        if let endorsement = frame.endorsement {
            try db.run(
                "UPDATE log SET public_key = ? WHERE number = ? AND public_key IS NULL",
                [endorsement.publicKey, log])
        }
        return (number, true)
    }

    /// Writes where the edits of a segment lie.
    func index(_ segment: Segment, _ number: Int64) throws {
        let edits = segment.edits
        // Only a server's log may speak for others. An excerpt that this version cannot read is kept as it
        // is.
        let repeated =
            segment.frame.endorsement == nil
            ? [] : edits.map { edit in (try? edit.repeated()) ?? nil }
        let segment = number
        let keys = try stored((edits + repeated.compactMap { $0 }).map(\.header.record))
        let isOpen = try db.hasRows("open_edit")
        var rows: [(key: StoredKey, number: Int64, edit: Edit)] = []
        rows.reserveCapacity(edits.count)
        for (position, edit) in edits.enumerated() {
            let number = segment << 9 | Int64(position) << 1
            rows.append((keys[edit.header.record]!, number, edit))
            guard position < repeated.count, let other = repeated[position] else { continue }
            rows.append((keys[other.header.record]!, number | 1, other))
            try noteForks([other], ofLog: SegmentLog.logNumber(of: other.dot.replica, in: db))
            try db.run(
                "INSERT INTO repeated (log, counter, number) VALUES (?, ?, ?)",
                [
                    try SegmentLog.logNumber(of: other.dot.replica, in: db),
                    Int64(other.dot.counter), number | 1,
                ])
        }
        let writer = try RowWriter(Self.insertion, in: db)
        for row in rows.sorted(by: { ($0.key, $0.number) < ($1.key, $1.number) }) {
            if isOpen, row.number & 1 == 0 { try close(row.edit, row.key) }
            try write(row.edit, row.key, row.number, with: writer)
            try touch(StoredRecord(key: row.edit.header.record, stored: row.key))
        }
    }

    private static let insertion = """
        INSERT OR IGNORE INTO edit (subject, kind, round, number, proof) VALUES (?, ?, ?, ?, ?)
        """

    private func write(
        _ edit: Edit, _ key: StoredKey, _ number: Int64, with writer: RowWriter
    ) throws {
        try writer.write(
            integers: key.subject, Int64(key.kind.rawValue), key.round, number, edit.id.proof)
        note(edit, number)
    }

    /// A segment carries an edit from now on.
    private func close(_ edit: Edit, _ key: StoredKey) throws {
        let number = -2 * Int64(edit.dot.counter)
        try db.run(
            """
            DELETE FROM edit
            WHERE subject = ? AND kind = ? AND round = ? AND number = ? AND proof = ?
            """, key.columns + [number, edit.id.proof])
        forget(number)
    }

    private func stored(_ keys: [RecordKey]) throws -> [RecordKey: StoredKey] {
        let subjects = try makeSubjectNumbers(of: Set(keys.map(\.subject)))
        var rounds: [RoundID: Int64] = [:]
        var stored: [RecordKey: StoredKey] = [:]
        stored.reserveCapacity(keys.count)
        for key in keys where stored[key] == nil {
            let round = try rounds[key.round] ?? db.makeNumber(of: key.round)
            rounds[key.round] = round
            stored[key] = StoredKey(subject: subjects[key.subject]!, kind: key.kind, round: round)
        }
        return stored
    }

    // MARK: Forks

    /// Notes a log in which two edits have one place: two copies of a device went on writing it.
    private func noteForks(_ edits: [Edit], ofLog log: Int64) throws {
        guard let first = edits.first?.dot.counter, let last = edits.last?.dot.counter else {
            return
        }
        var isFork = false
        if try SegmentLog.hasSealedEdits(ofLog: log, from: first, to: last, in: db) {
            isFork = try edits.contains { edit in
                try self.edits(ofLog: log, at: Int64(edit.dot.counter))
                    .contains { $0.id != edit.id }
            }
        } else if try db.hasRows("open_edit") {
            let ids = Dictionary(uniqueKeysWithValues: edits.map { ($0.dot.counter, $0.id.bytes) })
            isFork = try db.rows(
                "SELECT counter, id FROM open_edit WHERE log = ? AND counter BETWEEN ? AND ?",
                [log, Int64(first), Int64(last)]
            ).contains { row in ids[UInt64(row["counter"] as Int64)] != row["id"] as Data }
        }
        if isFork { try db.run("INSERT OR IGNORE INTO forked_log (log) VALUES (?)", [log]) }
    }
}
