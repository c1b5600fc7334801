internal import Foundation
internal import GRDB
public import SurveyLog
public import SurveyModel
internal import SurveyStore
public import SurveySync
internal import SurveyWire

/// What applying a response changed.
public struct AppliedStep: Sendable {
    /// Edits that the server acknowledged now: own ones, and others of which it got the body.
    public var sent = 0
    /// Edits of others that are new here.
    public var received = 0
    /// More villages may be read than before, or the server came back from a backup: tallies are
    /// asked for from the start.
    public var lacksTallies = false
    /// The areas that the user may read are not those of the last sync.
    public var areasChanged = false
    /// The own log was copied or restored: it was closed and another one started.
    public var startedNewLog = false
    /// The server came back from a backup.
    public var rewound = false
    /// Own edits that waited for review and count now, and those that were rejected.
    public var accepted = 0
    public var rejected = 0
    /// Villages of which nothing of others is kept any more.
    public var evicted = 0
}

extension FieldStore {
    /// Seals what is to be sent and collects what the device knows.
    ///
    /// - Parameters:
    ///   - sealing: false for a request that sends nothing.
    ///   - declined: segments that the server said it does not have.
    public func deviceView(sealing: Bool = true, declined: Set<SegmentID> = []) throws
        -> DeviceView
    {
        try writer.write { db in
            let identity = try Self.identity(db)
            if sealing { try OwnLog.seal(identity, db) }
            let end = try OwnLog.sealedEnd(db)
            let user = try Accounts.find(identity.user, in: db)
            let state = try db.row("SELECT * FROM sync_state")
            let receiptBytes: Data? = state?["receipt"]
            let outbound = sealing ? try Outbox.waiting(identity, declined, db) : Outbox()
            return DeviceView(
                head: Tip(
                    replica: identity.replica, counter: end.counter, chain: end.chain),
                receipt: receiptBytes.map {
                    SignedReceipt(bytes: $0, signature: state?["receipt_signature"] ?? Data())
                },
                position: try Self.position(db),
                unmarked: outbound.segments, offered: outbound.offered,
                opened: try db.rows("SELECT area FROM opened").map {
                    AreaID(column: $0["area"])
                },
                // Before the first sync the role is not known; a server ignores it for surveyors.
                tallyPosition: user?.role == .surveyor
                    ? nil : UInt64(state?["tally_position"] as Int64? ?? 0),
                readmission: try ClosedLogs.readmission(identity, db),
                isNewLog: try Self.isNewLog(identity, receiptBytes, state, db),
                damaged: outbound.damaged)
        }
    }

    /// The log follows another one, and the last receipt was given to that.
    private static func isNewLog(
        _ identity: HomeIdentity, _ receipt: Data?, _ state: Row?, _ db: Database
    ) throws -> Bool {
        guard let receipt, try ClosedLogs.family(identity, db).count > 1 else { return false }
        let signed = SignedReceipt(bytes: receipt, signature: state?["receipt_signature"] ?? Data())
        return try signed.open(serverKey: identity.serverKey).replica != identity.replica
    }

    private static func position(_ db: Database) throws -> FeedPosition {
        var position = FeedPosition()
        for row in try db.rows("SELECT * FROM feed_cursor ORDER BY sequence DESC") {
            guard
                let cursor = FeedCursor(
                    sequence: UInt64(row["sequence"] as Int64), storedHash: row["hash"])
            else { throw DamagedDatabase("feed_cursor") }
            if row["current"] {
                position.cursor = cursor
            } else {
                position.older.append(cursor)
            }
        }
        for row in try db.rows("SELECT area, sequence FROM lane") {
            let area = AreaID(column: row["area"])
            if let sequence = row["sequence"] as Int64? {
                position.lanes[area] = UInt64(sequence)
            } else {
                position.covered.insert(area)
            }
        }
        // The oldest backup is the oldest point that the server can fall back to.
        if let point = try backedUp(db), point.sequence < position.cursor.sequence,
            !position.older.contains(point)
        {
            position.older.append(point)
            position.older.sort { $0.sequence > $1.sequence }
        }
        return position
    }

    /// Up to where a backup that may still be restored reaches.
    static func backedUp(_ db: Database) throws -> FeedCursor? {
        guard let row = try db.row("SELECT * FROM sync_state"),
            let sequence: Int64 = row["backed_up_sequence"], let hash: Data = row["backed_up_hash"]
        else { return nil }
        return FeedCursor(sequence: UInt64(sequence), storedHash: hash)
    }

    /// Applies a response in one transaction: all of it or nothing.
    ///
    /// - Parameter bodies: the segments that went with the request, whoever wrote them.
    /// - Throws: `ExchangeError` when a segment's signature does not verify; nothing is kept.
    public func apply(_ step: DeviceStep, bodies: Set<SegmentID> = []) throws -> AppliedStep {
        try writer.write { db in
            let identity = try Self.identity(db)
            let family = try ClosedLogs.familyList(identity, db)
            var applied = AppliedStep()
            // A copy of this home may have sealed what is unsealed here: the log is sealed first, so
            // that it is whole whatever arrives.
            if step.segments.contains(where: { $0.segment.frame.replica == identity.replica }) {
                try OwnLog.seal(identity, db)
            }
            let excluded = try Self.excludedOwn(family, db)
            let log = LogSession(db, isProjecting: true)
            if let rewind = step.rewindTo {
                applied.rewound = true
                try db.run(
                    "UPDATE segment SET mark = NULL WHERE mark > ?", [Int64(rewind.sequence)])
            }
            // Before the feed, which may bring back what somebody else's log was sent as.
            applied.sent = try Self.acknowledged(step, bodies, family, db)
            for (number, segment) in step.segments {
                try Self.verify(segment, identity, db)
                let (row, isNew) = try log.insert(segment, mark: number)
                if isNew {
                    applied.received += segment.edits.count
                } else {
                    try db.run(
                        "UPDATE segment SET mark = ? WHERE number = ?", [Int64(number), row])
                }
                // Enrolments verify what follows, so they take effect at once.
                if segment.frame.area == .reserved { try Projector.catchUpRegister(log) }
            }
            for (id, number) in step.marks {
                try db.run(
                    "UPDATE segment SET mark = ? WHERE id = ?", [Int64(number), id.bytes])
            }
            if let position = step.position { try Self.adopt(position, db) }
            let now = environment.now()
            // Who asks for a receipt alone hears nothing else.
            if step.position != nil {
                let before = try Self.scope(db)
                applied.lacksTallies = try Self.adopt(step, db)
                applied.areasChanged = !before.isEmpty && before != Set(step.scope)
                try db.run("UPDATE sync_state SET last_sync = ?", [now])
            }
            if try ClosedLogs.isForked(step.receipt, identity, db) {
                // A request for a receipt alone has not taken back what the other branch wrote.
                if step.position != nil {
                    try ClosedLogs.close(identity, environment, db)
                    applied.startedNewLog = true
                }
            } else {
                try Self.voidMarks(beyond: step.receipt, identity, db)
            }
            try db.run(
                "UPDATE sync_state SET receipt = ?, receipt_signature = ?",
                [step.signedReceipt.bytes, step.signedReceipt.signature])
            try Self.hear(step.receipt.time, at: now, db)
            try Self.keep(step.notices, db)
            try db.run(
                "UPDATE sync_state SET backed_up_sequence = ?, backed_up_hash = ?",
                [step.backedUp.map { Int64($0.sequence) }, step.backedUp?.hash])
            try Projector.catchUp(log)
            try OwnLog.forgetAcknowledged(identity, db)
            let decided = try Self.excludedOwn(family, db)
            applied.accepted = excluded.keys.count { decided[$0] == nil }
            applied.rejected = decided.count {
                $0.value == "rejected" && excluded[$0.key] != "rejected"
            }
            // First everything is pushed; only then do areas that were taken away go.
            if step.position != nil, !step.again, !applied.startedNewLog {
                applied.evicted = try Eviction(db: db, identity: identity).run()
            }
            return applied
        }
    }

    /// Edits that have no mark yet and get one: those of the own logs, and those of other devices
    /// of which the server got the body, as after a home was recovered.
    private static func acknowledged(
        _ step: DeviceStep, _ bodies: Set<SegmentID>, _ family: String, _ db: Database
    ) throws -> Int {
        try step.marks.reduce(0) { sum, mark in
            let devices =
                bodies.contains(mark.id)
                ? "SELECT number FROM log WHERE public_key IS NULL" : family
            let count: Int? = try db.value(
                """
                SELECT last - first + 1 FROM segment
                WHERE id = ? AND mark IS NULL AND log IN (\(devices))
                """, [mark.id.bytes])
            return sum + (count ?? 0)
        }
    }

    /// Own edits that do not count, and how.
    private static func excludedOwn(_ family: String, _ db: Database) throws -> [Data: String] {
        Dictionary(
            try db.rows("SELECT edit, state FROM exclusion WHERE log IN (\(family))").map {
                ($0["edit"], $0["state"])
            }
        ) { a, _ in a }
    }

    static func verify(_ segment: Segment, _ identity: HomeIdentity, _ db: Database)
        throws
    {
        let key =
            segment.frame.replica == identity.replica
            ? identity.key.publicKey
            : try Accounts.device(segment.frame.replica, in: db)?.publicKey
        do throws(LogError) {
            try segment.verify(publicKey: key, serverKey: identity.serverKey)
        } catch {
            throw ExchangeError.malformed("segment signature")
        }
    }

    /// A mark that the receipt does not bear out is void: the segment is sent again.
    private static func voidMarks(
        beyond receipt: Receipt, _ identity: HomeIdentity, _ db: Database
    ) throws {
        let end = try OwnLog.sealedEnd(db)
        let ends = receipt.ends(of: identity.replica)
        let isWhole = ends.contains {
            $0.counter == end.counter && $0.chain == end.chain && $0.first == 1
        }
        guard !isWhole else { return }
        // The usual case: the server has the log up to somewhere, and the rest is still to come.
        if ends.count <= 1, ends.allSatisfy({ $0.first == 1 }),
            try ends.allSatisfy({ try LogEnds.isOnLine($0, in: db) })
        {
            return try db.run(
                """
                UPDATE segment SET mark = NULL WHERE first > ? AND mark IS NOT NULL
                    AND log = (SELECT number FROM log WHERE replica = ?)
                """, [Int64(ends.first?.counter ?? 0), identity.replica.bytes])
        }
        let held = LogGraph.held(
            try SegmentLog.spans(of: identity.replica, in: db), ends: ends)
        for row in try db.rows(
            """
            SELECT segment.number, segment.id, frame FROM segment JOIN log ON log.number = segment.log
            WHERE replica = ? AND mark IS NOT NULL
            """, [identity.replica.bytes])
        {
            // A segment is stored whole or not at all: its end stands for it.
            // One that the disk has changed cannot be sent again anyway.
            guard let tip = SegmentLog.frame(row)?.tip,
                !held.contains(LogGraph.Point(counter: tip.counter, chain: tip.chain))
            else { continue }
            try db.run("UPDATE segment SET mark = NULL WHERE number = ?", [row["number"] as Int64])
        }
    }

    private static func adopt(_ position: FeedPosition, _ db: Database) throws {
        try db.run("DELETE FROM feed_cursor", [])
        try db.run("DELETE FROM lane", [])
        let cursors = [(position.cursor, true)] + position.older.map { ($0, false) }
        for (cursor, isCurrent) in cursors {
            try db.run(
                "INSERT OR IGNORE INTO feed_cursor (sequence, hash, current) VALUES (?, ?, ?)",
                [Int64(cursor.sequence), cursor.hash, isCurrent])
        }
        for area in position.covered {
            try db.run("INSERT INTO lane (area, sequence) VALUES (?, NULL)", [area.column])
        }
        for (area, sequence) in position.lanes {
            try db.run(
                "INSERT INTO lane (area, sequence) VALUES (?, ?)",
                [area.column, Int64(sequence)])
        }
    }

    /// The villages that the server said last may be read.
    static func scope(_ db: Database) throws -> Set<AreaID> {
        Set(try db.rows("SELECT area FROM scope").map { AreaID(column: $0["area"]) })
    }

    /// - Returns: whether tallies must be asked for from the start.
    private static func adopt(_ step: DeviceStep, _ db: Database) throws -> Bool {
        let before = try scope(db)
        try db.run("DELETE FROM scope", [])
        for area in step.scope {
            try db.run("INSERT OR IGNORE INTO scope (area) VALUES (?)", [area.column])
        }
        if let tallies = step.tallies { try adopt(tallies, db) }
        let grown = !before.isSuperset(of: step.scope) && step.tallies?.isComplete != true
        guard grown || step.rewindTo != nil else { return false }
        try db.run("UPDATE sync_state SET tally_position = 0", [])
        return step.tallies != nil
    }

    private static func adopt(_ tallies: TallyUpdate, _ db: Database) throws {
        if tallies.isComplete {
            try db.run("DELETE FROM server_tally", [])
            try db.run("DELETE FROM heard", [])
        }
        for village in tallies.villages {
            try db.run(
                "DELETE FROM server_tally WHERE area = ? AND round = ?",
                [village.area.column, village.round.column])
            for (counter, value) in village.counts {
                try db.run(
                    "INSERT INTO server_tally (area, round, counter, value) VALUES (?, ?, ?, ?)",
                    [
                        village.area.column, village.round.column, Int64(counter),
                        Int64(clamping: value),
                    ])
            }
        }
        for (area, time) in tallies.heard {
            try Coverage.note(area, heardAt: time, clock: 0, in: db)
        }
        try db.run(
            "UPDATE sync_state SET tally_position = ?", [Int64(clamping: tallies.position)])
    }

    /// Opens villages whose records are to come with the next sync.
    public func open(_ villages: [Area]) throws {
        try writer.write { db in
            for village in villages {
                try db.run(
                    "INSERT OR IGNORE INTO opened (area) VALUES (?)", [village.id.column])
            }
        }
    }
}
