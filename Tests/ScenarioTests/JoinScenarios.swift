import FieldStore
import FoundationEssentials
import ServerStore
import SurveyCoverage
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore
import Testing

@testable import FieldClient
@testable import SyncServer

/// Register entries that turn out to be one household.
@Suite struct JoinScenarios {
    private static let (old, new) = (World.villages[0], World.villages[1])
    private static let (one, two, three) = ("\(old)-1", "\(old)-2", "\(old)-3")

    private func row(_ device: Device, _ village: String = old) throws -> CoverageRow {
        try device.coverage().rows.first { $0.area == village }!
    }

    @Test func `joined entries count once, with the members and checks of both`() async throws {
        let world = try World()
        let (a, b) = (
            try await world.device("a", [Self.old]), try await world.device("b", [Self.old])
        )
        for device in [a, b] { try await device.sync() }
        let before = try row(a)
        try a.check("housing", Self.one, .graded("A"))
        try b.check("housing", Self.two, .graded("A"))
        try a.store.join(Self.one, Self.two, same: true, reason: "一户两本")
        for device in [a, b, a] { try await device.sync() }
        #expect(try row(a).households == before.households - 1)
        #expect(try row(a).persons == before.persons)
        #expect(try row(a).count(.housing).safe == 1)
        let listed = try b.store.households(in: nil, round: try b.store.round(nil))
        #expect(listed.count == before.households - 1)
        #expect(listed.filter { !$0.sameAs.isEmpty }.map(\.members) == [4])
        try world.expectAgreement([a, b])
        // Reversible: each has its own answer again.
        try b.store.join(Self.two, Self.one, same: false, reason: nil)
        for device in [b, a] { try await device.sync() }
        #expect(try row(a).households == before.households)
        #expect(try row(a).count(.housing).safe == 2)
        try world.expectAgreement([a, b])
    }

    @Test func `answers of joined entries that differ are contested until one saw both`()
        async throws
    {
        let world = try World()
        let (a, b) = (
            try await world.device("a", [Self.old]), try await world.device("b", [Self.old])
        )
        for device in [a, b] { try await device.sync() }
        try a.check("housing", Self.one, .graded("A"))
        try b.check("housing", Self.two, .graded("C"))
        try a.store.join(Self.one, Self.two, same: true, reason: nil)
        for device in [a, b, a] { try await device.sync() }
        let conflicts = try a.store.conflicts()
        #expect(conflicts.map(\.state.siblings.count) == [2])
        #expect(try a.store.status().contested == 1)
        #expect(try row(a).count(.housing).contested == 1)
        // Either number leads to the same form, and to the same conflict.
        for number in [Self.one, Self.two] {
            #expect(try a.store.record(number, contested: true) == conflicts[0].record)
            #expect(try a.store.conflicts(of: number).map(\.record) == [conflicts[0].record])
        }
        // The better one would take a reason.
        let worse = try #require(
            conflicts[0].state.siblings.first { Answers($0.answers)[Housing.grade] == .c })
        _ = try a.store.resolve(conflicts[0].record, section: nil, .choose(worse.id.hex))
        for device in [a, b] { try await device.sync() }
        #expect(try b.store.conflicts().isEmpty)
        #expect(try row(b).count(.housing).contested == 0)
        try world.expectAgreement([a, b])
        // Taken back, the entry that was not written about has its own answer as before.
        try b.store.join(Self.one, Self.two, same: false, reason: nil)
        for device in [b, a] { try await device.sync() }
        #expect(try row(a).count(.housing).safe + row(a).count(.housing).unsafe == 2)
        try world.expectAgreement([a, b])
    }

    /// Two entries of a household, the one that stands for both first.
    private func entries(_ device: Device) throws -> [String] {
        let rows = try [Self.one, Self.two].map { try device.store.household($0, round: nil) }
        return rows.sorted { $0.subject < $1.subject }.map(\.householdNo)
    }

    @Test func `a check that was left goes on when its household turns out to be another entry`()
        async throws
    {
        let world = try World()
        let a = try await world.device("a", [Self.old])
        try await a.sync()
        let (canonical, other) = (try entries(a)[0], try entries(a)[1])
        func open(_ number: String) throws -> OpenForm {
            try a.store.openCheck(Housing.form, subject: number, round: nil, resuming: true)
        }
        var filling = FormFilling(
            try open(other), clock: DeviceClock(today: a.store.environment.today))
        try filling.answer(Housing.grade.definition, "B")
        try a.store.keepDraft(filling.open)
        try a.store.join(Self.one, Self.two, same: true, reason: nil)
        let left = try #require(try a.store.drafts().first)
        #expect(left.household == (try a.store.household(canonical, round: nil).subject))
        for form in [try open(canonical), try open(other), try a.store.open(left)] {
            #expect(form.isResumed && form.answers[Housing.grade] == .b)
        }
        // Kept again it stands once, and where it stood: that they are one may be taken back.
        filling = FormFilling(
            try open(canonical), clock: DeviceClock(today: a.store.environment.today))
        try filling.answer(Housing.grade.definition, "C")
        try a.store.keepDraft(filling.open)
        #expect(try a.store.drafts().map(\.record) == [left.record])
        #expect(try open(other).answers[Housing.grade] == .c)
        try a.store.join(Self.one, Self.two, same: false, reason: nil)
        #expect(try open(other).isResumed && !open(canonical).isResumed)
        try a.store.discardDraft(try open(other))
        #expect(try a.store.drafts().isEmpty)
    }

    @Test func `of two checks that were left at entries which are one household both are kept`()
        async throws
    {
        let world = try World()
        let a = try await world.device("a", [Self.old])
        try await a.sync()
        for (number, grade) in [(Self.one, "A"), (Self.two, "C")] {
            var filling = FormFilling(
                try a.store.openCheck(Housing.form, subject: number, round: nil, resuming: true),
                clock: DeviceClock(today: a.store.environment.today))
            try filling.answer(Housing.grade.definition, grade)
            try a.store.keepDraft(filling.open)
        }
        try a.store.join(Self.one, Self.two, same: true, reason: nil)
        let drafts = try a.store.drafts()
        #expect(drafts.count == 2)
        for draft in drafts {
            let open = try a.store.open(draft)
            try a.store.keepDraft(open)
            #expect(open.isResumed)
        }
        #expect(Set(try a.store.drafts().map(\.record)) == Set(drafts.map(\.record)))
        #expect(
            Set(try drafts.map { try a.store.open($0).answers[Housing.grade] }) == [.a, .c])
    }

    @Test func `a household is found by what is said of either entry`() async throws {
        let world = try World()
        let a = try await world.device("a", [Self.old])
        try await a.sync()
        let standing = try a.store.household(try entries(a)[0], round: nil).subject
        try a.store.join(Self.one, Self.two, same: true, reason: nil)
        let villages = try a.store.villages(Self.old)
        for text in [Self.one, Self.two, "户主1", "户主2", "2组"] {
            let found = try a.store.search(text, in: villages, round: nil)
            #expect(found.map(\.household.subject) == [standing], "\(text)")
        }
    }

    @Test func `findings are found under either entry, and are overdue at the household`()
        async throws
    {
        let world = try World()
        let a = try await world.device("a", [Self.old])
        try await a.sync()
        let (canonical, other) = (try entries(a)[0], try entries(a)[1])
        try a.save(
            try a.store.openFinding(about: other, round: nil),
            ["category": "1", "severity": "1", "description": "漏雨", "deadline": "2026-01-05"])
        try a.store.join(Self.one, Self.two, same: true, reason: nil)
        let round = try #require(try a.store.round(nil))
        for number in [canonical, other] {
            #expect(try a.store.findings(in: nil, round: round, about: number).count == 1)
            #expect(try a.store.openFinding(number, verifying: false).state.included.count == 1)
        }
        let standing = try a.store.household(canonical, round: nil).subject
        #expect(try a.store.overdueHouseholds() == [standing])
    }

    @Test func `two people join the same pair apart, and three entries in a ring`() async throws {
        let world = try World()
        let (a, b) = (
            try await world.device("a", [Self.old]), try await world.device("b", [Self.old])
        )
        for device in [a, b] { try await device.sync() }
        let before = try row(a).households
        let first = try a.store.join(Self.one, Self.two, same: true, reason: nil).edit
        let second = try b.store.join(Self.two, Self.one, same: true, reason: nil).edit
        #expect(first.header.record == second.header.record)
        try b.store.join(Self.two, Self.three, same: true, reason: nil)
        try a.store.join(Self.one, Self.three, same: true, reason: nil)
        for device in [a, b, a] { try await device.sync() }
        #expect(try a.store.conflicts().isEmpty, "both say the same")
        #expect(try row(a).households == before - 2)
        // One side of the ring less, and they still are one household.
        try a.store.join(Self.one, Self.two, same: false, reason: nil)
        for device in [a, b] { try await device.sync() }
        #expect(try row(b).households == before - 2)
        try world.expectAgreement([a, b])
    }

    @Test func `joined in one place and denied in another is contested`() async throws {
        let world = try World()
        let (a, b) = (
            try await world.device("a", [Self.old]), try await world.device("b", [Self.old])
        )
        for device in [a, b] { try await device.sync() }
        try a.store.join(Self.one, Self.two, same: true, reason: nil)
        try b.store.join(Self.one, Self.two, same: false, reason: "两户")
        for device in [a, b, a] { try await device.sync() }
        let conflict = try a.store.conflicts()[0]
        #expect(Set(conflict.subjectNo.components(separatedBy: " = ")) == [Self.one, Self.two])
        #expect(throws: Failure(contested: nil, of: SameAs.form)) {
            try a.store.join(Self.one, Self.two, same: true, reason: nil)
        }
        _ = try a.store.resolve(
            conflict.record, section: nil, .set(["same": "no", "reason": "问过"]))
        for device in [a, b] { try await device.sync() }
        #expect(try b.store.conflicts().isEmpty)
        try world.expectAgreement([a, b])
    }

    @Test func `entries of two villages are not joined; joined ones move together`() async throws {
        let world = try World()
        let both = try await world.device("both", [Self.old, Self.new])
        let arrives = try await world.device("arrives", [Self.new])
        for device in [both, arrives] { try await device.sync() }
        #expect(throws: Failure(.otherVillage)) {
            try both.store.join(Self.one, "\(Self.new)-1", same: true, reason: nil)
        }
        #expect(throws: Failure(.sameEntry)) {
            try both.store.join(Self.one, Self.one, same: true, reason: nil)
        }
        try both.check("housing", Self.two, .graded("A"))
        try both.store.join(Self.one, Self.two, same: true, reason: nil)
        let before = (try row(both).households, try row(arrives, Self.new).households)
        let target = try both.store.villages(Self.new)[0]
        #expect(try both.store.move(Self.two, to: target, address: nil).count == 2)
        for device in [both, arrives] { try await device.sync() }
        #expect(try row(both).households == before.0 - 1)
        #expect(try row(arrives, Self.new).households == before.1 + 1)
        #expect(try row(arrives, Self.new).count(.housing).safe == 1)
        try world.expectAgreement([both, arrives])
    }

    @Test func `a surveyor does not join another village's households without review`()
        async throws
    {
        let world = try World()
        let (stranger, owner) = (
            try await world.device("stranger", [Self.old, Self.new]),
            try await world.device("owner", [Self.new])
        )
        for device in [stranger, owner] { try await device.sync() }
        let before = try row(owner, Self.new).households
        _ = try world.server.assign(
            "stranger", adding: [], removing: try world.server.areaTree().find(Self.new))
        try stranger.store.join("\(Self.new)-1", "\(Self.new)-2", same: true, reason: nil)
        for device in [stranger, owner] { try await device.sync() }
        #expect(try row(owner, Self.new).households == before)
        #expect(try world.server.excludedEdits().count == 1)
        try world.expectAgreement([owner])
    }
}
