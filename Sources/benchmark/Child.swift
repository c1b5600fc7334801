import Foundation
import Glibc

/// A program that runs beside this one.
struct Child {
    struct Ended {
        let output: Data
        let seconds: Double
        /// Processor time, in seconds.
        let processor: Double
        /// Most memory that it ever held, in MiB.
        let peak: Double
    }

    private let process: pid_t
    private let output: Int32
    private let start = ContinuousClock.now
    private let name: String
    private let errors: URL?

    /// - Parameter errors: a file for what it says to its operator; nil shows it.
    init(_ arguments: [String], environment: [String: String] = [:], errors: URL? = nil) throws {
        self.errors = errors
        name = arguments.prefix(3).joined(separator: " ")
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw BenchmarkError("pipe: \(errno)") }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_addclose(&actions, ends[0])
        if let errors {
            posix_spawn_file_actions_addopen(
                &actions, 2, errors.path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        }
        let merged = ProcessInfo.processInfo.environment
            .merging(["LC_ALL": "C.UTF-8", "LIANHU_LANG": "en"]) { $1 }
            .merging(environment) { $1 }
        var words = arguments.map { strdup($0) } + [nil]
        var variables = merged.map { strdup("\($0)=\($1)") } + [nil]
        defer { (words + variables).forEach { free($0) } }
        var process: pid_t = 0
        let result = posix_spawnp(&process, arguments[0], &actions, nil, &words, &variables)
        close(ends[1])
        guard result == 0 else {
            throw BenchmarkError("\(arguments[0]): \(String(cString: strerror(result)))")
        }
        self.process = process
        output = ends[0]
    }

    /// The first line that it prints.
    func firstLine() throws -> String {
        var line = Data()
        var byte: UInt8 = 0
        while read(output, &byte, 1) == 1 {
            if byte == 0x0A { return String(decoding: line, as: UTF8.self) }
            line.append(byte)
        }
        throw BenchmarkError("\(name) ended before it was ready")
    }

    /// Asks it to end.
    func stop() throws -> Ended {
        kill(process, SIGTERM)
        return try wait()
    }

    /// Reads what it prints to the end.
    func wait() throws -> Ended {
        let data = try FileHandle(fileDescriptor: output, closeOnDealloc: true).readToEnd()
        var status: Int32 = 0
        var usage = rusage()
        while wait4(process, &status, 0, &usage) == -1, errno == EINTR {}
        guard status == 0 else {
            let said = errors.flatMap { try? String(contentsOf: $0, encoding: .utf8) } ?? ""
            throw BenchmarkError("\(name) ended with \(status >> 8): \(said.suffix(200))")
        }
        func seconds(_ time: timeval) -> Double {
            Double(time.tv_sec) + Double(time.tv_usec) / 1e6
        }
        return Ended(
            output: data ?? Data(), seconds: (ContinuousClock.now - start).seconds,
            processor: seconds(usage.ru_utime) + seconds(usage.ru_stime),
            peak: Double(usage.ru_maxrss) / 1_024)
    }
}

/// Why a benchmark cannot go on.
struct BenchmarkError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
