internal import Foundation
internal import GRDB
internal import SurveyLog
public import SurveyModel
internal import SurveyStore
public import SurveySync
internal import SurveyWire

/// What applying a response changed.
public struct AppliedStep: Sendable {
    /// Own edits that the server acknowledged now.
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
}

extension FieldStore {
    /// Seals what is to be sent and collects what the device knows.
    ///
    /// - Parameter sealing: false for a request that sends nothing.
    public func deviceView(sealing: Bool = true) throws -> DeviceView {
        try writer.write { db in
            let identity = try Self.identity(db)
            if sealing { try OwnLog.seal(identity, db) }
            let end = try OwnLog.sealedEnd(db)
            let user = try Accounts.find(identity.user, in: db)
            let state = try db.row("SELECT * FROM sync_state")
            let receiptBytes: Data? = state?["receipt"]
            return DeviceView(
                head: Tip(
                    replica: identity.replica, counter: end.counter, chain: end.chain),
                receipt: receiptBytes.map {
                    SignedReceipt(bytes: $0, signature: state?["receipt_signature"] ?? Data())
                },
                position: try Self.position(db),
                unmarked: sealing ? try Self.unmarked(identity, db) : [],
                opened: try db.rows("SELECT area FROM opened").map {
                    AreaID(column: $0["area"])
                },
                // Before the first sync the role is not known; a server ignores it for surveyors.
                tallyPosition: user?.role == .surveyor
                    ? nil : UInt64(state?["tally_position"] as Int64? ?? 0),
                readmission: try ClosedLogs.readmission(identity, db),
                isNewLog: try Self.isNewLog(identity, receiptBytes, state, db))
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
        return position
    }

    /// The reserved area's segments first, then own ones, then others', each in order.
    private static func unmarked(_ identity: HomeIdentity, _ db: Database) throws
        -> [OutboundSegment]
    {
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT segment.number FROM segment JOIN log ON log.number = segment.log
                WHERE mark IS NULL AND running IS NULL
                ORDER BY area != 0, replica != ?, segment.number
                """, arguments: [identity.replica.bytes])
        // One more than fits, so that the exchange knows that something is left.
        var outbound: [OutboundSegment] = []
        var size = 0
        while size <= WireLimits.segmentBytes, let row = try rows.next() {
            let segment = try SegmentLog.segment(row[0], in: db)
            let bytes = try segment.encoded()
            size += bytes.count
            outbound.append(
                OutboundSegment(id: segment.id, replica: segment.frame.replica, bytes: bytes))
        }
        return outbound
    }

    /// Applies a response in one transaction: all of it or nothing.
    ///
    /// - Throws: `ExchangeError` when a segment's signature does not verify; nothing is kept.
    public func apply(_ step: DeviceStep) throws -> AppliedStep {
        try writer.write { db in
            let identity = try Self.identity(db)
            let family = try ClosedLogs.familyList(identity, db)
            var applied = AppliedStep()
            if let rewind = step.rewindTo {
                try db.run(
                    "UPDATE segment SET mark = NULL WHERE mark > ?", [Int64(rewind.sequence)])
            }
            for (number, segment) in step.segments {
                try Self.verify(segment, identity, db)
                let (row, isNew) = try SegmentLog.insert(segment, mark: number, in: db)
                if isNew {
                    applied.received += segment.edits.count
                } else {
                    try db.run(
                        "UPDATE segment SET mark = ? WHERE number = ?", [Int64(number), row])
                }
                // Enrolments verify what follows, so they take effect at once.
                if segment.frame.area == .reserved { try Projector.catchUp(db) }
            }
            for (id, number) in step.marks {
                applied.sent +=
                    try db.value(
                        """
                        SELECT last - first + 1 FROM segment JOIN log ON log.number = segment.log
                        WHERE id = ? AND mark IS NULL AND log.number IN (\(family))
                        """, [id.bytes]) ?? 0
                try db.run(
                    "UPDATE segment SET mark = ? WHERE id = ?", [Int64(number), id.bytes])
            }
            if let position = step.position { try Self.adopt(position, db) }
            let before = try Self.scope(db)
            applied.lacksTallies = try Self.adopt(step, db)
            applied.areasChanged = !before.isEmpty && before != Set(step.scope)
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
                "UPDATE sync_state SET last_sync = ?, receipt = ?, receipt_signature = ?",
                [environment.now(), step.signedReceipt.bytes, step.signedReceipt.signature])
            try Projector.catchUp(db)
            return applied
        }
    }

    private static func verify(_ segment: Segment, _ identity: HomeIdentity, _ db: Database)
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
        let held = OwnLog.held(
            try SegmentLog.spans(of: identity.replica, in: db), ends: ends)
        for row in try db.rows(
            """
            SELECT segment.number, frame FROM segment JOIN log ON log.number = segment.log
            WHERE replica = ? AND mark IS NOT NULL
            """, [identity.replica.bytes])
        {
            // A segment is stored whole or not at all: its end stands for it.
            let tip = try SegmentFrame(bytes: row["frame"]).tip
            guard !held.contains(OwnLog.Point(counter: tip.counter, chain: tip.chain)) else {
                continue
            }
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
