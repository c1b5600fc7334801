public import SurveyModel

/// Positions of households added up: tells where many are, and where none of them is.
public struct Centroid: Sendable, Hashable {
    /// The mean of fewer would point to somebody's home.
    public static let fewest = 5

    public private(set) var count = 0
    /// Sums in units of 10⁻⁹ degrees: exact, so that no order of adding matters.
    private var latitude: Int64 = 0
    private var longitude: Int64 = 0

    public init() {}

    /// - Parameters:
    ///   - count: how many positions were added up, all of them in WGS-84.
    ///   - latitude: their sum in units of 10⁻⁹ degrees.
    ///   - longitude: likewise.
    public init(count: Int, latitude: Int64, longitude: Int64) {
        (self.count, self.latitude, self.longitude) = (count, latitude, longitude)
    }

    /// Adds a position, unless it is in another datum than WGS-84.
    public mutating func add(_ position: Position) {
        guard position.isWGS84 else { return }
        count += 1
        latitude += position.billionths.latitude
        longitude += position.billionths.longitude
    }

    public static func + (a: Centroid, b: Centroid) -> Centroid {
        var sum = a
        sum.count += b.count
        sum.latitude += b.latitude
        sum.longitude += b.longitude
        return sum
    }

    /// The mean in degrees, to 10⁻⁴ (some 10 m); nil for fewer than ``fewest`` positions.
    public var mean: (latitude: ScaledDecimal, longitude: ScaledDecimal)? {
        guard count >= Self.fewest,
            let latitude = ScaledDecimal(unscaled: averaged(latitude), scale: 4),
            let longitude = ScaledDecimal(unscaled: averaged(longitude), scale: 4)
        else { return nil }
        return (latitude, longitude)
    }

    private func averaged(_ sum: Int64) -> Int64 { sum / Int64(count) / 100_000 }
}
