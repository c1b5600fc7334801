import Foundation
import TestSupport

/// What a program printed, and how it ended.
struct Finished {
    let status: Int32
    let output: String
    let errors: String

    /// The output as one JSON value.
    func json() throws -> JSON { try JSON(Data(output.utf8)) }

    /// Each line as a JSON value.
    func jsonLines() throws -> [JSON] {
        try output.split(separator: "\n").map { try JSON(Data($0.utf8)) }
    }
}

/// The two executables as they were built beside this test.
enum Programs {
    static func path(_ program: String) -> String { folder.appending(path: program).path }

    static let folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()

    /// Runs a program to its end.
    static func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:],
        input: String? = nil
    ) throws -> Finished {
        try start(program, arguments, environment: environment, input: input).wait()
    }

    /// Starts a program.
    static func start(
        _ program: String, _ arguments: [String], environment: [String: String] = [:],
        input: String? = nil, fileLimit: Int? = nil
    ) throws -> Running {
        let files = FileManager.default.temporaryDirectory
            .appending(path: "lianhu-run-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: files, withIntermediateDirectories: true)
        // Files, not pipes: a pipe that nobody reads yet would stop the program.
        func handle(_ name: String, _ text: String = "") throws -> FileHandle {
            let file = files.appending(path: name)
            try Data(text.utf8).write(to: file)
            return try FileHandle(forUpdating: file)
        }
        let child = try child(
            program, arguments, environment: environment, input: try handle("in", input ?? ""),
            output: try handle("out"), errors: try handle("err"), fileLimit: fileLimit)
        return Running(process: child, files: files)
    }

    /// Starts a program with open files.
    ///
    /// - Parameter fileLimit: KiB that a file may have; what is written beyond fails.
    static func child(
        _ program: String, _ arguments: [String], environment: [String: String] = [:],
        input: FileHandle, output: FileHandle, errors: FileHandle, fileLimit: Int? = nil
    ) throws -> Child {
        var (executable, arguments) = (folder.appending(path: program).path, arguments)
        if let fileLimit {
            let script = "trap '' XFSZ; ulimit -f \(fileLimit); exec \"$0\" \"$@\""
            arguments = ["-c", script, executable] + arguments
            executable = "/bin/bash"
        }
        return try Child(
            executable, arguments, environment: Self.environment.merging(environment) { $1 },
            input: input, output: output, errors: errors)
    }

    /// A program on its way.
    struct Running {
        let process: Child
        let files: URL

        /// Sends SIGKILL after a random number of milliseconds.
        ///
        /// - Returns: 1 when it was still running, else 0.
        func kill(after milliseconds: ClosedRange<UInt32>, _ random: inout SplitMix64) -> Int {
            usleep(UInt32.random(in: milliseconds, using: &random) * 1_000)
            guard process.isRunning else { return 0 }
            process.send(SIGKILL)
            return 1
        }

        func wait() -> Finished {
            let status = process.wait()
            defer { try? FileManager.default.removeItem(at: files) }
            func text(_ name: String) -> String {
                let bytes = try? Data(contentsOf: files.appending(path: name))
                return String(decoding: bytes ?? Data(), as: UTF8.self)
            }
            return Finished(status: status, output: text("out"), errors: text("err"))
        }
    }

    /// Nothing of the machine's own settings.
    static let environment = [
        "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "", "HOME": "/nonexistent",
        "LIANHU_LANG": "en",
    ]
}

/// A JSON value, read by key and position.
enum JSON: Decodable, Equatable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case list([JSON])
    case object([String: JSON])

    init(_ data: Data) throws { self = try JSONDecoder().decode(JSON.self, from: data) }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSON].self) {
            self = .list(value)
        } else {
            self = .object(try container.decode([String: JSON].self))
        }
    }

    subscript(key: String) -> JSON {
        if case .object(let object) = self { object[key] ?? .null } else { .null }
    }

    subscript(position: Int) -> JSON {
        array.indices.contains(position) ? array[position] : .null
    }

    var array: [JSON] { if case .list(let list) = self { list } else { [] } }
    var keys: Set<String> { if case .object(let object) = self { Set(object.keys) } else { [] } }
    var text: String? { if case .string(let text) = self { text } else { nil } }
    var int: Int? { if case .number(let number) = self { Int(exactly: number) } else { nil } }
    var isNull: Bool { self == .null }
}
