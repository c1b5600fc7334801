import Foundation
import Testing

/// Restore drills with the real executables, as an operator would do them.
@Suite struct Drills {
    @Test func `last week's backup is restored and the fleet heals it`() throws {
        let site = try Site()
        try site.prepare(households: 4)
        try site.serve()
        let backup = site.folder.appending(path: "monday.sqlite").path
        try site.admin("backup", backup)
        for name in ["王芳", "李明"] { try site.enrol(name) }
        for name in ["王芳", "李明"] { try site.at(name, "sync") }
        try site.at("王芳", "check", "housing", "520402109201-0001", "--set", "floors=2")
        try site.at("王芳", "sync")
        try site.at("李明", "sync")

        let busy = try site.admin("restore", backup, expecting: 1)
        #expect(busy.errors.contains("HOME-15"))
        try site.stop()
        let restored = try site.admin("restore", backup)
        #expect(restored.output.contains("What was there"))
        try site.serve(listen: String(site.url.dropFirst("http://".count)))
        #expect(try site.admin("device", "list", "--json").json().array.isEmpty)

        for name in ["李明", "王芳", "李明"] { try site.at(name, "sync") }
        for name in ["王芳", "李明"] {
            let proof = try site.at(name, "verify", "--json").json()
            #expect(proof["missing"].array.isEmpty && proof["edits"] == proof["receipted"])
        }
        #expect(try site.admin("device", "list", "--json").json().array.count == 2)
        let check = try site.admin("check", "--json").json()
        #expect(check["sound"] == .bool(true))
        #expect(try site.admin("review", "list", "--json").json().array.isEmpty)
    }

    @Test func `last week's copy of a home gets its edits back and goes on`() throws {
        let site = try Site()
        try site.prepare(households: 4)
        try site.serve()
        try site.enrol("王芳")
        try site.at("王芳", "sync")
        try FileManager.default.copyItem(at: site.home("王芳"), to: site.home("copy"))
        for number in 1...3 {
            try site.at("王芳", "check", "housing", "520402109201-000\(number)", "--set", "floors=2")
        }
        try site.at("王芳", "sync")
        try FileManager.default.removeItem(at: site.home("王芳"))

        try site.at("copy", "check", "housing", "520402109201-0004", "--set", "floors=1")
        let synced = try site.at("copy", "sync", "--json").json()
        #expect(synced["notices"].array.contains { $0["code"].text == "NOTE-NEWLOG" })
        let proof = try site.at("copy", "verify", "--json").json()
        #expect(proof["edits"].int == 4 && proof["receipted"].int == 4)
        #expect(try site.admin("check", "--json").json()["sound"] == .bool(true))
    }

    @Test func `a damaged page is named, not served`() throws {
        let site = try Site()
        try site.prepare(households: 20)
        let file = site.data.appending(path: "lianhu.sqlite")
        let handle = try FileHandle(forUpdating: file)
        let size = try handle.seekToEnd()
        for page in stride(from: UInt64(40), to: size / 4_096, by: 3) {
            try handle.seek(toOffset: page * 4_096)
            try handle.write(contentsOf: Data(repeating: 0xA5, count: 64))
        }
        try handle.close()
        let check = try site.admin("check", expecting: 1)
        #expect(
            check.errors.contains("HOME-05") || check.errors.contains("HOME-14"), "\(check.errors)")
    }

    /// Overwrites answers where they stand, as a dying disk does: SQLite itself notices nothing.
    private func flip(_ text: String, in file: URL) throws -> Int {
        var bytes = try Data(contentsOf: file)
        var (count, start) = (0, bytes.startIndex)
        while let found = bytes.range(of: Data(text.utf8), in: start..<bytes.endIndex) {
            bytes[found.lowerBound] ^= 0x20
            start = found.upperBound
            count += 1
        }
        try bytes.write(to: file)
        return count
    }

    @Test func `a changed answer in a server's file is named, not served, and comes back`() throws {
        let site = try Site()
        try site.prepare(households: 4)
        try site.serve()
        let backup = site.folder.appending(path: "backup.sqlite").path
        try site.admin("backup", backup)
        for name in ["王芳", "李明"] { try site.enrol(name) }
        try site.at("王芳", "sync")
        try site.at(
            "王芳", "check", "housing", "520402109201-0001", "--set", "appraiser=Damaged Word",
            "--set", "grade=D", "--set", "grade_date=2026-01-05", "--set", "dwelling_source=1")
        try site.at("王芳", "sync")
        try site.stop()
        // Leaves nothing in the write-ahead log.
        try site.admin("check")
        let damaged = try flip(
            "Damaged Word", in: site.data.appending(path: "lianhu.sqlite"))
        #expect(damaged > 0)
        let check = try site.admin("check", expecting: 1)
        #expect(check.errors.contains("HOME-14") || check.errors.contains("HOME-05"))
        let listen = String(site.url.dropFirst("http://".count))
        try site.serve(listen: listen)
        #expect(try site.at("李明", "sync", expecting: nil).status != 0)
        try site.stop()

        try site.admin("restore", backup)
        try site.serve(listen: listen)
        for name in ["王芳", "李明", "王芳"] { try site.at(name, "sync") }
        #expect(try site.admin("check", "--json").json()["sound"] == .bool(true))
        let history = try site.at("李明", "history", "520402109201-0001", "--json")
        #expect(history.output.contains("Damaged Word"))
    }

    @Test func `what a damaged home still has is taken into a new one`() throws {
        let site = try Site()
        try site.prepare(households: 6)
        try site.serve()
        try site.enrol("王芳")
        try site.at("王芳", "sync")
        for number in 1...4 {
            try site.at("王芳", "check", "housing", "520402109201-000\(number)", "--set", "floors=2")
        }
        // Sealed and never sent, then one that is not even sealed.
        try site.stop()
        _ = try site.at("王芳", "sync", expecting: 69)
        try site.at("王芳", "check", "housing", "520402109201-0005", "--set", "floors=3")
        let listen = String(site.url.dropFirst("http://".count))
        try site.serve(listen: listen)
        #expect(try flip("杨正华", in: site.home("王芳").appending(path: "lianhu.sqlite")) > 0)
        let verify = try site.at("王芳", "verify", expecting: 1)
        #expect(verify.errors.contains("HOME-05"))

        let code = try site.admin("enrol", "王芳", "--json").json()
        try site.at(
            "new", "init", "--server", site.url, "--code", try #require(code["code"].text))
        let found = try site.at("new", "recover", site.home("王芳").path, "--json").json()
        #expect(found["edits"].int == 5 && found["new"].int == 5)
        #expect(found["unreadable"] != .number(0))
        try site.at("new", "sync")
        let coverage = try site.admin("coverage", "--json").json()
        #expect(coverage["rows"][0]["housing"]["checked"].int == 5)
        #expect(try site.at("new", "verify", "--json").json()["damaged"].int == 0)
    }
}
