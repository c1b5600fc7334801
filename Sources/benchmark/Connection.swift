import Foundation
import Glibc

/// An HTTP/1.1 connection that costs the machine little, so that the server is what is measured.
struct Connection {
    private let socket: Int32

    init(_ url: String) throws {
        guard let parts = URLComponents(string: url), let port = parts.port else {
            throw BenchmarkError("no address: \(url)")
        }
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw BenchmarkError("connect: \(errno)") }
        var on: Int32 = 1
        setsockopt(
            socket, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    func close() { _ = Glibc.close(socket) }

    /// Sends a body and waits for the whole answer.
    ///
    /// - Returns: bytes that travelled for HTTP alone, both ways.
    @discardableResult
    func post(_ body: Data, to path: String) throws -> (overhead: Int, answer: Int) {
        let head =
            "POST \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            + "Content-Type: application/octet-stream\r\nContent-Length: \(body.count)\r\n\r\n"
        try send(Data(head.utf8) + body)
        var received = Data()
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            if let end = received.firstRange(of: Data("\r\n\r\n".utf8)) {
                let lines = String(decoding: received[..<end.lowerBound], as: UTF8.self)
                guard lines.hasPrefix("HTTP/1.1 200") else {
                    throw BenchmarkError("the server answered \(lines.prefix(40))")
                }
                let length =
                    lines.lowercased().split(separator: "\r\n")
                    .first { $0.hasPrefix("content-length:") }
                    .flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
                if received.count >= end.upperBound + length {
                    return (head.utf8.count + end.upperBound, length)
                }
            }
            let count = read(socket, &buffer, buffer.count)
            guard count > 0 else { throw BenchmarkError("the server closed a connection") }
            received.append(contentsOf: buffer[..<count])
        }
    }

    private func send(_ bytes: Data) throws {
        try bytes.withUnsafeBytes { bytes in
            var sent = 0
            while sent < bytes.count {
                let count = Glibc.send(
                    socket, bytes.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
                guard count > 0 else { throw BenchmarkError("send: \(errno)") }
                sent += count
            }
        }
    }
}
