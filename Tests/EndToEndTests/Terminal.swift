import Foundation
import Glibc
import Testing

/// A program on a real pseudo-terminal, typed at as a person would.
final class Terminal {
    private let master: Int32
    private let process: Child
    private(set) var screen = ""

    init(_ program: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        var (master, end) = (Int32(-1), Int32(-1))
        try #require(openpty(&master, &end, nil, nil, nil) == 0)
        self.master = master
        _ = fcntl(master, F_SETFD, FD_CLOEXEC)
        let slave = FileHandle(fileDescriptor: end, closeOnDealloc: true)
        process = try Programs.child(
            program, arguments, environment: ["LIANHU_LANG": "zh"].merging(environment) { $1 },
            input: slave, output: slave,
            errors: slave)
        try slave.close()
    }

    deinit {
        process.send(SIGKILL)
        process.wait()
        close(master)
    }

    /// Waits until a text appears after what was seen before, for 20 seconds at most.
    func expect(_ text: String) throws {
        let end = Date(timeIntervalSinceNow: 20)
        while true {
            if let range = screen.range(of: text) {
                screen = String(screen[range.upperBound...])
                return
            }
            try #require(Date() < end, "waited for \(text), saw: \(screen)")
            read()
        }
    }

    /// Whether a text is among what appears within a moment.
    func sees(_ text: String) -> Bool {
        for _ in 0..<3 where !screen.contains(text) { read() }
        return screen.contains(text)
    }

    func type(_ line: String) { type(bytes: Array(line.utf8)) }

    /// A line in whatever encoding.
    func type(bytes: [UInt8]) {
        _ = (bytes + [0x0A]).withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
    }

    func kill9() {
        process.send(SIGKILL)
        process.wait()
    }

    func finish() -> Int32 {
        while process.isRunning { read() }
        return process.wait()
    }

    private func read() {
        var descriptor = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
        guard poll(&descriptor, 1, 100) > 0 else { return }
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = Glibc.read(master, &bytes, bytes.count)
        if count > 0 { screen += String(decoding: bytes[..<count], as: UTF8.self) }
    }
}
