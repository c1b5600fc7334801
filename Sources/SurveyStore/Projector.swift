public import GRDB
import SurveyLog
import SurveyMerge
package import SurveyModel

/// Brings projections up to the log.
///
/// What is written is projected in its transaction, or its record is marked dirty there and whoever reads
/// catches up first. So a crash between a commit and its projection loses nothing, and several processes
/// may project the same file.
public struct Projector {
    let db: Database
    let log: LogSession
    let writers: ProjectionWriters
    /// Households (or subjects that are not registered) whose contribution may have changed.
    var affected: Set<Int64> = []
    /// What some entries have in common, where one of them is another one than before.
    var touchedGroups: Set<DuplicateGroup> = []
    /// Households whose members are others than before.
    var touchedHouseholds: Set<Int64> = []
    /// Entries that may be joined with others than before, because they are elsewhere.
    var rejoined: Set<Int64> = []
    /// Entries of which something else is said than before.
    var said: Set<Int64> = []
    /// Entries that may be joined with others than before, and those with which they were or are.
    var regrouped: Set<Int64> = []
    /// Those whose place is another one than before.
    var moved = MovedEntries()
    /// Something is said of a pair of entries.
    private(set) var hasJoins = false
    private(set) var clock: Int64 = 0

    /// Records that are projected together.
    private static let batch = 2_000

    /// Some record could not be read.
    private var hasDamage: Bool

    private init(_ log: LogSession) throws {
        db = log.db
        self.log = log
        writers = try ProjectionWriters(db)
        hasDamage = try db.value("SELECT EXISTS (SELECT 1 FROM damaged_record)") ?? false
    }

    /// Records that cannot be read any more.
    public static func damagedRecords(_ db: Database) throws -> Int {
        try db.value("SELECT COUNT(*) FROM damaged_record") ?? 0
    }

    public static func isBehind(_ db: Database) throws -> Bool {
        try DirtyRecords.isAny(in: db)
    }

    /// Projects up to `limit` records, in a write transaction.
    ///
    /// - Returns: whether everything is projected.
    @discardableResult
    public static func catchUp(_ db: Database, limit: Int = .max) throws -> Bool {
        try catchUp(LogSession(db), limit: limit)
    }

    /// The same, of what was written in this transaction too.
    @discardableResult
    package static func catchUp(_ log: LogSession, limit: Int = .max) throws -> Bool {
        let isFresh = log.waits(DirtyRecords.Phase.allCases)
        guard try isFresh || isBehind(log.db) else { return true }
        var projector = try Projector(log)
        try projector.run(limit: limit)
        return try !isBehind(log.db)
    }

    /// Projects areas, rounds, users, devices and decisions alone: what the next judgement needs.
    public static func catchUpRegister(_ db: Database) throws {
        try catchUpRegister(LogSession(db))
    }

    package static func catchUpRegister(_ log: LogSession) throws {
        guard try isRegisterBehind(log) else { return }
        var projector = try Projector(log)
        try projector.run(limit: .max, phases: [.register])
    }

    package static func isRegisterBehind(_ log: LogSession) throws -> Bool {
        let isBehind: Int64? = try log.db.value(
            "SELECT 1 FROM dirty WHERE phase = ? LIMIT 1", [DirtyRecords.Phase.register.rawValue])
        return isBehind != nil || log.waits([.register])
    }

    /// The value of the tally clock: everything that changed before is at most this.
    public static func clock(_ db: Database) throws -> Int64 {
        try db.value("SELECT value FROM tally_clock") ?? 0
    }

    @discardableResult
    public static func tick(_ db: Database) throws -> Int64 {
        try db.run("UPDATE tally_clock SET value = value + 1", [])
        return try clock(db)
    }

    private mutating func run(
        limit: Int, phases: [DirtyRecords.Phase] = DirtyRecords.Phase.allCases
    ) throws {
        clock = try Self.tick(db)
        var left = limit
        for phase in phases {
            var fresh = log.take(phase)[...]
            while !fresh.isEmpty {
                try project(Array(fresh.prefix(Self.batch)))
                fresh = fresh.dropFirst(Self.batch)
            }
            while left > 0 {
                let batch = try DirtyRecords.take(phase, limit: min(left, Self.batch), in: db)
                guard !batch.isEmpty else { break }
                left -= batch.count
                try project(batch)
            }
        }
        hasJoins = try db.hasRows("same_as") || db.hasRows("joined")
        if hasJoins {
            try surviving(damageOf: nil) { try $0.projectJoins() }
        }
        try surviving(damageOf: nil) { projector in
            projector.affected.formUnion(try projector.projectDuplicates())
        }
        var rest = affected.sorted()[...]
        while !rest.isEmpty {
            try projectContributions(of: Array(rest.prefix(128)))
            rest = rest.dropFirst(128)
            // So that few counts change at one time: whoever reads them reads whole times.
            if !rest.isEmpty { clock = try Self.tick(db) }
        }
    }

    private mutating func project(_ records: [StoredRecord]) throws {
        // An excerpt says nothing itself; the edits that it repeats are in their own records.
        let records = records.filter { $0.key.kind != .excerpt }
        let batch = try ProjectedBatch(records, log)
        for record in records {
            try surviving(damageOf: record.stored) { projector in
                guard let state = batch.states[record.stored] else { throw DamagedDatabase("edit") }
                try projector.project(record.stored, state, batch)
            }
        }
        try moved.settle(db, &rejoined)
    }

    /// Projects something. A record whose bytes the disk has changed stays as it was projected last
    /// and is noted: it must not keep all others from being read.
    mutating func surviving(
        damageOf record: StoredKey?, _ body: (inout Projector) throws -> Void
    ) throws {
        var isDamaged = false
        do {
            try body(&self)
        } catch is DamagedDatabase {
            isDamaged = true
        }
        guard let record, isDamaged || hasDamage else { return }
        hasDamage = true
        try db.run(
            isDamaged
                ? "INSERT OR IGNORE INTO damaged_record (subject, kind, round) VALUES (?, ?, ?)"
                : "DELETE FROM damaged_record WHERE subject = ? AND kind = ? AND round = ?",
            record.columns)
    }

    private mutating func project(
        _ record: StoredKey, _ state: RecordState, _ batch: ProjectedBatch
    ) throws {
        let key = state.key
        switch key.kind {
        case .area: try projectArea(state)
        case .round: try projectRound(state)
        case .user: try projectAccount(state)
        case .device: try projectDevice(state)
        case .decision: try projectDecision(record.subject, state)
        // A register entry belongs to no round and a check to one; anything else is kept, and
        // means nothing to this version.
        case .household where key.round == .register:
            try projectHousehold(record.subject, state, batch)
        case .person where key.round == .register:
            try projectPerson(record.subject, state, batch)
        case .sameAs where key.round == .register:
            try projectSameAs(record.subject, state, batch)
        case .housing, .water, .medical, .schooling, .clinic, .monitored:
            if key.round != .register { try projectCheck(record, state, batch) }
        case .finding where key.round != .register: try projectFinding(record, state, batch)
        default: break
        }
        if [.household, .person, .sameAs].contains(key.kind), key.round == .register,
            state.isContested != batch.contested.contains(record)
        {
            try db.run(
                state.isContested
                    ? "INSERT OR IGNORE INTO contested_register (subject, kind) VALUES (?, ?)"
                    : "DELETE FROM contested_register WHERE subject = ? AND kind = ?",
                [record.subject, Int64(key.kind.rawValue)])
        }
    }
}

extension Row {
    /// Of columns kind, subject (its id) and round (its id).
    package func recordKey() throws -> RecordKey {
        let kind: Int64 = self["kind"]
        return RecordKey(
            kind: RecordKind(rawValue: UInt32(truncatingIfNeeded: kind)),
            subject: try subject("record.subject"), round: RoundID(column: self["round"]))
    }
}
