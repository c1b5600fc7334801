package import Foundation

/// Sixteen bytes as two words: copied, hashed and ordered without memory of their own.
package struct Words2: Sendable, Hashable, Comparable {
    package let first: UInt64
    package let last: UInt64

    package init(_ first: UInt64, _ last: UInt64) { (self.first, self.last) = (first, last) }

    /// - Returns: nil unless there are exactly 16 bytes.
    package init?(_ bytes: Data) {
        guard bytes.count == 16 else { return nil }
        (first, last) = bytes.withUnsafeBytes { ($0.word(0), $0.word(1)) }
    }

    package var bytes: Data {
        withUnsafeBytes(of: (first.bigEndian, last.bigEndian)) { Data($0) }
    }

    /// In the order of the bytes.
    package static func < (a: Words2, b: Words2) -> Bool {
        a.first == b.first ? a.last < b.last : a.first < b.first
    }
}

/// Thirty-two bytes as four words.
package struct Words4: Sendable, Hashable, Comparable {
    private let first: Words2
    private let second: Words2

    /// - Returns: nil unless there are exactly 32 bytes.
    package init?(_ bytes: Data) {
        guard bytes.count == 32 else { return nil }
        self.init(whole: bytes)
    }

    /// - Precondition: there are 32 bytes.
    package init(whole bytes: some ContiguousBytes) {
        (first, second) = bytes.withUnsafeBytes { bytes in
            precondition(bytes.count == 32)
            return (
                Words2(bytes.word(0), bytes.word(1)), Words2(bytes.word(2), bytes.word(3))
            )
        }
    }

    package var bytes: Data { withUnsafeBytes { Data($0) } }

    package func withUnsafeBytes<T>(_ body: (UnsafeRawBufferPointer) -> T) -> T {
        Swift.withUnsafeBytes(of: (first.bigEndian, second.bigEndian), body)
    }

    /// The first 16 of them.
    package var half: Words2 { first }

    /// In the order of the bytes.
    package static func < (a: Words4, b: Words4) -> Bool {
        a.first == b.first ? a.second < b.second : a.first < b.first
    }
}

extension Words2 {
    fileprivate var bigEndian: (UInt64, UInt64) { (first.bigEndian, last.bigEndian) }

    /// The first four bytes.
    package var prefix: UInt32 { UInt32(first >> 32) }
}

extension UnsafeRawBufferPointer {
    /// Eight bytes as a number, the first one the highest.
    package func word(_ index: Int) -> UInt64 {
        UInt64(bigEndian: loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
    }
}
