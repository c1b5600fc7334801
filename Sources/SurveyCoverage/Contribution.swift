public import SurveyMerge
public import SurveyModel

/// What a household adds to its village's tallies: a pure function of its records.
public struct HouseholdFacts: Sendable {
    public struct Member: Sendable {
        public let isPresent: Bool
        public let medical: RecordState?

        public init(isPresent: Bool, medical: RecordState?) {
            self.isPresent = isPresent
            self.medical = medical
        }
    }

    /// Whether the register has the household.
    public let isRegistered: Bool
    public let members: [Member]
    public let housing: RecordState?
    public let water: RecordState?

    public init(
        isRegistered: Bool, members: [Member], housing: RecordState?, water: RecordState?
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
    public func contribution(in context: AssessmentContext) -> Tally {
        var tally = Tally()
        let records = [housing, water] + members.map(\.medical)
        for record in records.compactMap({ $0 }) {
            tally.add(record.excluded.count, to: .heldEdits)
        }
        func outcome(_ record: RecordState?) -> Outcome? {
            guard let record, !record.sections.isEmpty else { return nil }
            return Judgement(record, in: context).outcome
        }
        guard isRegistered else {
            if outcome(housing) != nil || outcome(water) != nil { tally.add(to: .unregistered) }
            return tally
        }
        tally.add(outcome(housing), to: .housing)
        tally.add(outcome(water), to: .water)
        for member in members where member.isPresent {
            tally.add(outcome(member.medical), to: .medical)
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

    var counters:
        (
            safe: Counter, unsafe: Counter, contested: Counter, notAssessed: Counter,
            maybeSafe: Counter, excluded: Counter?
        )
    {
        switch self {
        case .housing:
            (
                .housingSafe, .housingUnsafe, .housingContested, .housingNotAssessed,
                .housingMaybeSafe, nil
            )
        case .water:
            (
                .waterSafe, .waterUnsafe, .waterContested, .waterNotAssessed, .waterMaybeSafe,
                nil
            )
        case .medical:
            (
                .medicalSafe, .medicalUnsafe, .medicalContested, .medicalNotAssessed,
                .medicalMaybeSafe, .medicalExcluded
            )
        }
    }
}

extension Tally {
    fileprivate mutating func add(_ outcome: Outcome?, to guarantee: Guarantee) {
        let counters = guarantee.counters
        switch outcome {
        case nil: break
        case .safe: add(to: counters.safe)
        case .unsafe: add(to: counters.unsafe)
        case .notAssessed: add(to: counters.notAssessed)
        case .excluded: add(to: counters.excluded ?? counters.notAssessed)
        case .contested(let maybeSafe):
            add(to: counters.contested)
            if maybeSafe { add(to: counters.maybeSafe) }
        }
    }
}
