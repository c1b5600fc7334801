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
        try wang.saveRaw(try wang.store.openHousehold(Self.one), "东风－７")
        try li.saveRaw(try li.store.openHousehold(Self.two), "东风-7")
        let zhao = try await world.device("zhao", ["5204"])
        try await zhao.sync()
        try zhao.saveRaw(
            try zhao.store.openHousehold("\(Self.village)-3"), "东风-7\u{200B}")
        #expect(try wang.store.household("东风-7", round: nil).householdNo == "东风－７")
        for device in [wang, li, zhao, wang] { try await device.sync() }
        for row in try wang.households() {
            for number in [row.householdNo, row.householdNo.printable] {
                #expect(try wang.store.household(number, round: nil).subject == row.subject)
                let person = try wang.open("medical", "\(number)/1").record.subject
                #expect(
                    try wang.store.persons(in: nil, household: row.subject.text, round: nil)
                        .contains { $0.subject == person })
            }
        }
        // Written in a third way, it may be either.
        let which = try failure { _ = try wang.store.household("东风–7", round: nil) }
        #expect(which.problem == .ambiguousSubject)
    }

    @Test func `a number is looked up without reading all of them`() throws {
        let queue = try DatabaseQueue()
        var migrator = DatabaseMigrator()
        Schema.register(in: &migrator)
        try migrator.migrate(queue)
        try queue.read { db in
            let plan = try Row.fetchAll(
                db,
                sql: """
                    EXPLAIN QUERY PLAN SELECT subject FROM household
                    WHERE coalesce(folded_no, household_no) = 'A-1'
                    """)
            #expect(plan.contains { ($0["detail"] as String).contains("household_number") })
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

    static let mapping = """
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

    @Test func `a foreign table makes no household twice by the way its number is written`()
        async throws
    {
        let wang = try await World.surveyor()
        let before = try wang.households().count
        let report = try wang.importTable(
            #"""
            no,village,head,addr,grade
            520402109201－1,520402109201,户主1,1组,A
            520402109201-1\#u{200B},５２０４０２１０９２０１,户主1,1组,A
            '520402109201-1,520402109201,户主1,1组,A
            "=""520402109201-1""",520402109201,户主1,1组,A
            5.20402E+15,520402109201,户主1,1组,A
            520402109201 -1,520402109201,户主1,1组,Ａ

            """#, Self.mapping)
        #expect(report.rejectedPlaces == ["4 no", "5 no", "6 no"])
        #expect(report.notes.filter { $0.kind == .repeated }.map(\.line) == [3, 7])
        #expect(report.notes.first { $0.line == 6 }?.reason.en.contains("spreadsheet") == true)
        #expect(try wang.households().count == before)
        #expect(try wang.store.outcome(of: wang.open("housing", Self.one).record) == .safe)
    }

    @Test func `what was imported before under a raw key is not imported again`() async throws {
        let wang = try await World.surveyor()
        let raw = SubjectID(importing: "test", key: "Ｈ－１")
        try wang.saveRaw(
            try wang.store.openNewHousehold(in: try area(wang), as: raw, number: "Ｈ－１"), "别号")
        let report = try wang.importTable(
            "no,village,head,addr,grade\nＨ－１,520402109201,户主9,9组,A\n", Self.mapping)
        #expect(report.imported + report.changed == 1 && report.rejectedPlaces.isEmpty)
        #expect(try wang.store.household("别号", round: nil).headName == "户主9")
    }

    @Test func `white space and the kinds of dot tell nobody apart`() async throws {
        let wang = try await World.surveyor()
        try wang.save(try wang.store.openPerson("\(Self.one)/1"), ["name": "买买提·艾山"])
        try wang.save(try wang.store.openPerson("\(Self.one)/2"), ["name": "王　芳"])
        let report = try wang.importTable(
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
            """)
        #expect(report.rejectedPlaces == ["4 name"])
        #expect(report.imported == 2)
    }
}

extension Device {
    /// As an older version stored it.
    func saveRaw(_ form: OpenForm, _ number: String) throws {
        var open = form
        let tag =
            form.record.kind == .person
            ? Person.personNo.definition.tag : Household.householdNo.definition.tag
        open.answers[tag] = .text(normalizing: number)
        let identity = try #require(form.form.section(key: "identity"))
        _ = try store.save(open, sections: form.answered.union([identity.tag]))
    }

    /// `lianhu import`
    func importTable(_ rows: String, _ mapping: String) throws -> TableReport {
        var table = try TableImport(
            try world.file("rows.csv", rows),
            try Mapping(MappingDocument(mapping, name: "test.toml")), village: nil, round: nil,
            store)
        try table.check { _ in }
        try table.save { _, _ in }
        return table.report
    }
}

extension TableReport {
    /// Lines and columns of what was rejected.
    var rejectedPlaces: [String] {
        notes.filter { $0.kind == .rejected }.map { "\($0.line) \($0.column)" }
    }
}
