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

    private func device() async throws -> Device {
        let wang = try await World().device("wang", ["5204"])
        try await wang.sync()
        return wang
    }

    private func area(_ device: Device, _ code: String = village) throws -> Area {
        try #require(try device.store.villages(code).first)
    }

    private func drafts(_ device: Device) throws -> [String] {
        try device.store.drafts().map(\.command)
    }

    /// Answers as somebody at the terminal does, and leaves the form.
    private func leave(
        _ open: OpenForm, _ device: Device, _ answers: KeyValuePairs<String, String>
    ) throws {
        var filling = FormFilling(open, today: device.store.environment.today)
        for (key, text) in answers {
            try filling.answer(try #require(open.form.field(key: key)), text)
        }
        try device.store.keepDraft(filling.open)
    }

    @Test func `a new household that was left is found again by its village`() async throws {
        let wang = try await device()
        let village = try area(wang)
        let open = try wang.store.openNewHousehold(in: village, resuming: true)
        #expect(!open.isResumed)
        try leave(open, wang, ["head_name": "王小明", "members": "3"])
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
        let wang = try await device()
        let village = try area(wang)
        let open = try wang.store.openNewHousehold(in: village, resuming: true)
        try leave(open, wang, ["head_name": "王小明"])
        let script = try wang.store.openNewHousehold(in: village)
        #expect(!script.isResumed && script.record != open.record)
        try wang.save(script, ["head_name": "李四"])
        let again = try wang.store.openNewHousehold(in: village, resuming: true)
        #expect(again.record == open.record && again.answers[Household.headName] == "王小明")
    }

    @Test func `a form in which nobody answered anything leaves no draft`() async throws {
        let wang = try await device()
        let village = try area(wang)
        let open = try wang.store.openNewHousehold(in: village, resuming: true)
        try leave(open, wang, [:])
        let number = try #require(open.answers[Household.householdNo])
        try leave(open, wang, ["household_no": number])
        #expect(try drafts(wang).isEmpty)
        try leave(open, wang, ["household_no": "N-1"])
        #expect(try drafts(wang).count == 1)
        let again = try wang.store.openNewHousehold(in: village, resuming: true)
        #expect(again.answers[Household.householdNo] == "N-1")
        try wang.store.discardDraft(again)
        #expect(try !wang.store.openNewHousehold(in: village, resuming: true).isResumed)
    }

    @Test func `a section of a new household that is left out keeps what it began with`()
        async throws
    {
        let wang = try await device()
        let open = try wang.store.openNewHousehold(in: try area(wang), resuming: true)
        var filling = FormFilling(open, today: wang.store.environment.today)
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
        let wang = try await device()
        let open = try wang.store.openNewPerson(in: Self.two, resuming: true)
        #expect(open.answers[Person.personNo] == "3")
        try leave(open, wang, ["name": "王小芳"])
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

    @Test func `a new finding that was left is found by what it is about`() async throws {
        let wang = try await device()
        let open = try wang.store.openFinding(about: Self.one, round: nil, resuming: true)
        try leave(open, wang, ["category": "9", "description": "道路积水"])
        #expect(try drafts(wang) == ["lianhu finding add \(Self.one)"])
        #expect(try !wang.store.openFinding(about: Self.two, round: nil, resuming: true).isResumed)
        let again = try wang.store.openFinding(about: Self.one, round: nil, resuming: true)
        #expect(again.record == open.record && again.answers[Finding.category] == .other)
        #expect(again.answers[Finding.state] == .open)
        #expect(again.answers[Finding.about] == open.answers[Finding.about])
    }

    @Test func `a proposed finding that was changed and left comes back, however it is asked for`()
        async throws
    {
        let wang = try await device()
        let check = try wang.check("housing", Self.one, .graded("D"))
        let round = try #require(try wang.store.round(nil))
        func propose() throws -> OpenForm? {
            try wang.store.proposeFinding(after: check, round: round, in: .zh, resuming: true)
        }
        let open = try #require(try propose())
        try leave(open, wang, [:])
        #expect(try drafts(wang).isEmpty, "a proposal is made again")
        try leave(open, wang, ["deadline": "2027-01-01"])
        let day = CalendarDate(iso: "2027-01-01")
        #expect(try propose()?.answers[Finding.deadline] == day)
        let left = try #require(try wang.store.drafts().first)
        #expect(
            left.command == "lianhu finding add --after \(check.edit.header.record.text)")
        let again = try wang.store.open(left)
        #expect(again.record == open.record && again.answers[Finding.deadline] == day)
        _ = try wang.store.save(again, sections: again.answered)
        #expect(try propose()?.record == nil)
        #expect(try drafts(wang).isEmpty)
    }

    @Test func `of several findings that were left each is opened, and one's own is another`()
        async throws
    {
        let wang = try await device()
        let round = try #require(try wang.store.round(nil))
        for (kind, answers) in [("housing", .graded("D")), ("water", ["litres_pcd": "5"])] {
            let check = try wang.check(kind, Self.one, answers)
            let open = try #require(
                try wang.store.proposeFinding(
                    after: check, round: round, in: .zh, resuming: true))
            try leave(open, wang, ["deadline": "2027-01-01"])
        }
        let own = try wang.store.openFinding(about: Self.one, round: nil, resuming: true)
        #expect(!own.isResumed)
        try leave(own, wang, ["category": "9", "description": "道路积水"])
        let drafts = try wang.store.drafts()
        #expect(drafts.count == 3)
        for draft in drafts { #expect(try wang.store.open(draft).record == draft.record) }
        #expect(Set(drafts.map(\.command)).count == 3)
    }

    @Test func `an answer that cannot be read any more does not keep a form from being opened`()
        async throws
    {
        let wang = try await device()
        let open = try wang.store.openCheck(
            Housing.form, subject: Self.one, round: nil, resuming: true)
        try leave(open, wang, ["dwelling_source": "1", "occupied": "yes", "floors": "2"])
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
        let wang = try await device()
        let open = try wang.store.openCheck(
            Housing.form, subject: Self.one, round: nil, resuming: true)
        var filling = FormFilling(open, today: wang.store.environment.today)
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
            today: wang.store.environment.today)
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

    @Test func `a rectification that was left goes on, and whose it is is not forgotten`()
        async throws
    {
        let wang = try await device()
        let finding = try wang.save(
            try wang.store.openFinding(about: Self.one, round: nil),
            ["category": "9", "severity": "1", "description": "路", "deadline": "2026-12-31"]
        ).edit.header.record.subject.text
        func rectify() throws -> OpenForm {
            try wang.store.openFinding(finding, verifying: false, resuming: true)
        }
        try leave(try rectify(), wang, ["state": "2"])
        #expect(try drafts(wang) == ["lianhu finding rectify \(finding.prefix(10))"])
        var filling = FormFilling(try rectify(), today: wang.store.environment.today)
        #expect(filling.open.isResumed && filling.open.answers[Finding.rectifiedBy] == nil)
        #expect(filling.firstProblem == nil)
        try filling.answer(Finding.state.definition, "3")
        try filling.answer(Finding.rectifiedOn.definition, "2026-03-01")
        try filling.answer(Finding.done.definition, "已修")
        let user = try wang.store.identity().user.subject.bytes
        #expect(filling.open.answers[Finding.rectifiedBy] == user)
        #expect(filling.firstProblem == nil)
        _ = try wang.store.save(filling.open, sections: filling.open.answered)
        #expect(try drafts(wang).isEmpty)
    }

    @Test func `a correction that was left goes on, and a script leaves it alone`() async throws {
        let wang = try await device()
        try leave(
            try wang.store.openHousehold(Self.one, resuming: true), wang, ["address": "九组"])
        try leave(
            try wang.store.openPerson("\(Self.one)/2", resuming: true), wang, ["name": "罗小妹"])
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
        try leave(open, wang, ["name": "王小芳"])
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
        let wang = try await device()
        let (village, store) = (try area(wang), wang.store)
        let household = try wang.store.household(Self.one, round: nil).subject
        try leave(try wang.resume("housing", Self.one), wang, ["grade": "B"])
        try leave(try wang.resume("medical", "\(Self.one)/2"), wang, ["insurance": "1"])
        try leave(try store.openNewPerson(in: Self.one, resuming: true), wang, ["name": "王小芳"])
        try leave(try store.openHousehold(Self.one, resuming: true), wang, ["address": "九组"])
        try leave(
            try store.openPerson("\(Self.one)/2", resuming: true), wang, ["name": "罗小妹"])
        try leave(
            try store.openFinding(about: "\(Self.one)/2", round: nil, resuming: true), wang,
            ["category": "9"])
        try leave(
            try store.openNewHousehold(in: village, resuming: true), wang, ["head_name": "王小明"])
        try leave(
            try store.openFinding(about: Self.village, round: nil, resuming: true), wang,
            ["category": "9"])
        try leave(try wang.resume("clinic", Self.village), wang, ["doctors": "1"])
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
        try leave(try wang.resume("housing", Self.one), wang, ["grade": "B"])
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
        let wang = try await device()
        try leave(try wang.resume("housing", Self.one), wang, ["grade": "B"])
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
