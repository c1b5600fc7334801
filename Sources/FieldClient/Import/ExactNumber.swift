import SurveyModel

/// A number as a foreign table has it, exact: `unscaled / 10^scale`, without trailing zeros.
///
/// Wider than what the forms keep, so that nothing is rounded before its unit is converted.
struct ExactNumber: Hashable {
    let unscaled: Int128
    /// Digits after the point, never negative.
    let scale: Int

    static let zero = ExactNumber(unscaled: 0, scale: 0)
    static let one = ExactNumber(unscaled: 1, scale: 0)

    init(unscaled: Int128, scale: Int) {
        var (unscaled, scale) = (unscaled, scale)
        while scale > 0, unscaled % 10 == 0 {
            unscaled /= 10
            scale -= 1
        }
        self.unscaled = unscaled
        self.scale = scale
    }

    /// Parses `-12.50`, `.5` and `1e+05`, no grouping; nil for more than 30 digits.
    init?(_ text: String) {
        var rest = Substring(text.lowercased())
        let isNegative = rest.hasPrefix("-")
        if isNegative || rest.hasPrefix("+") { rest.removeFirst() }
        let halves = rest.split(
            separator: "e", maxSplits: 1, omittingEmptySubsequences: false)
        let parts = halves[0].split(separator: ".", omittingEmptySubsequences: false)
        let exponent: Int? = halves.count == 2 ? Int(halves[1]) : 0
        let fraction = parts.count == 2 ? String(parts[1]) : ""
        let digits = String(parts[0]) + fraction
        guard parts.count <= 2, let exponent, (-30...30).contains(exponent),
            (1...30).contains(digits.utf8.count),
            digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let magnitude = Int128(digits)
        else { return nil }
        let scale = fraction.utf8.count - exponent
        guard let unscaled = Self.product(magnitude, Self.ten(max(0, -scale))) else { return nil }
        self.init(unscaled: isNegative ? -unscaled : unscaled, scale: max(0, scale))
    }

    /// 10 to the power of an exponent; nil when it does not fit.
    static func ten(_ exponent: Int) -> Int128? {
        guard (0...38).contains(exponent) else { return nil }
        var power: Int128 = 1
        for _ in 0..<exponent { power *= 10 }
        return power
    }

    /// The product; nil when it does not fit, or a factor did not.
    static func product(_ factors: Int128?...) -> Int128? {
        var product: Int128 = 1
        for factor in factors {
            guard let factor else { return nil }
            let (next, overflow) = product.multipliedReportingOverflow(by: factor)
            guard !overflow else { return nil }
            product = next
        }
        return product
    }
}

/// How a foreign unit becomes that of a field: `number × factor ÷ divisor + offset`.
struct Scaling {
    var factor = ExactNumber.one
    /// Greater than zero.
    var divisor = ExactNumber.one
    var offset = ExactNumber.zero
    /// Digits after the point that are kept; nil keeps those that the field can keep.
    var decimals: Int?

    enum Trouble: Error {
        /// The field takes whole numbers, and nobody said that it may be rounded.
        case notWhole
        case tooLarge
    }

    /// Rounds half away from zero.
    ///
    /// - Parameter digits: after the point, as many as the field can keep.
    func applied(to number: ExactNumber, digits: Int) throws(Trouble) -> ScaledDecimal {
        let kept = min(decimals ?? digits, digits)
        // As one fraction, rounded once.
        guard
            let multiplied = ExactNumber.product(
                number.unscaled, factor.unscaled, ExactNumber.ten(divisor.scale)),
            let divided = ExactNumber.product(
                divisor.unscaled, ExactNumber.ten(number.scale + factor.scale)),
            let shifted = ExactNumber.product(multiplied, ExactNumber.ten(offset.scale)),
            let shift = ExactNumber.product(offset.unscaled, divided),
            let denominator = ExactNumber.product(divided, ExactNumber.ten(offset.scale))
        else { throw .tooLarge }
        let (sum, overflow) = shifted.addingReportingOverflow(shift)
        guard !overflow, let numerator = ExactNumber.product(sum, ExactNumber.ten(kept)) else {
            throw .tooLarge
        }
        let (quotient, rest) = numerator.quotientAndRemainder(dividingBy: denominator)
        if rest != 0, decimals == nil, digits == 0 { throw .notWhole }
        let isUp = rest.magnitude >= denominator.magnitude - rest.magnitude
        guard let unscaled = Int64(exactly: isUp ? quotient + numerator.signum() : quotient),
            let decimal = ScaledDecimal(unscaled: unscaled, scale: UInt8(kept))
        else { throw .tooLarge }
        return decimal
    }
}
