import Foundation
import Testing

/// A server process on an ephemeral port, its data folder, and homes beside it.
final class Site {
    let folder: URL
    private var server: Child?
    private(set) var url = ""

    init() throws {
        folder = FileManager.default.temporaryDirectory
            .appending(path: "lianhu-site-\(UUID().uuidString)", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit {
        server?.send(SIGTERM)
        server?.wait()
        try? FileManager.default.removeItem(at: folder)
    }

    var data: URL { folder.appending(path: "server") }
    var log: String {
        (try? String(contentsOf: folder.appending(path: "server.log"), encoding: .utf8)) ?? ""
    }

    func home(_ name: String) -> URL { folder.appending(path: name) }

    func write(_ name: String, _ text: String) throws -> String {
        let file = folder.appending(path: name)
        try Data(text.utf8).write(to: file)
        return file.path
    }

    // MARK: Programs

    /// `lianhu-server ARGUMENTS --data …`
    @discardableResult
    func admin(_ arguments: String..., expecting status: Int32? = 0) throws -> Finished {
        try check(
            Programs.run("lianhu-server", arguments + ["--data", data.path]), arguments, status)
    }

    /// `lianhu ARGUMENTS --home …`
    @discardableResult
    func at(
        _ name: String, _ arguments: String..., input: String? = nil, expecting status: Int32? = 0
    ) throws -> Finished {
        try check(
            Programs.run("lianhu", arguments + ["--home", home(name).path], input: input),
            arguments, status)
    }

    private func check(_ finished: Finished, _ arguments: [String], _ status: Int32?) throws
        -> Finished
    {
        if let status {
            try #require(
                finished.status == status,
                "\(arguments.joined(separator: " ")): \(finished.status) \(finished.errors)")
        }
        return finished
    }

    // MARK: The server

    /// Starts `lianhu-server serve` and waits for the line with its address.
    ///
    /// - Parameter fileLimit: KiB that a file may have, as on a full disk.
    func serve(
        _ arguments: [String] = [], listen: String = "127.0.0.1:0", fileLimit: Int? = nil
    ) throws {
        let output = Pipe()
        let log = folder.appending(path: "server.log")
        if !FileManager.default.fileExists(atPath: log.path) {
            try Data().write(to: log)
        }
        let handle = try FileHandle(forWritingTo: log)
        try handle.seekToEnd()
        server = try Programs.child(
            "lianhu-server", ["serve", "--data", data.path, "--listen", listen] + arguments,
            input: .nullDevice, output: output.fileHandleForWriting, errors: handle,
            fileLimit: fileLimit)
        try output.fileHandleForWriting.close()
        // The line, or the end of the output when the server did not start.
        var line = Data()
        while !line.contains(0x0A) {
            let chunk = output.fileHandleForReading.availableData
            try #require(!chunk.isEmpty, "the server did not start: \(self.log)")
            line.append(chunk)
        }
        let words = String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        url = String(try #require(words.last))
    }

    /// Sends SIGTERM and waits.
    @discardableResult
    func stop() throws -> Int32 {
        let process = try #require(server)
        process.send(SIGTERM)
        server = nil
        return process.wait()
    }

    /// Sends SIGKILL and waits.
    func killServer() throws {
        let process = try #require(server)
        process.send(SIGKILL)
        process.wait()
        server = nil
    }

    /// Starts `lianhu ARGUMENTS --home …` and does not wait for it.
    func start(_ name: String, _ arguments: String...) throws -> Programs.Running {
        try start(name, arguments)
    }

    func start(_ name: String, _ arguments: [String], fileLimit: Int? = nil) throws
        -> Programs.Running
    {
        try Programs.start(
            "lianhu", arguments + ["--home", home(name).path], fileLimit: fileLimit)
    }

    // MARK: A place to work

    static let areas = """
        county_code,county,township_code,township,village_code,village,managing_unit
        520402,西秀区,520402109,旧州镇,520402109201,碧波村,西秀区
        520402,西秀区,520402109,旧州镇,520402109202,文星村,西秀区
        520423,镇宁布依族苗族自治县,520423102,黄果树镇,520423102201,石头寨村,黄果树旅游区

        """

    /// Imports a small register, opens a round, and adds two surveyors and a supervisor.
    func prepare(households: Int = 20) throws {
        var roster = "household_no,village_code,head_name,household_type,address\n"
        var persons = "household_no,person_no,name,birth_date,sex,relation\n"
        for number in 1...households {
            let padded = String(repeating: "0", count: 4 - "\(number)".count) + "\(number)"
            for village in ["520402109201", "520423102201"] {
                // Of one name and address they would be told of as duplicates.
                let address = number == 1 ? "三组" : "三组\(number)号"
                roster += "\(village)-\(padded),\(village),杨正华,,\(address)\n"
                persons += "\(village)-\(padded),1,杨正华,1970-05-01,1,\n"
                persons += "\(village)-\(padded),2,罗小妹,1974-06-02,2,\n"
            }
        }
        try admin(
            "areas", "import", write("areas.csv", Self.areas), "--city", "5204", "--name", "安顺市")
        try admin(
            "households", "import", write("households.csv", roster), "--persons",
            write("persons.csv", persons))
        try admin("round", "open", "spring", "--title", "春季排查", "--year", "2026")
        try admin("user", "add", "王芳", "--role", "surveyor", "--area", "520402109")
        try admin("user", "add", "李明", "--role", "surveyor", "--area", "520402")
        try admin("user", "add", "陈静", "--role", "supervisor", "--area", "5204")
    }

    /// Enrols a home for a user; the server must be running.
    ///
    /// - Parameter address: what the home knows the server by, when it is not the server's own.
    func enrol(_ name: String, through address: String? = nil) throws {
        let code = try admin("enrol", name, "--json").json()
        #expect(code.keys == ["code", "server_key", "expires"])
        try at(
            name, "init", "--server", address ?? url, "--code", try #require(code["code"].text))
    }
}

extension Site {
    /// A site that serves, with one surveyor, 王芳, whose device has its villages.
    static func surveyed(households: Int) throws -> Site {
        let site = try Site()
        try site.prepare(households: households)
        try site.serve()
        try site.enrol("王芳")
        try site.at("王芳", "sync")
        return site
    }
}
