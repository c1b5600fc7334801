public import Foundation

/// The clock and the source of randomness, passed in so that everything can be replayed.
public struct SystemEnvironment: Sendable {
    /// Milliseconds since 1970-01-01T00:00Z.
    public let now: @Sendable () -> Int64
    /// So many random bytes, fit for keys.
    public let random: @Sendable (_ count: Int) -> Data
    /// The day of this program's release, which no day that it runs on is before; nil when that is not
    /// known.
    public let released: CalendarDate?

    public init(
        now: @escaping @Sendable () -> Int64, random: @escaping @Sendable (_ count: Int) -> Data,
        released: CalendarDate? = nil
    ) {
        self.now = now
        self.random = random
        self.released = released
    }

    /// The machine's own.
    public static let system = SystemEnvironment(
        now: { Int64(Date().timeIntervalSince1970 * 1_000) },
        random: { count in
            var generator = SystemRandomNumberGenerator()
            return Data((0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
        }, released: release)

    /// The day of the release that this is, moved on with every version.
    private static let release = CalendarDate(year: 2026, month: 3, day: 1)

    public var today: CalendarDate { CalendarDate(millisecondsSinceEpoch: now()) }

    /// A new stable id; never 0, which is reserved.
    public func newID<ID: StableID>(_: ID.Type) -> ID {
        ID(rawValue: max(1, UInt64(bigEndianBytes: random(8))))
    }

    public func newSubject() -> SubjectID {
        SubjectID(milliseconds: now(), random: random(10))
    }
}
