public import ArgumentParser
internal import Foundation
internal import Glibc
internal import SurveyConsole

/// `fleet-simulator`: runs seeds and reports what they break.
public struct FleetProgram: ParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "fleet-simulator",
        abstract: "Plays random days of a fleet of devices and a server, and checks every promise.",
        discussion: """
            One seed decides everything. A failing seed is printed, replays exactly with --seed S \
            --seeds 1, and is shortened to the actions that are needed. What depends on the order of \
            a set shows with --random-hashing, where a seed replays in some processes only.
            """)

    @Option(help: "How many seeds.")
    var seeds = 100

    @Option(help: "The first seed; random when left out.")
    var seed: UInt64?

    @Option(help: "Actions of a run.")
    var length = 120

    @Option(help: "Where databases are made (default: in memory, where there is /dev/shm).")
    var folder =
        FileManager.default.isWritableFile(atPath: "/dev/shm")
        ? "/dev/shm" : FileManager.default.temporaryDirectory.path

    @Flag(help: "Do not shorten a failing run.")
    var noShrink = false

    @Flag(help: "Stop at the first failing run.")
    var stop = false

    @Flag(help: "Keep the databases of a failing run, as they are at its end.")
    var keep = false

    @Flag(help: "Let sets and dictionaries have another order in each process.")
    var randomHashing = false

    public init() {}

    public func run() throws {
        if !randomHashing { try Self.restartWithFixedHashing() }
        let simulation = Simulation(folder: URL(filePath: folder), length: length)
        let first = seed ?? UInt64.random(in: 0..<1_000_000_000)
        print("seeds \(first)...\(first + UInt64(max(1, seeds)) - 1), \(length) actions each")
        let start = Date()
        var total = Totals()
        let line = ProgressLine()
        for number in 0..<UInt64(max(0, seeds)) {
            let outcome = simulation.run(seed: first + number)
            total.add(outcome)
            line.show("seeds", done: total.seeds, total: seeds)
            guard let violation = outcome.violation else { continue }
            line.finish()
            report(violation, of: outcome, in: simulation)
            if stop { break }
        }
        line.finish()
        print(total.text(seconds: Date().timeIntervalSince(start)))
        if total.failures > 0 { throw ExitCode(1) }
    }

    /// The order of sets follows from a secret of the process, unless its environment says not to.
    private static func restartWithFixedHashing() throws {
        let name = "SWIFT_DETERMINISTIC_HASHING"
        guard ProcessInfo.processInfo.environment[name] == nil else { return }
        setenv(name, "1", 1)
        var arguments = CommandLine.arguments.map { strdup($0) } + [nil]
        execv("/proc/self/exe", &arguments)
        throw CocoaError(.executableLoad)
    }

    private func report(
        _ violation: String, of outcome: Simulation.Outcome, in simulation: Simulation
    ) {
        // Seen at once, wherever the output goes.
        defer { fflush(nil) }
        print("seed \(outcome.seed) fails: \(violation)")
        let short = noShrink ? outcome : simulation.shrink(outcome)
        if keep { print("  databases: \(simulation.keep(short).path)") }
        guard !noShrink else { return }
        print("  \(short.actions.count) actions are enough: \(short.violation ?? "")")
        for action in short.actions { print("    \(action.kind.rawValue) \(action.seed)") }
    }

    private struct Totals {
        var seeds = 0
        var failures = 0
        private var edits = 0
        private var devices = 0
        /// Greatest share of the allowed exchanges that a run needed until it was quiet.
        private var load = 0.0

        mutating func add(_ outcome: Simulation.Outcome) {
            seeds += 1
            failures += outcome.violation == nil ? 0 : 1
            edits += outcome.edits
            devices += outcome.devices
            load = max(load, Double(outcome.healingTrips) / Double(max(1, outcome.allowedTrips)))
        }

        func text(seconds: Double) -> String {
            "\(seeds) seeds, \(devices) devices, \(edits) edits, \(failures) failures; "
                + String(
                    format: "quiet after at most %.0f %% of the allowed exchanges; ", load * 100)
                + String(format: "%.1f seeds/s", Double(seeds) / max(0.001, seconds))
        }
    }

    /// Runs the command line of this process.
    public static func start() -> Never { Program.run(FleetProgram.self) }
}
