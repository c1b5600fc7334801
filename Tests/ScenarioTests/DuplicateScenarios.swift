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

/// Entries that two devices made of one household, or of one person.
@Suite struct DuplicateScenarios {
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

    @discardableResult
    private func add(_ device: Device, _ answers: [String: String]) throws -> SubjectID {
        let village = try device.store.villages(Self.village)[0]
        return try device.save(try device.store.openNewHousehold(in: village), answers)
            .edit.header.record.subject
    }

    private func subjects(_ pairs: [ProbableDuplicate]) -> [Set<SubjectID>] {
        pairs.map { [$0.first.subject, $0.second.subject] }
    }

    @Test func `two devices that add one household offline are told, until somebody joins them`()
        async throws
    {
        let world = try World()
        let (wang, li) = try await pair(world)
        let boss = try await world.device("boss", ["5204"], role: .supervisor)
        let before = try row(wang)
        let a = try add(wang, ["head_name": "罗阿婆", "address": "岩脚组120号"])
        let b = try add(li, ["head_name": "罗阿婆 ", "address": "岩脚组１２０号"])
        #expect(try wang.store.status().probableDuplicates == 0)
        for device in [wang, li, wang, boss] { try await device.sync() }
        for device in [wang, li] {
            let pairs = try device.store.probableDuplicates()
            #expect(subjects(pairs) == [[a, b]])
            #expect(pairs.map(\.reasons) == [[.place]])
            #expect(try device.store.status().registerLines.count == 2, "and nobody lives there")
            #expect(try row(device).probableDuplicates == 1)
        }
        // A supervisor is told without opening the village.
        #expect(try boss.store.status().probableDuplicates == 1)
        #expect(try row(boss).probableDuplicates == 1)
        try world.expectAgreement([wang, li])

        try wang.store.join(a.text, b.text, same: true, reason: nil)
        for device in [wang, li, boss] { try await device.sync() }
        #expect(try li.store.probableDuplicates().isEmpty)
        #expect(try boss.store.status().probableDuplicates == 0)
        #expect(try row(li).households == before.households + 1)
        try world.expectAgreement([wang, li])
    }

    @Test func `two different households are told apart once, and it is remembered`() async throws {
        let world = try World()
        let (wang, li) = try await pair(world)
        let a = try add(wang, ["household_no": "\(Self.village)-0099", "head_name": "甲"])
        let b = try add(li, ["household_no": "\(Self.village)－0099", "head_name": "乙"])
        for device in [wang, li, wang] { try await device.sync() }
        #expect(try wang.store.probableDuplicates().map(\.reasons) == [[.number]])
        try wang.store.join(a.text, b.text, same: false, reason: "两户")
        for device in [wang, li] { try await device.sync() }
        #expect(try li.store.probableDuplicates().isEmpty)
        // Correcting something else does not ask again.
        try li.save(try li.store.openHousehold(b.text), ["members": "3"])
        for device in [li, wang] { try await device.sync() }
        #expect(try wang.store.probableDuplicates().isEmpty)
        // A third one is asked about.
        let c = try add(wang, ["household_no": "N-7", "head_name": "丙"])
        try li.save(try li.store.openHousehold(a.text), ["household_no": "N-8"])
        try wang.save(try wang.store.openHousehold(c.text), ["household_no": "N-8"])
        for device in [wang, li, wang] { try await device.sync() }
        #expect(subjects(try li.store.probableDuplicates()) == [[a, c]])
        try world.expectAgreement([wang, li])
    }

    @Test func `what a review takes back is asked again`() async throws {
        let world = try World()
        let stranger = try await world.device("stranger", ["520402109"])
        let owner = try await world.device("owner", [Self.village])
        for device in [stranger, owner] { try await device.sync() }
        let a = try add(owner, ["head_name": "罗阿婆", "address": "120号"])
        let b = try add(owner, ["head_name": "罗阿婆", "address": "120号"])
        for device in [owner, stranger] { try await device.sync() }
        _ = try world.server.assign(
            "stranger", adding: try world.server.areas([World.villages[1]]),
            removing: try world.server.areas(["520402109"]))
        let edit = try stranger.store.join(a.text, b.text, same: false, reason: nil).edit
        for device in [stranger, owner] { try await device.sync() }
        #expect(subjects(try owner.store.probableDuplicates()) == [[a, b]], "it waits for review")
        for (verdict, open) in [(Verdict.accept, 0), (.reject, 1)] {
            try world.server.review(edit.id.hex, verdict)
            try await owner.sync()
            #expect(try owner.store.probableDuplicates().count == open)
            try world.expectAgreement([owner])
        }
    }

    @Test func `three entries stand open twice, as often as they would have to be joined`()
        async throws
    {
        let world = try World()
        let (wang, li) = try await pair(world)
        let entries = try [wang, li, wang].enumerated().map { number, device in
            try add(device, ["head_name": "罗阿婆", "address": "120号", "household_no": "K-\(number)"])
        }.sorted()
        for device in [wang, li, wang] { try await device.sync() }
        #expect(try row(wang).probableDuplicates == 2)
        try wang.store.join(entries[0].text, entries[1].text, same: false, reason: nil)
        #expect(
            Set(subjects(try wang.store.probableDuplicates())) == [[entries[0], entries[2]]])
        try wang.store.join(entries[0].text, entries[2].text, same: true, reason: nil)
        #expect(try wang.store.probableDuplicates().isEmpty, "the one is the other's")
        // Taken back, everything is asked that was not answered.
        try wang.store.join(entries[0].text, entries[2].text, same: false, reason: nil)
        #expect(subjects(try wang.store.probableDuplicates()) == [[entries[1], entries[2]]])
        // Who is set aside is nobody's duplicate.
        try wang.store.setAside(household: entries[1].text, reason: "重复登记")
        #expect(try wang.store.probableDuplicates().isEmpty)
        for device in [wang, li] { try await device.sync() }
        try world.expectAgreement([wang, li])
    }

    @Test func `a member whom two devices add is one person, with one check`() async throws {
        let world = try World()
        let (wang, li) = try await pair(world)
        let before = try row(wang)
        let persons = try [wang, li].map { device in
            try device.save(
                try device.store.openNewPerson(in: Self.one),
                ["name": "罗小妹", "birth_date": "2016-05-01"]
            ).edit.header.record.subject
        }.sorted()
        for device in [wang, li, wang] { try await device.sync() }
        let pairs = try li.store.probableDuplicates()
        #expect(subjects(pairs) == [Set(persons)] && pairs.allSatisfy(\.isOfPersons))
        let insured = ["insurance": "1", "insured_year": "2026"]
        try wang.check("medical", persons[0].text, insured)
        try li.check("medical", persons[1].text, ["insurance": "0", "uninsured_reason": "9"])
        for device in [wang, li, wang] { try await device.sync() }
        #expect(try row(wang).persons == before.persons + 2)
        #expect(try row(wang).count(.medical).checked == 2)

        try li.store.join(
            persons[0].text, persons[1].text, of: Person.form, same: true, reason: nil)
        for device in [li, wang] { try await device.sync() }
        #expect(try wang.store.probableDuplicates().isEmpty)
        #expect(try row(wang).persons == before.persons + 1)
        #expect(try row(wang).count(.medical).contested == 1)
        let listed = try wang.store.persons(in: nil, household: Self.one, round: nil)
        #expect(listed.map(\.sameAs.count).sorted() == [0, 0, 1])
        try world.expectAgreement([wang, li])
        // Whoever is shown both answers decides about both, under either entry.
        let open = try wang.open("medical", persons[1].text)
        #expect(open.record.subject == persons[0] && open.state.isContested)
        let conflict = try #require(try wang.store.conflicts().first)
        _ = try wang.store.resolve(conflict.record, section: nil, .set(insured))
        for device in [wang, li] { try await device.sync() }
        #expect(try row(li).count(.medical).safe == 1 && row(li).count(.medical).contested == 0)
        try world.expectAgreement([wang, li])
        // Taken back, each counts with what was said of them.
        try li.store.join(
            persons[0].text, persons[1].text, of: Person.form, same: false, reason: nil)
        for device in [li, wang] { try await device.sync() }
        #expect(try row(wang).persons == before.persons + 2)
        #expect(try wang.store.probableDuplicates().isEmpty)
        try world.expectAgreement([wang, li])
    }

    @Test func `members of joined households who are one person count once`() async throws {
        let world = try World()
        let (wang, li) = try await pair(world)
        let before = try row(wang)
        try wang.store.join(Self.one, Self.two, same: true, reason: nil)
        // Each of the two had a member of that name and birth date.
        let pairs = try wang.store.probableDuplicates()
        #expect(pairs.map { Set([$0.first.name, $0.second.name]) } == [["成员"]])
        let pair = try #require(pairs.first)
        try wang.store.join(
            pair.first.subject.text, pair.second.subject.text, of: Person.form, same: true,
            reason: nil)
        for device in [wang, li] { try await device.sync() }
        #expect(try row(li).households == before.households - 1)
        #expect(try row(li).persons == before.persons - 1)
        let house = try #require(try li.households().first { !$0.sameAs.isEmpty })
        #expect(house.members == 3)
        // Apart again, the person still counts once, in the household of the lesser entry.
        try li.store.join(Self.one, Self.two, same: false, reason: nil)
        for device in [li, wang] { try await device.sync() }
        #expect(try row(wang).households == before.households)
        #expect(try row(wang).persons == before.persons - 1)
        #expect(try wang.households().map(\.members).sorted() == [1, 2, 2, 2])
        try world.expectAgreement([wang, li])
    }

    @Test func `one person in two households counts where the lesser entry is, also after a move`()
        async throws
    {
        let world = try World()
        let both = try await world.device("both", ["520402109"])
        let here = try await world.device("here", [Self.village])
        for device in [both, here] { try await device.sync() }
        let before = try row(both).persons
        let entries = try [Self.one, Self.two].flatMap {
            try both.store.persons(in: nil, household: $0, round: nil)
        }.filter { $0.name == "成员" }.sorted { $0.subject < $1.subject }
        try both.store.join(
            entries[0].subject.text, entries[1].subject.text, of: Person.form, same: true,
            reason: nil)
        try both.check(
            "medical", entries[1].subject.text, ["insurance": "1", "insured_year": "2026"])
        for device in [both, here] { try await device.sync() }
        #expect(try row(here).persons == before - 1)
        #expect(try row(here).count(.medical).safe == 1)
        try world.expectAgreement([both, here])
        // In two villages they are two again.
        let target = try both.store.villages(World.villages[1])[0]
        try both.store.move(entries[1].householdNo, to: target, address: nil)
        for device in [both, here] { try await device.sync() }
        #expect(try row(here).persons == before - 2, "the other household has left")
        #expect(try row(here).count(.medical).safe == 1)
        try world.expectAgreement([both, here])
        #expect(throws: Failure(.otherVillage)) {
            try both.store.join(
                entries[0].subject.text, entries[1].subject.text, of: Person.form, same: false,
                reason: nil)
        }
    }

    @Test func `who has moved into a village that nobody here reads is joined with nobody here`()
        async throws
    {
        let world = try World()
        let both = try await world.device("both", ["520402109"])
        let here = try await world.device("here", [Self.village])
        for device in [both, here] { try await device.sync() }
        let entries = try here.store.persons(in: nil, household: nil, round: nil)
            .filter { $0.name == "成员" }.sorted { $0.subject < $1.subject }
        let before = try row(both).persons
        // At once: the one who stands for both moves away, and somebody else joins them.
        try both.store.transfer(entries[0].subject.text, to: "\(World.villages[1])-1")
        try here.store.join(
            entries[0].subject.text, entries[1].subject.text, of: Person.form, same: true,
            reason: nil)
        for device in [both, here, both, here] { try await device.sync() }
        #expect(try row(here).persons == before - 1)
        try world.expectAgreement([both, here])
    }

    @Test func `a surveyor does not join another village's persons without review`() async throws {
        let world = try World()
        let stranger = try await world.device("stranger", ["520402109"])
        let owner = try await world.device("owner", [Self.village])
        for device in [stranger, owner] { try await device.sync() }
        let before = try row(owner).persons
        _ = try world.server.assign(
            "stranger", adding: try world.server.areas([World.villages[1]]),
            removing: try world.server.areas(["520402109"]))
        try stranger.store.join(
            "\(Self.one)/2", "\(Self.two)/2", of: Person.form, same: true, reason: nil)
        for device in [stranger, owner] { try await device.sync() }
        #expect(try row(owner).persons == before)
        #expect(try world.server.excludedEdits().count == 1)
        try world.expectAgreement([owner])
    }

    @Test
    func `of hundreds of entries with one placeholder as many pairs are told as would be joined`()
        async throws
    {
        let world = try World()
        let wang = try await world.device("wang", [Self.village])
        try await wang.sync()
        let rows = (1...400).reduce("household_no,village_code,head_name,household_type,address\n")
        {
            $0 + "P-\($1),\(Self.village),户主,,不详\n"
        }
        _ = try world.importRoster(rows)
        try await wang.sync()
        #expect(try wang.store.status().probableDuplicates == 399)
        try wang.save(try wang.store.openHousehold("P-7"), ["address": "7组"])
        #expect(try wang.store.status().probableDuplicates == 398)
        try await wang.sync()
        try world.expectAgreement([wang])
    }
}
