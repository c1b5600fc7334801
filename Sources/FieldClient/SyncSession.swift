import FieldStore
import Foundation
import SurveyConsole
import SurveyLog
import SurveyModel
import SurveyStore
import SurveySync
import SurveyWire

/// What a synchronization did.
struct SyncSummary {
    var sent = 0
    var received = 0
    var refused = 0
    /// Segments here that the disk has changed, so that they cannot be sent.
    var damaged = 0
    var roundTrips = 0
    /// Connections that broke and were tried again.
    var retries = 0
    /// Bodies as they travelled, without HTTP's own lines.
    var bytesUp = 0
    var bytesDown = 0
    var receipt: Tip?
    var notices: [Notice] = []
}

/// Talks to a home's server until there is nothing left to say.
struct SyncSession {
    let store: FieldStore
    private(set) var identity: HomeIdentity
    let transport: any Transport
    let progress = ProgressLine()
    /// How long to wait before another try when a connection broke, in seconds: as often as there
    /// are entries.
    var pauses: [Double] = [0.5, 1, 2, 4, 8, 8]

    init(_ store: FieldStore, transport: any Transport) throws {
        self.store = store
        self.transport = transport
        identity = try store.identity()
    }

    /// A session with the home's own server, over HTTP.
    init(_ store: FieldStore) throws {
        let identity = try store.identity()
        let url = try ServerURL(
            identity.serverURL, allowsPlainHTTP: identity.allowsPlainHTTP)
        let transport: CurlTransport
        do throws(TransportError) {
            transport = try CurlTransport(
                server: url.text, authority: store.authority(of: identity))
        } catch {
            throw Failure(error)
        }
        try self.init(store, transport: transport)
    }

    /// - Parameter receiptOnly: asks what the server holds and exchanges nothing.
    mutating func run(receiptOnly: Bool = false) async throws -> SyncSummary {
        defer { progress.finish() }
        var summary = SyncSummary()
        var exchange = DeviceExchange(
            replica: identity.replica, serverPublicKey: identity.serverKey,
            receiptOnly: receiptOnly)
        var news = News()
        while true {
            let view = try store.deviceView(
                sealing: !receiptOnly, declined: exchange.declined)
            let step: DeviceStep
            do {
                step = try await persistently(&exchange, view, &summary)
            } catch let failure as Failure
                where failure.problem == .unknownReplica && !exchange.readmits
            {
                // The server came back from before this device was enrolled.
                exchange.readmits = true
                continue
            }
            let applied: AppliedStep
            do {
                applied = try store.apply(step, bodies: Set(view.unmarked.map(\.id)))
            } catch let error as ExchangeError {
                throw Failure(error)
            }
            summary.sent += applied.sent
            summary.received += applied.received
            summary.refused = step.refused.count
            summary.damaged = view.damaged
            summary.receipt = step.receipt.tips.filter { $0.replica == identity.replica }
                .max { $0.counter < $1.counter }
            news.add(applied, step, now: store.environment.now())
            summary.notices = step.notices + news.notices
            if applied.startedNewLog {
                // The old branch is still to be sent, by the new log's key.
                identity = try store.identity()
                exchange = DeviceExchange(
                    replica: identity.replica, serverPublicKey: identity.serverKey)
                continue
            }
            showProgress(step, view, summary)
            let moved =
                !step.marks.isEmpty || !step.segments.isEmpty || step.tallies != nil
                || step.rewindTo != nil || !step.declined.isEmpty
                || (step.position.map { $0 != view.position } ?? false)
            guard step.again && moved || applied.lacksTallies else { return summary }
        }
    }

    /// How far the feed is read: that is most of a long synchronization. Sending is told as well.
    private func showProgress(
        _ step: DeviceStep, _ view: DeviceView, _ summary: SyncSummary
    ) {
        let reached = step.position?.cursor.sequence ?? 0
        progress.show(
            localized(
                zh: "同步 已发 \(summary.sent) 已收 \(summary.received)",
                en: "syncing: \(summary.sent) sent, \(summary.received) received"),
            done: Int(clamping: reached), total: Int(clamping: step.receipt.feedHead.sequence))
    }

    /// One round trip on a link that breaks: what was on its way is sent again. Everything is known
    /// by its id, so nothing is taken twice.
    private func persistently(
        _ exchange: inout DeviceExchange, _ view: DeviceView, _ summary: inout SyncSummary
    ) async throws -> DeviceStep {
        var left = pauses[...]
        while true {
            do {
                return try await roundTrip(&exchange, view, &summary)
            } catch is BrokenConnection where !left.isEmpty {
                summary.retries += 1
                progress.say(
                    localized(
                        zh: "同步 连接中断，第 \(summary.retries) 次重试…",
                        en: "syncing: the connection broke, retry \(summary.retries)…"),
                    isNews: true)
                try await Task.sleep(for: .seconds(left.removeFirst()))
            } catch let error as BrokenConnection {
                throw Failure(error)
            }
        }
    }

    private func roundTrip(
        _ exchange: inout DeviceExchange, _ view: DeviceView, _ summary: inout SyncSummary
    ) async throws -> DeviceStep {
        var request = exchange.request(from: view, nonce: store.environment.random(16))
        let answerKey: AnswerKey
        let body: Data
        do throws(WireError) {
            answerKey = try AnswerKey(seed: store.environment.random(32))
            request.answerKey = answerKey.publicKey
            body = try request.sealed(by: identity.key)
        } catch {
            throw Failure(error)
        }
        let (sent, received) = (summary.sent, summary.received)
        progress.say(
            localized(
                zh: "同步 已发 \(sent) 已收 \(received)，正在上传 \(byteText(body.count))…",
                en:
                    "syncing: \(sent) sent, \(received) received, \(byteText(body.count)) on the way…"
            ))
        let reply = try await transport.exchange("/v1/sync", body) { [progress] count in
            progress.say(
                localized(
                    zh: "同步 已发 \(sent) 已收 \(received)，正在下载 \(byteText(count))…",
                    en: "syncing: \(sent) sent, \(received) received, \(byteText(count)) arrived…"))
        }
        summary.roundTrips += 1
        summary.bytesUp += body.count
        summary.bytesDown += reply.count
        do {
            let response = try SyncResponse(
                bytes: answerKey.open(reply, answering: request.nonce),
                serverKey: identity.serverKey)
            return try exchange.receive(response)
        } catch let error as ExchangeError {
            throw Failure(error)
        } catch let error as WireError {
            throw Failure(response: error)
        }
    }
}

/// `12 KB`
func byteText(_ count: Int) -> String { count < 1_000 ? "\(count) B" : "\(count / 1_000) KB" }

/// What the device itself found out during a synchronization, to be told once.
private struct News {
    private var counts: [(code: Notice.Code, count: Int)] = []

    var notices: [Notice] {
        counts.filter { $0.count > 0 }.map { Notice($0.code, count: $0.count) }
    }

    mutating func add(_ applied: AppliedStep, _ step: DeviceStep, now: Int64) {
        // Who is revoked reads nothing; that is said already.
        let isRevoked = step.notices.contains { $0.code == .revoked }
        note(.areasChanged, applied.areasChanged && !isRevoked ? 1 : 0)
        note(.evicted, isRevoked ? 0 : applied.evicted)
        note(.newLog, applied.startedNewLog ? 1 : 0)
        note(.rewound, applied.rewound ? 1 : 0)
        let days = (step.receipt.time - now).magnitude / 86_400_000
        note(.suspectClock, Int(clamping: days))
        add(.accepted, applied.accepted)
        add(.rejected, applied.rejected)
    }

    /// Keeps the greatest.
    private mutating func note(_ code: Notice.Code, _ count: Int) {
        guard let index = counts.firstIndex(where: { $0.code == code }) else {
            return counts.append((code, count))
        }
        counts[index].count = max(counts[index].count, count)
    }

    private mutating func add(_ code: Notice.Code, _ count: Int) {
        let before = counts.first { $0.code == code }?.count ?? 0
        note(code, before + count)
    }
}

/// A connection that was there and broke.
struct BrokenConnection: Error {
    let why: String
}

extension Transport {
    /// One round trip; whatever is not an answer becomes a failure that says what to do.
    ///
    /// - Throws: `Failure`; `BrokenConnection` where another try may go through.
    func exchange(
        _ path: String, _ body: Data, arrived: (@Sendable (Int) -> Void)? = nil
    ) async throws -> Data {
        let reply: TransportReply
        do {
            reply = try await post(path, body, arrived: arrived)
        } catch TransportError.interrupted(let why) {
            throw BrokenConnection(why: why)
        } catch let error as TransportError {
            throw Failure(error)
        } catch {
            throw Failure(.unreachable, "\(type(of: error))")
        }
        guard reply.status != 200 else { return reply.body }
        guard let refusal = WireRefusal(bytes: reply.body),
            let problem = Problem(rawValue: refusal.code)
        else { throw Failure(.unreachable, "HTTP \(reply.status)") }
        // A refusal is not signed: nothing of it may move a terminal's cursor.
        let detail = refusal.detail.unicodeScalars.filter {
            $0.properties.generalCategory != .control
        }
        throw Failure(problem, String(String.UnicodeScalarView(detail.prefix(200))))
    }
}

extension Failure {
    init(_ error: ExchangeError) {
        switch error {
        case .wrongNonce: self.init(.badResponse, "nonce")
        case .forgedReceipt: self.init(.badResponse, "receipt")
        case .malformed(let part): self.init(.badResponse, part)
        case .noOpenRequest: self.init(.badResponse, "request")
        }
    }

    /// What is wrong with an answer.
    init(response error: WireError) {
        switch error {
        case .oversized: self.init(.badResponse, "size")
        case .malformed(let part): self.init(.badResponse, part)
        case .wrongSignature: self.init(.badResponse, "signature")
        case .unsupportedProtocol(let version): self.init(.unsupportedProtocol, "\(version)")
        }
    }
}
