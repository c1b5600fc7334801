import SurveyCoverage
import SurveyModel
import TestSupport
import Testing

@Suite struct TallyTests {
    private static let outcomes: [Outcome?] = [
        nil, .safe, .basicallySafe, .unsafe, .notAssessed, .excluded, .contested,
        .contestedMaybeSafe, .contestedMaybeExcluded,
    ]

    private static func check(_ random: inout SplitMix64) -> Outcome? {
        guard !random.chance(4) else { return nil }
        return outcomes.randomElement(using: &random)!
    }

    private static func household(_ random: inout SplitMix64) -> HouseholdFacts {
        HouseholdFacts(
            isRegistered: !random.chance(6),
            members: (0..<Int.random(in: 0...5, using: &random)).map { _ in
                HouseholdFacts.Member(
                    isPresent: !random.chance(4),
                    birthDate: random.chance(5)
                        ? nil
                        : CalendarDate(
                            year: Int.random(in: 2005...2024, using: &random),
                            month: Int.random(in: 1...12, using: &random), day: 1),
                    medical: check(&random), schooling: check(&random),
                    isSetAside: random.chance(6), isUnplaced: random.chance(6))
            },
            housing: check(&random), water: check(&random), isSetAside: random.chance(6),
            hasNumber: !random.chance(6))
    }

    private static func count(_ guarantee: Guarantee, _ tally: Tally) -> GuaranteeCount {
        let village = Area(
            id: .village, code: "520402103201", name: "村", level: .village, parent: nil,
            managingUnit: nil)
        let table = CoverageTable(
            [VillageCount(village: village.id, tally: tally.inRound(of: 2026), lastHeard: nil)],
            villages: [village],
            tree: AreaTree([village]), by: .village)
        return table.rows[0].count(guarantee)
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func `safe, unsafe, contested and not assessed are all that is registered`(seed: UInt64) {
        var random = SplitMix64(seed)
        let households = (0..<Int.random(in: 0...30, using: &random)).map { _ in
            Self.household(&random)
        }
        let tally = households.reduce(Tally()) {
            $0 + $1.registerContribution + $1.roundContribution(in: 2026)
        }
        let all = households.filter(\.isRegistered)
        let registered = all.filter { !$0.isSetAside }
        for guarantee in Guarantee.allCases {
            let count = Self.count(guarantee, tally)
            #expect(
                count.safe + count.unsafe + count.contested + count.notAssessed == count.registered)
            let parts = [
                count.safe, count.unsafe, count.contested, count.notAssessed, count.maybeSafe,
                count.excluded,
            ]
            #expect(parts.allSatisfy { $0 >= 0 })
            #expect(count.maybeSafe + count.maybeExcluded <= count.contested)
            #expect(count.checked <= count.registered)
        }
        let present = registered.flatMap(\.members).filter { $0.isPresent && !$0.isSetAside }
        // What is set aside is counted apart, and nobody is lost.
        #expect(tally[.households] + tally[.householdsSetAside] == all.count)
        #expect(
            tally[.persons] + tally[.personsSetAside]
                == all.flatMap(\.members).count(where: \.isPresent))
        #expect(tally[.householdsFlagged] <= registered.count)
        #expect(tally[.personsFlagged] == present.count(where: \.isUnplaced))
        let excluded = present.count { $0.medical == .excluded }
        #expect(Self.count(.housing, tally).registered == registered.count)
        #expect(Self.count(.medical, tally).registered == present.count - excluded)
        #expect(Self.count(.medical, tally).excluded == excluded)
        #expect(
            Self.count(.water, tally).safe
                == registered.count {
                    $0.water == .safe || $0.water == .basicallySafe
                })
        #expect(
            Self.count(.housing, tally).unsafe
                == registered.count { $0.housing == .unsafe })
    }

    @Test(arguments: 0..<100 as Range<UInt64>)
    func `what was added is taken away without a trace`(seed: UInt64) {
        var random = SplitMix64(seed)
        let households = (0..<10).map { _ in Self.household(&random) }
        var tally = households.reduce(Tally()) { $0 + $1.roundContribution(in: 2026) }
        let changed = Self.household(&random)
        tally =
            tally - households[3].roundContribution(in: 2026)
            + changed.roundContribution(in: 2026)
        var rest = households
        rest[3] = changed
        #expect(tally == rest.reduce(Tally()) { $0 + $1.roundContribution(in: 2026) })
        let gone = rest.reduce(tally) { $0 - $1.roundContribution(in: 2026) }
        #expect(gone.isEmpty)
        #expect(gone == Tally())
    }

    private func facts(
        registered: Bool = true, _ members: [(Bool, Outcome?)] = [], housing: Outcome? = nil
    ) -> HouseholdFacts {
        HouseholdFacts(
            isRegistered: registered,
            members: members.map {
                HouseholdFacts.Member(isPresent: $0.0, medical: $0.1)
            },
            housing: housing, water: nil)
    }

    @Test func `somebody who moved away or died leaves the denominator and the counts`() {
        let household = facts([(true, .safe), (true, nil), (false, .unsafe), (false, .safe)])
        #expect(household.registerContribution == Tally([.households: 1, .persons: 2]))
        #expect(household.roundContribution(in: 2026) == Tally([.medicalSafe: 1]))
    }

    @Test func `a household without a number or with nobody left counts, and is flagged`() {
        func tally(_ isPresent: Bool, hasNumber: Bool, isSetAside: Bool = false) -> Tally {
            HouseholdFacts(
                isRegistered: true, members: [.init(isPresent: isPresent, medical: .safe)],
                housing: .safe, water: nil, isSetAside: isSetAside, hasNumber: hasNumber
            ).registerContribution
        }
        #expect(tally(true, hasNumber: true) == Tally([.households: 1, .persons: 1]))
        #expect(
            tally(true, hasNumber: false)
                == Tally([.households: 1, .persons: 1, .householdsFlagged: 1]))
        #expect(tally(false, hasNumber: true) == Tally([.households: 1, .householdsFlagged: 1]))
        #expect(
            tally(true, hasNumber: false, isSetAside: true)
                == Tally([.householdsSetAside: 1, .personsSetAside: 1]))
    }

    @Test func `somebody excused leaves the denominator but is counted apart`() {
        let household = facts([(true, .safe), (true, .excluded)])
        let tally = household.registerContribution + household.roundContribution(in: 2026)
        let count = Self.count(.medical, tally)
        #expect(count.registered == 1 && count.excluded == 1 && count.safe == 1)
        #expect(count.lowRate.text == "100%")
    }

    @Test func `an unregistered household is counted apart and enters no rate`() {
        let checked = facts(registered: false, [(true, .safe)], housing: .safe)
        #expect(checked.registerContribution.isEmpty)
        #expect(checked.roundContribution(in: 2026) == Tally([.unregistered: 1]))
        #expect(facts(registered: false).roundContribution(in: 2026).isEmpty)
    }

    @Test func `held edits are judged nowhere`() {
        let tally = facts().registerContribution + Tally([.heldEdits: 2])
        #expect(Self.count(.housing, tally).notAssessed == 1)
        #expect(Self.count(.housing, tally).checked == 0)
    }

    @Test
    func `an unchecked household is not assessed, a checked one too, and only one was checked`() {
        let tally = [facts(), facts(housing: .notAssessed)].reduce(Tally()) {
            $0 + $1.registerContribution + $1.roundContribution(in: 2026)
        }
        let count = Self.count(.housing, tally)
        #expect(count.registered == 2 && count.notAssessed == 2 && count.checked == 1)
    }

    @Test func `a contested household makes the rate a range`() {
        let households = [
            facts(housing: .safe), facts(housing: .contestedMaybeSafe), facts(housing: .contested),
            facts(),
        ]
        let tally = households.reduce(Tally()) {
            $0 + $1.registerContribution + $1.roundContribution(in: 2026)
        }
        let count = Self.count(.housing, tally)
        #expect(count.contested == 2)
        #expect(count.lowRate.text == "25.00%")
        #expect(count.highRate.text == "50.00%")
    }

    @Test func `counters that are on the wire keep their numbers`() {
        #expect(
            Counter.all.map(\.rawValue).sorted() == [
                1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 14, 15, 21, 22, 23, 24, 25, 31, 32, 33, 34, 35,
                36, 37, 41, 42, 51, 52, 53, 54, 61, 62, 63, 64, 65, 66, 67, 71, 72, 73,
            ])
        #expect(Counter.known(102_026) != nil && Counter.known(99) == nil)
        #expect(Counter.known(100_000) == nil && Counter.known(.max) == nil)
    }

    @Test(arguments: [
        // Six on 31 August 2026, and six a day too late; fifteen, and sixteen.
        ("2020-08-31", true), ("2020-09-01", false), ("2010-09-01", true), ("2010-08-31", false),
    ])
    func `a child counts for schooling from six to fifteen`(born: String, counts: Bool) throws {
        let birthDate = try #require(CalendarDate(iso: born))
        let household = HouseholdFacts(
            isRegistered: true,
            members: [
                .init(
                    isPresent: true, birthDate: birthDate, medical: nil,
                    schooling: .unsafe)
            ], housing: nil, water: nil)
        let tally = household.registerContribution + household.roundContribution(in: 2026)
        let count = Self.count(.schooling, tally)
        #expect(count.registered == (counts ? 1 : 0) && count.unsafe == (counts ? 1 : 0))
    }

    @Test func `a rectified finding is not overdue, a verified one is rectified`() throws {
        let today = try #require(CalendarDate(iso: "2026-05-01"))
        let yesterday = try #require(CalendarDate(iso: "2026-04-30"))
        func tally(_ state: FindingState, _ deadline: CalendarDate?) -> Tally {
            findingContribution(state, deadline: deadline, today: today)
        }
        #expect(tally(.open, today) == Tally([.findingsReceived: 1]))
        #expect(tally(.inProgress, yesterday)[.findingsOverdue] == 1)
        #expect(
            tally(.rectified, yesterday) == Tally([.findingsReceived: 1, .findingsRectified: 1]))
        #expect(
            tally(.verified, yesterday)
                == Tally([.findingsReceived: 1, .findingsRectified: 1, .findingsVerified: 1]))
        #expect(tally(.open, nil)[.findingsOverdue] == 0)
    }

    @Test func `a village without a doctor is a blank spot, a contested one is not counted as one`()
    {
        #expect(clinicContribution(.unsafe) == Tally([.clinicsChecked: 1, .clinicsBlank: 1]))
        #expect(
            clinicContribution(.contestedMaybeSafe)
                == Tally([.clinicsChecked: 1, .clinicsContested: 1]))
        #expect(clinicContribution(nil).isEmpty)
    }
}
