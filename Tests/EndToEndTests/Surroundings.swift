import Foundation
import Glibc
import Testing

/// Bytes that are not UTF-8, terminals that this machine does not know, and disks that are full: nothing
/// is saved as something else, and what can be done is done.
@Suite struct Surroundings {
    private static let house = "520402109201-0001"
    /// 罗阿婆 in GBK.
    private static let name: [UInt8] = [0xC2, 0xDE, 0xB0, 0xA2, 0xC6, 0xC5]

    @Test func `an argument in GBK is refused before anything is saved`() throws {
        let site = try Site.surveyed(households: 2)
        func handle(_ name: String) throws -> FileHandle {
            try FileHandle(forUpdating: URL(filePath: try site.write(name, "")))
        }
        for arguments in [
            [
                "check", "housing", Self.house, "--set", "dwelling_source=1", "--set",
                "occupied=yes",
            ],
            ["household", "edit", Self.house],
        ] {
            let script =
                #"exec "$0" "$@" --set note="$(printf '\xba\xf3\xc7\xbd\xbf\xaa\xc1\xd1')""#
            let (output, errors) = (try handle("out"), try handle("err"))
            let child = try Child(
                "/bin/bash",
                ["-c", script, Programs.path("lianhu")] + arguments
                    + ["--home", site.home("王芳").path],
                environment: Programs.environment, input: .nullDevice, output: output,
                errors: errors)
            #expect(child.wait() == 65)
            try errors.seek(toOffset: 0)
            let said = String(decoding: try errors.readToEnd() ?? Data(), as: UTF8.self)
            #expect(said.contains("USE-17") && said.contains("UTF-8"))
        }
        #expect(try site.at("王芳", "status", "--json").json()["pending"].int == 0)
    }

    @Test(arguments: [["--plain"], []])
    func `a name in GBK is refused when it is typed`(options: [String]) throws {
        let site = try Site.surveyed(households: 2)
        let terminal = try Terminal(
            "lianhu",
            ["household", "edit", Self.house, "--home", site.home("王芳").path] + options,
            environment: ["TERM": "xterm-256color", "COLUMNS": "100", "LINES": "30"])
        try terminal.expect("户编号")
        // In plain lines a key of its own keeps the answer.
        terminal.type(options.isEmpty ? "" : ">")
        try terminal.expect("户主姓名")
        try terminal.expect("杨正华")
        terminal.type(bytes: Self.name)
        try terminal.expect("UTF-8")
        terminal.kill9()
        #expect(try site.at("王芳", "status", "--json").json()["pending"].int == 0)
        let shown = try site.at("王芳", "household", "show", Self.house)
        #expect(shown.output.contains("杨正华"))
    }

    @Test func `answers in GBK from a pipe are refused`() throws {
        let site = try Site.surveyed(households: 2)
        let input = URL(filePath: try site.write("answers", ""))
        try Data([0x0A] + Self.name + [0x0A]).write(to: input)
        let output = try FileHandle(forUpdating: URL(filePath: try site.write("out", "")))
        let child = try Programs.child(
            "lianhu", ["household", "edit", Self.house, "--home", site.home("王芳").path],
            input: try FileHandle(forReadingFrom: input), output: output, errors: .nullDevice)
        child.wait()
        try output.seek(toOffset: 0)
        let said = String(decoding: try output.readToEnd() ?? Data(), as: UTF8.self)
        #expect(said.contains("UTF-8"))
        #expect(try site.at("王芳", "status", "--json").json()["pending"].int == 0)
    }

    @Test func `a terminal of another name is one of today, or lines say why`() throws {
        let site = try Site.surveyed(households: 2)
        let arguments = ["check", "housing", Self.house, "--home", site.home("王芳").path]
        let alike = try Terminal("lianhu", arguments, environment: ["TERM": "xterm-nonesuch"])
        try alike.expect("\u{1B}[?1049h")
        alike.kill9()
        let other = try Terminal("lianhu", arguments, environment: ["TERM": "nonesuch"])
        try other.expect("本机不认识终端类型“nonesuch”")
        try other.expect("住房来源")
        other.kill9()
    }

    @Test func `a code comes from a file, from a pipe or from whoever is asked`() throws {
        let site = try Site()
        try site.prepare(households: 1)
        try site.serve()
        func code() throws -> String {
            try #require(try site.admin("enrol", "王芳", "--json").json()["code"].text)
        }
        let file = try site.write("code.txt", try code() + "\n")
        try site.at("one", "init", "--server", site.url, "--code-file", file)
        try site.at("two", "init", "--server", site.url, "--code", "-", input: try code() + "\n")
        let asked = try Terminal(
            "lianhu", ["init", "--server", site.url, "--home", site.home("three").path])
        try asked.expect("登记码")
        asked.type(try code())
        try asked.expect("已登记")
        #expect(asked.finish() == 0)
        try site.at("four", "init", "--server", site.url, expecting: 64)
        try site.at(
            "four", "init", "--server", site.url, "--code", "x", "--code-file", file, expecting: 64)
        try site.at(
            "four", "init", "--server", site.url, "--code-file", "/nonexistent", expecting: 65)
    }

    @Test func `a home that others could read is its owner's alone again`() throws {
        let site = try Site.surveyed(households: 1)
        let home = site.home("王芳").path
        func mode(_ path: String) -> mode_t {
            var status = stat()
            return lstat(path, &status) == 0 ? status.st_mode & 0o777 : 0
        }
        for folder in [home] {
            chmod(folder, 0o755)
            chmod(folder + "/lianhu.sqlite", 0o644)
        }
        try site.at("王芳", "status")
        #expect(mode(home) == 0o700 && mode(home + "/lianhu.sqlite") == 0o600)
        // What everybody shares is nobody's home.
        let shared = site.home("shared").path
        try FileManager.default.createDirectory(
            atPath: shared, withIntermediateDirectories: false)
        chmod(shared, 0o1777)
        let code = try #require(try site.admin("enrol", "王芳", "--json").json()["code"].text)
        let refused = try site.at(
            "shared", "init", "--server", site.url, "--code", code, expecting: 64)
        #expect(refused.errors.contains("HOME-20") && mode(shared) == 0o777)
    }

    @Test func `a full disk is read from, and says so to whoever saves`() throws {
        let site = try Site.surveyed(households: 3)
        try site.at(
            "王芳", "check", "water", Self.house, "--set", "supply_mode=1", "--set", "note=a")
        for arguments in [
            ["status", "--json"], ["household", "list"], ["household", "search", "yzh"],
            ["household", "show", Self.house], ["sync", "--dry-run"],
        ] {
            // No file may grow: SQLite cannot even share its memory with another process.
            let read = try site.start("王芳", arguments, fileLimit: 8).wait()
            #expect(read.status == 0, "\(arguments): \(read.errors)")
            #expect(!read.output.isEmpty)
        }
        let search = try site.start("王芳", ["household", "search", "yzh"], fileLimit: 8).wait()
        #expect(search.output.contains(Self.house))
        let save = try site.start(
            "王芳", ["check", "housing", Self.house, "--set", "floors=2"], fileLimit: 8
        ).wait()
        #expect(save.status == 1 && save.errors.contains("HOME-08"))
        #expect(try site.at("王芳", "status", "--json").json()["pending"].int == 1)
    }

    @Test func `a full disk of the server is read from`() throws {
        let site = try Site.surveyed(households: 3)
        try site.stop()
        func onFullDisk(_ arguments: [String]) throws -> Finished {
            try Programs.start(
                "lianhu-server", arguments + ["--data", site.data.path], fileLimit: 8
            ).wait()
        }
        let backup = site.folder.appending(path: "elsewhere.sqlite").path
        for arguments in [
            ["coverage", "--by", "village"], ["areas", "list"], ["round", "list"],
            ["review", "list"], ["device", "list"],
        ] {
            let read = try onFullDisk(arguments)
            #expect(read.status == 0, "\(arguments): \(read.errors)")
        }
        #expect(try onFullDisk(["coverage", "--by", "village"]).output.contains("碧波村"))
        let change = try onFullDisk(["user", "assign", "王芳", "--area", "520402"])
        #expect(change.status == 1 && change.errors.contains("HOME-08"))
        try site.admin("backup", backup)
        try site.admin("check")
    }
}
