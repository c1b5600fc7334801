import ArgumentParser
import Foundation
import GRDB

/// Measures this program beside bare tools, in one run and on one machine.
@main
struct BenchmarkProgram: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measures speed and size beside bare baselines of the same run.",
        discussion: """
            Rows: \(Row.allCases.map(\.rawValue).joined(separator: ", ")). PERFORMANCE.md says what \
            each is. Everything happens in a temporary folder and on loopback.
            """)

    enum Row: String, CaseIterable, ExpressibleByArgument {
        case roster, server, network, device, bytes, reading, growth
    }

    @Flag(help: "A register of 4,000 households in place of 100,000: under two minutes.")
    var quick = false
    @Flag(help: "Prints JSON.")
    var json = false
    @Option(help: "Only these rows; may be repeated.")
    var only: [Row] = []
    @Option(help: "The seed of everything that is invented.")
    var seed: UInt64 = 1
    @Option(help: "Where to work.")
    var folder = FileManager.default.temporaryDirectory.path
    @Option(help: .hidden)
    var programs: String
    @Option(help: .hidden)
    var tools: String

    func run() throws {
        let place = URL(filePath: folder, directoryHint: .isDirectory)
            .appending(path: "lianhu-bench-\(ProcessInfo.processInfo.processIdentifier)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: place) }
        let site = Site(
            programs: URL(filePath: programs, directoryHint: .isDirectory),
            tools: URL(filePath: tools, directoryHint: .isDirectory), folder: place,
            scale: quick ? .quick : .full, seed: seed)
        let run = Run(site: site, wanted: only.isEmpty ? Row.allCases : only)
        if !json { print(run.machine.lines.joined(separator: "\n")) }
        let figures = try run.figures { row, figures in
            guard !json else { return }
            print("\n\(row.rawValue)")
            for figure in figures { print(figure.line) }
            fflush(nil)
        }
        guard json else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let report = Report(machine: run.machine, seed: seed, quick: quick, figures: figures)
        print(String(decoding: try encoder.encode(report), as: UTF8.self))
    }

    private struct Report: Encodable {
        let machine: Machine
        let seed: UInt64
        let quick: Bool
        let figures: [Figure]
    }
}

/// One run of the benchmark.
private struct Run {
    let site: Site
    let wanted: [BenchmarkProgram.Row]
    let machine = Machine()

    func figures(_ show: (BenchmarkProgram.Row, [Figure]) -> Void) throws -> [Figure] {
        // Every row works in the register that the first one makes.
        let roster = try site.make()
        return try BenchmarkProgram.Row.allCases.filter(wanted.contains).flatMap { row in
            let figures =
                switch row {
                case .roster: roster
                case .server: try ServerRows(site: site).figures()
                case .network: try NetworkRows(site: site).figures()
                case .device: try DeviceRows(site: site).figures()
                case .bytes: try SizeRows(site: site).figures()
                case .reading: try ServerRows(site: site).reading()
                case .growth: try ServerRows(site: site).growth()
                }
            show(row, figures)
            return figures
        }
    }
}

/// Where the figures come from.
private struct Machine: Encodable {
    let processor: String
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let system: String
    let sqlite: String
    let day: String

    init() {
        func lines(_ file: String) -> [Substring] {
            ((try? String(contentsOfFile: file, encoding: .utf8)) ?? "").split(separator: "\n")
        }
        func value(_ key: String, _ file: String, _ separator: Character) -> String {
            lines(file).first { $0.hasPrefix(key) }?
                .split(separator: separator, maxSplits: 1).last
                .map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " \t\"")) } ?? "?"
        }
        processor = value("model name", "/proc/cpuinfo", ":")
        system = value("PRETTY_NAME", "/etc/os-release", "=")
        sqlite =
            (try? DatabaseQueue().read { try String.fetchOne($0, sql: "SELECT sqlite_version()") })
            ?? "?"
        day = Date.now.formatted(.iso8601.year().month().day())
    }

    var lines: [String] {
        ["\(day): \(cores) cores of \(processor), \(system), SQLite \(sqlite)"]
    }
}
