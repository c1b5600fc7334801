internal import SurveyModel

/// A number that a village counts. Raw values are on the wire and never reused.
public struct Counter: RawRepresentable, Sendable, Hashable, Comparable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    // The register (round 0).
    public static let households = Counter(rawValue: 1)
    public static let persons = Counter(rawValue: 2)
    /// Children of school age in the round that is read: the sum of their cohorts. Never stored.
    public static let schoolChildren = Counter(rawValue: 3)

    /// Register entries that somebody has taken out of the counts, reversibly: never part of a rate.
    public static let householdsSetAside = Counter(rawValue: 4)
    /// Persons who would count in ``persons`` if neither they nor their household were set aside.
    public static let personsSetAside = Counter(rawValue: 5)
    /// Those of ``households`` that have no number, or in which nobody is left.
    public static let householdsFlagged = Counter(rawValue: 6)
    /// Pairs of entries that are probably one household or one person, while nobody has said whether.
    public static let probableDuplicates = Counter(rawValue: 7)
    /// Those of ``persons`` whose entry names no household any more.
    public static let personsFlagged = Counter(rawValue: 8)

    // A round's checks. Checked = safe + unsafe + contested + notAssessed (+ excluded).
    public static let housingSafe = Counter(rawValue: 11)
    public static let housingUnsafe = Counter(rawValue: 12)
    public static let housingContested = Counter(rawValue: 13)
    public static let housingNotAssessed = Counter(rawValue: 14)
    public static let housingMaybeSafe = Counter(rawValue: 15)

    public static let waterSafe = Counter(rawValue: 21)
    public static let waterUnsafe = Counter(rawValue: 22)
    public static let waterContested = Counter(rawValue: 23)
    public static let waterNotAssessed = Counter(rawValue: 24)
    public static let waterMaybeSafe = Counter(rawValue: 25)

    public static let medicalSafe = Counter(rawValue: 31)
    public static let medicalUnsafe = Counter(rawValue: 32)
    public static let medicalContested = Counter(rawValue: 33)
    public static let medicalNotAssessed = Counter(rawValue: 34)
    public static let medicalMaybeSafe = Counter(rawValue: 35)
    public static let medicalExcluded = Counter(rawValue: 36)
    public static let medicalMaybeExcluded = Counter(rawValue: 37)

    public static let schoolingSafe = Counter(rawValue: 61)
    public static let schoolingUnsafe = Counter(rawValue: 62)
    public static let schoolingContested = Counter(rawValue: 63)
    public static let schoolingNotAssessed = Counter(rawValue: 64)
    public static let schoolingMaybeSafe = Counter(rawValue: 65)
    public static let schoolingExcluded = Counter(rawValue: 66)
    public static let schoolingMaybeExcluded = Counter(rawValue: 67)

    // Never part of a rate.
    public static let unregistered = Counter(rawValue: 41)
    public static let heldEdits = Counter(rawValue: 42)

    // Findings of a round. A verified one is rectified too; an overdue one is neither.
    public static let findingsReceived = Counter(rawValue: 51)
    public static let findingsRectified = Counter(rawValue: 52)
    public static let findingsVerified = Counter(rawValue: 53)
    public static let findingsOverdue = Counter(rawValue: 54)

    // Villages by their clinic.
    public static let clinicsChecked = Counter(rawValue: 71)
    public static let clinicsBlank = Counter(rawValue: 72)
    public static let clinicsContested = Counter(rawValue: 73)

    /// Registered persons of one school cohort (``Schooling/cohort(bornOn:)``), in the register:
    /// which cohorts are of school age depends on the round.
    static func cohort(_ year: Int) -> Counter? {
        cohortYears.contains(year) ? Counter(rawValue: cohortBase + UInt32(year)) : nil
    }

    private static let cohortBase: UInt32 = 100_000
    private static let cohortYears = 1_900...2_200

    /// The cohort that is counted; nil for any other counter.
    var cohort: Int? {
        guard rawValue >= Self.cohortBase else { return nil }
        let year = Int(rawValue - Self.cohortBase)
        return Self.cohortYears.contains(year) ? year : nil
    }

    /// A counter that this version does not know is kept out of sums.
    public static func known(_ rawValue: UInt32) -> Counter? {
        let counter = Counter(rawValue: rawValue)
        let isKnown = Int(rawValue) < small.count ? small[Int(rawValue)] : counter.cohort != nil
        return isKnown ? counter : nil
    }

    /// Whether each of the first numbers is a counter's; cohorts are far beyond.
    private static let small: [Bool] = {
        let most = all.map(\.rawValue).max() ?? 0
        return (0...most).map { all.contains(Counter(rawValue: $0)) }
    }()

    /// Every counter but the cohorts.
    public static let all: Set<Counter> = [
        .households, .persons, .schoolChildren,
        .householdsSetAside, .personsSetAside, .householdsFlagged, .personsFlagged,
        .probableDuplicates,
        .housingSafe, .housingUnsafe, .housingContested, .housingNotAssessed, .housingMaybeSafe,
        .waterSafe, .waterUnsafe, .waterContested, .waterNotAssessed, .waterMaybeSafe,
        .medicalSafe, .medicalUnsafe, .medicalContested, .medicalNotAssessed, .medicalMaybeSafe,
        .medicalExcluded, .medicalMaybeExcluded,
        .schoolingSafe, .schoolingUnsafe, .schoolingContested, .schoolingNotAssessed,
        .schoolingMaybeSafe, .schoolingExcluded, .schoolingMaybeExcluded,
        .findingsReceived, .findingsRectified, .findingsVerified, .findingsOverdue,
        .clinicsChecked, .clinicsBlank, .clinicsContested,
        .unregistered, .heldEdits,
    ]

    public static func < (a: Counter, b: Counter) -> Bool { a.rawValue < b.rawValue }
}

/// Counts of a village, or of one subject's contribution to it. Zero counts are left out.
public struct Tally: Sendable, Hashable {
    public struct Count: Sendable, Hashable {
        public let counter: Counter
        public fileprivate(set) var value: Int
    }

    /// Ascending by counter, none of them 0. A dozen at most of a subject: looked through sooner than hashed.
    public private(set) var entries: [Count] = []

    public init(_ counts: [Counter: Int] = [:]) {
        for (counter, value) in counts { add(value, to: counter) }
    }

    public var counts: [Counter: Int] {
        Dictionary(uniqueKeysWithValues: entries.map { ($0.counter, $0.value) })
    }

    public subscript(counter: Counter) -> Int {
        entries.first { $0.counter == counter }?.value ?? 0
    }

    public var isEmpty: Bool { entries.isEmpty }

    public mutating func add(_ amount: Int = 1, to counter: Counter) {
        guard amount != 0 else { return }
        var place = entries.count
        while place > 0, entries[place - 1].counter >= counter { place -= 1 }
        guard place < entries.count, entries[place].counter == counter else {
            return entries.insert(Count(counter: counter, value: amount), at: place)
        }
        entries[place].value += amount
        if entries[place].value == 0 { entries.remove(at: place) }
    }

    /// The tally as a round of a year reads it: cohorts of school age are children.
    public func inRound(of year: Int64) -> Tally {
        var tally = Tally()
        for entry in entries {
            guard let cohort = entry.counter.cohort else {
                tally.add(entry.value, to: entry.counter)
                continue
            }
            if Schooling.isOfSchoolAge(cohort: cohort, in: year) {
                tally.add(entry.value, to: .schoolChildren)
            }
        }
        return tally
    }

    public static func + (a: Tally, b: Tally) -> Tally {
        b.entries.reduce(into: a) { $0.add($1.value, to: $1.counter) }
    }

    public static func - (a: Tally, b: Tally) -> Tally {
        b.entries.reduce(into: a) { $0.add(-$1.value, to: $1.counter) }
    }
}
