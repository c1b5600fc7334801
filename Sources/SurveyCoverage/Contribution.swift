public import SurveyModel

/// What coverage needs to know of one check record.
public struct CheckFacts: Sendable, Hashable {
    /// nil when nothing that counts was recorded.
    public let outcome: Outcome?

    public init(outcome: Outcome?) { self.outcome = outcome }
}

/// What a household adds to its village's tallies: a pure function of its records.
public struct HouseholdFacts: Sendable {
    public struct Member: Sendable {
        public let isPresent: Bool
        public let medical: CheckFacts?

        public init(isPresent: Bool, medical: CheckFacts?) {
            self.isPresent = isPresent
            self.medical = medical
        }
    }

    /// Whether the register has the household.
    public let isRegistered: Bool
    public let members: [Member]
    public let housing: CheckFacts?
    public let water: CheckFacts?

    public init(
        isRegistered: Bool, members: [Member], housing: CheckFacts?, water: CheckFacts?
    ) {
        self.isRegistered = isRegistered
        self.members = members
        self.housing = housing
        self.water = water
    }

    /// The part that belongs to no round: the denominators.
    public var registerContribution: Tally {
        guard isRegistered else { return Tally() }
        return Tally([.households: 1, .persons: members.count(where: \.isPresent)])
    }

    /// The part that belongs to a round. Unchecked subjects add nothing.
    public var roundContribution: Tally {
        var tally = Tally()
        let checks = [housing, water] + members.map(\.medical)
        guard isRegistered else {
            if checks.contains(where: { $0?.outcome != nil }) { tally.add(to: .unregistered) }
            return tally
        }
        tally.add(housing?.outcome, to: .housing)
        tally.add(water?.outcome, to: .water)
        for member in members where member.isPresent {
            tally.add(member.medical?.outcome, to: .medical)
        }
        return tally
    }
}

/// One of the guarantees that coverage reports.
public enum Guarantee: String, Sendable, CaseIterable {
    case housing
    case water
    case medical

    public var label: Label {
        switch self {
        case .housing: Label(zh: "住房", en: "housing")
        case .water: Label(zh: "饮水", en: "water")
        case .medical: Label(zh: "医疗", en: "medical")
        }
    }

    public var kind: RecordKind {
        switch self {
        case .housing: .housing
        case .water: .water
        case .medical: .medical
        }
    }

    var registered: Counter { self == .medical ? .persons : .households }

    struct Counters {
        let safe: Counter
        let unsafe: Counter
        let contested: Counter
        let notAssessed: Counter
        let maybeSafe: Counter
        var excluded: Counter?
    }

    var counters: Counters {
        switch self {
        case .housing:
            Counters(
                safe: .housingSafe, unsafe: .housingUnsafe, contested: .housingContested,
                notAssessed: .housingNotAssessed, maybeSafe: .housingMaybeSafe)
        case .water:
            Counters(
                safe: .waterSafe, unsafe: .waterUnsafe, contested: .waterContested,
                notAssessed: .waterNotAssessed, maybeSafe: .waterMaybeSafe)
        case .medical:
            Counters(
                safe: .medicalSafe, unsafe: .medicalUnsafe, contested: .medicalContested,
                notAssessed: .medicalNotAssessed, maybeSafe: .medicalMaybeSafe,
                excluded: .medicalExcluded)
        }
    }
}

extension Tally {
    fileprivate mutating func add(_ outcome: Outcome?, to guarantee: Guarantee) {
        let counters = guarantee.counters
        switch outcome {
        case nil: break
        case .safe, .basicallySafe: add(to: counters.safe)
        case .unsafe: add(to: counters.unsafe)
        case .notAssessed: add(to: counters.notAssessed)
        case .excluded: add(to: counters.excluded ?? counters.notAssessed)
        case .contested: add(to: counters.contested)
        case .contestedMaybeSafe:
            add(to: counters.contested)
            add(to: counters.maybeSafe)
        }
    }
}
