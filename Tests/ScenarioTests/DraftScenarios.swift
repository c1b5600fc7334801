import FieldStore
import Foundation
import GRDB
import ServerStore
import SurveyConsole
import SurveyLog
import SurveyModel
import SurveyStore
import Testing

@testable import FieldClient
@testable import SyncServer

/// Forms of what is not in the register yet, left and taken up again.
@Suite struct DraftScenarios {
    private static let village = World.villages[0]
    private static let (one, two) = ("\(village)-1", "\(village)-2")

    private func area(_ device: Device, _ code: String = village) throws -> Area {
        try #require(try device.store.villages(code).first)
    }

    private func drafts(_ device: Device) throws -> [String] {
        try device.store.drafts().map(\.command)
    }

    @Test func `a new household that was left is found again by its village`() async throws {
        let wang = try await World.surveyor()
        let village = try area(wang)
        let open = try wang.store.openNewHousehold(in: village, resuming: true)
        #expect(!open.isResumed)
        try wang.leave(open, ["head_name": "王小明", "members": "3"])
        #expect(try drafts(wang) == ["lianhu household add --village \(Self.village)"])
        let elsewhere = try wang.store.openNewHousehold(
            in: try area(wang, World.villages[1]), resuming: true)
        #expect(!elsewhere.isResumed)

        let again = try wang.store.openNewHousehold(in: village, resuming: true)
        #expect(again.isResumed && again.record == open.record)
        #expect(again.answers[Household.headName] == "王小明")
        #expect(again.answers[Household.householdNo] == open.answers[Household.householdNo])
        let saved = try wang.store.save(again, sections: again.answered)
        #expect(saved.answers[Household.villageCode] == Self.village)
        #expect(saved.answers[Household.members] == 3)
        #expect(try drafts(wang).isEmpty)
        #expect(try !wang.store.openNewHousehold(in: village, resuming: true).isResumed)
        let number = try #require(saved.answers[Household.householdNo])
        #expect(try wang.store.household(number, round: nil).headName == "王小明")
    }

    @Test func `a script adds a household beside the one that somebody left`() async throws {
        let wang = try await World.surveyor()
        let village = try area(wang)
        let open = try wang.store.openNewHousehold(in: village, resuming: true)
        try wang.leave(open, ["head_name": "王小明"])
        let script = try wang.store.openNewHousehold(in: village)
        #expect(!script.isResumed && script.record != open.record)
        try wang.save(script, ["head_name": "李四"])
        let again = try wang.store.openNewHousehold(in: village, resuming: true)
        #expect(again.record == open.record && again.answers[Household.headName] == "王小明")
    }

    @Test func `a form in which nobody answered anything leaves no draft`() async throws {
        let wang = try await World.surveyor()
        let village = try area(wang)
        let open = try wang.store.openNewHousehold(in: village, resuming: true)
        try wang.leave(open, [:])
        let number = try #require(open.answers[Household.householdNo])
        try wang.leave(open, ["household_no": number])
        #expect(try drafts(wang).isEmpty)
        try wang.leave(open, ["household_no": "N-1"])
        #expect(try drafts(wang).count == 1)
        let again = try wang.store.openNewHousehold(in: village, resuming: true)
        #expect(again.answers[Household.householdNo] == "N-1")
        try wang.store.discardDraft(again)
        #expect(try !wang.store.openNewHousehold(in: village, resuming: true).isResumed)
    }

    @Test func `a section of a new household that is left out keeps what it began with`()
        async throws
    {
        let wang = try await World.surveyor()
        let open = try wang.store.openNewHousehold(in: try area(wang), resuming: true)
        var filling = FormFilling(open, clock: DeviceClock(today: wang.store.environment.today))
        try filling.answer(Household.householdNo.definition, "N-1")
        try filling.answer(Household.headName.definition, "王小明")
        filling.skip(Household.form.sections[0], because: .refused)
        filling.skip(Household.form.sections[1], because: .refused)
        #expect(filling.open.answers == open.answers && filling.open.touched == open.touched)
        #expect(filling.open.answered == open.answered)
    }

    @Test func `a new member that was left is found by the household, with a number that is free`()
        async throws
    {
        let wang = try await World.surveyor()
        let open = try wang.store.openNewPerson(in: Self.two, resuming: true)
        #expect(open.answers[Person.personNo] == "3")
        try wang.leave(open, ["name": "王小芳"])
        #expect(try drafts(wang) == ["lianhu person add \(Self.two)"])
        #expect(try !wang.store.openNewPerson(in: Self.one, resuming: true).isResumed)
        try wang.save(try wang.store.openNewPerson(in: Self.two), ["name": "罗小妹"])

        let again = try wang.store.openNewPerson(in: Self.two, resuming: true)
        #expect(again.record == open.record && again.answers[Person.name] == "王小芳")
        #expect(again.answers[Person.personNo] == "4")
        // Found by any entry of the household.
        try wang.store.join(Self.one, Self.two, same: true, reason: nil)
        let joined = try wang.store.openNewPerson(in: Self.one, resuming: true)
        #expect(joined.record == open.record)
        let saved = try wang.store.save(joined, sections: joined.answered)
        #expect(saved.answers[Person.household] == joined.answers[Person.household])
        #expect(try wang.store.persons(in: nil, household: Self.one, round: nil).count == 6)
        #expect(try drafts(wang).isEmpty)
    }

    @Test func `an answer that cannot be read any more does not keep a form from being opened`()
        async throws
    {
        let wang = try await World.surveyor()
        let open = try wang.store.openCheck(
            Housing.form, subject: Self.one, round: nil, resuming: true)
        try wang.leave(open, ["dwelling_source": "1", "occupied": "yes", "floors": "2"])
        try await wang.store.writer.write { db in
            try db.execute(
                sql: """
                    UPDATE draft SET answers = replace(answers, '"floors":"2"', '"floors":"many"')
                    """)
        }
        let again = try wang.store.openCheck(
            Housing.form, subject: Self.one, round: nil, resuming: true)
        #expect(again.isResumed && again.answers[Housing.floors] == nil)
        #expect(again.answers[Housing.occupied] == true)
    }

    @Test func `what a wrong key made irrelevant comes back with the right one`() async throws {
        let wang = try await World.surveyor()
        let open = try wang.store.openCheck(
            Housing.form, subject: Self.one, round: nil, resuming: true)
        var filling = FormFilling(open, clock: DeviceClock(today: wang.store.environment.today))
        func answer(_ key: String, _ text: String) throws {
            try filling.answer(try #require(open.form.field(key: key)), text)
        }
        for (key, text) in [
            ("dwelling_source", "1"), ("occupied", "yes"), ("grade", "C"),
            ("grade_date", "2026-01-05"), ("appraiser", "甲"), ("tilt", "1"),
        ] { try answer(key, text) }
        try answer("dwelling_source", "6")
        #expect(filling.open.answers[Housing.grade] == nil)
        // Also when the form was left meanwhile.
        try wang.store.keepDraft(filling.open)
        filling = FormFilling(
            try wang.store.openCheck(
                Housing.form, subject: Self.one, round: nil, resuming: true),
            clock: DeviceClock(today: wang.store.environment.today))
        try answer("dwelling_source", "1")
        #expect(filling.open.answers[Housing.grade] == .c)
        #expect(filling.open.answers[Housing.appraiser] == "甲")
        #expect(filling.open.answers[Housing.tilt] != nil)
        // What somebody takes away on purpose stays away.
        try filling.clear(Housing.tilt.definition)
        try answer("dwelling_source", "6")
        try answer("dwelling_source", "1")
        #expect(filling.open.answers[Housing.tilt] == nil)
    }

    @Test func `a correction that was left goes on, and a script leaves it alone`() async throws {
        let wang = try await World.surveyor()
        try wang.leave(try wang.store.openHousehold(Self.one, resuming: true), ["address": "九组"])
        try wang.leave(try wang.store.openPerson("\(Self.one)/2", resuming: true), ["name": "罗小妹"])
        // The last one first.
        #expect(
            try drafts(wang) == [
                "lianhu person edit \(Self.one)/2", "lianhu household edit \(Self.one)",
            ])
        let script = try wang.store.openHousehold(Self.one)
        #expect(script.hasDraftBeside && script.answers[Household.address] == "1组")
        try wang.save(script, ["members": "5"])
        let again = try wang.store.openHousehold(Self.one, resuming: true)
        #expect(again.answers[Household.address] == "九组")
        #expect(again.answers[Household.members] == 5)
        let person = try wang.store.openPerson("\(Self.one)/2", resuming: true)
        #expect(person.answers[Person.name] == "罗小妹")
    }

    @Test func `a village that is taken away stays while a member there is being written down`()
        async throws
    {
        let world = try World()
        let wang = try await world.device("wang", [World.villages[0], World.villages[1]])
        try await wang.sync()
        let open = try wang.store.openNewPerson(in: Self.one, resuming: true)
        try wang.leave(open, ["name": "王小芳"])
        try world.server.backUp(to: world.folder.appending(path: "backup"), isOnly: true)
        try world.server.assign(
            "wang", adding: [], removing: try world.server.areas([Self.village]))
        try await wang.sync()
        #expect(try wang.count("SELECT COUNT(*) FROM household") == 8)
        try wang.store.discardDraft(open)
        try await wang.sync()
        #expect(try wang.count("SELECT COUNT(*) FROM household") == 4)
    }

    @Test func `every draft says at which household it is, and opens where it was left`()
        async throws
    {
        let wang = try await World.surveyor()
        let (village, store) = (try area(wang), wang.store)
        let household = try wang.store.household(Self.one, round: nil).subject
        try wang.leave(try wang.resume("housing", Self.one), ["grade": "B"])
        try wang.leave(try wang.resume("medical", "\(Self.one)/2"), ["insurance": "1"])
        try wang.leave(try store.openNewPerson(in: Self.one, resuming: true), ["name": "王小芳"])
        try wang.leave(try store.openHousehold(Self.one, resuming: true), ["address": "九组"])
        try wang.leave(try store.openPerson("\(Self.one)/2", resuming: true), ["name": "罗小妹"])
        try wang.leave(
            try store.openFinding(about: "\(Self.one)/2", round: nil, resuming: true),
            ["category": "9"])
        try wang.leave(
            try store.openNewHousehold(in: village, resuming: true), ["head_name": "王小明"])
        try wang.leave(
            try store.openFinding(about: Self.village, round: nil, resuming: true),
            ["category": "9"])
        try wang.leave(try wang.resume("clinic", Self.village), ["doctors": "1"])
        let drafts = try store.drafts()
        #expect(drafts.count == 9)
        #expect(drafts.count { $0.household == household } == 6)
        #expect(drafts.count { $0.about == village.id.subject && $0.household == nil } == 3)
        for draft in drafts {
            let open = try store.open(draft)
            #expect(open.record == draft.record && open.isResumed, "\(draft.command)")
        }

        // They stand first on the pages of the household and of the village.
        let round = try store.round(nil)
        let page = try HouseholdPage(store, household, round: round)
        let first = page.items.prefix(7).map(\.line.text)
        #expect(first[0] == LeftDraft.heading[Console.language] && page.items[0].isHeading)
        #expect(
            page.tasks[1...6].allSatisfy { if case .draft = $0 { true } else { false } })
        #expect(first.contains { $0.contains("\(Self.one)/2 成员") })
        let places = try VillagePage(store, village, round: round)
        #expect(places.tasks[1...3].allSatisfy { if case .draft = $0 { true } else { false } })
        let today = try Today(store, round: round)
        #expect(today.drafts == [household])
        let (legend, items) = today.list(
            today.worklist.map { FoundHousehold(household: $0, member: nil) }, width: 120)
        #expect(legend.contains { $0.text.contains("*") })
        #expect(items.count { $0.line.text.contains("\(Self.one)* ") } == 1)
        #expect(items.count { $0.line.text.contains("*") } == 1)
    }

    @Test func `a draft of another round says so, and goes on in it`() async throws {
        let world = try World()
        let wang = try await world.device("wang", ["5204"])
        try await wang.sync()
        let before = try #require(try wang.store.round(nil))
        try wang.leave(try wang.resume("housing", Self.one), ["grade": "B"])
        try world.server.closeRound(code: before.code)
        try world.server.openRound(
            code: "next", title: "下一轮", year: 2026, waterStandard: .tches2018)
        try await wang.sync()
        let draft = try #require(try wang.store.drafts().first)
        #expect(draft.otherRound?.code == before.code)
        let open = try wang.store.open(draft)
        #expect(open.round?.id == before.id && open.isResumed)
        #expect(try wang.store.heading(of: open, "T") == "T · \(before.code)")
        let now = try wang.open("housing", Self.one)
        #expect(try wang.store.heading(of: now, "T") == "T")
    }

    @Test func `drafts of an older version are kept`() async throws {
        let wang = try await World.surveyor()
        try wang.leave(try wang.resume("housing", Self.one), ["grade": "B"])
        try await wang.store.writer.write { db in
            try db.execute(
                sql: """
                    ALTER TABLE draft DROP COLUMN about;
                    DELETE FROM grdb_migrations WHERE identifier = 'field-5';
                    """)
        }
        try wang.store.close()
        let store = try FieldStore.open(
            wang.world.folder.appending(path: wang.name), environment: wang.store.environment)
        #expect(try store.drafts().map(\.command) == ["lianhu check housing \(Self.one)"])
        let open = try store.openCheck(
            Housing.form, subject: Self.one, round: nil, resuming: true)
        #expect(open.answers[Housing.grade] == .b)
    }

    // MARK: What a new household may be

    @Test func `a head whose name sounds the same may be the same`() async throws {
        let wang = try await World(households: 12).device("wang", ["5204"])
        try await wang.sync()
        var form = try wang.store.openNewHousehold(in: try area(wang))
        form.answers[Household.headName] = "沪主7"
        let likely = try wang.store.likelyDuplicates(of: form, round: nil)
        #expect(likely.map(\.household.householdNo) == ["\(Self.village)-7"])
        #expect(likely.map(\.reasons) == [[.headSound]])
    }

    @Test func `which household it is is chosen by number, the likeliest first`() async throws {
        let wang = try await World(households: 12).device("wang", ["5204"])
        try await wang.sync()
        var form = try wang.store.openNewHousehold(in: try area(wang))
        form.answers[Household.headName] = "成员"
        form.answers[Household.address] = "7组"
        let choice = DuplicateChoice(try wang.store.likelyDuplicates(of: form, round: nil))
        #expect(choice.likely.count == 9 && choice.others == 3)
        #expect(choice.likely[0].household.householdNo == "\(Self.village)-7")
        #expect(choice.likely[0].reasons == [.member, .address])
        #expect(choice.parse("1") == .known(0) && choice.parse(" ９ ") == .known(8))
        #expect(choice.parse("0") == .new && choice.parse("A") == .new)
        #expect(choice.parse("b") == .back && choice.parse("<") == .back)
        for text in ["", "10", "-1", "x", "1 2"] { #expect(choice.parse(text) == nil) }
        for language in Language.allCases {
            var list = choice.screen(for: form)
            let page = list.page(width: 60, height: 12, in: language)
            #expect(page.lines.count <= 12)
            #expect(page.text.contains("▸ 1) \(Self.village)-7  户主7  7组"))
            let first = list.handle(.enter)
            for _ in 0..<20 { _ = list.handle(.down) }
            let last = list.handle(.enter)
            #expect(first == .choose(0) && last == .choose(10), "none of them stands last")
        }
    }
}

extension Device {
    /// Opens a check as somebody at the terminal does.
    fileprivate func resume(_ kind: String, _ subject: String) throws -> OpenForm {
        try store.openCheck(
            try #require(Form.form(key: kind)), subject: subject, round: nil, resuming: true)
    }
}
