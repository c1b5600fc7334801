import GRDB
import SurveyLog
import SurveyModel
import SurveyStore

/// Edits of a record by log: beyond a number, in the log's order, they are held, so that no device makes
/// a record too large for others to write.
///
/// Read once a transaction, and only of logs long enough.
struct WrittenEdits {
    private struct Key: Hashable {
        let replica: ReplicaID
        let record: RecordKey
    }

    /// Places in the log, ascending.
    private var counters: [Key: [UInt64]] = [:]
    /// The last place that is stored of each log.
    private var ends: [ReplicaID: UInt64] = [:]

    /// Whether a log is so long that it may have written any record too often.
    mutating func isLong(_ replica: ReplicaID, _ db: Database) throws -> Bool {
        let end = try ends[replica] ?? SegmentLog.lastCounter(of: replica, in: db)
        ends[replica] = end
        return end > EditBounds.editsOfRecord
    }

    /// Whether a log wrote as many edits of the record before this one as may count.
    mutating func isBeyondBound(_ edit: Edit, _ db: Database) throws -> Bool {
        let bound = EditBounds.editsOfRecord
        guard edit.dot.counter > bound else { return false }
        return try before(edit.dot.counter, in: counters(of: edit, db)) >= bound
    }

    /// Notes an edit that was just stored.
    ///
    /// - Returns: the place in the log of the edit that is beyond the bound from now on, because this
    ///   one came late.
    mutating func note(_ edit: Edit, _ db: Database) throws -> UInt64? {
        let (replica, counter) = (edit.dot.replica, edit.dot.counter)
        guard try isLong(replica, db) || counter > EditBounds.editsOfRecord else { return nil }
        ends[replica] = max(ends[replica] ?? 0, counter)
        let key = Key(replica: replica, record: edit.header.record)
        var known = try counters[key] ?? SegmentLog.counters(of: key.record, by: replica, in: db)
        let place = before(counter, in: known)
        if counters[key] != nil { known.insert(counter, at: place) }
        counters[key] = known
        let bound = EditBounds.editsOfRecord
        return place < bound && known.count > bound ? known[bound] : nil
    }

    /// Something was stored that is not noted.
    mutating func forget() { (counters, ends) = ([:], [:]) }

    private mutating func counters(of edit: Edit, _ db: Database) throws -> [UInt64] {
        let key = Key(replica: edit.dot.replica, record: edit.header.record)
        if let known = counters[key] { return known }
        let read = try SegmentLog.counters(of: key.record, by: key.replica, in: db)
        counters[key] = read
        return read
    }

    private func before(_ counter: UInt64, in counters: [UInt64]) -> Int {
        var (low, high) = (0, counters.count)
        while low < high {
            let middle = (low + high) / 2
            if counters[middle] < counter { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
