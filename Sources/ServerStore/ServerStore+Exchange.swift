public import Foundation
internal import GRDB
internal import SurveyCoverage
public import SurveyLog
internal import SurveyModel
public import SurveyStore
internal import SurveySync
public import SurveyWire

/// A request that was parsed and authenticated.
public struct AuthenticRequest: Sendable {
    public let request: SyncRequest
    public let device: RegisteredDevice
    public let push: Push
    /// Segments that are malformed or forged; everything else is still taken.
    public let refused: [PushedSegment]
}

/// A request of which it is known who sent it, and nothing else yet.
public struct IdentifiedRequest: Sendable {
    public let sender: ReplicaID
    /// nil when it asks to be readmitted.
    public let device: RegisteredDevice?
    /// No two requests have the same one, but for copies.
    public let signature: Data
    /// Of the payload, decompressed.
    public let byteCount: Int
    /// A large payload is decompressed again when its turn comes.
    fileprivate let message: SealedMessage?

    /// Bytes of payload that may be kept while a request waits.
    fileprivate static let keptBytes = 64 << 10
}

extension ServerStore {
    /// Finds out who sent a request, by its signature. Nothing is written.
    ///
    /// - Throws: `Failure` with the problem that the device is told.
    public func identify(_ bytes: Data) throws -> IdentifiedRequest {
        let message = try Self.opened(bytes)
        guard let sender = message.sender else { throw Failure(.malformedRequest, "sender") }
        let known = try writer.read { db in try Accounts.device(sender, in: db) }
        // A device that asks to be readmitted brings its key; what it proves is checked below.
        let publicKey = known?.publicKey ?? message.publicKey
        guard ReplicaID(publicKey: publicKey) == sender else { throw Failure(.unknownReplica) }
        do throws(WireError) {
            try message.verify(.request, by: publicKey)
        } catch {
            throw Failure(error)
        }
        let size = message.payload.count
        return IdentifiedRequest(
            sender: sender, device: known, signature: message.signature, byteCount: size,
            message: size <= IdentifiedRequest.keptBytes ? message : nil)
    }

    /// Parses and authenticates, in the order that SYNC.md gives. Nothing is written, except when a
    /// device is readmitted.
    ///
    /// - Throws: `Failure` with the problem that the device is told.
    public func authenticate(_ bytes: Data) throws -> AuthenticRequest {
        try authenticate(identify(bytes), bytes)
    }

    /// The same of a request that was identified.
    public func authenticate(_ identified: IdentifiedRequest, _ bytes: Data) throws
        -> AuthenticRequest
    {
        let message = try identified.message ?? Self.opened(bytes)
        let request: SyncRequest
        do throws(WireError) {
            request = try SyncRequest(payload: message.payload)
        } catch {
            throw Failure(error)
        }
        guard request.replica == identified.sender else {
            throw Failure(.malformedRequest, "replica")
        }
        guard request.serverKey == ServerKeyID.make(key.publicKey) else {
            throw Failure(.otherServer)
        }
        let device = try identified.device ?? readmit(request)
        try requireAnswerKey(request)
        return try writer.read { db in try open(request, from: device, db) }
    }

    private static func opened(_ bytes: Data) throws -> SealedMessage {
        do {
            return try SealedMessage(bytes: bytes, limit: WireLimits.requestBytes)
        } catch {
            throw Failure(error)
        }
    }

    /// A device that ever brought a key to seal answers to brings one each time: what was captured
    /// before, or made by anybody else, is answered to nobody.
    private func requireAnswerKey(_ request: SyncRequest) throws {
        let replica = request.replica.bytes
        let seals =
            try writer.read { db in
                try db.value("SELECT 1 FROM sealing_device WHERE replica = ?", [replica]) as Int64?
            } != nil
        switch (request.answerKey, seals) {
        case (nil, true): throw Failure(.malformedRequest, "answer_key")
        case (nil, false), (_?, true): return
        case (_?, false):
            try writer.write { db in
                try db.run(
                    "INSERT OR IGNORE INTO sealing_device (replica) VALUES (?)", [replica])
            }
        }
    }

    private func open(_ request: SyncRequest, from device: RegisteredDevice, _ db: Database)
        throws -> AuthenticRequest
    {
        var segments: [Segment] = []
        var refused: [PushedSegment] = []
        for bytes in request.segments + request.relayed {
            let segment: Segment
            do {
                segment = try Segment(bytes: bytes)
            } catch {
                // Without a frame there is no id to answer with: the request itself is broken.
                throw Failure(.malformedRequest, "segment")
            }
            do {
                let writer =
                    segment.frame.replica == device.replica
                    ? device : try Accounts.device(segment.frame.replica, in: db)
                try segment.verify(publicKey: writer?.publicKey, serverKey: key.publicKey)
                // Erasing a body takes a decision; a copy without one must not shadow the true one.
                guard segment.edits.allSatisfy({ $0.body != nil }) else {
                    refused.append(
                        PushedSegment(
                            id: segment.id, result: .refused(Problem.malformedRequest.rawValue)))
                    continue
                }
                segments.append(segment)
            } catch is LogError {
                refused.append(
                    PushedSegment(
                        id: segment.id, result: .refused(Problem.badSignature.rawValue)))
            }
        }
        return AuthenticRequest(
            request: request, device: device, push: Push(sender: device, segments: segments),
            refused: refused)
    }

    /// The response, after everything that was pushed is durable.
    public func respond(_ authentic: AuthenticRequest, pushed: [PushedSegment]) throws -> Data {
        let wantsTallies =
            authentic.request.tallyPosition != nil && !authentic.request.receiptOnly
        if wantsTallies { try catchUp() }
        // Incompressible pages are read again with half the budget.
        var budget = pageBytes
        while true {
            let (response, damaged) = try writer.read { db in
                let damaged = try self.damagedLog(authentic, db)
                let response = try self.response(
                    authentic, pushed: pushed, damaged: damaged, budget: budget, db)
                return (response, damaged)
            }
            if let damaged {
                // On a full disk it is found again.
                try? writer.write { db in try LogEnds.distrust(damaged, in: db) }
            }
            let bytes = try response.sealed(by: key)
            let overhead = authentic.request.answerKey == nil ? 0 : AnswerKey.overhead
            if bytes.count + overhead <= WireLimits.compressedBytes {
                return try Self.seal(
                    bytes, to: authentic.request.answerKey, answering: authentic.request.nonce)
            }
            guard budget > LogLimits.encodedSegmentBytes / 2 else {
                throw Failure(.serverFailed, "response size")
            }
            budget /= 2
        }
    }

    /// What travels: only who asked can read it.
    package static func seal(_ bytes: Data, to answerKey: Data?, answering nonce: Data) throws
        -> Data
    {
        guard let answerKey else { return bytes }
        do throws(WireError) {
            return try AnswerKey.seal(bytes, to: answerKey, answering: nonce)
        } catch {
            throw Failure(.malformedRequest, "answer_key")
        }
    }

    /// A log of the device of which the disk has changed a frame, as far as a look at some frames of one of
    /// its logs tells: another one each time.
    private func damagedLog(_ authentic: AuthenticRequest, _ db: Database) throws -> ReplicaID? {
        let place = UInt64(bigEndianBytes: authentic.request.nonce.prefix(8))
        let family = try Accounts.family(of: authentic.device, in: db)
        guard !family.isEmpty else { return nil }
        let log = family[Int(place % UInt64(family.count))].replica
        let isSound = try LogEnds.isSound(
            log, sampledAt: place / UInt64(family.count), in: db)
        return isSound ? nil : log
    }

    private func response(
        _ authentic: AuthenticRequest, pushed: [PushedSegment], damaged: ReplicaID?,
        budget: Int, _ db: Database
    ) throws -> SyncResponse {
        let (request, device) = (authentic.request, authentic.device)
        let account = try Account(device.user, in: db)
        // The device as it is now, not as it was when the request was authenticated.
        let isRevoked = try Accounts.device(device.replica, in: db)?.isRevoked ?? true
        let readable =
            isRevoked || account.isRevoked
            ? [] : try ReadableAreas.shared.villages(of: account, in: db)
        let family = try Accounts.family(of: device, in: db)
        let ends = try family.map {
            try SegmentLog.ends(
                of: $0.replica, publicKey: $0.publicKey, isRead: damaged == $0.replica, in: db)
        }
        let (tips, leaves) = (ends.flatMap(\.tips), ends.flatMap(\.leaves))
        let receipt = Receipt(
            serverKey: ServerKeyID.make(key.publicKey), replica: device.replica, tips: tips,
            leaves: leaves, feedHead: try Feed.head(in: db), time: environment.now())
        var response = SyncResponse(
            nonce: request.nonce, receipt: try SignedReceipt(receipt, key: key),
            matched: request.position.cursor, pushed: pushed + authentic.refused, feed: [],
            position: request.position, more: false, backedUp: try Self.backedUp(in: db),
            notices: try notices(
                device, isRevoked: isRevoked || account.isRevoked,
                forked: tips.count { $0.replica == device.replica } > 1,
                forkedLogs: account.role == .surveyor ? 0 : Self.forkedLogs(in: readable, db), db),
            tallies: nil, scope: readable.sorted())
        response.position.older = []
        for id in request.offered {
            guard let number = try SegmentLog.number(of: id, in: db) else { continue }
            response.pushed.append(PushedSegment(id: id, result: .stored(UInt64(number))))
        }
        let matched = try self.matched(request, device, db)
        response.matched = matched.newest
        // A revoked device gets its receipt and no feed. Its position stays, but for what a
        // restored server does not know any more.
        guard !isRevoked, !account.isRevoked, !request.receiptOnly else {
            let plan = ReadPlan(position: request.position, matched: matched.base, scope: [])
            if matched.base != request.position.cursor {
                response.position = plan.position(cursor: matched.base, reached: [:])
            }
            return response
        }

        // A supervisor reads tallies, and records only of the villages opened.
        var scope = account.role == .supervisor ? [] : readable
        scope.formUnion(readable.intersection(request.opened))
        let reader = FeedReader(
            db: db, device: device,
            plan: ReadPlan(position: request.position, matched: matched.base, scope: scope),
            pushed: Set(pushed.compactMap { $0.number }), ownHead: request.head)
        let page = try reader.page(budget: budget)
        response.feed = page.items
        response.position = page.position
        response.more = page.more
        if let position = request.tallyPosition, !page.more, account.role != .surveyor {
            let since = matched.base == request.position.cursor ? position : 0
            let (update, more) = try TallyReader(
                db: db, scope: readable, epoch: tallyEpoch
            ).page(since: since)
            response.tallies = update
            response.more = more
        }
        return response
    }

    /// The newest point of this timeline that the device knows, and where it is read from.
    ///
    /// The last receipt may name a later point than the cursor: the device has marks above its
    /// cursor, for pushes of a synchronization that was interrupted. When that point is gone, a
    /// backup was restored, and those marks are void.
    private func matched(_ request: SyncRequest, _ device: RegisteredDevice, _ db: Database) throws
        -> (newest: FeedCursor, base: FeedCursor)
    {
        let cursor = request.position.cursor
        let base = try Feed.match([cursor] + request.position.older, in: db)
        guard base == cursor,
            let receipt = try? request.receipt?.open(serverKey: key.publicKey),
            receipt.feedHead.sequence > cursor.sequence,
            try Feed.cursor(at: receipt.feedHead.sequence, in: db) == receipt.feedHead
        else { return (base, base) }
        return (receipt.feedHead, base)
    }

    private func notices(
        _ device: RegisteredDevice, isRevoked: Bool, forked: Bool, forkedLogs: Int, _ db: Database
    ) throws -> [Notice] {
        var notices: [Notice] = []
        if isRevoked { notices.append(Notice(.revoked)) }
        let held: Int? = try db.value(
            """
            SELECT COUNT(*) FROM exclusion WHERE state = 'held' AND log IN (
                SELECT log.number FROM log JOIN device ON device.replica = log.replica
                WHERE device.root = ?)
            """, [device.root.bytes])
        if let held, held > 0 { notices.append(Notice(.held, count: held)) }
        if forked { notices.append(Notice(.forked)) }
        if forkedLogs > 0 { notices.append(Notice(.forkedLogs, count: forkedLogs)) }
        return notices
    }

    /// Logs with two branches that wrote in these areas.
    private static func forkedLogs(in areas: Set<AreaID>, _ db: Database) throws -> Int {
        try db.rows("SELECT log FROM forked_log").count { row in
            let written = try db.rows(
                "SELECT DISTINCT area FROM segment WHERE log = ?", [row["log"] as Int64])
            return written.contains { areas.contains(AreaID(column: $0["area"])) }
        }
    }
}

extension PushedSegment {
    var number: UInt64? {
        switch result {
        case .stored(let number): number
        case .refused: nil
        }
    }
}
