import Foundation
import Synchronization
import TestSupport
import Testing

/// Processes that die at any moment, and disks that are full.
@Suite struct Kills {
    /// `LIANHU_KILLS=500 tools/test --filter Kills` goes on for longer.
    private static let rounds =
        ProcessInfo.processInfo.environment["LIANHU_KILLS"].flatMap(Int.init) ?? 60

    @Test func `clients and servers are killed at any moment and nothing is lost`() throws {
        let seed = UInt64.random(in: 0..<1_000_000)
        print("kills: seed \(seed), \(Self.rounds) rounds")
        var random = SplitMix64(seed)
        let site = try Site()
        try site.prepare(households: 12)
        try site.serve()
        let network = try BadNetwork(seed: seed)
        defer { network.close() }
        network.badness.withLock { $0 = 0 }
        network.forward(to: site.url)
        let names = ["王芳", "李明"]
        for name in names { try site.enrol(name, through: "http://127.0.0.1:\(network.port)") }
        for name in names { try site.at(name, "sync") }
        network.badness.withLock { $0 = 60 }

        var saved: [String: Set<String>] = [:]
        var (killed, served) = (0, 0)
        for _ in 0..<Self.rounds {
            let name = names.randomElement(using: &random)!
            let subject = "520402109201-00\(Int.random(in: 10...12, using: &random))"
            let floors = "floors=\(Int.random(in: 1...4, using: &random))"
            let check = try site.start(
                name, "check", "housing", subject, "--set", floors, "--json")
            if Bool.random(using: &random) { killed += check.kill(after: 0...90, &random) }
            // What it reported is saved, whatever happens now.
            let finished = check.wait()
            if finished.status == 0, let edit = try finished.json()["edit"].text {
                saved[name, default: []].insert(edit)
            }
            let sync = try site.start(name, "sync")
            switch Int.random(in: 0..<4, using: &random) {
            case 0: killed += sync.kill(after: 0...120, &random)
            case 1:
                usleep(UInt32.random(in: 0...80_000, using: &random))
                try site.killServer()
                try site.serve()
                network.forward(to: site.url)
                served += 1
            default: break
            }
            _ = sync.wait()
        }

        network.badness.withLock { $0 = 0 }
        for name in names + names { try site.at(name, "sync") }
        for name in names {
            let proof = try site.at(name, "verify", "--json").json()
            #expect(proof["missing"].array.isEmpty, "seed \(seed)")
            var known: Set<String> = []
            for number in 10...12 {
                let history = try site.at(
                    name, "history", "520402109201-00\(number)", "--json", expecting: nil)
                guard history.status == 0 else { continue }
                known.formUnion(try history.json().array.compactMap { $0["edit"].text })
            }
            for other in names {
                #expect(
                    saved[other, default: []].isSubset(of: known),
                    "seed \(seed): a saved answer is missing")
            }
        }
        #expect(try site.admin("check", "--json").json()["sound"] == .bool(true), "seed \(seed)")
        print("kills: \(killed) clients, \(served) servers, \(saved.values.map(\.count)) saved")
        #expect(killed > 0 && served > 0)
    }

    @Test func `a full disk on a device says so and changes nothing`() throws {
        let site = try Site()
        try site.prepare(households: 4)
        try site.serve()
        try site.enrol("王芳")
        try site.at("王芳", "sync")
        let check = ["check", "housing", "520402109201-0001", "--set", "floors=2", "--json"]
        let full = try site.start("王芳", check, fileLimit: 4).wait()
        #expect(full.status == 1 && full.errors.contains("HOME-"), "\(full.errors)")
        #expect(try site.at("王芳", "status", "--json").json()["pending"].int == 0)
        let full2 = try site.start("王芳", ["sync"], fileLimit: 4).wait()
        #expect(full2.status != 0)
        #expect(try site.start("王芳", check).wait().status == 0)
        #expect(try site.at("王芳", "sync", "--json").json()["sent"].int == 1)
        #expect(try site.at("王芳", "verify", "--json").json()["missing"].array.isEmpty)
    }

    @Test func `a full disk on the server acknowledges nothing and keeps everything`() throws {
        let site = try Site()
        try site.prepare(households: 4)
        try site.serve()
        try site.enrol("王芳")
        try site.at("王芳", "sync")
        try site.stop()
        try site.serve(listen: String(site.url.dropFirst("http://".count)), fileLimit: 36)
        try site.at("王芳", "check", "housing", "520402109201-0001", "--set", "floors=2")
        let full = try site.at("王芳", "sync", expecting: nil)
        #expect(full.status != 0, "\(full.errors)")
        #expect(try site.at("王芳", "status", "--json").json()["pending"].int == 1)
        try site.stop()
        try site.serve(listen: String(site.url.dropFirst("http://".count)))
        #expect(try site.at("王芳", "sync", "--json").json()["sent"].int == 1)
        #expect(try site.admin("check", "--json").json()["sound"] == .bool(true))
    }
}
