public import GRDB
import SurveyLog
import SurveyMerge
package import SurveyModel

/// Brings projections up to the log.
///
/// Every insert marks its record dirty in the same transaction; whoever reads catches up first. So
/// a crash between an acknowledged commit and its projection loses nothing, and several processes
/// may project the same file.
public struct Projector {
    let db: Database
    /// Households (or subjects that are not registered) whose contribution may have changed.
    var affected: Set<SubjectID> = []
    /// What some entries have in common, where one of them is another one than before.
    var touchedGroups: Set<DuplicateGroup> = []
    /// Households whose members are others than before.
    var touchedHouseholds: Set<SubjectID> = []
    /// Entries that may be joined with others than before, because they are elsewhere.
    var rejoined: Set<SubjectID> = []
    /// Entries of which something else is said than before.
    var said: Set<SubjectID> = []
    /// Something is said of a pair of entries.
    private(set) var hasJoins = false
    private(set) var clock: Int64 = 0

    /// Some record could not be read.
    private var hasDamage: Bool

    private init(_ db: Database) throws {
        self.db = db
        hasDamage = try db.value("SELECT EXISTS (SELECT 1 FROM damaged_record)") ?? false
    }

    /// Records that cannot be read any more.
    public static func damagedRecords(_ db: Database) throws -> Int {
        try db.value("SELECT COUNT(*) FROM damaged_record") ?? 0
    }

    public static func isBehind(_ db: Database) throws -> Bool {
        try db.value("SELECT 1 FROM dirty LIMIT 1") as Int64? != nil
    }

    /// Projects up to `limit` records, in a write transaction.
    ///
    /// - Returns: whether everything is projected.
    @discardableResult
    public static func catchUp(_ db: Database, limit: Int = .max) throws -> Bool {
        guard try isBehind(db) else { return true }
        var projector = try Projector(db)
        try projector.run(limit: limit)
        return try !isBehind(db)
    }

    /// Projects areas, rounds, users, devices and decisions alone: what the next judgement needs.
    public static func catchUpRegister(_ db: Database) throws {
        var projector = try Projector(db)
        try projector.run(limit: .max, phases: [Self.phases[0]])
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

    /// What is projected before what: the register decides what counts and adds to what is
    /// dirty; checks look at households and persons.
    private static let phases = ["kind >= 32", "kind IN (1, 2)", "1"]

    private mutating func run(limit: Int, phases: [String] = phases) throws {
        clock = try Self.tick(db)
        var left = limit
        for phase in phases {
            while left > 0 {
                let batch = try db.rows(
                    """
                    SELECT record.number, kind, round, subject FROM dirty
                    CROSS JOIN record ON record.number = dirty.record
                    WHERE \(phase) LIMIT ?
                    """, [min(left, 2_000)])
                guard !batch.isEmpty else { break }
                left -= batch.count
                for row in batch {
                    let number: Int64 = row["number"]
                    try db.run("DELETE FROM dirty WHERE record = ?", [number])
                    let key = try row.recordKey()
                    try surviving(damageOf: number) { try $0.project(number, key) }
                }
            }
        }
        hasJoins =
            try db.value(
                "SELECT EXISTS (SELECT 1 FROM same_as) OR EXISTS (SELECT 1 FROM joined)") ?? false
        if hasJoins {
            affected = try affectedAndLinked()
            for subject in affected.sorted() {
                try surviving(damageOf: nil) { try $0.projectJoined(subject) }
            }
        }
        try surviving(damageOf: nil) { projector in
            projector.affected.formUnion(try projector.projectDuplicates())
        }
        for (position, subject) in affected.sorted().enumerated() {
            // So that few counts change at one time: whoever reads them reads whole times.
            if position > 0, position.isMultiple(of: 100) { clock = try Self.tick(db) }
            try surviving(damageOf: nil) { projector in
                try projector.projectContributions(of: subject, clock: projector.clock)
            }
        }
    }

    /// Projects something. A record whose bytes the disk has changed stays as it was projected last
    /// and is noted: it must not keep all others from being read.
    private mutating func surviving(
        damageOf record: Int64?, _ body: (inout Projector) throws -> Void
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
                ? "INSERT OR IGNORE INTO damaged_record (record) VALUES (?)"
                : "DELETE FROM damaged_record WHERE record = ?", [record])
    }

    private mutating func project(_ number: Int64, _ key: RecordKey) throws {
        // An excerpt says nothing itself; the edits that it repeats are in their own records.
        guard key.kind != .excerpt else { return }
        let state = try Records.state(of: key, number: number, in: db)
        switch key.kind {
        case .area: try projectArea(state)
        case .round: try projectRound(state)
        case .user: try projectAccount(state)
        case .device: try projectDevice(state)
        case .decision: try projectDecision(state)
        // A register entry belongs to no round and a check to one; anything else is kept, and
        // means nothing to this version.
        case .household where key.round == .register: try projectHousehold(number, state)
        case .person where key.round == .register: try projectPerson(number, state)
        case .sameAs where key.round == .register: try projectSameAs(number, state)
        case .housing, .water, .medical, .schooling, .clinic, .monitored:
            if key.round != .register { try projectCheck(number, state) }
        case .finding where key.round != .register: try projectFinding(number, state)
        default: break
        }
        if [.household, .person, .sameAs].contains(key.kind), key.round == .register {
            try db.run(
                state.isContested
                    ? "INSERT OR IGNORE INTO contested_register (record) VALUES (?)"
                    : "DELETE FROM contested_register WHERE record = ?", [number])
        }
    }
}

extension Row {
    package func recordKey() throws -> RecordKey {
        let kind: Int64 = self["kind"]
        return RecordKey(
            kind: RecordKind(rawValue: UInt32(truncatingIfNeeded: kind)),
            subject: try parsed("record.subject", SubjectID(self["subject"])),
            round: RoundID(column: self["round"]))
    }
}
