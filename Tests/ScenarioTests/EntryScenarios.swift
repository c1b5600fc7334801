import FieldStore
import Foundation
import ServerStore
import SurveyConsole
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore
import Testing

@testable import FieldClient

/// Households that are looked for, what is said of a wrong line, and the page of a household.
@Suite struct EntryScenarios {
    private static let village = World.villages[0]
    private static let (one, two) = ("\(village)-1", "\(village)-2")

    private func pair() async throws -> (Device, Device) {
        let world = try World()
        let wang = try await world.device("wang", ["5204"])
        let li = try await world.device("li", ["5204"])
        for device in [wang, li] { try await device.sync() }
        return (wang, li)
    }

    /// The failure that something ends with.
    @Test func `a household is found by number, names, pinyin, address and village`() async throws {
        let wang = try await World.surveyor()
        try wang.save(
            try wang.store.openHousehold(Self.one), ["head_name": "单小芳", "address": "大坡"])
        try wang.save(try wang.store.openPerson("\(Self.one)/2"), ["name": "欧阳明"])
        let villages = try wang.store.readableVillages()
        func find(_ text: String) throws -> [String] {
            try wang.store.search(text, in: villages, round: nil).map(\.household.householdNo)
        }
        for text in [
            Self.one, "单小芳", "小芳", "shanxiaofang", "sxf", "ＳＸＦ", "欧阳", "oym", "大坡",
            "sxf 大坡", "sxf 碧波", "大坡 bibo",
        ] {
            #expect(try find(text) == [Self.one], "\(text)")
        }
        #expect(try find("sxf 二坡").isEmpty)
        let inVillage = try wang.store.households(
            in: villages.filter { $0.code == Self.village }, round: nil)
        for text in ["碧波", "碧波村", "bbc", "bibo"] {
            #expect(try Set(find(text)) == Set(inVillage.map(\.householdNo)), "\(text)")
        }
        // Whoever has one village means somebody in it.
        let one = villages.filter { $0.code == Self.village }
        #expect(try wang.store.search("bbc", in: one, round: nil).isEmpty)
    }

    @Test func `who bears a name stands before who lives with somebody of that name`() async throws
    {
        let wang = try await World.surveyor()
        try wang.save(try wang.store.openPerson("\(Self.one)/2"), ["name": "王秀兰"])
        try wang.save(try wang.store.openHousehold(Self.two), ["head_name": "王秀兰"])
        let villages = try wang.store.readableVillages()
        for text in ["王秀兰", "wxl", "wangxiulan", "王秀"] {
            let found = try wang.store.search(text, in: villages, round: nil)
            #expect(found.map(\.household.householdNo) == [Self.two, Self.one], "\(text)")
            #expect(found.map(\.member) == [nil, "王秀兰"])
        }
        let today = try Today(wang.store, round: try wang.store.round(nil))
        let (_, items) = today.list(
            try wang.store.search("wxl", in: villages, round: nil), width: 120)
        #expect(items[1].line.text.contains("王秀兰") && !items[0].line.text.contains("碧波村 王"))
    }

    @Test func `what the program writes is not set by name, nor is a village`() async throws {
        let wang = try await World.surveyor()
        let area = try #require(try wang.store.villages(Self.village).first)
        for open in [
            try wang.store.openHousehold(Self.one), try wang.store.openNewHousehold(in: area),
        ] {
            let refused = try failure {
                try wang.save(open, ["village_code": "520402109202", "head_name": "王小明"])
            }
            #expect(refused.text(.zh).contains("由程序填写"))
        }
    }

    @Test func `who was not met, who has gone and who is too old is not checked without a word`()
        async throws
    {
        let wang = try await World.surveyor()
        #expect(try wang.open("housing", Self.one).subjectWarning == nil)
        #expect(try wang.open("medical", "\(Self.one)/2").subjectWarning == nil)
        try wang.save(try wang.store.openHousehold(Self.one), ["visit_status": "3"])
        try wang.save(
            try wang.store.openPerson("\(Self.one)/2"),
            ["presence": "4", "presence_reason": "病", "presence_date": "2026-03-01"])
        try wang.save(try wang.store.openPerson("\(Self.two)/1"), ["birth_date": "1968-03-04"])
        #expect(try wang.open("housing", Self.one).subjectWarning?.zh.contains("拒访") == true)
        // It is seen in the list and on the page, so that nobody goes there twice.
        let row = try wang.store.household(Self.one, round: nil)
        #expect(row.visit == .refused)
        let today = try Today(wang.store, round: try wang.store.round(nil))
        let (_, items) = today.list(
            today.worklist.map { FoundHousehold(household: $0, member: nil) }, width: 120)
        let label = VisitStatus.refused.label[Console.language]
        #expect(items.count { $0.line.text.hasSuffix(label) } == 1)
        let page = try HouseholdPage(wang.store, row.subject, round: nil)
        #expect(page.heading.contains { $0.text.hasSuffix(label) })
        #expect(
            try wang.open("medical", "\(Self.one)/2").subjectWarning?.zh.contains("死亡") == true)
        #expect(
            try wang.open("schooling", "\(Self.two)/1").subjectWarning?.zh.contains("6–15") == true)
        let result = try AnswerSetter(store: wang.store).apply(
            .graded("A"), to: try wang.open("housing", Self.one))
        #expect(result.warnings.contains { $0.en.contains("refused") })
    }

    // MARK: Answers

    @Test func `what was typed is named, and what kind of subject is meant`() async throws {
        let wang = try await World.surveyor()
        let unknown = try failure { _ = try wang.open("housing", "520402109201-99") }
        #expect(unknown == Failure(.unknownSubject, "520402109201-99"))
        for (form, subject) in [("clinic", Self.one), ("medical", Self.one), ("water", "碧波村")] {
            let wrong = try failure { _ = try wang.open(form, subject) }
            #expect(wrong.problem == .wrongSubject, "\(form)")
            #expect(wrong.text(.zh).contains(subject))
        }
        let finding = try failure { _ = try wang.store.openFinding("01zzzz", verifying: true) }
        #expect(finding == Failure(.unknownFinding, "01zzzz"))
    }

    @Test func `a household without anybody to ask says so`() async throws {
        let wang = try await World.surveyor()
        var visit = Visit(store: wang.store, terminal: nil, round: nil)
        let nobody = try failure { _ = try visit.check(Schooling.form, Self.one) }
        #expect(nobody.problem == .nobodyAsked)
        #expect(nobody.text(.zh).contains("\(Self.one)（碧波村）没有学龄儿童"))
    }

    @Test func `everything that is wrong with answers is told at once`() async throws {
        let wang = try await World.surveyor()
        let open = try wang.open("water", Self.one)
        let wrong = try failure {
            try wang.save(open, ["litres_pcd": "many", "nothing": "1", "to_home": "maybe"])
        }
        #expect(wrong.problem == .badAnswer)
        let lines = wrong.text(.en).split(separator: "\n")
        #expect(lines.count == 3 && lines.allSatisfy { $0.hasPrefix("FORM-01 ") })
        for key in ["litres_pcd", "nothing", "to_home"] {
            #expect(lines.contains { $0.contains(key) })
        }
        let one = try failure { try wang.save(open, ["litres_pcd": "many"]) }
        #expect(
            one.text(.en)
                == "FORM-01 litres per person per day (litres_pcd): is not a number. Write it like 12.5."
        )
    }

    @Test func `the command that goes on with a draft of another round names the round`()
        async throws
    {
        let wang = try await World.surveyor()
        let open = try wang.store.openCheck(
            Housing.form, subject: Self.one, round: nil, resuming: true)
        var filling = FormFilling(open, clock: DeviceClock(today: wang.store.environment.today))
        try filling.answer(Housing.grade.definition, "B")
        try wang.store.keepDraft(filling.open)
        #expect(try wang.store.drafts().map(\.command) == ["lianhu check housing \(Self.one)"])
        try wang.world.server.closeRound(code: "spring")
        wang.world.clock.advance(by: 86_400_000)
        try wang.world.server.openRound(
            code: "autumn", title: "秋", year: 2026, waterStandard: .tches2018)
        try await wang.sync()
        let left = try #require(try wang.store.drafts().first)
        #expect(left.command == "lianhu check housing \(Self.one) --round spring")
        #expect(left.otherRound?.code == "spring")
    }

    @Test func `a page of a closed round says so and takes no checks`() async throws {
        let wang = try await World.surveyor()
        let shown = try wang.store.round(nil)
        #expect(try wang.store.roundChange(from: shown) == nil)
        #expect(try wang.store.refusal(ofChecksIn: shown) == nil)
        try wang.world.server.closeRound(code: "spring")
        try await wang.sync()
        let closed = try #require(try wang.store.round(nil))
        #expect(closed.code == "spring" && closed.name.zh.hasSuffix("（已结束）"))
        #expect(try Today(wang.store, round: closed).title.contains(closed.name[Console.language]))
        let house = try wang.store.household(Self.one, round: nil).subject
        #expect(try HouseholdPage(wang.store, house, round: closed).heading.count == 2)
        #expect(try HouseholdPage(wang.store, house, round: shown).heading.count == 1)
        #expect(try wang.store.roundChange(from: shown) != nil)
        for page in [shown, closed] {
            #expect(throws: Failure(.noOpenRound)) {
                _ = try wang.store.refusal(ofChecksIn: page)
            }
        }
        wang.world.clock.advance(by: 86_400_000)
        try wang.world.server.openRound(
            code: "autumn", title: "秋", year: 2026, waterStandard: .tches2018)
        try await wang.sync()
        #expect(try wang.store.refusal(ofChecksIn: closed)?.zh.contains("autumn 秋") == true)
        #expect(try wang.store.refusal(ofChecksIn: wang.store.round(nil)) == nil)
    }

    @Test func `a form is titled by the household that it is about`() async throws {
        let wang = try await World.surveyor()
        #expect(try wang.store.title(of: wang.open("housing", Self.one)) == "\(Self.one) 户主1")
        let village = try wang.store.title(of: wang.open("clinic", "520402109201"))
        #expect(village == "520402109201 碧波村")
    }

    // MARK: The page of a household

    @Test func `what was left at a household where all is done stays in the list`() async throws {
        let wang = try await World.surveyor()
        let round = try wang.store.round(nil)
        func shown() throws -> Bool {
            try Today(wang.store, round: round).worklist.contains { $0.householdNo == Self.one }
        }
        try wang.check("housing", Self.one, .graded("A"))
        try wang.check(
            "water", Self.one,
            [
                "supply_mode": "1", "region": "wet", "litres_pcd": "80",
                "quality_basis": "standard", "to_home": "yes", "short_days_year": "3",
            ])
        for person in try wang.store.persons(in: nil, household: Self.one, round: round)
        where person.isPresent {
            try wang.check(
                "medical", person.subject.text, ["insurance": "1", "insured_year": "2026"])
            guard person.isChild else { continue }
            try wang.check("schooling", person.subject.text, ["school_state": "1"])
        }
        #expect(try !shown())
        let open = try wang.store.openNewPerson(in: Self.one, resuming: true)
        var filling = FormFilling(open, clock: DeviceClock(today: wang.store.environment.today))
        try filling.answer(Person.name.definition, "王小芳")
        try wang.store.keepDraft(filling.open)
        #expect(try shown())
    }

    @Test func `who died or moved out stands last on the page, and can be corrected`() async throws
    {
        let wang = try await World.surveyor()
        try wang.save(
            try wang.store.openPerson("\(Self.one)/2"),
            ["presence": "3", "presence_reason": "外嫁", "presence_date": "2026-03-01"])
        let members = try wang.store.persons(in: nil, household: Self.one, round: nil)
        let gone = try #require(try wang.store.departures(of: members).values.first)
        #expect(gone.presence == .movedOut && gone.reason == "外嫁")
        #expect(members.living(orAll: false).map(\.personNo) == ["1"])
        #expect(members.living(orAll: true).count == 2)
        func page(showsAll: Bool) throws -> HouseholdPage {
            try HouseholdPage(
                wang.store, members[0].household, round: try wang.store.round(nil),
                showsAll: showsAll)
        }
        #expect(try page(showsAll: false).items.last?.line.text.contains("1") == true)
        let last = try #require(try page(showsAll: false).tasks.last)
        if last != nil { Issue.record("is no task") }
        let page = try page(showsAll: true)
        guard case .editPerson(let person)? = page.tasks.last ?? nil else {
            Issue.record("stands elsewhere")
            return
        }
        #expect(person == members.first { !$0.isPresent }?.subject)
        #expect(page.items.last?.line.text.contains("2026-03-01 外嫁") == true)
    }

    // MARK: Two answers

    @Test func `nobody decides about an answer that they were not shown`() async throws {
        let (wang, li) = try await pair()
        let zhao = try await wang.world.device("zhao", ["5204"])
        try await zhao.sync()
        for (device, floors) in [(wang, "1"), (li, "2"), (zhao, "3")] {
            try device.check("housing", Self.one, ["floors": floors])
        }
        for device in [wang, li, wang] { try await device.sync() }
        let shown = try #require(try wang.store.conflicts().first)
        #expect(shown.siblings.count == 2 && shown.name.brief == "\(Self.one) 户主1")
        for device in [zhao, wang] { try await device.sync() }
        let chosen = FieldStore.Resolution.choose(shown.siblings[0].id.hex)
        #expect(throws: Failure(.newAnswers)) {
            try wang.store.resolve(
                shown.record, section: shown.section.key, chosen, shown: shown.state)
        }
        let now = try #require(try wang.store.conflicts().first)
        #expect(now.siblings.count == 3)
        _ = try wang.store.resolve(
            now.record, section: now.section.key, chosen, shown: now.state)
        #expect(try wang.store.conflicts().isEmpty)
    }

    @Test func `the same person's answer has the same number in every section`() async throws {
        let (wang, li) = try await pair()
        for (device, grade, floors) in [(wang, "A", "1"), (li, "D", "2")] {
            try device.check("housing", Self.one, .graded(grade))
            try device.check("housing", Self.one, ["floors": floors])
        }
        for device in [wang, li, wang] { try await device.sync() }
        let conflicts = try wang.store.conflicts()
        #expect(conflicts.count > 1)
        let authors = conflicts.map { $0.siblings.map { $0.edits[0].header.author } }
        #expect(Set(authors).count == 1)
    }
}
