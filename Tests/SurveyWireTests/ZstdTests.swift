import Foundation
import SurveyWire
import TestSupport
import Testing

@Suite struct ZstdTests {
    private static func noise(_ count: Int, seed: UInt64 = 1) -> Data {
        var random = SplitMix64(seed)
        return Data((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) })
    }

    @Test(arguments: [0, 1, 100, 131_072, 131_073, 500_000])
    func `bytes survive, also those that do not compress`(count: Int) throws {
        for bytes in [Data(count: count), Self.noise(count)] {
            let compressed = Zstd.compress(bytes)
            #expect(try Zstd.decompress(compressed, limit: count) == bytes)
        }
    }

    @Test func `the limit is exact`() throws {
        let compressed = Zstd.compress(Self.noise(1_000))
        #expect(try Zstd.decompress(compressed, limit: 1_000).count == 1_000)
        #expect(throws: WireError.oversized) { try Zstd.decompress(compressed, limit: 999) }
        #expect(throws: WireError.oversized) { try Zstd.decompress(compressed, limit: 0) }
    }

    @Test func `a bomb of a kilobyte is refused`() throws {
        let bomb = Zstd.compress(Data(count: 16 * 1024 * 1024))
        #expect(bomb.count < 2_048)
        #expect(throws: WireError.oversized) {
            try Zstd.decompress(bomb, limit: WireLimits.responseBytes)
        }
        #expect(throws: WireError.oversized) { try SealedMessage(bytes: bomb) }
        let request = Zstd.compress(Data(count: WireLimits.requestBytes + 1))
        #expect(throws: WireError.oversized) { try EnrolRequest(bytes: request) }
    }

    @Test func `a frame that asks for a huge window is refused before it is given one`() {
        // Magic, no single segment, window descriptor of 2^31 bytes, one empty last block.
        let frame = Data([0x28, 0xB5, 0x2F, 0xFD, 0x00, 21 << 3, 0x01, 0x00, 0x00])
        #expect(throws: WireError.oversized) { try Zstd.decompress(frame, limit: 1_000) }
        let modest = Data([0x28, 0xB5, 0x2F, 0xFD, 0x00, 13 << 3, 0x01, 0x00, 0x00])
        #expect((try? Zstd.decompress(modest, limit: 1_000)) == Data(), "8 MiB is accepted")
    }

    @Test func `a frame cut at any length is refused`() throws {
        for bytes in [Self.noise(300), Data(count: 10_000), Data()] {
            let compressed = Zstd.compress(bytes)
            for length in 0..<compressed.count {
                #expect(throws: WireError.malformed("zstd"), "cut to \(length)") {
                    try Zstd.decompress(compressed.prefix(length), limit: 20_000)
                }
            }
        }
    }

    @Test func `bytes after the frame are refused, even another frame`() {
        let compressed = Zstd.compress(Self.noise(300))
        for tail in [Data([0]), Data("x".utf8), compressed] {
            #expect(throws: WireError.malformed("zstd")) {
                try Zstd.decompress(compressed + tail, limit: 20_000)
            }
        }
    }

    @Test(arguments: 0..<100 as Range<UInt64>)
    func `bytes at random are refused without a crash`(seed: UInt64) {
        #expect(throws: WireError.self) {
            try Zstd.decompress(Self.noise(Int(seed), seed: seed), limit: 1_000)
        }
        var frame = Zstd.compress(Self.noise(500, seed: seed))
        var random = SplitMix64(seed)
        for _ in 0..<8 {
            frame[Int.random(in: 4..<frame.count, using: &random)] = UInt8.random(
                in: 0...255, using: &random)
        }
        _ = try? Zstd.decompress(frame, limit: 1_000)
    }

    @Test func `a slice of bytes is read like a copy`() throws {
        let compressed = Zstd.compress(Self.noise(300))
        let slice = (Data([1, 2, 3]) + compressed).dropFirst(3)
        #expect(try Zstd.decompress(slice, limit: 300) == Self.noise(300))
    }

    @Test func `a message over the limit is refused before it is decompressed`() {
        #expect(throws: WireError.oversized) {
            try SealedMessage(bytes: Data(count: WireLimits.compressedBytes + 1))
        }
        #expect(throws: WireError.malformed("zstd")) {
            try SealedMessage(bytes: Data(count: WireLimits.compressedBytes))
        }
    }
}
