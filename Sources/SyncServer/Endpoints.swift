import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import ServerStore
import SurveyLog
import SurveyModel
import SurveyStore
import SurveyWire

/// What the routes do. Bodies are limited before they are read; work that waits for the disk or
/// for a signature runs beside the event loop.
struct Endpoints: Sendable {
    let store: ServerStore
    let commit: GroupCommit
    let projection: Projection
    let turns = Turns()
    let logger: Logger

    init(store: ServerStore, projection: Projection, logger: Logger) {
        self.store = store
        self.commit = GroupCommit(store)
        self.projection = projection
        self.logger = logger
    }

    func sync(_ bytes: Data) async throws -> Data {
        let identified = try await offload { try store.identify(bytes) }
        // What anybody can send again keeps no device waiting.
        let isFirst = turns.isFirst(identified.signature)
        let device = identified.device?.root ?? identified.sender
        let lane: Turns.Lane = isFirst ? .device(device.bytes) : .nobody
        let turn = try await turns.take(lane, bytes: identified.byteCount)
        defer { turns.giveBack(turn) }
        let authentic = try await offload { try store.authenticate(identified, bytes) }
        logger.debug(
            "sync",
            metadata: [
                "device": "\(Base32.encode(authentic.device.replica.bytes))",
                "segments": "\(authentic.push.segments.count)",
            ])
        let pushed = try await commit.submit(authentic.push)
        // Acknowledged work is projected after its commit; whoever reads waits for it.
        if !pushed.isEmpty { await projection.wake() }
        return try await offload { try store.respond(authentic, pushed: pushed) }
    }

    func enrol(_ bytes: Data) async throws -> Data {
        try await offload {
            let request: EnrolRequest
            do throws(WireError) {
                request = try EnrolRequest(bytes: bytes)
            } catch {
                throw Failure(error)
            }
            return try ServerStore.seal(
                store.enrol(request).sealed(by: store.key), to: request.answerKey,
                answering: request.nonce)
        }
    }

    /// Runs a handler on a request's body; whatever goes wrong becomes a refusal.
    func answer(_ request: Request, _ handler: (Data) async throws -> Data) async -> Response {
        let start = ContinuousClock.now
        var request = request
        let path = request.uri.path
        do {
            let body: ByteBuffer
            do {
                body = try await request.collectBody(upTo: WireLimits.compressedBytes)
            } catch is NIOTooManyBytesError {
                throw Failure(.oversizedRequest)
            }
            let answer = try await handler(Data(body.readableBytesView))
            logger.info(
                "\(path)",
                metadata: [
                    "status": "200", "in": "\(body.readableBytes)", "out": "\(answer.count)",
                    "took": "\(ContinuousClock.now - start)",
                ])
            return response(.ok, answer)
        } catch {
            return refusal(error, path: path)
        }
    }

    private func refusal(_ error: any Error, path: String) -> Response {
        var failure = error as? Failure ?? Failure(storage: error)
        // Another process holds the database for long, such as a rebuild.
        if failure?.problem == .busyHome { failure = Failure(.busyServer) }
        let status = Self.status(of: failure)
        if let failure, status != .internalServerError {
            logger.notice("\(path) refused", metadata: ["code": "\(failure.problem.rawValue)"])
            let refusal = WireRefusal(code: failure.problem.rawValue, detail: failure.detail)
            return response(status, refusal.encoded)
        }
        // The kind of the error and never its text: that may hold what was being stored.
        logger.error(
            "\(path) failed",
            metadata: ["error": "\(failure?.text(.en) ?? String(describing: type(of: error)))"])
        let refusal = WireRefusal(code: Problem.serverFailed.rawValue, detail: "")
        return response(.internalServerError, refusal.encoded)
    }

    private func response(_ status: HTTPResponse.Status, _ bytes: Data) -> Response {
        Response(
            status: status,
            headers: [.contentType: "application/octet-stream", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    static func status(of failure: Failure?) -> HTTPResponse.Status {
        switch failure?.problem {
        case .malformedRequest, .unsupportedProtocol: .badRequest
        case .oversizedRequest: .contentTooLarge
        case .badSignature, .unknownReplica: .unauthorized
        case .unknownCode, .usedCode, .expiredCode, .revokedUser, .wrongServerKey, .otherServer:
            .forbidden
        case .busyServer: .serviceUnavailable
        default: .internalServerError
        }
    }
}

/// Runs blocking work on threads of its own: the cooperative ones are as few as the cores.
func offload<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { done in
        workers.addOperation { done.resume(with: Result { try work() }) }
    }
}

/// Bounded, so that many requests at once cost time and not memory.
private let workers: OperationQueue = {
    let queue = OperationQueue()
    queue.name = "lianhu.workers"
    queue.maxConcurrentOperationCount = max(4, ProcessInfo.processInfo.activeProcessorCount * 2)
    return queue
}()
