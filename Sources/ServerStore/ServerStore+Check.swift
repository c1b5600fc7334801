public import Foundation
internal import GRDB
internal import SurveyLog
internal import SurveyModel
internal import SurveyStore

/// What `check` found. Names tables and numbers, never a value.
public struct CheckReport: Sendable {
    public var segments = 0
    public var edits = 0
    /// Pages that SQLite finds damaged, in its own words.
    public var damagedPages: [String] = []
    /// Feed numbers of segments that do not verify.
    public var badSegments: [Int64] = []
    /// The feed's running hash is not that of its segments from this number on.
    public var brokenFeed: Int64?
    /// Projection → rows that a recomputation from the log does not agree with.
    public var differences: [String: Int] = [:]

    /// The truth is whole; projections can be computed again in place.
    public var isLogSound: Bool { badSegments.isEmpty && brokenFeed == nil }
    public var isSound: Bool { isLogSound && damagedPages.isEmpty && differences.isEmpty }
}

extension CheckReport {
    /// Runs a part of the check that reads what may be damaged.
    fileprivate mutating func noteDamage(of what: String, _ body: () throws -> [String]) {
        do {
            damagedPages += try body()
        } catch let error as DatabaseError {
            damagedPages.append("\(what): \(error.resultCode)")
        } catch {
            damagedPages.append("\(what): \(type(of: error))")
        }
    }
}

extension ServerStore {
    /// Verifies every segment, and compares every projection with a recomputation from the log.
    ///
    /// - Parameter folder: where the recomputation is made; it has the permissions of the folder
    ///   and no name while it is open.
    public func check(in folder: URL, progress: (Int, Int) -> Void = { _, _ in }) throws
        -> CheckReport
    {
        var report = CheckReport()
        report.noteDamage(of: "SQLite") {
            try writer.read { db in
                try String.fetchAll(db, sql: "PRAGMA integrity_check(20)").filter { $0 != "ok" }
            }
        }
        let scratch = try DatabaseQueue.scratch("check.tmp", in: folder)
        var migrator = DatabaseMigrator()
        Schema.register(in: &migrator)
        try migrator.migrate(scratch)
        var isDone = false
        while !isDone {
            // A push between catching up and reading would look like a difference.
            report.noteDamage(of: "projections") {
                try catchUp()
                return []
            }
            isDone = try writer.read { db in
                if !report.damagedPages.isEmpty {
                    try recompute(db, scratch, &report, progress)
                    return true
                }
                guard try !Projector.isBehind(db) else { return false }
                try recompute(db, scratch, &report, progress)
                let day = try Projector.day(db)
                _ = try scratch.write { other in
                    try Projector.turn(to: day, other)
                    try Projector.catchUp(other)
                }
                report.differences = try differences(db, scratch)
                return true
            }
        }
        return report
    }

    /// Computes all projections again. The log must be sound.
    public func repair() throws {
        try writer.write { db in
            try SegmentLog.index(db)
            try Projector.rebuild(db)
        }
    }

    private func recompute(
        _ db: Database, _ scratch: DatabaseQueue, _ report: inout CheckReport,
        _ progress: (Int, Int) -> Void
    ) throws {
        let total: Int = try db.value("SELECT COUNT(*) FROM segment") ?? 0
        let numbers = try Int64.fetchCursor(db, sql: "SELECT number FROM segment ORDER BY number")
        var head = FeedCursor.start
        while let number = try numbers.next() {
            report.segments += 1
            if report.segments.isMultiple(of: 200) { progress(report.segments, total) }
            guard let stored = try? SegmentLog.segment(number, in: db),
                let segment = try? Segment(bytes: stored.encoded()), try verifies(segment, db)
            else {
                report.badSegments.append(number)
                // The numbers after it are those of a feed that has it.
                if let id = try Self.segmentID(number, db) { head = head.appending(id) }
                continue
            }
            report.edits += segment.edits.count
            head = head.appending(segment.id)
            if report.brokenFeed == nil, try Feed.cursor(at: UInt64(number), in: db) != head {
                report.brokenFeed = number
            }
            try scratch.write { other -> Void in
                try SegmentLog.insert(segment, in: other)
                // Small transactions of their own keep memory constant.
                if segment.frame.area == .reserved { try Projector.catchUp(other) }
            }
        }
        progress(total, total)
    }

    private static func segmentID(_ number: Int64, _ db: Database) throws -> SegmentID? {
        (try db.value("SELECT id FROM segment WHERE number = ?", [number]) as Data?)
            .flatMap(SegmentID.init)
    }

    private func verifies(_ segment: Segment, _ db: Database) throws -> Bool {
        let device = try Accounts.device(segment.frame.replica, in: db)
        do throws(LogError) {
            try segment.verify(publicKey: device?.publicKey, serverKey: key.publicKey)
            return true
        } catch {
            return false
        }
    }

    private func differences(_ db: Database, _ scratch: DatabaseQueue) throws -> [String: Int] {
        var differences: [String: Int] = [:]
        for (table, sql) in SegmentLog.comparable + Projector.comparable {
            let count = try scratch.read { other in
                let (here, there) = (
                    try Row.fetchCursor(db, sql: sql), try Row.fetchCursor(other, sql: sql)
                )
                return try Self.differing(here, there)
            }
            if count > 0 { differences[table] = count }
        }
        return differences
    }

    /// Rows that only one of two sorted tables has. Constant memory.
    private static func differing(_ a: RowCursor, _ b: RowCursor) throws -> Int {
        func key(_ row: Row?) -> [DatabaseValue]? { row.map { Array($0.databaseValues) } }
        var (x, y) = (key(try a.next()), key(try b.next()))
        var count = 0
        while x != nil || y != nil {
            if x == y {
                (x, y) = (key(try a.next()), key(try b.next()))
            } else if let p = x, y == nil || precedes(p, y ?? []) {
                count += 1
                x = key(try a.next())
            } else {
                count += 1
                y = key(try b.next())
            }
        }
        return count
    }

    /// SQLite's own order of values: null, numbers, text, blobs.
    private static func precedes(_ a: [DatabaseValue], _ b: [DatabaseValue]) -> Bool {
        for (x, y) in zip(a, b) where x != y { return precedes(x, y) }
        return false
    }

    private static func precedes(_ a: DatabaseValue, _ b: DatabaseValue) -> Bool {
        func rank(_ value: DatabaseValue) -> Int {
            switch value.storage {
            case .null: 0
            case .int64, .double: 1
            case .string: 2
            case .blob: 3
            }
        }
        switch (a.storage, b.storage) {
        case (.int64(let x), .int64(let y)): return x < y
        case (.string(let x), .string(let y)):
            return x.utf8.lexicographicallyPrecedes(y.utf8)
        case (.blob(let x), .blob(let y)): return x.lexicographicallyPrecedes(y)
        default: return rank(a) < rank(b)
        }
    }
}
