public import ArgumentParser
internal import Foundation
internal import SurveyConsole

/// `fleet-simulator`: runs seeds and reports what they break.
public struct FleetProgram: ParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "fleet-simulator",
        abstract: "Plays random days of a fleet of devices and a server, and checks every promise.",
        discussion: """
            One seed decides everything. A failing seed is printed, replays exactly with --seed S \
            --seeds 1, and is shortened to the actions that are needed.
            """)

    @Option(help: "How many seeds.")
    var seeds = 100

    @Option(help: "The first seed; random when left out.")
    var seed: UInt64?

    @Option(help: "Actions of a run.")
    var length = 120

    @Option(help: "Where databases are made (default: memory).")
    var folder = "/dev/shm"

    @Flag(help: "Do not shorten a failing run.")
    var noShrink = false

    @Flag(help: "Keep the databases of a failing run, as they are at its end.")
    var keep = false

    public init() {}

    public func run() throws {
        let simulation = Simulation(folder: URL(filePath: folder), length: length)
        let first = seed ?? UInt64.random(in: 0..<1_000_000_000)
        print("seeds \(first)...\(first + UInt64(max(1, seeds)) - 1), \(length) actions each")
        let start = Date()
        var (edits, failures) = (0, 0)
        var line = ProgressLine()
        for number in 0..<UInt64(max(0, seeds)) {
            let outcome = simulation.run(seed: first + number)
            edits += outcome.edits
            line.show("seeds", done: Int(number) + 1, total: seeds)
            guard let violation = outcome.violation else { continue }
            failures += 1
            line.finish()
            // A failure is seen at once, wherever the output goes.
            defer { fflush(nil) }
            print("seed \(outcome.seed) fails: \(violation)")

            let short = noShrink ? outcome : simulation.shrink(outcome)
            if keep { print("  databases: \(simulation.keep(short).path)") }
            guard !noShrink else { continue }
            print("  \(short.actions.count) actions are enough: \(short.violation ?? "")")
            for action in short.actions { print("    \(action.kind.rawValue) \(action.seed)") }
        }
        line.finish()
        let seconds = Date().timeIntervalSince(start)
        print(
            "\(seeds) seeds, \(edits) edits, \(failures) failures, "
                + String(format: "%.1f seeds/s", Double(seeds) / max(0.001, seconds)))
        if failures > 0 { throw ExitCode(1) }
    }

    /// Runs the command line of this process.
    public static func start() async -> Never { await Program.run(FleetProgram.self) }
}
