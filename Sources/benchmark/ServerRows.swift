import Dispatch
import Foundation
import GRDB
import ServerStore
import SurveyLog
import SurveyModel
import SurveyStore
import TestSupport

/// The server in this process: requests parsed, verified, stored and projected.
struct ServerRows {
    let site: Site

    /// Logs of checks, every fiftieth about a household that its neighbour checks too.
    struct Load {
        var requests: [[Data]] = []
        var rows: [[BareSQLite.Value]] = []
        var count: Int { rows.count }
    }

    static func load(
        on store: ServerStore, logs: Int, checks: Int, by size: Int, seed: UInt64,
        prefix: String = "log", after start: Int = 0
    ) throws -> Load {
        let households = try Site.households(of: store)
        let round = try store.round(nil)!.id
        var random = SplitMix64(seed)
        var load = Load()
        let share = checks / 2
        for log in 0..<logs {
            var writer = try Writer(
                "\(prefix) \(log)", areas: ["5204"], on: store, seed: random.next())
            var written: [Writer.Check] = []
            for number in 0..<share {
                let isShared = number.isMultiple(of: 50)
                let place = start + (log / (isShared ? 2 : 1)) * (isShared ? 2 : 1) * share + number
                let household = households[place % households.count]
                for kind in [RecordKind.housing, .water] {
                    written.append(Writer.Check(kind, of: household, in: round, &random))
                }
            }
            load.requests.append(try writer.requests(written, by: size, seed: random.next()))
            load.rows += written.map(\.row)
        }
        return load
    }

    /// Pushes of all logs by turns, as they would meet.
    private static func turns(_ load: Load) -> [Data] {
        let longest = load.requests.map(\.count).max() ?? 0
        return (0..<longest).flatMap { turn in
            load.requests.compactMap { turn < $0.count ? $0[turn] : nil }
        }
    }

    func figures() throws -> [Figure] {
        // So many requests in one transaction: 40 checks, and 2,000.
        try [1, 50].flatMap { group in
            var (stored, projected, bare): ([Double], [Double], [Double]) = ([], [], [])
            for repetition in 0..<site.scale.repetitions {
                let folder = try site.copy("server-\(group)-\(repetition)")
                defer { try? FileManager.default.removeItem(at: folder) }
                let store = try ServerStore.open(folder, creating: false)
                let load = try Self.load(
                    on: store, logs: site.scale.logs, checks: site.scale.checks, by: 40,
                    seed: site.seed)
                let requests = Self.turns(load)
                try store.catchUp()
                let storing = try seconds { try Self.store(requests, by: group, in: store) }
                let projecting = try seconds { try store.catchUp() }
                try store.close()
                let count = Double(load.count)
                stored.append(count / storing)
                projected.append(count / (storing + projecting))
                bare.append(
                    count / (try BareSQLite.insert(load.rows, by: 40 * group, in: site.folder)))
            }
            let size = "by \(40 * group)"
            return [
                Figure("server", "acknowledged, \(size)", "edits/s", stored)
                    .beside("bare SQLite", bare),
                Figure("server", "acknowledged and counted, \(size)", "edits/s", projected)
                    .beside("bare SQLite", bare),
            ]
        }
    }

    /// As the server does it: while one group of requests is written, the next one is verified.
    static func store(_ requests: [Data], by group: Int, in store: ServerStore) throws {
        func verify(_ start: Int) -> Ahead<[Push]>? {
            guard start < requests.count else { return nil }
            return Ahead {
                try requests[start..<min(start + group, requests.count)].map {
                    try store.authenticate($0).push
                }
            }
        }
        var start = 0
        var next = verify(0)
        while let verified = next {
            let pushes = try verified.value()
            start += group
            next = verify(start)
            let pushed = try store.store(pushes)
            guard zip(pushes, pushed).allSatisfy({ $0.segments.count == $1.count }) else {
                throw BenchmarkError("a push was not stored")
            }
        }
    }

    /// Acknowledging and projecting while the server grows.
    func growth() throws -> [Figure] {
        let folder = try site.copy("server-growth")
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = try ServerStore.open(folder, creating: false)
        defer { try? store.close() }
        let step = max(1, site.scale.growth / 10)
        var speeds: [Double] = []
        for number in 0..<10 {
            // Another part of the register each time; households that were checked are checked again.
            let load = try Self.load(
                on: store, logs: 10, checks: step / 10, by: 40, seed: site.seed + UInt64(number),
                prefix: "grower \(number)", after: number * step / 2)
            let elapsed = try seconds {
                try Self.store(Self.turns(load), by: 50, in: store)
                try store.catchUp()
            }
            speeds.append(Double(load.count) / elapsed)
        }
        return [
            Figure("growth", "first tenth of \(site.scale.growth) checks", "edits/s", [speeds[0]]),
            Figure("growth", "last tenth", "edits/s", [speeds[9]])
                .beside("first tenth", [speeds[0]]),
        ]
    }

    /// Coverage, a rebuild, a check and a start.
    func reading() throws -> [Figure] {
        let folder = try site.copy("server-reading")
        defer { try? FileManager.default.removeItem(at: folder) }
        var figures: [Figure] = []
        var pushed = 0
        for (number, count) in site.scale.coverage.enumerated() {
            let store = try ServerStore.open(folder, creating: false)
            let load = try Self.load(
                on: store, logs: 10, checks: (count - pushed) / 10, by: 40,
                seed: site.seed + 100 + UInt64(number), prefix: "reader \(number)",
                after: pushed / 2)
            try Self.store(Self.turns(load), by: 50, in: store)
            try store.catchUp()
            pushed = count
            let round = try store.round(nil)!
            let asked = try (0..<5).map { _ in
                try seconds { _ = try store.coverage(round) } * 1_000
            }
            figures.append(
                Figure("reading", "coverage of all villages at \(count) checks", "ms", asked))
            try store.close()
        }
        let size =
            try FileManager.default
            .attributesOfItem(atPath: folder.appending(path: "lianhu.sqlite").path)[.size] as! Int
        figures.append(Figure("reading", "the database", "MB", [Double(size) / 1e6]))
        let store = try ServerStore.open(folder, creating: false)
        let edits = try store.read { db in try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM edit")! }
        let rebuilt = try seconds { try store.writer.write { try Projector.rebuild($0) } }
        try store.close()
        figures.append(
            Figure("reading", "all projections rebuilt", "edits/s", [Double(edits) / rebuilt]))
        let environment = ["LIANHU_DATA": folder.path]
        let checked = try site.run(["lianhu-server", "check"], environment)
        figures.append(
            Figure("reading", "lianhu-server check", "edits/s", [Double(edits) / checked.seconds]))
        figures.append(Figure("reading", "check: most memory", "MiB", [checked.peak]))
        let started = try (0..<5).map { _ in
            let start = ContinuousClock.now
            let server = try Server(site, data: folder)
            let elapsed = (ContinuousClock.now - start).seconds
            _ = try server.stop()
            return elapsed * 1_000
        }
        figures.append(Figure("reading", "start until it listens", "ms", started))
        return figures
    }
}

/// A server process on loopback.
struct Server {
    let url: String
    private let child: Child

    init(_ site: Site, data: URL) throws {
        child = try Child(
            [site.program("lianhu-server"), "serve", "--listen", "127.0.0.1:0"],
            environment: ["LIANHU_DATA": data.path], errors: site.folder.appending(path: "errors"))
        let line = try child.firstLine()
        guard let address = line.range(of: "http://").map({ String(line[$0.lowerBound...]) }) else {
            throw BenchmarkError("the server said: \(line)")
        }
        url = address.trimmingCharacters(in: .whitespaces)
    }

    func stop() throws -> Child.Ended { try child.stop() }
}

/// Something that is computed on another core meanwhile.
private final class Ahead<Value: Sendable>: @unchecked Sendable {
    private static var queue: DispatchQueue { DispatchQueue.global() }
    private let done = DispatchSemaphore(value: 0)
    /// Written before `done` is signalled, read after it was waited for.
    private var result: Result<Value, any Error>?

    init(_ body: @escaping @Sendable () throws -> Value) {
        Self.queue.async { [self] in
            result = Result(catching: body)
            done.signal()
        }
    }

    func value() throws -> Value {
        done.wait()
        return try result!.get()
    }
}
