import Foundation
import Testing

/// What goes wrong is said in one sentence with a remedy, has its exit status, and leaves nothing
/// half-done.
@Suite struct BadInput {
    private static let house = "520402109201-0001"

    private func site() throws -> Site { try .surveyed(households: 2) }

    @Test func `answers that cannot be saved`() throws {
        let site = try site()
        for (arguments, status, code) in [
            (["check", "housing", "520402109201-9999", "--set", "grade=A"], 65, "USE-02"),
            (["check", "housing", Self.house, "--set", "nothing=A"], 65, "FORM-01 nothing"),
            (["check", "housing", Self.house, "--set", "grade=E"], 65, "(grade): "),
            (["check", "housing", Self.house, "--set", "grade=A"], 65, "(dwelling_source): "),
            (["check", "housing", Self.house, "--set", "floors=99"], 65, "(floors): "),
            (
                ["check", "housing", Self.house, "--set", "build_year=2999"], 65,
                "(build_year): "
            ),
            (["check", "water", Self.house, "--set", "litres_pcd=many"], 65, "(litres_pcd): "),
            (["check", "roofs", Self.house, "--set", "grade=A"], 64, "USE-07"),
            (["check", "housing", Self.house, "--set", "grade"], 64, "USE-01"),
            (["check", "housing", Self.house], 64, "USE-12"),
            (["check", "--from", "/nonexistent"], 65, "CSV-01"),
            (["household", "list", "--area", "999"], 65, "USE-04"),
            (["coverage", "--round", "none"], 65, "USE-05"),
            (["conflicts", "resolve", Self.house, "--choose", "00"], 65, "USE-11"),
            (["pull", "520423"], 77, "USER-06"),
        ] {
            let finished = try Programs.run(
                "lianhu", arguments + ["--home", site.home("王芳").path])
            #expect(finished.status == Int32(status), "\(arguments): \(finished.errors)")
            #expect(finished.errors.contains(code), "\(arguments): \(finished.errors)")
            #expect(finished.output.isEmpty)
        }
        #expect(try site.at("王芳", "status", "--json").json()["pending"].int == 0)
    }

    @Test func `a batch with one bad line saves nothing and names every bad line`() throws {
        let site = try site()
        let good = #"{"kind":"housing","subject":"\#(Self.house)","set":{"floors":2}}"#
        let finished = try site.at(
            "王芳", "check", "--from", "-",
            input: [
                good, #"{"kind":"housing"}"#, good.replacingOccurrences(of: "0001", with: "0002"),
                good, #"{"kind":"water","subject":"\#(Self.house)","set":{"litres_pcd":-1}}"#,
            ]
            .joined(separator: "\n"),
            expecting: 65)
        for line in ["line 2", "line 4", "line 5"] { #expect(finished.errors.contains(line)) }
        #expect(try site.at("王芳", "status", "--json").json()["pending"].int == 0)
    }

    @Test func `nothing is imported where its report cannot be written`() throws {
        let site = try site()
        let mapping = try site.write(
            "map.toml",
            """
            namespace = "test"
            [subject]
            village = "\(Self.house.prefix(12))"
            key = "id"
            create = true
            [household]
            head_name = "owner"
            """)
        let table = try site.write("table.csv", "id,owner\nN-1,甲\n")
        let finished = try site.at(
            "王芳", "import", table, "--mapping", mapping, "--report",
            site.home("none/report.csv").path, expecting: 64)
        #expect(finished.errors.contains("HOME-12"))
        #expect(try site.at("王芳", "status", "--json").json()["pending"].int == 0)
        let report = site.home("report.csv").path
        try site.at("王芳", "import", table, "--mapping", mapping, "--report", report)
        #expect(try site.at("王芳", "status", "--json").json()["pending"].int == 1)
        #expect(FileManager.default.fileExists(atPath: report))
    }

    @Test func `codes that are mistyped, reused, or of another server`() throws {
        let site = try site()
        let code = try #require(try site.admin("enrol", "李明", "--json").json()["code"].text)
        func enrol(_ home: String, _ code: String, _ status: Int32) throws -> Finished {
            let finished = try Programs.run(
                "lianhu",
                ["init", "--server", site.url, "--code", code, "--home", site.home(home).path])
            #expect(finished.status == status, "\(finished.errors)")
            return finished
        }
        #expect(try enrol("a", "ABCD", 65).errors.contains("ENROL-01"))
        _ = try enrol("a", code, 0)
        #expect(try enrol("b", code, 77).errors.contains("ENROL-04"))
        #expect(!FileManager.default.fileExists(atPath: site.home("b").path), "nothing half-done")
        #expect(try enrol("a", code, 64).errors.contains("HOME-02"))
        let wrong = String(code.dropLast(4)) + (code.hasSuffix("0000") ? "1111" : "0000")
        #expect(try enrol("c", wrong, 77).errors.contains("ENROL-05"))
        #expect(try site.at("nobody", "status", expecting: 64).errors.contains("HOME-01"))
    }

    @Test func `a home of another server`() throws {
        let (site, other) = (try site(), try Site())
        try site.at("王芳", "check", "housing", Self.house, "--set", "floors=2")
        try site.stop()
        try other.prepare(households: 1)
        try other.serve(listen: String(site.url.dropFirst("http://".count)))
        let finished = try site.at("王芳", "sync", expecting: 77)
        #expect(finished.errors.contains("SYNC-03"))
        #expect(try site.at("王芳", "status", "--json").json()["pending"].int == 1)
    }

    @Test func `a data folder is served once, and the other commands work beside it`() throws {
        let site = try site()
        let second = try site.admin("serve", "--listen", "127.0.0.1:0", expecting: 1)
        #expect(second.errors.contains("HOME-07"))
        try site.admin("user", "assign", "王芳", "--area", "520423102")
        let synced = try site.at("王芳", "sync", "--json").json()
        #expect(synced["received"].int ?? 0 > 6)
        #expect(
            try site.at("王芳", "household", "list", "--area", "黄果树旅游区", "--json").json().array.count
                == 2)
    }

    @Test func `plain HTTP beyond this machine is refused on both sides`() throws {
        let site = try Site()
        let serve = try site.admin("serve", "--listen", "0.0.0.0:0", expecting: 64)
        #expect(serve.errors.contains("SYNC-13"))
        let code = "0000-0000-0000-0000-0000-0000-0000-0000"
        let initial = try site.at(
            "x", "init", "--server", "http://192.0.2.1:80", "--code", code, expecting: 64)
        #expect(initial.errors.contains("SYNC-13"))
    }

    @Test func `everything that is written is for its owner alone`() throws {
        let site = try site()
        for folder in [site.home("王芳"), site.data] {
            let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(!files.isEmpty)
            for file in files {
                let attributes = try FileManager.default.attributesOfItem(
                    atPath: folder.appending(path: file).path)
                #expect((attributes[.posixPermissions] as? Int) == 0o600, "\(file)")
            }
        }
    }

    @Test func `a bad register leaves a located error and the rest`() throws {
        let site = try site()
        let rows = try site.write(
            "bad.csv",
            "household_no,village_code,head_name,household_type,address\n"
                + "N1,520402109201,某某,,\nN2,123,某某,,\n")
        let strict = try site.admin("households", "import", rows, "--strict", expecting: 65)
        #expect(strict.errors.contains("line 3, column village_code"))
        #expect(!strict.errors.contains("某某"))
        let rest = try site.admin("households", "import", rows, "--json", expecting: 65)
        #expect(try rest.json()["added"].int == 1)
        #expect(try rest.json()["wrong"].int == 1)
    }
}
