/// An exact decimal number, `unscaled / 10^scale`, always without trailing zeros.
///
/// Two equal numbers have equal fields, so equality needs no arithmetic.
public struct ScaledDecimal: Sendable, Hashable, Comparable {
    public let unscaled: Int64
    /// Digits after the point, 0...9.
    public let scale: UInt8

    public static let largestScale: UInt8 = 9

    public init?(unscaled: Int64, scale: UInt8) {
        guard scale <= Self.largestScale else { return nil }
        var (unscaled, scale) = (unscaled, scale)
        while scale > 0, unscaled % 10 == 0 {
            unscaled /= 10
            scale -= 1
        }
        self.unscaled = unscaled
        self.scale = scale
    }

    public init(_ integer: Int64) {
        self.unscaled = integer
        self.scale = 0
    }

    /// Parses `-12.50`; no exponent, no grouping.
    public init?(_ text: some StringProtocol) {
        var rest = Substring(text)
        let negative = rest.first == "-"
        if negative { rest = rest.dropFirst() }
        let parts = rest.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, !parts[0].isEmpty, parts.last?.isEmpty == false else { return nil }
        let fraction = parts.count == 2 ? parts[1] : ""
        guard fraction.utf8.count <= Int(Self.largestScale),
            (parts[0] + fraction).utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let unscaled = Int64((negative ? "-" : "") + parts[0] + fraction)
        else { return nil }
        self.init(
            unscaled: unscaled, scale: UInt8(fraction.utf8.count))
    }

    public var text: String {
        guard scale > 0 else { return String(unscaled) }
        let digits = String(unscaled.magnitude)
        let padded = String(repeating: "0", count: max(0, Int(scale) + 1 - digits.count)) + digits
        let point = padded.index(padded.endIndex, offsetBy: -Int(scale))
        return (unscaled < 0 ? "-" : "") + padded[..<point] + "." + padded[point...]
    }

    public static func < (a: ScaledDecimal, b: ScaledDecimal) -> Bool {
        let scale = max(a.scale, b.scale)
        return a.widened(to: scale) < b.widened(to: scale)
    }

    private func widened(to scale: UInt8) -> Int128 {
        (self.scale..<scale).reduce(Int128(unscaled)) { value, _ in value * 10 }
    }
}

extension ScaledDecimal: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: Int64) {
        self.init(value)
    }
}
