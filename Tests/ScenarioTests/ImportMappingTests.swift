import FieldStore
import Foundation
import ServerStore
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore
import Testing

@testable import FieldClient

@Suite struct ImportMappingTests {
    @Test func `what is wrong in a mapping is told by its line, and nothing is imported`() throws {
        let mistakes: [(old: String, new: String, place: String)] = [
            ("create = true", "create = tru", "line 7"),
            ("create = true", "create = 1", "line 7 subject.create"),
            ("key = \"id\"", "", "line 3 subject.key"),
            ("[water]", "[watr]", "line 10 watr"),
            ("litres_pcd", "liters", "line 11 water.liters"),
            ("head_name", "household_no", "line 9 household.household_no"),
            ("\"litres\"", "{ constant = 501 }", "line 11 water.litres_pcd.constant"),
            ("\"litres\"", "{ missing = 0 }", "line 11 water.litres_pcd"),
            (
                "\"litres\"", "{ column = \"litres\", factr = 2 }",
                "line 11 water.litres_pcd.factr"
            ),
            (
                "\"litres\"", "{ column = \"litres\", factor = \"1/0\" }",
                "line 11 water.litres_pcd.factor"
            ),
            (
                "\"litres\"", "{ column = \"litres\", date = \"DD/MM/YYYY\" }",
                "line 11 water.litres_pcd.date"
            ),
        ]
        for (old, new, place) in mistakes {
            let text = ImportScenarios.mapping.replacingOccurrences(of: old, with: new)
            let failure = #expect(throws: Failure.self) {
                try Mapping(MappingDocument(text, name: "test.toml"))
            }
            #expect(failure?.problem == .badMapping)
            #expect(failure?.text(.en).contains("test.toml \(place)") == true, "\(place)")
            #expect(failure?.text(.zh).contains("test.toml 第") == true)
        }
    }

    @Test func `every mapping that is shipped can be read`() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "tools/mappings")
        let files = try FileManager.default.contentsOfDirectory(
            at: folder, includingPropertiesForKeys: nil)
        #expect(files.count >= 2)
        for file in files { #expect(try Mapping(MappingDocument(file)).hasChecks, "\(file)") }
    }

    @Test func `columns that are missing are named, whatever the case of the others`()
        async throws
    {
        let world = try World(households: 1)
        let wang = try await world.device("wang", ["5204"])
        try await wang.sync()
        let mapping = try Mapping(MappingDocument(ImportScenarios.mapping, name: "test.toml"))
        var table = try TableImport(
            try world.file("points.csv", "ID,name\n1,甲\n"), mapping, village: nil, round: nil,
            wang.store)
        #expect(throws: Failure(.missingColumns, "owner, litres")) { try table.check { _ in } }
    }

    @Test func `checks need a round that is open, households none`() async throws {
        let world = try World(households: 1)
        let wang = try await world.device("wang", ["5204"])
        try world.server.closeRound(code: "spring")
        try await wang.sync()
        let file = try world.file("points.csv", ImportScenarios.heading + "1,甲,40\n")
        let text = ImportScenarios.mapping
        func table(_ text: String, round: String?) throws -> TableImport {
            try TableImport(
                file, try Mapping(MappingDocument(text, name: "test.toml")), village: nil,
                round: round, wang.store)
        }
        #expect(throws: Failure(.noOpenRound)) { try table(text, round: nil) }
        #expect(throws: Failure(.unknownRound, "x")) { try table(text, round: "x") }
        #expect(try table(text, round: "spring").round?.isOpen == false)
        let end = try #require(text.range(of: "[water]"))
        var households = try table(String(text[..<end.lowerBound]), round: nil)
        try households.check { _ in }
        try households.save { _, _ in }
        #expect(households.report.imported == 1)
    }

    @Test func `numbers are converted exactly and rounded once`() throws {
        #expect(ExactNumber("-12.50") == ExactNumber(unscaled: -125, scale: 1))
        #expect(ExactNumber("1e+05") == ExactNumber(unscaled: 100_000, scale: 0))
        #expect(ExactNumber(".5") == ExactNumber(unscaled: 5, scale: 1))
        for text in ["", "-", "1,2", "1.2.3", "12a", "0x10", "nan", "1e", "1e99", "１"] {
            #expect(ExactNumber(text) == nil, "\(text)")
        }
        func scaled(_ text: String, _ scaling: Scaling, digits: Int) throws -> String {
            try scaling.applied(to: try #require(ExactNumber(text)), digits: digits).text
        }
        var third = Scaling()
        third.divisor = ExactNumber(unscaled: 3, scale: 0)
        #expect(try scaled("2", third, digits: 9) == "0.666666667")
        #expect(try scaled("-2", third, digits: 9) == "-0.666666667")
        #expect(try scaled("6.0", third, digits: 0) == "2")
        #expect(throws: Scaling.Trouble.notWhole) { try scaled("5", third, digits: 0) }
        third.decimals = 0
        #expect(try scaled("4.5", third, digits: 0) == "2")
        #expect(try scaled("-4.5", third, digits: 0) == "-2")
        #expect(throws: Scaling.Trouble.tooLarge) {
            try scaled("1e30", Scaling(), digits: 9)
        }
        // Fahrenheit, in one step.
        var celsius = Scaling()
        celsius.factor = ExactNumber(unscaled: 5, scale: 0)
        celsius.divisor = ExactNumber(unscaled: 9, scale: 0)
        celsius.offset = ExactNumber(unscaled: -17_777_777_778, scale: 9)
        celsius.decimals = 1
        #expect(try scaled("98.6", celsius, digits: 9) == "37")
    }

    @Test func `days are read as the mapping writes them, and in no other way`() throws {
        let day = CalendarDate(year: 2024, month: 3, day: 5)
        let written = [
            ("DD/MM/YYYY", "05/03/2024"), ("D/M/YYYY", "5/3/2024"), ("MM-DD-YYYY", "03-05-2024"),
            ("YYYYMMDD", "20240305"), ("D MMM YYYY", "5 March 2024"),
            ("YYYY-MM-DD*", "2024-03-05T10:30:00Z"),
        ]
        for (pattern, text) in written {
            let date = try #require(DatePattern(pattern)).date(text)
            #expect(date == day, "\(pattern)")
        }
        let european = try #require(DatePattern("DD/MM/YYYY"))
        for text in ["2024-03-05", "05/03/24", "31/02/2024", "05/03/2024 ", "aa/03/2024", ""] {
            #expect(european.date(text) == nil, "\(text)")
        }
        for pattern in ["", "DD/MM", "DD/MM/YY", "DD/MM/YYYY DD", "*YYYY-MM-DD"] {
            #expect(DatePattern(pattern) == nil, "\(pattern)")
        }
    }

    @Test func `every row of 1,425 water points in Malawi is accounted for`() async throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let file = root.deletingLastPathComponent()
            .appending(path: "shared/data/malawi_waterpointstatus_2023.csv")
        guard FileManager.default.fileExists(atPath: file.path) else {
            return print("Left out: \(file.path) is not there.")
        }
        let world = try World(households: 1)
        let wang = try await world.device("wang", ["5204"])
        try await wang.sync()
        let mapping = try Mapping(
            MappingDocument(root.appending(path: "tools/mappings/malawi-waterpoints.toml")))
        func run() throws -> TableReport {
            var table = try TableImport(
                file, mapping, village: World.villages[0], round: nil, wang.store)
            try table.check { _ in }
            try table.save { _, _ in }
            return table.report
        }
        let first = try run()
        #expect(first.rows == 1_425 && first.changed == 0)
        #expect(
            first.imported + first.unchanged + first.repeated + first.rejected == 1_425)
        // 7 rows without an id; 53 that repeat one with another position.
        #expect(first.imported == 1_365 && first.rejected == 60)
        let rejections = first.notes.filter { $0.kind == .rejected }
        #expect(rejections.count == 60)
        #expect(rejections.allSatisfy { $0.column == "waterpoint_id" })

        let subject = SubjectID(importing: mapping.namespace, key: "243390968")
        let water = try wang.state(try world.record(.water, subject)).answers
        #expect(water[Water.jmpSource] == .borehole && water[Water.toHome] == false)
        #expect(water[Water.roundTripMinutes] == nil, "a zero is no time")
        #expect(water[Water.qualityBasis] == .unknown)
        let entry = try wang.state(RecordKey(kind: .household, subject: subject)).answers
        #expect(entry[Household.householdNo] == "MW-243390968")
        #expect(entry[Household.longitude] == ScaledDecimal("34.8835552"))

        let second = try run()
        #expect(second.imported + second.changed + second.repeated == 0)
        #expect(second.unchanged == 1_365 && second.rejected == 60)
        #expect(try wang.households().count == 3 + 1_365)
    }
}
