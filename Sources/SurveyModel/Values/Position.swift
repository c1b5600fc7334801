/// Where a household is, as its register entry says.
public struct Position: Sendable, Hashable {
    /// Degrees.
    public let latitude: ScaledDecimal
    public let longitude: ScaledDecimal
    /// The code of the datum in which it was read; nil when nobody said.
    public let datum: String?

    /// - Returns: nil when an ordinate is missing or none that there can be: whoever wrote the entry
    ///   may have done so with another program.
    public init?(_ household: Answers) {
        guard let latitude = household[Household.latitude],
            let longitude = household[Household.longitude],
            Household.latitude.definition.range?.contains(latitude) == true,
            Household.longitude.definition.range?.contains(longitude) == true
        else { return nil }
        self.latitude = latitude
        self.longitude = longitude
        self.datum = household[Household.datum.definition.tag]?.plainText
    }

    /// In units of 10⁻⁹ degrees, in which every ordinate is a whole number.
    public var billionths: (latitude: Int64, longitude: Int64) {
        (latitude.billionths, longitude.billionths)
    }

    /// Whether maps of the world show it where it is. A position whose datum nobody said is taken
    /// for what satellites say; a datum that this version does not know is another one.
    public var isWGS84: Bool { datum == nil || datum == Datum.wgs84.rawValue }
}

extension ScaledDecimal {
    /// Of an ordinate, which is at most 180.
    fileprivate var billionths: Int64 {
        (scale..<Self.largestScale).reduce(unscaled) { number, _ in number * 10 }
    }
}
