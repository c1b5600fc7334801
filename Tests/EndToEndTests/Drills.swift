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
        #expect(busy.errors.contains("HOME-07"))
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
}
