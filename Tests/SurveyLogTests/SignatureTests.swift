import Foundation
import SurveyLog
import SurveyModel
import TestSupport
import Testing

/// The one rule by which signatures are verified.
@Suite struct SignatureTests {
    private static let message = Data("message".utf8)

    /// y of the points whose order divides the cofactor, little-endian.
    private static let smallOrders = [
        String(repeating: "00", count: 32),
        "01" + String(repeating: "00", count: 31),
        "ec" + String(repeating: "ff", count: 30) + "7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    ]

    private static func bytes(_ hex: String) -> Data {
        let digits = hex.compactMap(\.hexDigitValue)
        return Data(
            stride(from: 0, to: digits.count, by: 2).map {
                UInt8(digits[$0] << 4 | digits[$0 + 1])
            })
    }

    @Test(arguments: smallOrders) func `a key of small order verifies nothing`(_ hex: String) {
        for sign in [UInt8(0), 0x80] {
            var key = Self.bytes(hex)
            key[31] |= sign
            // With R of small order and S = 0 the equation may hold for such a key.
            for other in Self.smallOrders {
                let signature = Self.bytes(other) + Data(count: 32)
                for number in 0..<8 {
                    let message = Self.message + [UInt8(number)]
                    #expect(!Signature.verify(signature, of: message, by: key))
                }
            }
        }
    }

    @Test func `a key that is not written canonically verifies nothing`() throws {
        let key = LogKey.test(1)
        let signature = try key.sign(Self.message)
        #expect(Signature.verify(signature, of: Self.message, by: key.publicKey))
        // p + y for the few y where that fits into 255 bits.
        for low in UInt8(0xED)...0xFF {
            let wide = Data([low]) + Data(repeating: 0xFF, count: 30) + Data([0x7F])
            #expect(!Signature.verify(signature, of: Self.message, by: wide))
        }
    }

    @Test func `a signature whose S is not below the order is none`() throws {
        let key = LogKey.test(1)
        var signature = try key.sign(Self.message)
        let order = Self.bytes(
            "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")
        var carry = 0
        for place in 0..<32 {
            let sum = Int(signature[32 + place]) + Int(order[place]) + carry
            signature[32 + place] = UInt8(sum & 0xFF)
            carry = sum >> 8
        }
        #expect(!Signature.verify(signature, of: Self.message, by: key.publicKey))
    }
}
