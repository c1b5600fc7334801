import Foundation
import Glibc
import Testing

/// A program on a real pseudo-terminal, typed at as a person would.
final class Terminal {
    private let master: Int32
    private let process = Process()
    private(set) var screen = ""

    init(_ program: String, _ arguments: [String]) throws {
        var (master, end) = (Int32(-1), Int32(-1))
        try #require(openpty(&master, &end, nil, nil, nil) == 0)
        self.master = master
        let slave = FileHandle(fileDescriptor: end, closeOnDealloc: true)
        process.executableURL = Programs.folder.appending(path: program)
        process.arguments = arguments
        process.environment = Programs.environment.merging(["LIANHU_LANG": "zh"]) { $1 }
        process.standardInput = slave
        process.standardOutput = slave
        process.standardError = slave
        try process.run()
        try slave.close()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
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

    func type(_ line: String) {
        _ = Data((line + "\n").utf8).withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
    }

    func kill9() {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    func finish() -> Int32 {
        while process.isRunning { read() }
        process.waitUntilExit()
        return process.terminationStatus
    }

    private func read() {
        var descriptor = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
        guard poll(&descriptor, 1, 100) > 0 else { return }
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = Glibc.read(master, &bytes, bytes.count)
        if count > 0 { screen += String(decoding: bytes[..<count], as: UTF8.self) }
    }
}
