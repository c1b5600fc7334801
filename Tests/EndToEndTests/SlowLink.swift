import Foundation
import Synchronization
import TestSupport
import Testing

/// A village's network: 600 ms to the other side, 30 kbit/s, one connection of five is cut.
@Suite struct SlowLink {
    @Test func `a day's work goes through a slow link that is cut again and again`() throws {
        let seed = UInt64.random(in: 0..<1_000_000)
        print("slow link: seed \(seed)")
        let site = try Site()
        try site.prepare(households: 12)
        try site.serve()
        let network = try BadNetwork(seed: seed)
        defer { network.close() }
        network.badness.withLock { $0 = 0 }
        network.forward(to: site.url)
        try site.enrol("王芳", through: "http://127.0.0.1:\(network.port)")
        network.link.withLock { $0 = (latency: 600, bytesPerSecond: 30_000 / 8) }
        network.badness.withLock { $0 = 20 }
        try site.at("王芳", "sync")
        for number in 10...12 {
            try site.at(
                "王芳", "check", "housing", "520402109201-00\(number)", "--set", "floors=2")
        }
        let plan = try site.at("王芳", "sync", "--dry-run", "--json").json()
        #expect(plan["pending"].int == 3)
        let result = try site.at("王芳", "sync", "--json").json()
        #expect(result["sent"].int == 3, "seed \(seed)")
        let proof = try site.at("王芳", "verify", "--json").json()
        #expect(proof["missing"].array.isEmpty)
    }

    @Test func `watching sends what is saved, as soon as there is a server`() throws {
        let site = try Site()
        try site.prepare(households: 12)
        try site.serve()
        try site.enrol("王芳")
        try site.at("王芳", "sync")
        let listen = String(site.url.dropFirst("http://".count))
        try site.stop()
        let watch = try site.start("王芳", "sync", "--watch", "--every", "1")
        defer {
            watch.process.send(SIGKILL)
            _ = watch.wait()
        }
        // The home is free meanwhile.
        try site.at("王芳", "check", "housing", "520402109201-0010", "--set", "floors=2")
        try site.serve(listen: listen)
        let end = Date() + 30
        while try site.at("王芳", "status", "--json").json()["pending"].int != 0, Date() < end {
            usleep(200_000)
        }
        #expect(try site.at("王芳", "status", "--json").json()["pending"].int == 0)
    }
}
