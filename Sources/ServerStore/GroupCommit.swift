internal import Dispatch
public import SurveyWire

/// Commits what waits together: one durable transaction for many requests.
///
/// While one group is being written the next one gathers. When a write fails, every request of
/// its group fails and nothing of it is acknowledged.
public actor GroupCommit {
    private let store: ServerStore
    private var waiting: [(push: Push, done: CheckedContinuation<[PushedSegment], any Error>)] = []
    private var isWriting = false
    /// Requests of one transaction, so that a response is never far away.
    private let limit: Int

    public init(_ store: ServerStore, limit: Int = 64) {
        self.store = store
        self.limit = limit
    }

    /// Returns once the push is durable.
    public func submit(_ push: Push) async throws -> [PushedSegment] {
        guard !push.segments.isEmpty else { return [] }
        return try await withCheckedThrowingContinuation { done in
            waiting.append((push, done))
            if !isWriting {
                isWriting = true
                Task { await drain() }
            }
        }
    }

    private func drain() async {
        while !waiting.isEmpty {
            let group = Array(waiting.prefix(limit))
            waiting.removeFirst(group.count)
            let result = await write(group.map(\.push))
            switch result {
            case .success(let pushed):
                for (entry, pushed) in zip(group, pushed) { entry.done.resume(returning: pushed) }
            case .failure(let error):
                for entry in group { entry.done.resume(throwing: error) }
            }
        }
        isWriting = false
    }

    private nonisolated func write(_ pushes: [Push]) async -> Result<[[PushedSegment]], any Error> {
        await withCheckedContinuation { done in
            Self.queue.async { [store] in
                done.resume(returning: Result { try store.store(pushes) })
            }
        }
    }

    /// Waiting for the disk must not occupy a thread that other requests need.
    private static let queue = DispatchQueue(label: "lianhu.commit")
}
