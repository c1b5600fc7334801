import Foundation
import SurveyModel
import Synchronization

/// Whose request is worked on next: one of each device at a time, the devices in turn, and only as much
/// at once as fits into a budget of memory.
///
/// A device that sends many requests waits for itself and delays nobody else. What waits is kept as it
/// travelled; over a few of them a device is told that the server is busy.
final class Turns: Sendable {
    /// Requests of one device that may wait behind the one that is worked on.
    private static let waitingOfOne = 4

    /// Whom a request is counted to.
    enum Lane: Hashable, Sendable {
        /// A device, by the first of its logs.
        case device(Data)
        /// Copies of earlier requests, which anybody can send.
        case nobody
    }

    struct Turn: Sendable {
        fileprivate let lane: Lane
        fileprivate let bytes: Int
    }

    private struct Waiter {
        let turn: Turn
        let start: CheckedContinuation<Void, Never>
    }

    private struct State {
        var working: Set<Lane> = []
        var bytes = 0
        /// In order of arrival.
        var waiting: [Waiter] = []
        var waitingOf: [Lane: Int] = [:]
        /// Signatures of the last requests, the oldest first to go.
        var recent: [Data] = []
        var next = 0
        var known: Set<Data> = []
    }

    /// Bytes of decompressed requests that are worked on at once.
    private let budget: Int
    /// Requests that are remembered to tell those that are sent again.
    private let memory: Int
    private let state = Mutex(State())

    init(budget: Int = 4 << 20, memory: Int = 16_384) {
        self.budget = budget
        self.memory = memory
    }

    /// Whether a request with this signature was not seen lately. Remembers it.
    func isFirst(_ signature: Data) -> Bool {
        state.withLock { state in
            guard state.known.insert(signature).inserted else { return false }
            if state.recent.count < memory {
                state.recent.append(signature)
            } else {
                state.known.remove(state.recent[state.next])
                state.recent[state.next] = signature
                state.next = (state.next + 1) % memory
            }
            return true
        }
    }

    /// Waits for a turn; whoever takes it gives it back.
    ///
    /// - Throws: `Failure` when too many requests of the same lane wait already.
    func take(_ lane: Lane, bytes: Int) async throws -> Turn {
        let turn = Turn(lane: lane, bytes: bytes)
        let isFull = state.withLock { state in
            let waiting = state.waitingOf[lane, default: 0]
            guard waiting < Self.waitingOfOne else { return true }
            state.waitingOf[lane] = waiting + 1
            return false
        }
        guard !isFull else { throw Failure(.busyServer) }
        await withCheckedContinuation { start in
            let ready = state.withLock { state in
                state.waiting.append(Waiter(turn: turn, start: start))
                return begin(&state)
            }
            for waiter in ready { waiter.start.resume() }
        }
        return turn
    }

    /// Whether another request of a lane would be refused.
    func isFull(_ lane: Lane) -> Bool {
        state.withLock { $0.waitingOf[lane, default: 0] >= Self.waitingOfOne }
    }

    func giveBack(_ turn: Turn) {
        let ready = state.withLock { state in
            state.working.remove(turn.lane)
            state.bytes -= turn.bytes
            return begin(&state)
        }
        for waiter in ready { waiter.start.resume() }
    }

    /// Begins what may begin, the longest waiting first. One that does not fit holds up those behind it,
    /// so that small requests never keep a large one waiting for ever.
    private func begin(_ state: inout State) -> [Waiter] {
        var ready: [Waiter] = []
        var index = 0
        while index < state.waiting.count {
            let turn = state.waiting[index].turn
            guard !state.working.contains(turn.lane) else {
                index += 1
                continue
            }
            guard state.bytes == 0 || state.bytes + turn.bytes <= budget else { break }
            state.working.insert(turn.lane)
            state.bytes += turn.bytes
            state.waitingOf[turn.lane, default: 1] -= 1
            if state.waitingOf[turn.lane] == 0 { state.waitingOf[turn.lane] = nil }
            ready.append(state.waiting.remove(at: index))
        }
        return ready
    }
}
