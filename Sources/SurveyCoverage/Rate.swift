/// A share that is never overstated.
public struct Rate: Sendable, Hashable {
    public let numerator: Int
    public let denominator: Int

    public init(_ numerator: Int, of denominator: Int) {
        self.numerator = numerator
        self.denominator = denominator
    }

    /// Unit: per cent, floored to two decimals; `100%` only when all; `<0.01%` when positive but
    /// below; `—` without a denominator.
    public var text: String {
        guard denominator > 0 else { return "—" }
        let hundredths = numerator * 10_000 / denominator
        if numerator >= denominator { return "100%" }
        if hundredths == 0 { return numerator > 0 ? "<0.01%" : "0%" }
        let fraction = hundredths % 100
        return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)%"
    }
}
