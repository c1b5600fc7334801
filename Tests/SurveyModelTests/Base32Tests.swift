import Foundation
import SurveyModel
import TestSupport
import Testing

@Suite struct Base32Tests {
    @Test(arguments: 0...40)
    func `bytes survive their text in either case`(count: Int) {
        var random = SplitMix64(UInt64(count))
        for _ in 0..<20 {
            let bytes = Data((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) })
            let text = Base32.encode(bytes)
            #expect(text.count == (count * 8 + 4) / 5)
            #expect(Base32.decode(text) == bytes)
            #expect(Base32.decode(text.uppercased()) == bytes)
        }
    }

    @Test(arguments: [
        ("", ""), ("00", "00"), ("ff", "zw"), ("ffffffffff", "zzzzzzzz"), ("08", "10"),
    ])
    func `known bytes have known texts`(hex: String, text: String) throws {
        let bytes = Data(
            stride(from: 0, to: hex.count, by: 2).map { offset in
                let start = hex.index(hex.startIndex, offsetBy: offset)
                return UInt8(hex[start..<hex.index(start, offsetBy: 2)], radix: 16)!
            })
        #expect(Base32.encode(bytes) == text)
        #expect(Base32.decode(text) == bytes)
    }

    @Test func `letters that look like digits are read as digits`() {
        #expect(Base32.decode("1o") == Base32.decode("10"))
        #expect(Base32.decode("1O") == Base32.decode("10"))
        #expect(Base32.decode("i0") == Base32.decode("10"))
        #expect(Base32.decode("L0") == Base32.decode("10"))
        #expect(Base32.decode("10") == Data([8]))
    }

    @Test(arguments: ["u0", "U0", "1-", "1 ", "1=", "é0", "!0", "00\n"])
    func `other characters are refused`(text: String) {
        #expect(Base32.decode(text) == nil)
    }

    @Test func `padding bits that are not zero are refused, so that a text has one value`() {
        // One byte takes two characters, of which two bits are padding.
        #expect(Base32.decode("zw") == Data([0xFF]))
        for text in ["zx", "zy", "zz"] { #expect(Base32.decode(text) == nil) }
    }

    @Test(arguments: [1, 3, 6, 9, 11])
    func `a length that no bytes have is refused`(length: Int) {
        #expect(Base32.decode(String(repeating: "0", count: length)) == nil)
    }
}
