import FoundationEssentials
import GRDB
import ServerStore
import SurveyCoverage
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore
import Testing

@testable import FieldClient
@testable import FieldStore
@testable import SyncServer

/// Entries that do not belong in the counts any more, and entries that must not leave them unseen.
@Suite struct StandingScenarios {
    private static let village = World.villages[0]
    private static let (one, two) = ("\(village)-1", "\(village)-2")

    private func row(_ device: Device) throws -> CoverageRow {
        try device.coverage().rows.first { $0.area == Self.village }!
    }

    private func pair(_ world: World) async throws -> (Device, Device) {
        let wang = try await world.device("wang", [Self.village])
        let li = try await world.device("li", [Self.village])
        for device in [wang, li] { try await device.sync() }
        return (wang, li)
    }

    /// What another program writes: a section as it likes.
    private func write(
        _ device: Device, _ record: RecordKey, _ form: Form, _ section: String,
        _ answers: Answers = Answers()
    ) throws {
        let tag = form.section(key: section)!.tag
        let known = try device.state(record)
        let area = try #require(try device.store.villages(Self.village).first?.id)
        _ = try device.store.writer.write { db in
            try device.store.append(
                record, in: area, [tag: answers.values],
                seen: known.included.filter { $0.header.sections.contains(tag) }
                    .map(\.reference).sorted(),
                formVersion: 1, db)
        }
    }

    @Test func `a household whose number is cleared stays in the denominator, and is flagged`()
        async throws
    {
        let world = try World()
        let (wang, li) = try await pair(world)
        let before = try row(wang)
        let house = try wang.store.household(Self.one, round: nil).subject
        try write(wang, RecordKey(kind: .household, subject: house), Household.form, "identity")
        for device in [wang, li] { try await device.sync() }
        #expect(try row(li).households == before.households)
        #expect(try row(li).persons == before.persons)
        #expect(try row(li).flagged == (1, 0))
        let flagged = try li.store.flaggedHouseholds(in: nil, round: nil)
        #expect(flagged.map(\.subject) == [house] && flagged.map(\.flags) == [[.noNumber]])
        #expect(try li.store.status().flaggedHouseholds == 1)
        #expect(try li.store.status().registerLines.count == 1)
        // Nothing typed stands for it, and its id does.
        #expect(
            try failure { _ = try li.store.household("", round: nil) }.problem == .unknownSubject)
        try li.save(try li.store.openHousehold(house.text), ["household_no": Self.one])
        for device in [li, wang] { try await device.sync() }
        #expect(try row(wang).tally == before.tally)
        try world.expectAgreement([wang, li])
    }

    @Test func `a member whose household is cleared counts where they were, and is flagged`()
        async throws
    {
        let world = try World()
        let (wang, li) = try await pair(world)
        let before = try row(wang)
        let member = try #require(
            try wang.store.persons(in: nil, household: Self.one, round: nil).last)
        let record = RecordKey(kind: .person, subject: member.subject)
        try write(wang, record, Person.form, "membership")
        for device in [wang, li] { try await device.sync() }
        #expect(try row(li).persons == before.persons)
        #expect(try row(li).flagged == (0, 1))
        let listed = try li.store.persons(in: nil, household: Self.one, round: nil)
        #expect(listed.filter(\.isUnplaced).map(\.subject) == [member.subject])
        try li.store.transfer(member.subject.text, to: Self.two)
        for device in [li, wang] { try await device.sync() }
        #expect(try row(wang).persons == before.persons && row(wang).flagged == (0, 0))
        try world.expectAgreement([wang, li])
    }

    @Test func `a household that everybody left is flagged until somebody sets it aside`()
        async throws
    {
        let world = try World()
        let (wang, li) = try await pair(world)
        let before = try row(wang)
        try wang.check("housing", Self.one, .graded("A"))
        for number in ["1", "2"] {
            try wang.save(
                try wang.store.openPerson("\(Self.one)/\(number)"),
                ["presence": "3", "presence_reason": "外迁", "presence_date": "2026-03-01"])
        }
        for device in [wang, li] { try await device.sync() }
        #expect(try row(li).households == before.households)
        #expect(try row(li).flagged == (1, 0))
        #expect(try li.households().first { $0.householdNo == Self.one }?.flags == [.noMembers])

        try li.store.setAside(household: Self.one, reason: "全家外迁")
        for device in [li, wang] { try await device.sync() }
        let after = try row(wang)
        #expect(after.households == before.households - 1)
        #expect(after.setAside == (1, 0) && after.flagged == (0, 0))
        #expect(after.count(.housing).checked == 0)
        // It leaves lists, the worklist and searches, and stays in history.
        let round = try wang.store.round(nil)
        let villages = try wang.store.villages(Self.village)
        #expect(try !wang.households().contains { $0.householdNo == Self.one })
        #expect(
            try !Today(wang.store, round: round).worklist.contains { $0.householdNo == Self.one })
        #expect(try wang.store.search("户主1", in: villages, round: round).isEmpty)
        #expect(try wang.store.search("户主1", in: villages, round: round, setAside: true).count == 1)
        let all = try wang.store.households(in: nil, round: round, setAside: true)
        #expect(all.filter(\.isSetAside).map(\.householdNo) == [Self.one])
        let house = try wang.store.household(Self.one, round: round)
        #expect(house.isSetAside && house.flags.isEmpty)
        let entry = RecordKey(kind: .household, subject: house.subject)
        #expect(try wang.state(entry).answers[Household.setAsideReason] == "全家外迁")
        #expect(try wang.store.history(entry).entries.count == 2)
        try world.expectAgreement([wang, li])

        try wang.store.setAside(household: Self.one, false, reason: nil)
        for device in [wang, li] { try await device.sync() }
        #expect(try row(li).households == before.households)
        #expect(try row(li).count(.housing).safe == 1)
        try world.expectAgreement([wang, li])
    }

    @Test
    func `who is set aside with a household is counted apart with it, and comes back with it`()
        async throws
    {
        let world = try World()
        let (wang, li) = try await pair(world)
        let before = try row(wang)
        try wang.store.setAside(person: "\(Self.two)/2", reason: "重复登记")
        try wang.store.setAside(household: Self.one, reason: "培训用")
        #expect(throws: Failure.self) {
            try wang.store.setAside(household: Self.two, reason: nil)
        }
        for device in [wang, li] { try await device.sync() }
        #expect(try row(li).households == before.households - 1)
        #expect(try row(li).persons == before.persons - 3)
        #expect(try row(li).setAside == (1, 3))
        let members = try li.store.persons(in: nil, household: Self.two, round: nil)
        #expect(members.map(\.personNo) == ["1"])
        #expect(
            try !li.store.persons(in: nil, household: nil, round: nil)
                .contains { $0.householdNo == Self.one })
        #expect(
            try li.store.persons(in: nil, household: Self.two, round: nil, setAside: true)
                .filter(\.isSetAside).map(\.personNo) == ["2"])
        try li.store.setAside(household: Self.one, false, reason: nil)
        try li.store.setAside(person: "\(Self.two)/2", false, reason: nil)
        for device in [li, wang] { try await device.sync() }
        #expect(try row(wang).tally == before.tally)
        try world.expectAgreement([wang, li])
    }

    @Test func `set aside in one place and kept in another is contested, and counts meanwhile`()
        async throws
    {
        let world = try World()
        let (wang, li) = try await pair(world)
        let before = try row(wang)
        try wang.store.setAside(household: Self.one, reason: "房屋已拆")
        try li.store.setAside(household: Self.one, false, reason: "还住着")
        for device in [wang, li, wang] { try await device.sync() }
        let conflicts = try wang.store.conflicts()
        #expect(conflicts.map(\.section.key) == ["standing"])
        #expect(try row(wang).households == before.households)
        #expect(
            throws: Failure(contested: Household.form.section(key: "standing")!, of: Household.form)
        ) {
            try li.store.setAside(household: Self.one, reason: "房屋已拆")
        }
        _ = try wang.store.resolve(
            conflicts[0].record, section: nil,
            .set(["set_aside": "yes", "set_aside_reason": "已核实"]))
        for device in [wang, li] { try await device.sync() }
        #expect(try row(li).households == before.households - 1)
        try world.expectAgreement([wang, li])
    }

    @Test func `an entry that was made twice is set aside without the other one`() async throws {
        let world = try World()
        let (wang, li) = try await pair(world)
        let before = try row(wang)
        let canonical = try [Self.one, Self.two].map { try wang.store.household($0, round: nil) }
            .min { $0.subject < $1.subject }!
        try wang.store.setAside(household: canonical.subject.text, reason: "重复登记")
        try wang.store.join(Self.one, Self.two, same: true, reason: nil)
        for device in [wang, li] { try await device.sync() }
        #expect(try row(li).households == before.households - 1)
        #expect(try row(li).setAside == (0, 0), "the other entry still stands")
        #expect(try li.store.setAside(household: Self.two, reason: "都不在了").count == 2)
        for device in [li, wang] { try await device.sync() }
        #expect(try row(wang).households == before.households - 2)
        #expect(try row(wang).setAside == (1, 4))
        try world.expectAgreement([wang, li])
    }

    @Test func `a stranger's setting aside waits for review`() async throws {
        let world = try World()
        let owner = try await world.device("owner", [Self.village])
        let stranger = try await world.device("stranger", ["520402109"])
        for device in [owner, stranger] { try await device.sync() }
        let before = try row(owner)
        _ = try world.server.assign(
            "stranger", adding: try world.server.areas([World.villages[1]]),
            removing: try world.server.areas(["520402109"]))
        try stranger.store.setAside(household: Self.one, reason: "x")
        for device in [stranger, owner] { try await device.sync() }
        #expect(try row(owner).households == before.households)
        #expect(try world.server.excludedEdits().count == 1)
    }
}
