import FieldStore
import Foundation
import GRDB
import ServerStore
import SurveyConsole
import SurveyCoverage
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore
import Testing

@testable import FieldClient

/// One number, name or code is one, however it is written; and what a spreadsheet or another encoding
/// made of it is refused.
@Suite struct FoldingScenarios {
    private static let village = World.villages[0]
    private static let (one, two) = ("\(village)-1", "\(village)-2")

    /// As an older version stored it.
    private func saveRaw(_ form: OpenForm, _ number: String, on device: Device) throws {
        var open = form
        let tag =
            form.record.kind == .person
            ? Person.personNo.definition.tag : Household.householdNo.definition.tag
        open.answers[tag] = .text(normalizing: number)
        let identity = try #require(form.form.section(key: "identity"))
        _ = try device.store.save(open, sections: form.answered.union([identity.tag]))
    }

    private func area(_ device: Device) throws -> Area {
        try #require(try device.store.villages(Self.village).first)
    }

    // MARK: Looked up

    @Test(arguments: [
        "５２０４０２１０９２０１－１", "520402109201—1", "520402109201–1", "520402109201−1", "520402109201‑1",
        "520402109201 - 1", "520402109201\u{200B}-1", "520402109201-1\u{FEFF}", "　520402109201-1 ",
    ])
    func `a number opens its household in every spelling, and adds no second one`(number: String)
        async throws
    {
        let wang = try await World.surveyor()
        let there = try wang.store.household(Self.one, round: nil).subject
        #expect(try wang.store.household(number, round: nil).subject == there)
        #expect(try wang.open("housing", number).record.subject == there)
        #expect(
            try wang.open("medical", "\(number)／０１").record.subject
                == wang.open("medical", "\(Self.one)/1").record.subject)
        #expect(try wang.store.records(number).contains { $0.subject == there })
        let new = try AnswerSetter(store: wang.store).apply(
            ["household_no": number, "head_name": "别人"],
            to: try wang.store.openNewHousehold(in: try area(wang)))
        let likely = try wang.store.likelyDuplicates(of: new.form, round: nil)
        #expect(likely.first?.household.subject == there && likely.first?.reasons == [.number])
        let refused = try failure { _ = try wang.store.save(new.form, sections: new.sections) }
        #expect(refused.problem == .takenNumber)
    }

    @Test func `a number is stored as it is compared, a name as it was typed`() async throws {
        let wang = try await World.surveyor()
        try wang.save(
            try wang.store.openHousehold(Self.one),
            [
                "household_no": "Ｎ－７\u{200B}", "head_name": "王　芳", "grid_id": "０３—２",
                "ten_hh_unit": " 第 ５ 单元",
            ])
        let answers = try wang.state(
            RecordKey(kind: .household, subject: wang.store.household("Ｎ-7", round: nil).subject)
        ).answers
        #expect(answers[Household.householdNo] == "N-7" && answers[Household.headName] == "王　芳")
        #expect(
            answers[Household.gridID] == "03-2" && answers[Household.tenHouseholdUnit] == "第5单元")
        try wang.save(try wang.store.openPerson("N-7/2"), ["person_no": "００９"])
        let persons = try wang.store.persons(in: nil, household: "N-7", round: nil)
        #expect(persons.map(\.personNo) == ["1", "9"])
        let taken = try failure {
            try wang.save(try wang.store.openNewPerson(in: "N-7"), ["person_no": "09"])
        }
        #expect(taken.problem == .takenNumber)
    }

    @Test func `what a list prints as a number opens that very household`() async throws {
        let world = try World()
        let wang = try await world.device("wang", ["5204"])
        let li = try await world.device("li", ["5204"])
        for device in [wang, li] { try await device.sync() }
        // Two that an older version took for two numbers.
        try saveRaw(try wang.store.openHousehold(Self.one), "东风－７", on: wang)
        try saveRaw(try li.store.openHousehold(Self.two), "东风-7", on: li)
        #expect(try wang.store.household("东风-7", round: nil).householdNo == "东风－７")
        for device in [wang, li, wang] { try await device.sync() }
        for row in try wang.households() {
            #expect(
                try wang.store.household(row.householdNo, round: nil).subject == row.subject)
        }
        // Written in a third way, it may be either.
        let which = try failure { _ = try wang.store.household("东风–7", round: nil) }
        #expect(which.problem == .ambiguousSubject)
    }

    @Test func `numbers of a file from before are found when it is migrated`() throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "lianhu-tests-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let queue = try DatabaseQueue(path: folder.appending(path: "old.sqlite").path)
        var migrator = DatabaseMigrator()
        Schema.register(in: &migrator)
        try migrator.migrate(queue, upTo: "survey-6")
        let (household, person) = (Data(repeating: 1, count: 16), Data(repeating: 2, count: 16))
        try queue.write { db in
            try db.execute(
                sql: """
                    INSERT INTO household (record, subject, area, household_no, head_name, address,
                        household_type) VALUES (1, ?1, 1, 'Ａ－１', '', '', '');
                    INSERT INTO person (record, subject, household, area, person_no, name, present)
                        VALUES (2, ?1, ?2, 1, '０３', '', 1);
                    """, arguments: [household, person, household])
        }
        try migrator.migrate(queue)
        try queue.read { db in
            #expect(try Subjects.find(household: "A-1", db).map(\.bytes) == [household])
            #expect(try Subjects.find(person: "A-1/3", db).map(\.bytes) == [person])
            let plan = try Row.fetchAll(
                db, sql: "EXPLAIN QUERY PLAN SELECT subject FROM household WHERE folded_no = 'A-1'")
            #expect(plan.contains { ($0["detail"] as String).contains("household_folded") })
        }
    }

    // MARK: Names

    @Test func `who is in the register already is shown, however name and address are typed`()
        async throws
    {
        let wang = try await World.surveyor()
        try wang.save(
            try wang.store.openHousehold(Self.one),
            ["head_name": "王　芳", "address": "岩脚组１２号"])
        let new = try AnswerSetter(store: wang.store).apply(
            ["head_name": "王芳", "address": "岩脚组12号"],
            to: try wang.store.openNewHousehold(in: try area(wang)))
        let likely = try #require(try wang.store.likelyDuplicates(of: new.form, round: nil).first)
        #expect(likely.household.householdNo == Self.one)
        #expect(likely.reasons == [.headName, .address])
        // A member with another dot and the same day is probably the same person.
        try wang.save(
            try wang.store.openPerson("\(Self.one)/2"),
            ["name": "买买提·艾山", "birth_date": "1980-01-05"])
        let saved = try wang.save(
            try wang.store.openNewPerson(in: Self.one),
            ["name": "买买提 • 艾山", "birth_date": "1980-01-05"])
        #expect(try wang.store.twins(of: saved).count == 1)
    }

    @Test func `a household is found whatever the width, the spaces and the brackets`() async throws
    {
        let wang = try await World.surveyor()
        let three = "\(Self.village)-3"
        for (number, name, address) in [
            (Self.one, "王　芳", "岩脚组１２号"), (Self.two, "李 明", "下寨组3号"),
            (three, "陈红（女）", "岩脚组108号（老屋）"),
        ] {
            try wang.save(
                try wang.store.openHousehold(number), ["head_name": name, "address": address])
        }
        try wang.save(try wang.store.openPerson("\(Self.two)/2"), ["name": "买买提·艾 山"])
        let villages = try wang.store.readableVillages()
        for (text, number) in [
            ("王芳", Self.one), ("王　芳", Self.one), ("wangfang", Self.one), ("李明", Self.two),
            ("李 明", Self.two), ("lm", Self.two), ("岩脚组12号", Self.one),
            ("岩脚组１２号", Self.one), ("陈红（女）", three), ("陈红(女)", three),
            ("108号（老屋）", three), ("108号(老屋)", three), ("买买提•艾山", Self.two),
            ("520402109201—3", three), ("５２０４０２１０９２０１－３", three),
        ] {
            let found = try wang.store.search(text, in: villages, round: nil)
            #expect(found.first?.household.householdNo == number, "\(text)")
        }
    }

    @Test func `villages and users are meant whatever the width and the spaces`() async throws {
        let wang = try await World.surveyor()
        for text in ["碧波村", "碧波 村", "５２０４０２１０９２０１", " 520402109201\u{200B}"] {
            #expect(try wang.store.villages(text).map(\.code) == [Self.village], "\(text)")
            #expect(try wang.open("clinic", text).area == area(wang).id, "\(text)")
        }
        #expect(try wang.store.round("ｓｐｒｉｎｇ")?.code == "spring")
        let server = wang.world.server
        #expect(throws: Failure(.userExists)) {
            try server.addUser("ｗａｎｇ", role: .surveyor, areas: [])
        }
        #expect(try server.revokeUser(" wang\u{200B}"))
    }

    // MARK: Imported

    private static let mapping = """
        namespace = "test"
        [subject]
        village = { column = "village" }
        key = "no"
        create = true
        [household]
        head_name = "head"
        address = "addr"
        [housing]
        dwelling_source = { constant = "1" }
        occupied = { constant = true }
        grade = "grade"
        """

    private func importing(_ rows: String, _ mapping: String, on device: Device) throws
        -> TableReport
    {
        var table = try TableImport(
            try device.world.file("rows.csv", rows),
            try Mapping(MappingDocument(mapping, name: "test.toml")), village: nil, round: nil,
            device.store)
        try table.check { _ in }
        try table.save { _, _ in }
        return table.report
    }

    private func places(_ report: TableReport) -> [String] {
        report.notes.filter { $0.kind == .rejected }.map { "\($0.line) \($0.column)" }
    }

    @Test func `a foreign table makes no household twice by the way its number is written`()
        async throws
    {
        let wang = try await World.surveyor()
        let before = try wang.households().count
        let report = try importing(
            #"""
            no,village,head,addr,grade
            520402109201－1,520402109201,户主1,1组,A
            520402109201-1\#u{200B},５２０４０２１０９２０１,户主1,1组,A
            '520402109201-1,520402109201,户主1,1组,A
            "=""520402109201-1""",520402109201,户主1,1组,A
            5.20402E+15,520402109201,户主1,1组,A
            520402109201 -1,520402109201,户主1,1组,Ａ

            """#, Self.mapping, on: wang)
        #expect(places(report) == ["4 no", "5 no", "6 no"])
        #expect(report.notes.filter { $0.kind == .repeated }.map(\.line) == [3, 7])
        #expect(report.notes.first { $0.line == 6 }?.reason.en.contains("spreadsheet") == true)
        #expect(try wang.households().count == before)
        #expect(try wang.store.outcome(of: wang.open("housing", Self.one).record) == .safe)
    }

    @Test func `what was imported before under a raw key is not imported again`() async throws {
        let wang = try await World.surveyor()
        let raw = SubjectID(importing: "test", key: "Ｈ－１")
        try saveRaw(
            try wang.store.openNewHousehold(in: try area(wang), as: raw, number: "Ｈ－１"), "别号",
            on: wang)
        let report = try importing(
            "no,village,head,addr,grade\nＨ－１,520402109201,户主9,9组,A\n", Self.mapping, on: wang)
        #expect(report.imported + report.changed == 1 && places(report).isEmpty)
        #expect(try wang.store.household("别号", round: nil).headName == "户主9")
    }

    @Test func `white space and the kinds of dot tell nobody apart`() async throws {
        let wang = try await World.surveyor()
        try wang.save(try wang.store.openPerson("\(Self.one)/1"), ["name": "买买提·艾山"])
        try wang.save(try wang.store.openPerson("\(Self.one)/2"), ["name": "王　芳"])
        let report = try importing(
            """
            house,no,name,insured
            520402109201-1,1,买买提•艾山,yes
            520402109201-1,０２,王芳,yes
            520402109201-2,1,别人,yes

            """,
            """
            namespace = "test"
            [subject]
            key = "house"
            person = "no"
            name = "name"
            [medical]
            insurance = { column = "insured", codes."yes" = 1 }
            insured_year = { constant = 2026 }
            """, on: wang)
        #expect(places(report) == ["4 name"])
        #expect(report.imported == 2)
    }

    // MARK: Refused

    private static let resident = "520499188001011231"

    @Test(arguments: [
        resident, "'\(resident)", "５２０４９９１８８００１０１１２３１", "520499 18800101 1231",
        "520499-18800101-1231", "ZF-\(resident)", "\(resident)户", "520499188001011000",
        "1-\(resident)", "5204991880\u{200B}01011231",
    ])
    func `an identity number in any disguise is nobody's number`(number: String) async throws {
        let wang = try await World.surveyor()
        for (open, key) in [
            (try wang.store.openNewHousehold(in: try area(wang)), "household_no"),
            (try wang.store.openNewPerson(in: Self.one), "person_no"),
            (try wang.store.openHousehold(Self.one), "household_no"),
        ] {
            let refused = try failure { try wang.save(open, [key: number]) }
            #expect(refused.problem == .badAnswer && refused.text(.en).contains("identity number"))
            #expect(!refused.text(.en).contains("1231"))
        }
        for prefix in ["", "ZF-"] {
            let mapping = Self.mapping.replacingOccurrences(
                of: "create = true", with: "create = true\nprefix = \"\(prefix)\"")
            let rows = "no,village,head,addr,grade\n\(number),520402109201,韦小兰,1号,A\n"
            #expect(places(try importing(rows, mapping, on: wang)) == ["2 no"])
        }
        let unknown = try failure { _ = try wang.store.household(Self.resident, round: nil) }
        #expect(!unknown.text(.zh).contains("1231"))
    }

    @Test func `a village's code and a serial of six are a number`() async throws {
        let wang = try await World.surveyor()
        for serial in ["000001", "000120", "100000", "-000001", "-000000"] {
            let number = Self.village + serial
            try wang.save(try wang.store.openHousehold(Self.one), ["household_no": number])
            try wang.save(try wang.store.openHousehold(number), ["household_no": Self.one])
        }
    }

    @Test(arguments: [
        "5.20402E+15", "5.2e15", "５.２Ｅ＋１５", "'520402109201-9", "’9", "=\"520402109201-9\"", "#N/A",
        "####", "520402109201.0", "520,402,109,201",
    ])
    func `what a spreadsheet made of a number is refused`(number: String) async throws {
        let wang = try await World.surveyor()
        for key in ["household_no", "grid_id", "ten_hh_unit"] {
            let refused = try failure {
                try wang.save(try wang.store.openHousehold(Self.one), [key: number])
            }
            #expect(refused.text(.en).contains("spreadsheet"))
        }
    }

    @Test(arguments: ["3E12", "E+1", "1.2.3", "12-0", "N-1E5", "A,1", "#3"])
    func `a number that only looks a little like it is one`(number: String) async throws {
        let wang = try await World.surveyor()
        try wang.save(try wang.store.openHousehold(Self.one), ["household_no": number])
        #expect(try wang.store.household(number, round: nil).headName == "户主1")
    }

    @Test func `text that could not be decoded is not saved`() async throws {
        let wang = try await World.surveyor()
        for (open, key) in [
            (try wang.open("housing", Self.one), "note"),
            (try wang.store.openHousehold(Self.one), "head_name"),
            (try wang.store.openHousehold(Self.one), "household_no"),
        ] {
            let refused = try failure { try wang.save(open, [key: "\u{FFFD}\u{FFFD}120\u{FFFD}"]) }
            #expect(refused.text(.zh).contains("UTF-8"))
            var filling = FormFilling(open, today: wang.store.environment.today)
            #expect(throws: AnswerProblem.self) {
                try filling.answer(try #require(open.form.field(key: key)), "\u{FFFD}")
            }
        }
        #expect(try wang.store.status().pending == 0)
    }

    @Test func `a superscript is no digit`() async throws {
        let wang = try await World.surveyor()
        let refused = try failure {
            try wang.check("water", Self.one, ["supply_mode": "1", "litres_pcd": "10²"])
        }
        #expect(refused.text(.en).contains("litres_pcd"))
    }

    @Test func `an unknown day of birth may stay empty, and the message says so`()
        async throws
    {
        let wang = try await World.surveyor()
        for day in ["1952", "1952-06", "1952年"] {
            let refused = try failure {
                try wang.save(
                    try wang.store.openNewPerson(in: Self.one), ["name": "老人", "birth_date": day])
            }
            #expect(refused.text(.en).contains("leave it empty"))
            #expect(refused.text(.zh).contains("留空"))
        }
    }

    @Test func `a roster refuses who is born in the future, however the day is written`() throws {
        let world = try World()
        let report = try world.importRoster(
            World.householdsCSV(2),
            """
            household_no,person_no,name,birth_date,sex,relation
            520402109201-1,8,潘老太,2029/1/5,2,3
            520402109201-1,9,潘老爷,2029-01-05,1,3
            520402109201-1,10,潘小,2029年1月5日,1,3

            """)
        #expect(report.wrong == 3)
    }

    @Test(arguments: ["9223372036854775807", "9223372036854775808", "10000", "-5"])
    func `a member is added after one whose number is any`(number: String) async throws {
        let wang = try await World.surveyor()
        try saveRaw(try wang.store.openPerson("\(Self.one)/2"), number, on: wang)
        let saved = try wang.save(try wang.store.openNewPerson(in: Self.one), ["name": "王小芳"])
        #expect(saved.answers[Person.personNo] == "2")
    }
}
