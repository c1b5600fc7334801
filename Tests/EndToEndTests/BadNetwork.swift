import Foundation
import Synchronization
import TestSupport

/// A proxy on loopback that delays, drops and cuts connections.
final class BadNetwork: Sendable {
    /// How much of the network is bad, in per cent of connections.
    let badness = Mutex(60)
    /// A slow link: milliseconds to the other side, and bytes a second each way.
    let link = Mutex<(latency: Int, bytesPerSecond: Int)?>(nil)
    let port: UInt16
    private let listener: Int32
    private let target = Mutex<UInt16>(0)
    private let random: Mutex<SplitMix64>

    init(seed: UInt64) throws {
        random = Mutex(SplitMix64(seed))
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, length) == 0 && listen(listener, 64) == 0
                    && getsockname(listener, address, &length) == 0
            }
        }
        guard bound else { throw POSIXError(.EADDRNOTAVAIL) }
        self.listener = listener
        port = UInt16(bigEndian: address.sin_port)
        let thread = Thread { [self] in accept() }
        thread.start()
    }

    deinit { close() }

    func close() { shutdown(listener, Int32(SHUT_RDWR)) }

    /// Where connections go from now on.
    func forward(to url: String) {
        let port = UInt16(url.split(separator: ":").last ?? "") ?? 0
        target.withLock { $0 = port }
    }

    private static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private func accept() {
        while true {
            let client = Glibc.accept(listener, nil, nil)
            guard client >= 0 else { return }
            Thread { [self] in carry(client) }.start()
        }
    }

    private func chance(_ bound: Int) -> Int {
        random.withLock { Int.random(in: 0..<bound, using: &$0) }
    }

    private func carry(_ client: Int32) {
        defer { _ = Glibc.close(client) }
        let isBad = chance(100) < badness.withLock { $0 }
        let fault = isBad ? chance(4) : 4
        if fault == 0 { return }
        if fault == 1 { usleep(useconds_t(chance(60_000))) }
        let link = link.withLock { $0 }
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { _ = Glibc.close(server) }
        var address = Self.loopback(port: target.withLock { $0 })
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard connected else { return }
        // Somewhere in the request, or somewhere in the answer: the server has it, nobody knows.
        pump(
            client, server, up: fault == 2 ? chance(1_500) : .max,
            down: fault == 3 ? chance(800) : .max, link)
    }

    /// Carries bytes both ways until one side ends or its allowance is used up.
    private func pump(
        _ client: Int32, _ server: Int32, up: Int, down: Int,
        _ link: (latency: Int, bytesPerSecond: Int)?
    ) {
        var isTurned: Int?
        var (up, down) = (up, down)
        var buffer = [UInt8](repeating: 0, count: 16_384)
        var polled = [
            pollfd(fd: client, events: Int16(POLLIN), revents: 0),
            pollfd(fd: server, events: Int16(POLLIN), revents: 0),
        ]
        while poll(&polled, 2, 10_000) > 0 {
            for (index, other) in [(0, server), (1, client)] where polled[index].revents != 0 {
                let count = recv(polled[index].fd, &buffer, buffer.count, 0)
                guard count > 0 else { return }
                if let link {
                    // The other side hears of it later, and no faster than the link carries it.
                    if isTurned != index { usleep(useconds_t(link.latency * 1_000)) }
                    isTurned = index
                    usleep(useconds_t(count * 1_000_000 / link.bytesPerSecond))
                }
                let allowed = min(count, index == 0 ? up : down)
                guard send(other, buffer, allowed, Int32(MSG_NOSIGNAL)) == allowed,
                    allowed == count
                else { return }
                if index == 0 { up -= count } else { down -= count }
            }
        }
    }
}
