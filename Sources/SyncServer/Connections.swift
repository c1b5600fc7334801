import NIOCore
import Synchronization

/// The open connections. When there are as many as there may be, and only then, another one takes the
/// place of the idlest of the address that has most of them: an office shares one address.
final class Connections: Sendable {
    private struct Connection {
        let channel: any Channel
        let address: String
        let opened: NIODeadline
        /// Bytes of the last request or, while one comes in, of the last seconds.
        var received = 0
        /// A whole request is here and its answer is not out.
        var isAnswered = false
    }

    private struct State {
        var open: [ObjectIdentifier: Connection] = [:]
        var counts: [String: Int] = [:]
    }

    /// How long a connection has to show what it is for.
    private let grace: TimeAmount
    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int, grace: TimeAmount = .seconds(5)) {
        self.limit = limit
        self.grace = grace
    }

    func opened(_ channel: any Channel) {
        let connection = Connection(
            channel: channel, address: channel.remoteAddress?.ipAddress ?? "", opened: .now())
        let victim = state.withLock { state -> (any Channel)? in
            let victim = state.open.count >= limit ? idlest(state) : nil
            if let victim { remove(victim, &state) }
            state.open[ObjectIdentifier(channel)] = connection
            state.counts[connection.address, default: 0] += 1
            return victim
        }
        victim?.close(promise: nil)
    }

    func closed(_ channel: any Channel) { state.withLock { remove(channel, &$0) } }

    func note(_ channel: any Channel, received: Int, isAnswered: Bool) {
        state.withLock { state in
            let key = ObjectIdentifier(channel)
            state.open[key]?.received = received
            state.open[key]?.isAnswered = isAnswered
        }
    }

    private func remove(_ channel: any Channel, _ state: inout State) {
        guard let gone = state.open.removeValue(forKey: ObjectIdentifier(channel)) else { return }
        let left = state.counts[gone.address, default: 1] - 1
        state.counts[gone.address] = left > 0 ? left : nil
    }

    private func idlest(_ state: State) -> (any Channel)? {
        let most = state.counts.values.max() ?? 0
        let now = NIODeadline.now()
        func isNew(_ connection: Connection) -> Bool { now - connection.opened < grace }
        return state.open.values
            .filter { state.counts[$0.address] == most }
            .min { a, b in
                let (busyA, busyB) = (isNew(a) || a.isAnswered, isNew(b) || b.isAnswered)
                if busyA != busyB { return busyB }
                return (a.received, a.opened) < (b.received, b.opened)
            }?.channel
    }
}
