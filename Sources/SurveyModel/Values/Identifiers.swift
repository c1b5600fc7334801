public import Foundation

/// The subject of a record: a household, a person, an area, a user, a device, a decision.
///
/// Shape: 16 bytes. Households and persons begin with 48 bits of time, so their keys sort by age.
public struct SubjectID: Sendable, Hashable, Comparable {
    private let words: Words2

    public var bytes: Data { words.bytes }

    /// - Returns: nil unless there are exactly 16 bytes.
    public init?(_ bytes: Data) {
        guard let words = Words2(bytes) else { return nil }
        self.words = words
    }

    package init(_ words: Words2) { self.words = words }

    /// A new subject: milliseconds since the epoch, then ten random bytes.
    public init(milliseconds: Int64, random: some Sequence<UInt8>) {
        var bytes = Data(withUnsafeBytes(of: milliseconds.bigEndian) { $0.suffix(6) })
        bytes.append(contentsOf: random)
        self.words = Words2(bytes.prefix(16) + Data(count: max(0, 16 - bytes.count)))!
    }

    /// The subject of a record that is about an area, a round or a user.
    public init(_ id: UInt64) { words = Words2(0, id) }

    /// The 64-bit id that ``init(_:)-(UInt64)`` was made from.
    public var shortID: UInt64 { words.last }

    /// Lower-case Crockford base 32, 26 characters.
    public var text: String { Base32.encode(bytes) }

    public init?(text: some StringProtocol) {
        guard let words = Base32.decode(text).flatMap(Words2.init) else { return nil }
        self.words = words
    }

    public static func < (a: SubjectID, b: SubjectID) -> Bool { a.words < b.words }
}

/// A stable random number that stands for something whose codes and names may change.
public protocol StableID: Sendable, Hashable, Comparable {
    var rawValue: UInt64 { get }
    init(rawValue: UInt64)
}

extension StableID {
    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

    public var subject: SubjectID { SubjectID(rawValue) }

    public init(_ subject: SubjectID) { self.init(rawValue: subject.shortID) }

    /// Lower-case Crockford base 32, 13 characters.
    public var text: String { Base32.encode(rawValue.bigEndianBytes) }

    public init?(text: some StringProtocol) {
        guard let bytes = Base32.decode(text), bytes.count == 8 else { return nil }
        self.init(rawValue: UInt64(bigEndianBytes: bytes))
    }
}

/// An area, whatever its code is today.
public struct AreaID: StableID {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// The area of the register itself, which every device reads.
    public static let reserved = AreaID(rawValue: 0)

    /// The area of what only its author may read: decisions about misplaced edits.
    public static let none = AreaID(rawValue: .max)
}

/// A round of checks.
public struct RoundID: StableID {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// The round of records that belong to no round: the register.
    public static let register = RoundID(rawValue: 0)
}

/// A person who works with the system.
public struct UserID: StableID {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// The server itself: imports and decisions.
    public static let server = UserID(rawValue: 0)
}

extension UInt64 {
    public var bigEndianBytes: Data { withUnsafeBytes(of: bigEndian) { Data($0) } }

    public init(bigEndianBytes bytes: Data) {
        self = bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
