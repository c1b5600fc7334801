import FieldStore
import Foundation
import SurveyCoverage
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore
import Testing

@testable import FieldClient

/// Foreign tables: every row ends as imported, changed, unchanged, repeated or rejected with a
/// reason, and nothing that somebody answered is taken back.
@Suite struct ImportScenarios {
    static let heading = "id,owner,litres\n"
    static let mapping = """
        namespace = "test"
        missing = ["NA"]
        [subject]
        village = "520402109201"
        key = "id"
        prefix = "T-"
        create = true
        [household]
        head_name = "owner"
        [water]
        litres_pcd = "litres"
        """

    func day() async throws -> (World, Device, Device) {
        let world = try World()
        let wang = try await world.device("wang", ["5204"])
        let li = try await world.device("li", ["520402109"])
        for device in [wang, li] { try await device.sync() }
        return (world, wang, li)
    }

    func importing(
        _ rows: String, _ mapping: String = ImportScenarios.mapping, on device: Device,
        village: String? = nil, overwriting: Bool = false
    ) throws -> TableReport {
        var table = try TableImport(
            try device.world.file("\(device.name).csv", rows),
            try Mapping(MappingDocument(mapping, name: "test.toml")), village: village,
            round: nil, overwriting: overwriting, device.store)
        try table.check { _ in }
        try table.save { _, _ in }
        return table.report
    }

    private func record(_ kind: RecordKind, _ key: String, _ world: World) throws -> RecordKey {
        let subject = SubjectID(importing: "test", key: key)
        guard kind != .household else { return RecordKey(kind: kind, subject: subject) }
        return try world.record(kind, subject)
    }

    func answers(_ kind: RecordKind, _ key: String, on device: Device) throws -> Answers {
        try device.state(try record(kind, key, device.world)).answers
    }

    func places(_ report: TableReport) -> [String] {
        report.notes.filter { $0.kind == .rejected }.map { "\($0.line) \($0.column)" }
    }

    // MARK: What a mapping can say

    @Test func `a row goes through renames, codes, units, dates, choices and constants`()
        async throws
    {
        let (_, wang, _) = try await day()
        let report = try importing(
            """
            ID,owner,lat,class,visited,cans,seconds,risks,waits
            7,王小明,-16.310315900000004,POOR,5-Mar-2024 10:30,2.5,400,"Flood, wind, illness",888

            """,
            """
            namespace = "test"
            missing = ["NA", 888]
            [subject]
            village = "520402109202"
            key = ["id"]
            prefix = "T-"
            create = true
            [household]
            head_name = "owner"
            gps_lat = { column = "lat", decimals = 6 }
            gps_datum = { constant = "wgs84" }
            [housing]
            dwelling_source = { constant = 1 }
            grade = { column = "class", codes = { good = "A", poor = "C" } }
            grade_date = { column = "visited", date = ["DD/MM/YYYY", "D-MMM-YYYY*"] }
            appraiser = { constant = "甲" }
            [water]
            to_home = { constant = false }
            litres_pcd = { column = "cans", factor = 20, offset = -1, missing = [] }
            roundtrip_min = { column = "seconds", factor = "1/60", decimals = 0 }
            short_days_year = { column = "waits", absent = 0 }
            [monitored]
            risk = { column = "risks", split = ",", codes = { illness = 1, "flood, wind" = 4 } }
            """, on: wang)
        #expect(report.imported == 1 && report.warnings == 1)
        let household = try answers(.household, "7", on: wang)
        #expect(household[Household.householdNo] == "T-7")
        #expect(household[Household.headName] == "王小明")
        #expect(household[Household.villageCode] == "520402109202")
        #expect(household[Household.latitude] == ScaledDecimal("-16.310316"))
        #expect(household[Household.datum] == .wgs84)
        let housing = try answers(.housing, "7", on: wang)
        #expect(housing[Housing.grade] == .c)
        #expect(housing[Housing.gradeDate] == CalendarDate(year: 2024, month: 3, day: 5))
        let water = try answers(.water, "7", on: wang)
        #expect(water[Water.litresPerPersonDay] == 49)
        #expect(water[Water.roundTripMinutes] == 7)
        #expect(water[Water.shortDaysYear] == 0)
        let monitored = try answers(.monitored, "7", on: wang)
        #expect(monitored[Monitored.risk.definition.tag] == .codes(["1", "4"]))
    }

    @Test func `villages come from a column, an option or the mapping`() async throws {
        let (_, wang, li) = try await day()
        let option = Self.mapping.replacingOccurrences(of: "\"520402109201\"", with: "\"option\"")
        #expect(throws: Failure.self) { try importing(Self.heading, option, on: wang) }
        #expect(throws: Failure.self) {
            try importing(Self.heading, on: wang, village: "520402109201")
        }
        #expect(throws: Failure(.notPermitted, "520423102201")) {
            try importing(Self.heading, option, on: li, village: "520423102201")
        }
        let report = try importing(
            Self.heading + "1,甲,40\n", option, on: wang, village: "520423102201")
        #expect(report.imported == 1)
        #expect(
            try answers(.household, "1", on: wang)[Household.villageCode] == "520423102201")
        let column = Self.mapping.replacingOccurrences(
            of: "\"520402109201\"",
            with: "{ column = \"place\", codes = { Bibo = \"520402109201\" } }")
        let rows = "id,owner,litres,place\n2,甲,1,bibo\n3,乙,2,520402109202\n4,丙,3,520423102201\n"
        let placed = try importing(rows + "5,丁,4,NA\n", column, on: li)
        #expect(placed.imported == 2)
        #expect(places(placed) == ["4 place", "5 place"])
    }

    @Test func `a household is found by its number, and only made when the mapping says so`()
        async throws
    {
        let (world, wang, _) = try await day()
        let strict = Self.mapping.replacingOccurrences(of: "create = true", with: "create = false")
            .replacingOccurrences(of: "prefix = \"T-\"", with: "")
        let report = try importing(
            Self.heading + "520402109201-1,户主1,40\n520402109201-99,甲,40\n", strict, on: wang)
        #expect(report.imported == 1)
        #expect(places(report) == ["3 id"])
        #expect(try wang.households().count == 12)
        let house = try wang.store.household("520402109201-1", round: nil)
        let state = try wang.state(try world.record(.water, house.subject))
        #expect(state.answers[Water.litresPerPersonDay] == 40)
    }

    // MARK: Importing again

    @Test func `importing again, or on another device, changes nothing and doubles nobody`()
        async throws
    {
        let (_, wang, li) = try await day()
        let rows = Self.heading + "1,甲,40\n2,乙,50\n"
        #expect(try importing(rows, on: wang).imported == 2)
        let edits = try wang.count("SELECT COUNT(*) FROM edit")
        let again = try importing(rows, on: wang)
        #expect(again.unchanged == 2 && again.imported + again.changed == 0)
        #expect(try wang.count("SELECT COUNT(*) FROM edit") == edits)
        #expect(try importing(rows, on: li).imported == 2)
        for device in [wang, li, wang] { try await device.sync() }
        #expect(try wang.households().count == 14)
        #expect(try li.store.status().contested == 0)
        for device in [wang, li] {
            #expect(try importing(rows, on: device).unchanged == 2)
        }
    }

    @Test func `an answer for cells that say nothing replaces none that is there`() async throws {
        let (_, wang, _) = try await day()
        let absent = Self.mapping + "\nquality_basis = { column = \"q\", absent = \"unknown\" }"
        _ = try importing(Self.heading + "1,甲,40\n", on: wang)
        try wang.check("water", "T-1", ["quality_basis": "standard"])
        let report = try importing("id,owner,litres,q\n1,甲,40,NA\n2,乙,40,NA\n", absent, on: wang)
        #expect(report.unchanged == 1 && report.imported == 1)
        #expect(try answers(.water, "1", on: wang)[Water.qualityBasis] == .standard)
        #expect(try answers(.water, "2", on: wang)[Water.qualityBasis] == .unknown)
    }

    @Test func `a household that moved stays where it is`() async throws {
        let (_, wang, _) = try await day()
        let rows = Self.heading + "1,甲,40\n"
        _ = try importing(rows, on: wang)
        let target = try #require(try wang.store.areaTree().find("520402109202").first)
        try wang.store.move("T-1", to: target, address: nil)
        let report = try importing(rows, on: wang)
        #expect(report.unchanged == 1 && report.warnings == 1)
        #expect(try wang.store.household("T-1", round: nil).area == target.id)
    }

    // MARK: Rows that cannot be taken

    @Test func `of rows with one key the first counts`() async throws {
        let (_, wang, _) = try await day()
        let report = try importing(Self.heading + "1,甲,40\n1,甲,40.0\n1,甲,41\n", on: wang)
        #expect(report.imported == 1 && report.repeated == 1 && report.rejected == 1)
        #expect(places(report) == ["4 id"])
        #expect(report.csv.split(separator: "\n").map(String.init)[1].hasPrefix("wang.csv,3,id,"))
        #expect(try answers(.water, "1", on: wang)[Water.litresPerPersonDay] == 40)
    }

    @Test func `everything that is wrong with a row is told by its place, never by its value`()
        async throws
    {
        let (_, wang, _) = try await day()
        let coded =
            Self.mapping + "\nquality_basis = { column = \"basis\", codes = { ok = \"standard\" } }"
            + "\njmp_source = { column = \"source\" }"
        let report = try importing(
            """
            id,owner,litres,basis,source
            NA,甲,40,ok,NA
            3,甲,x,standard,NA
            4,甲,501,ok,NA
            5,甲,40,ok
            6,甲,40,ok,piped
            7,甲,40,ok,NA

            """, coded, on: wang)
        #expect(report.rows == 6 && report.imported == 1 && report.rejected == 5)
        // The last one: its section takes a supply mode, which no column gives.
        #expect(
            places(report) == [
                "2 id", "3 litres", "3 basis", "4 litres", "5 4/5", "6 supply_mode",
            ])
        for note in report.notes {
            for language in Language.allCases {
                #expect(!note.reason[language].contains("甲") && !note.reason[language].isEmpty)
                #expect(!note.reason[language].contains("501"))
            }
        }
        try report.conclude()
        let nothing = try importing(Self.heading + "NA,甲,40\n", on: wang)
        #expect(throws: Failure(.noRowImported, "1")) { try nothing.conclude() }
    }

    @Test func `a contested section is not overwritten`() async throws {
        let (world, wang, li) = try await day()
        _ = try importing(Self.heading + "1,甲,40\n", on: wang)
        _ = try importing(Self.heading + "1,甲,60\n", on: li)
        for device in [wang, li, wang] { try await device.sync() }
        let report = try importing(Self.heading + "1,甲,50\n2,乙,50\n", on: wang)
        #expect(report.imported == 1)
        #expect(places(report) == ["2 litres"])
        let state = try wang.state(try record(.water, "1", world))
        #expect(state.contestedSections.map(\.siblings.count) == [2])
    }

    @Test func `two rows about one household do not contest each other`() async throws {
        let (_, wang, _) = try await day()
        _ = try importing(Self.heading + "1,甲,NA\n2,乙,NA\n", on: wang)
        _ = try wang.store.join("T-1", "T-2", same: true, reason: nil)
        let report = try importing(Self.heading + "1,甲,40\n2,乙,50\n", on: wang)
        #expect(report.imported == 1)
        #expect(places(report) == ["3 id"])
        #expect(try wang.store.status().contested == 0)
    }

    // MARK: Members and villages

    private static let members = """
        namespace = "test"
        missing = ["NA"]
        [subject]
        key = "house"
        person = "no"
        create = true
        [person]
        name = "name"
        birth_date = { column = "born", date = "DD/MM/YYYY" }
        [medical]
        insurance = { column = "insured", codes."yes" = 1 }
        insured_year = { constant = 2026 }
        """

    @Test func `a number that is given twice rejects its row and stops nothing`() async throws {
        let (_, wang, _) = try await day()
        try wang.store.join("520402109201-1", "520402109201-2", same: true, reason: nil)
        let rows = """
            house,no,name,born,insured
            520402109201-1,5,王大,01/05/1970,yes
            520402109201-2,5,王二,02/05/1980,yes
            520402109201-3,5,李三,03/05/1990,yes

            """
        let report = try importing(rows, Self.members, on: wang)
        #expect(places(report) == ["3 house+no"])
        #expect(report.imported == 2)
        let round = try wang.store.round(nil)
        let names = try wang.store.persons(in: nil, household: "520402109201-2", round: round)
            .filter { $0.personNo == "5" }.map(\.name)
        #expect(names == ["王大"])
        #expect(places(try importing(rows, Self.members, on: wang)) == ["3 house+no"])
    }

    @Test func `a row with somebody else's name is rejected, and names nobody`() async throws {
        let (_, wang, _) = try await day()
        let mapping = Self.members.replacingOccurrences(
            of: "create = true", with: "name = \"name\""
        ).replacingOccurrences(
            of:
                "[person]\nname = \"name\"\nbirth_date = { column = \"born\", date = \"DD/MM/YYYY\" }\n",
            with: "")
        let report = try importing(
            """
            house,no,name,born,insured
            520402109201-1,1,户主1,01/05/1970,yes
            520402109201-1,2,户主1,01/05/1970,yes
            520402109201-2,2,,01/05/1970,yes

            """, mapping, on: wang)
        #expect(places(report) == ["3 name"])
        #expect(report.notes.allSatisfy { !$0.reason.zh.contains("户主") })
        #expect(report.imported + report.changed == 2)
    }

    @Test func `rows of members become entries and checks, once`() async throws {
        let (world, wang, li) = try await day()
        let rows = """
            house,no,name,born,insured
            520402109201-1,2,罗小妹,01/05/1970,yes
            520402109201-1,7,王小宝,03/02/2016,yes
            520402109201-99,1,没有,,yes
            520402109201-1,NA,无号,,yes
            520402109201-1,8,错日,31/02/2016,yes
            520402109201-1,7,王小宝,03/02/2016,yes

            """
        let before = try wang.store.persons(in: nil, household: "520402109201-1", round: nil).count
        let report = try importing(rows, Self.members, on: wang)
        #expect(places(report) == ["4 house+no", "5 no", "6 born"])
        #expect(report.notes.first { $0.line == 6 }?.reason.en.contains("DD/MM/YYYY") == true)
        let round = try world.round()
        func people(_ device: Device) throws -> [PersonRow] {
            try device.store.persons(in: nil, household: "520402109201-1", round: round)
        }
        #expect(try people(wang).count == before + 1)
        let second = try #require(try people(wang).first { $0.personNo == "2" })
        let seventh = try #require(try people(wang).first { $0.personNo == "7" })
        #expect(second.name == "罗小妹" && seventh.name == "王小宝" && seventh.isChild)
        #expect(second.checks[.medical] == .safe && seventh.checks[.medical] == .safe)
        // Again, and on another device apart, it makes nobody twice.
        #expect(try importing(rows, Self.members, on: wang).unchanged == 2)
        _ = try importing(rows, Self.members, on: li)
        for device in [wang, li, wang] { try await device.sync() }
        #expect(try people(wang).map(\.subject) == people(li).map(\.subject))
        #expect(try people(wang).count == before + 1)
        #expect(try wang.store.conflicts().isEmpty)
    }

    @Test func `rows of villages become checks of their clinics`() async throws {
        let (world, wang, _) = try await day()
        let report = try importing(
            "code,doctors\n520402109201,2\n520402109202,NA\n520402999999,1\n",
            """
            namespace = "test"
            missing = ["NA"]
            [subject]
            of = "village"
            village = { column = "code" }
            [clinic]
            clinic = { constant = 1 }
            doctors = "doctors"
            """, on: wang)
        #expect(places(report) == ["4 code"])
        let round = try world.round()
        for (village, outcome) in zip(
            try wang.store.readableVillages().prefix(2), [Outcome.safe, .notAssessed])
        {
            let check = RecordKey(
                kind: .clinic, subject: village.id.subject, round: round.id)
            #expect(try wang.store.outcome(of: check) == outcome, "\(village.code)")
        }
    }

    @Test func `a mapping of members says which member, and nothing of villages`() throws {
        for (old, new, place) in [
            ("person = \"no\"", "of = \"person\"", "subject.person"),
            ("person = \"no\"", "of = \"house\"", "subject.of"),
            ("name = \"name\"", "person_no = \"name\"", "person.person_no"),
            ("[medical]", "[water]", "water"),
        ] {
            let text = Self.members.replacingOccurrences(of: old, with: new)
            let failure = #expect(throws: Failure.self) {
                try Mapping(MappingDocument(text, name: "test.toml"))
            }
            #expect(failure?.text(.en).contains(place) == true, "\(failure?.text(.en) ?? "")")
        }
    }
}
