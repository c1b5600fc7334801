public import SurveyModel

/// What a household adds to its village's tallies: a pure function of its records. A check of which
/// nothing counts is nil.
public struct HouseholdFacts: Sendable {
    public struct Member: Sendable {
        public let isPresent: Bool
        /// nil when the date of birth is not known: then nobody can say that it is a child.
        public let birthDate: CalendarDate?
        public let medical: Outcome?
        public let schooling: Outcome?
        /// The person was set aside.
        public let isSetAside: Bool
        /// Their entry names no household any more; they count in the last one that it named.
        public let isUnplaced: Bool

        public init(
            isPresent: Bool, birthDate: CalendarDate? = nil, medical: Outcome?,
            schooling: Outcome? = nil, isSetAside: Bool = false, isUnplaced: Bool = false
        ) {
            self.isPresent = isPresent
            self.birthDate = birthDate
            self.medical = medical
            self.schooling = schooling
            self.isSetAside = isSetAside
            self.isUnplaced = isUnplaced
        }

        var cohort: Int? { birthDate.map(Schooling.cohort) }
    }

    /// Whether the register has the household.
    public let isRegistered: Bool
    public let members: [Member]
    public let housing: Outcome?
    public let water: Outcome?
    /// The household was set aside, and its members with it.
    public let isSetAside: Bool
    public let hasNumber: Bool

    public init(
        isRegistered: Bool, members: [Member], housing: Outcome?, water: Outcome?,
        isSetAside: Bool = false, hasNumber: Bool = true
    ) {
        self.isRegistered = isRegistered
        self.members = members
        self.housing = housing
        self.water = water
        self.isSetAside = isSetAside
        self.hasNumber = hasNumber
    }

    /// Members who live there or are away for a time, and whom nobody has set aside.
    private var standing: [Member] {
        isSetAside ? [] : members.filter { $0.isPresent && !$0.isSetAside }
    }

    /// The part that belongs to no round: the denominators. Which children are of school age
    /// depends on the round, so they are counted by cohort.
    ///
    /// What is set aside is counted apart. A household that nobody has set aside stays in the
    /// denominator without a number, or without anybody left in it, and is flagged.
    public var registerContribution: Tally {
        guard isRegistered else { return Tally() }
        let (standing, present) = (standing, members.count(where: \.isPresent))
        var tally = Tally([
            .persons: standing.count, .personsSetAside: present - standing.count,
            .personsFlagged: standing.count(where: \.isUnplaced),
        ])
        tally.add(to: isSetAside ? .householdsSetAside : .households)
        if !isSetAside, !hasNumber || standing.isEmpty { tally.add(to: .householdsFlagged) }
        for member in standing {
            if let cohort = member.cohort.flatMap(Counter.cohort) { tally.add(to: cohort) }
        }
        return tally
    }

    /// The part that belongs to a round of a year. Unchecked subjects add nothing.
    public func roundContribution(in year: Int64) -> Tally {
        var tally = Tally()
        let checks = [housing, water] + members.flatMap { [$0.medical, $0.schooling] }
        guard isRegistered else {
            if checks.contains(where: { $0 != nil }) { tally.add(to: .unregistered) }
            return tally
        }
        guard !isSetAside else { return tally }
        tally.add(housing, to: .housing)
        tally.add(water, to: .water)
        for member in standing {
            tally.add(member.medical, to: .medical)
            // Only children of school age are in the denominator.
            if let cohort = member.cohort, Schooling.isOfSchoolAge(cohort: cohort, in: year) {
                tally.add(member.schooling, to: .schooling)
            }
        }
        return tally
    }
}

/// What the check of a village's clinic adds.
public func clinicContribution(_ outcome: Outcome?) -> Tally {
    guard let outcome else { return Tally() }
    var tally = Tally([.clinicsChecked: 1])
    if outcome == .unsafe { tally.add(to: .clinicsBlank) }
    if outcome.isContested { tally.add(to: .clinicsContested) }
    return tally
}

/// What a finding adds on a day: a rectified one is never overdue.
public func findingContribution(
    _ state: FindingState, deadline: CalendarDate?, today: CalendarDate
) -> Tally {
    var tally = Tally([.findingsReceived: 1])
    if state.isRectified { tally.add(to: .findingsRectified) }
    if state == .verified { tally.add(to: .findingsVerified) }
    if !state.isRectified, let deadline, deadline < today { tally.add(to: .findingsOverdue) }
    return tally
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
        case .contestedMaybeExcluded:
            add(to: counters.contested)
            if let maybeExcluded = counters.maybeExcluded { add(to: maybeExcluded) }
        }
    }
}
