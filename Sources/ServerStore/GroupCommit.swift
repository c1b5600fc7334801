internal import Dispatch
internal import SurveyLog
internal import SurveyStore
public import SurveyWire

/// Commits what waits together: one durable transaction for many requests.
///
/// While one group is being written the next one gathers. A group has so many edits that it is written
/// in a fraction of a second; a larger request is written in parts, and others come between them. When
/// a write fails, the requests of which it had a part fail, and nothing of that part is acknowledged.
public actor GroupCommit {
    private let store: ServerStore
    private var waiting: [Waiting] = []
    private var isWriting = false
    /// Edits of one transaction, so that a response is never far away.
    private let limit: Int

    private struct Waiting {
        let sender: RegisteredDevice
        let done: CheckedContinuation<[PushedSegment], any Error>
        /// In the order in which they are written, with their place in the request.
        var segments: ArraySlice<(place: Int, segment: Segment)>
        var pushed: [(place: Int, pushed: PushedSegment)] = []
    }

    public init(_ store: ServerStore, limit: Int = 1_000) {
        self.store = store
        self.limit = limit
    }

    /// Returns once the push is durable.
    public func submit(_ push: Push) async throws -> [PushedSegment] {
        guard !push.segments.isEmpty else { return [] }
        // Register segments come first: they decide whose edits count.
        let segments = push.segments.enumerated().map { (place: $0.offset, segment: $0.element) }
        let ordered =
            segments.filter(\.segment.isRegister) + segments.filter { !$0.segment.isRegister }
        return try await withCheckedThrowingContinuation { done in
            waiting.append(
                Waiting(sender: push.sender, done: done, segments: ordered[...]))
            if !isWriting {
                isWriting = true
                Task { await drain() }
            }
        }
    }

    private func drain() async {
        while !waiting.isEmpty {
            var group: [(request: Waiting, part: ArraySlice<(place: Int, segment: Segment)>)] = []
            var edits = 0
            while edits < limit, !waiting.isEmpty {
                var request = waiting.removeFirst()
                let part = Self.part(of: request.segments, edits: limit - edits)
                edits += part.reduce(0) { $0 + $1.segment.edits.count }
                request.segments = request.segments.dropFirst(part.count)
                group.append((request, part))
            }
            let result = await write(
                group.map { Push(sender: $0.request.sender, segments: $0.part.map(\.segment)) })
            switch result {
            case .success(let pushed):
                for (entry, pushed) in zip(group, pushed) {
                    var request = entry.request
                    request.pushed += zip(entry.part, pushed).map { ($0.place, $1) }
                    if request.segments.isEmpty {
                        let pushed = request.pushed.sorted { $0.place < $1.place }
                        request.done.resume(returning: pushed.map(\.pushed))
                    } else {
                        // Behind whoever came meanwhile.
                        waiting.append(request)
                    }
                }
            case .failure(let error):
                for (request, _) in group { request.done.resume(throwing: error) }
            }
            // Whatever waits to be projected is projected by whoever needs it: never much.
            if !waiting.isEmpty, edits >= limit { await project() }
        }
        isWriting = false
    }

    /// At least one segment, and no more than so many edits where several are.
    private static func part(
        of segments: ArraySlice<(place: Int, segment: Segment)>, edits limit: Int
    ) -> ArraySlice<(place: Int, segment: Segment)> {
        var edits = 0
        return segments.prefix { _, segment in
            let isFirst = edits == 0
            edits += segment.edits.count
            return isFirst || edits <= limit
        }
    }

    private nonisolated func write(_ pushes: [Push]) async -> Result<[[PushedSegment]], any Error> {
        await withCheckedContinuation { done in
            Self.queue.async { [store] in
                done.resume(returning: Result { try store.store(pushes) })
            }
        }
    }

    private nonisolated func project() async {
        await withCheckedContinuation { done in
            Self.queue.async { [store] in
                // A failure is met again, and told, by whoever reads.
                try? store.catchUp()
                done.resume()
            }
        }
    }

    /// Waiting for the disk must not occupy a thread that other requests need.
    private static let queue = DispatchQueue(label: "lianhu.commit")
}
