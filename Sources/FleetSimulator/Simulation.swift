public import Foundation

/// A run from a seed: what happened, and what was found wrong.
public struct Simulation: Sendable {
    public struct Outcome: Sendable {
        public let seed: UInt64
        public let actions: [Action]
        public let violation: String?
        public let edits: Int
        public let devices: Int
        /// Exchanges until everybody was quiet, and how many are allowed.
        public let healingTrips: Int
        public let allowedTrips: Int

        /// The violation without its numbers and ids: alike for runs that fail in the same way.
        var kind: String? {
            violation.map { text in
                text.split(separator: " ").filter { !$0.contains(where: \.isNumber) }
                    .joined(separator: " ")
            }
        }
    }

    /// Where databases are made; memory is fastest.
    public let folder: URL
    public let length: Int
    private var keepsFolders = false

    public init(folder: URL, length: Int = 120) {
        self.folder = folder
        self.length = length
        DiskFault.install()
    }

    /// Plays everything that the seed says.
    public func run(seed: UInt64) -> Outcome {
        play(seed: seed, Action.sequence(seed: seed, count: length))
    }

    /// Plays the given actions in the fleet that a seed makes.
    public func replay(seed: UInt64, _ actions: [Action]) -> Outcome { play(seed: seed, actions) }

    /// Plays it again and leaves the databases where they are.
    public func keep(_ outcome: Outcome) -> URL {
        var simulation = self
        simulation.keepsFolders = true
        _ = simulation.play(seed: outcome.seed, outcome.actions)
        return place(of: outcome.seed)
    }

    private func place(of seed: UInt64) -> URL {
        folder.appending(path: "fleet-\(seed)-\(ProcessInfo.processInfo.processIdentifier)")
    }

    private func play(seed: UInt64, _ actions: [Action]) -> Outcome {
        let folder = place(of: seed)
        try? FileManager.default.removeItem(at: folder)
        DiskFault.watch(folder)
        defer {
            DiskFault.watch(nil)
            if !keepsFolders { try? FileManager.default.removeItem(at: folder) }
        }
        var (edits, devices, trips, allowed) = (0, 0, 0, 0)
        var violation: String?
        do {
            let fleet = try Fleet(seed: seed, folder: folder)
            defer {
                edits = fleet.ledger.entries.count
                devices = fleet.devices.count
                trips = fleet.healingTrips
                allowed = fleet.allowedTrips
            }
            for (number, action) in actions.enumerated() {
                do {
                    try fleet.perform(action)
                } catch {
                    throw Violation("action \(number) \(action.kind.rawValue): \(error)")
                }
            }
            try fleet.heal()
            try fleet.examine()
        } catch {
            violation = "\(error)"
        }
        return Outcome(
            seed: seed, actions: actions, violation: violation, edits: edits, devices: devices,
            healingTrips: trips, allowedTrips: allowed)
    }

    /// Leaves out whatever is not needed to fail in the same way.
    ///
    /// Source: Zeller, Hildebrandt, "Simplifying and Isolating Failure-Inducing Input" (2002).
    public func shrink(_ outcome: Outcome) -> Outcome {
        var best = outcome
        var size = max(1, best.actions.count / 2)
        while true {
            var start = 0
            var shortened = false
            while start < best.actions.count {
                var fewer = best.actions
                fewer.removeSubrange(start..<min(start + size, fewer.count))
                let attempt = play(seed: best.seed, fewer)
                if attempt.kind == outcome.kind {
                    best = attempt
                    shortened = true
                } else {
                    start += size
                }
            }
            if size == 1, !shortened { return best }
            size = max(1, size / 2)
        }
    }
}
