/// A number that a village counts. Raw values are on the wire and never reused.
public enum Counter: UInt32, Sendable, CaseIterable, Comparable {
    // The register (round 0).
    case households = 1
    case persons = 2

    // A round's checks. Checked = safe + unsafe + contested + notAssessed (+ excluded).
    case housingSafe = 11
    case housingUnsafe = 12
    case housingContested = 13
    case housingNotAssessed = 14
    case housingMaybeSafe = 15

    case waterSafe = 21
    case waterUnsafe = 22
    case waterContested = 23
    case waterNotAssessed = 24
    case waterMaybeSafe = 25

    case medicalSafe = 31
    case medicalUnsafe = 32
    case medicalContested = 33
    case medicalNotAssessed = 34
    case medicalMaybeSafe = 35
    case medicalExcluded = 36

    // Never part of a rate.
    case unregistered = 41
    case heldEdits = 42

    public static func < (a: Counter, b: Counter) -> Bool { a.rawValue < b.rawValue }
}

/// Counts of a village, or of one subject's contribution to it. Zero counts are left out.
public struct Tally: Sendable, Hashable {
    public private(set) var counts: [Counter: Int]

    public init(_ counts: [Counter: Int] = [:]) {
        self.counts = counts.filter { $0.value != 0 }
    }

    public subscript(counter: Counter) -> Int { counts[counter] ?? 0 }

    public var isEmpty: Bool { counts.isEmpty }

    public mutating func add(_ amount: Int = 1, to counter: Counter) {
        let sum = self[counter] + amount
        counts[counter] = sum == 0 ? nil : sum
    }

    public static func + (a: Tally, b: Tally) -> Tally {
        b.counts.reduce(into: a) { $0.add($1.value, to: $1.key) }
    }

    public static func - (a: Tally, b: Tally) -> Tally {
        b.counts.reduce(into: a) { $0.add(-$1.value, to: $1.key) }
    }
}
