public import Foundation

/// Crockford's base 32: no I, L, O or U, so that a code survives being read aloud and typed.
///
/// Source: Crockford, "Base 32", https://www.crockford.com/base32.html. Bits are taken from the
/// front and the last character is padded with zero bits, as in RFC 4648 without `=`.
public enum Base32 {
    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    public static func encode(_ bytes: Data) -> String {
        var text: [UInt8] = []
        var buffer: UInt32 = 0
        var bits = 0
        for byte in bytes {
            buffer = buffer << 8 | UInt32(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(alphabet[Int(buffer >> UInt32(bits) & 31)])
            }
        }
        if bits > 0 { text.append(alphabet[Int(buffer << UInt32(5 - bits) & 31)]) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Decodes either case and the look-alikes o → 0, i and l → 1.
    ///
    /// - Returns: nil for any other character, or when the padding bits are not zero.
    public static func decode(_ text: some StringProtocol) -> Data? {
        var bytes = Data()
        var buffer: UInt32 = 0
        var bits = 0
        for character in text.utf8 {
            guard let value = value(of: character) else { return nil }
            buffer = buffer << 5 | value
            bits += 5
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: buffer >> UInt32(bits)))
            }
        }
        guard bits < 5, buffer & ((1 << UInt32(bits)) - 1) == 0 else { return nil }
        return bytes
    }

    private static func value(of character: UInt8) -> UInt32? {
        let lower = (0x41...0x5A).contains(character) ? character + 32 : character
        switch lower {
        case UInt8(ascii: "o"): return 0
        case UInt8(ascii: "i"), UInt8(ascii: "l"): return 1
        default: return alphabet.firstIndex(of: lower).map(UInt32.init)
        }
    }
}
