import FieldStore
import SurveyConsole
import SurveyLog
import SurveyModel
import SurveyStore
import Testing

@testable import FieldClient

/// Numbers of households and members: each is given once, also apart.
@Suite struct NumberScenarios {
    private static let village = World.villages[0]
    private static let (one, two) = ("\(village)-1", "\(village)-2")

    private func pair() async throws -> (Device, Device) {
        let world = try World()
        let wang = try await world.device("wang", ["5204"])
        let li = try await world.device("li", ["5204"])
        for device in [wang, li] { try await device.sync() }
        return (wang, li)
    }

    @Test func `a number that another household has is refused, and says where it is`() async throws
    {
        let wang = try await World.surveyor()
        let edit = try failure {
            try wang.save(try wang.store.openHousehold(Self.one), ["household_no": Self.two])
        }
        #expect(edit.problem == .takenNumber)
        #expect(edit.text(.zh).contains("\(Self.two)（碧波村）"))
        #expect(!edit.text(.zh).contains("户主2"), "no error names anybody")
        let area = try #require(try wang.store.villages(Self.village).first)
        let added = try failure {
            try wang.save(
                try wang.store.openNewHousehold(in: area),
                ["household_no": Self.two, "head_name": "王小明"])
        }
        #expect(added.problem == .takenNumber)
        // Its own number is no other's, and a free one is free.
        try wang.save(
            try wang.store.openHousehold(Self.one), ["household_no": Self.one, "members": "3"])
        try wang.save(try wang.store.openHousehold(Self.one), ["household_no": "N-1"])
        try wang.save(try wang.store.openHousehold(Self.two), ["household_no": Self.one])
        #expect(try wang.store.household(Self.one, round: nil).headName == "户主2")
    }

    @Test func `a number that is not of the village is unusual`() async throws {
        let wang = try await World.surveyor()
        let area = try #require(try wang.store.villages(Self.village).first)
        func warnings(_ open: OpenForm, _ answers: [String: String]) throws -> [Label] {
            let result = try AnswerSetter(store: wang.store).apply(answers, to: open)
            var filling = FormFilling(open, clock: DeviceClock(today: wang.store.environment.today))
            for (key, text) in answers {
                try filling.answer(try #require(open.form.field(key: key)), text)
            }
            #expect(filling.warnings == result.warnings, "the same on a screen")
            return result.warnings
        }
        let new = try wang.store.openNewHousehold(in: area)
        for number in ["12", "520402109202-0001"] {
            let said = try warnings(new, ["household_no": number, "head_name": "王小明"])
            #expect(said.map(\.en).contains { $0.contains("its village's code \(Self.village)") })
        }
        #expect(try warnings(new, ["household_no": "\(Self.village)-9", "head_name": "王"]).isEmpty)
        // Whoever corrects something else does not hear of it.
        try wang.save(try wang.store.openHousehold(Self.one), ["household_no": "N-1"])
        #expect(try warnings(try wang.store.openHousehold("N-1"), ["members": "3"]).isEmpty)
    }

    @Test func `forms that are saved together give a number once`() async throws {
        let wang = try await World.surveyor()
        let area = try #require(try wang.store.villages(Self.village).first)
        let before = try wang.count("SELECT COUNT(*) FROM edit")
        let forms = try ["王小明", "李小红"].map { name in
            let open = try wang.store.openNewHousehold(in: area)
            let result = try AnswerSetter(store: wang.store).apply(
                ["household_no": "N-1", "head_name": name], to: open)
            return (form: result.form, sections: result.sections)
        }
        let refused = try failure { _ = try wang.store.save(forms) }
        #expect(refused.problem == .takenNumber && refused.detail == "N-1")
        #expect(try wang.count("SELECT COUNT(*) FROM edit") == before)
    }

    @Test func `two entries that were given one number apart keep it when both are corrected`()
        async throws
    {
        let (wang, li) = try await pair()
        for (device, name) in [(wang, "王小明"), (li, "李小红")] {
            let area = try #require(try device.store.villages(Self.village).first)
            try device.save(
                try device.store.openNewHousehold(in: area),
                ["household_no": "N-1", "head_name": name])
        }
        for device in [wang, li, wang] { try await device.sync() }
        let both = try wang.households().filter { $0.householdNo == "N-1" }
        #expect(both.count == 2)
        let forms = try both.map { row in
            let open = try wang.store.openHousehold(row.subject.text)
            let result = try AnswerSetter(store: wang.store).apply(
                ["household_no": "N-1", "head_name": row.headName + "一"], to: open)
            return (form: result.form, sections: result.sections)
        }
        #expect(try wang.store.save(forms).count == 2)
    }

    @Test func `whoever settles a contested number cannot give another household's`() async throws {
        let (wang, li) = try await pair()
        for (device, number) in [(wang, "N-1"), (li, "N-2")] {
            try device.save(try device.store.openHousehold(Self.one), ["household_no": number])
        }
        for device in [wang, li, wang] { try await device.sync() }
        let conflict = try #require(try wang.store.conflicts().first)
        let taken = try failure {
            _ = try wang.store.resolve(
                conflict.record, section: nil, .set(["household_no": Self.two]))
        }
        #expect(taken.problem == .takenNumber)
        #expect(try wang.store.conflicts().count == 1)
        _ = try wang.store.resolve(conflict.record, section: nil, .set(["household_no": "N-3"]))
        #expect(try wang.store.conflicts().isEmpty)
    }

    @Test func `a number that another member has is refused, in that household`() async throws {
        let wang = try await World.surveyor()
        let taken = try failure {
            try wang.save(try wang.store.openNewPerson(in: Self.one), ["person_no": "2"])
        }
        #expect(taken.problem == .takenNumber && taken.text(.en).contains("\(Self.one)/2 ("))
        #expect(!taken.text(.en).contains("成员"), "no error names anybody")
        try wang.save(
            try wang.store.openPerson("\(Self.one)/2"), ["person_no": "2", "name": "罗小妹"])
        try wang.save(try wang.store.openNewPerson(in: Self.one), ["person_no": "9"])
    }

    @Test func `a member with the name and birth date of another is pointed out`() async throws {
        let wang = try await World.surveyor()
        let saved = try wang.save(
            try wang.store.openNewPerson(in: Self.one),
            ["name": "成员", "birth_date": "1972-02-02"])
        #expect(try wang.store.twins(of: saved).map(\.number) == ["\(Self.one)/2"])
        let other = try wang.save(
            try wang.store.openNewPerson(in: Self.two),
            ["name": "成员", "birth_date": "1973-02-02"])
        #expect(try wang.store.twins(of: other).isEmpty)
    }

    @Test func `a number given twice says who is meant, until they are one household`() async throws
    {
        let (wang, li) = try await pair()
        try wang.save(try wang.store.openHousehold(Self.one), ["household_no": "N-1"])
        try li.save(try li.store.openHousehold(Self.two), ["household_no": "N-1"])
        for device in [wang, li, wang] { try await device.sync() }
        let several = try failure { _ = try wang.store.household("N-1", round: nil) }
        #expect(several.problem == .ambiguousSubject)
        let ids = try wang.households().filter { $0.householdNo == "N-1" }.map(\.subject.text)
        #expect(ids.count == 2)
        for id in ids {
            #expect(several.text(.zh).contains("\(id) = N-1（碧波村）"), "\(several.text(.zh))")
        }
        #expect(!several.text(.zh).contains("户主"), "no error names anybody")
        try wang.store.join(ids[0], ids[1], same: true, reason: nil)
        #expect(try wang.store.household("N-1", round: nil).sameAs == ["N-1"])
    }
}
