import Foundation
import GRDB
import ServerStore
import SurveyModel
import SurveyStore
import Synchronization

/// Many devices at once, over HTTP on loopback, until the coverage shows what they sent.
struct NetworkRows {
    let site: Site

    func figures() throws -> [Figure] { try site.scale.fleets.flatMap(measure) }

    private func measure(_ devices: Int) throws -> [Figure] {
        let folder = try site.copy("server-network-\(devices)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let total = site.scale.logs * site.scale.checks
        let store = try ServerStore.open(folder, creating: false)
        let load = try ServerRows.load(
            on: store, logs: devices, checks: max(80, total / max(20, devices) / 80 * 80), by: 40,
            seed: site.seed + 7)
        let honest = try Home("honest", areas: [site.village(0)], site, store)
        try store.catchUp()
        let server = try Server(site, data: folder)
        try honest.enrol(at: server.url)
        try honest.sync()

        let failure = Mutex<(any Error)?>(nil)
        let begin = ContinuousClock.now
        let done = DispatchGroup()
        for requests in load.requests {
            Thread.detachNewThread(entering: done) {
                do {
                    let connection = try Connection(server.url)
                    defer { connection.close() }
                    for request in requests { try connection.post(request, to: "/v1/sync") }
                } catch {
                    failure.withLock { $0 = error }
                }
            }
        }
        // A surveyor among them.
        var waits: [Double] = []
        while done.wait(timeout: .now() + 0.02) == .timedOut {
            waits.append(try honest.sync() * 1_000)
        }
        let acknowledged = (ContinuousClock.now - begin).seconds
        if let error = failure.withLock({ $0 }) { throw error }
        while try store.writer.read(Projector.isBehind) { usleep(5_000) }
        let counted = (ContinuousClock.now - begin).seconds
        try store.close()
        let ended = try server.stop()
        let count = Double(load.count)
        let bare = try BareSQLite.insert(load.rows, by: 2_000, in: site.folder)
        let what = devices == 1 ? "1 device" : "\(devices) devices at once"
        waits.sort()
        var figures = [
            Figure("network", "\(what): acknowledged", "edits/s", [count / acknowledged])
                .beside("bare SQLite", [count / bare]),
            Figure("network", "\(what): until counted", "edits/s", [count / counted])
                .beside("bare SQLite", [count / bare]),
            Figure("network", "\(what): most memory", "MiB", [ended.peak]),
        ]
        if !waits.isEmpty {
            figures += [
                Figure("network", "\(what): an honest sync, p50", "ms", [waits[waits.count / 2]]),
                Figure(
                    "network", "\(what): an honest sync, p99", "ms",
                    [waits[min(waits.count - 1, waits.count * 99 / 100)]]),
            ]
        }
        return figures
    }
}

extension Thread {
    fileprivate static func detachNewThread(
        entering group: DispatchGroup, _ body: @escaping @Sendable () -> Void
    ) {
        group.enter()
        detachNewThread {
            body()
            group.leave()
        }
    }
}

/// A surveyor's home, worked on by the program as its user would.
struct Home {
    let site: Site
    let folder: URL
    private let code: String

    /// Adds the user; the server need not run yet.
    init(_ name: String, areas: [String], _ site: Site, _ store: ServerStore) throws {
        self.site = site
        folder = site.folder.appending(path: "home-\(name)")
        try? FileManager.default.removeItem(at: folder)
        try store.addUser(name, role: .surveyor, areas: try store.areaTree().find(all: areas))
        code = try store.issueCode(for: name).code.text
    }

    func enrol(at url: String) throws {
        try run("init", "--server", url, "--code", code)
    }

    /// Seconds that a synchronization takes.
    @discardableResult
    func sync() throws -> Double { try run("sync", "--json").seconds }

    @discardableResult
    func run(_ arguments: String...) throws -> Child.Ended {
        try site.run(["lianhu"] + arguments, ["LIANHU_HOME": folder.path])
    }
}
