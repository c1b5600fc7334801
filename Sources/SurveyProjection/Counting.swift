public import SurveyCoverage
public import SurveyModel

/// A village and a round; the register's own counts belong to no round.
public struct Place: Sendable, Hashable {
    public let area: AreaID
    public let round: RoundID

    public init(area: AreaID, round: RoundID) { (self.area, self.round) = (area, round) }
}

/// What is known of some subjects, by numbers that stand for them: enough to say what each of them adds to the counts.
public struct CountingFacts: Sendable {
    /// An entry of a household.
    public struct Household: Sendable {
        public let area: AreaID
        public let hasNumber: Bool
        public let isSetAside: Bool

        public init(area: AreaID, hasNumber: Bool, isSetAside: Bool) {
            (self.area, self.hasNumber, self.isSetAside) = (area, hasNumber, isSetAside)
        }
    }

    /// An entry of a person.
    public struct Person: Sendable {
        public let subject: Int64
        public let isPresent: Bool
        public let birthDate: CalendarDate?
        public let isSetAside: Bool
        public let isUnplaced: Bool

        public init(
            subject: Int64, isPresent: Bool, birthDate: CalendarDate?, isSetAside: Bool,
            isUnplaced: Bool
        ) {
            self.subject = subject
            self.isPresent = isPresent
            self.birthDate = birthDate
            self.isSetAside = isSetAside
            self.isUnplaced = isUnplaced
        }
    }

    public struct Check: Sendable {
        public let kind: RecordKind
        public let round: RoundID
        public let outcome: Outcome?
        /// Where it counts while the register does not have its subject: wherever it was written; a clinic
        /// in its village.
        public var areas: Set<AreaID> = []

        public init(kind: RecordKind, round: RoundID, outcome: Outcome?) {
            (self.kind, self.round, self.outcome) = (kind, round, outcome)
        }
    }

    public struct Finding: Sendable {
        public let place: Place
        public let state: FindingState
        public let deadline: CalendarDate?

        public init(place: Place, state: FindingState, deadline: CalendarDate?) {
            (self.place, self.state, self.deadline) = (place, state, deadline)
        }
    }

    /// The day by which findings are overdue.
    public let today: CalendarDate
    public var households: [Int64: Household] = [:]
    /// Those that belong to somebody's household.
    public var persons: Set<Int64> = []
    /// By the household that they name.
    public var members: [Int64: [Person]] = [:]
    /// The entries that are the same as each, the one that stands for all first; only where there are
    /// others.
    public var joined: [Int64: [Int64]] = [:]
    /// Whether every entry of a joined person is set aside; only where there are several.
    public var asideWithOthers: [Int64: Bool] = [:]
    /// The checks of each subject; of joined entries those of all, at the one that stands for them.
    public var checks: [Int64: [Check]] = [:]
    public var findings: [Int64: [Finding]] = [:]
    /// Open pairs of which each is the second entry, and where.
    public var pairs: [Int64: (count: Int, area: AreaID)] = [:]
    public var years: [RoundID: Int64] = [:]

    public init(today: CalendarDate) { self.today = today }

    /// What a subject adds to the counts of villages.
    public func contribution(of subject: Int64) -> [Place: Tally] {
        var places: [Place: Tally]
        if let household = households[subject] {
            places = contribution(of: subject, household)
        } else {
            // A member counts with its household, wherever that is.
            places = persons.contains(subject) ? [:] : unregistered(subject)
        }
        // Whoever chose a finding's id may have chosen that of something else: each counts.
        for finding in findings[subject] ?? [] {
            let tally = findingContribution(
                finding.state, deadline: finding.deadline, today: today)
            places[finding.place] = (places[finding.place] ?? Tally()) + tally
        }
        // Open pairs count at the second entry of each.
        if let pair = pairs[subject] {
            places[Place(area: pair.area, round: .register), default: Tally()]
                .add(pair.count, to: .probableDuplicates)
        }
        return places.filter { !$0.value.isEmpty }
    }

    /// Entries that are one household count once, with the members and checks of all.
    private func contribution(of subject: Int64, _ household: Household) -> [Place: Tally] {
        let entries = joined[subject] ?? [subject]
        guard entries[0] == subject else { return [:] }
        let standing = entries.flatMap { members[$0] ?? [] }
            .filter { (joined[$0.subject]?[0] ?? $0.subject) == $0.subject }
        let known = entries.compactMap { households[$0] }
        var rounds: [RoundID: [Int64: [RecordKind: Outcome]]] = [:]
        for candidate in [subject] + standing.map(\.subject) {
            for check in checks[candidate] ?? [] {
                guard let outcome = check.outcome else { continue }
                rounds[check.round, default: [:]][candidate, default: [:]][check.kind] = outcome
            }
        }
        func facts(_ checks: [Int64: [RecordKind: Outcome]]) -> HouseholdFacts {
            HouseholdFacts(
                isRegistered: true,
                members: standing.map { member in
                    .init(
                        isPresent: member.isPresent, birthDate: member.birthDate,
                        medical: checks[member.subject]?[.medical],
                        schooling: checks[member.subject]?[.schooling],
                        isSetAside: asideWithOthers[member.subject] ?? member.isSetAside,
                        isUnplaced: member.isUnplaced)
                },
                housing: checks[subject]?[.housing], water: checks[subject]?[.water],
                isSetAside: known.allSatisfy(\.isSetAside),
                hasNumber: known.contains(where: \.hasNumber))
        }
        var places = [
            Place(area: household.area, round: .register): facts([:]).registerContribution
        ]
        for (round, checks) in rounds {
            places[Place(area: household.area, round: round)] =
                facts(checks).roundContribution(in: years[round] ?? 0)
        }
        return places
    }

    /// Every check of it that counts, in every area where it was written: whoever reads one of
    /// these areas alone counts the same.
    private func unregistered(_ subject: Int64) -> [Place: Tally] {
        var places: [Place: Tally] = [:]
        for check in checks[subject] ?? [] {
            guard let outcome = check.outcome else { continue }
            // A village is not in the register of households: its clinic counts by itself.
            guard check.kind != .clinic else {
                for area in check.areas {
                    places[Place(area: area, round: check.round)] = clinicContribution(outcome)
                }
                continue
            }
            let facts = HouseholdFacts(
                isRegistered: false,
                members: [
                    .init(
                        isPresent: true, medical: check.kind == .medical ? outcome : nil,
                        schooling: check.kind == .schooling ? outcome : nil)
                ],
                housing: check.kind == .housing ? outcome : nil,
                water: check.kind == .water ? outcome : nil)
            let tally = facts.roundContribution(in: years[check.round] ?? 0)
            for area in check.areas {
                let place = Place(area: area, round: check.round)
                places[place] = (places[place] ?? Tally()) + tally
            }
        }
        return places
    }
}
