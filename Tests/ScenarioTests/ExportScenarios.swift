import ArgumentParser
import FieldStore
import Foundation
import GRDB
import ServerStore
import SurveyConsole
import SurveyCoverage
import SurveyLog
import SurveyModel
import SurveyStore
import Testing

@testable import FieldClient
@testable import SyncServer

/// What leaves a device as a file: what it says, what it leaves out, and who may have it.
@Suite struct ExportScenarios {
    private static let house = "\(World.villages[0])-1"

    private func day(_ areas: [String] = ["5204"]) async throws -> (World, Device) {
        let world = try World()
        let wang = try await world.device("wang", areas)
        try await wang.sync()
        return (world, wang)
    }

    /// `lianhu export …` into a file.
    private func run(_ device: Device, _ file: URL, _ arguments: [String]) throws {
        let home = device.world.folder.appending(path: device.name).path
        try ExportCommand.parse(arguments + ["--home", home, "--output", file.path]).run()
    }

    private func export(_ device: Device, _ arguments: String...) throws -> Data {
        let file = device.world.folder.appending(path: "export-\(UUID().uuidString)")
        try run(device, file, arguments)
        return try Data(contentsOf: file)
    }

    /// The rows of a CSV by their heading.
    private func table(_ data: Data) throws -> [[String: String]] {
        var parser = CSVParser()
        let rows = try parser.parse(data).map(\.fields)
        return rows.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(rows[0], $0)) }
    }

    private func text(_ data: Data) -> String { String(decoding: data, as: UTF8.self) }

    // MARK: What is left out

    @Test func `names, addresses and positions are left out unless asked for by name`()
        async throws
    {
        let (_, wang) = try await day()
        let plain = try export(wang, "household")
        let rows = try table(plain)
        #expect(rows.count == 12)
        #expect(rows[0]["household_no"] == Self.house && rows[0]["subject"] == Self.house)
        #expect(rows[0]["village_code"] == World.villages[0])
        #expect(rows[0]["village_name"] == "碧波村")
        #expect(rows[0]["record"]?.hasPrefix("household-") == true)
        for field in Household.form.fields where field.isPersonal && field.key != "household_no" {
            #expect(rows[0][field.key] == nil, "\(field.key)")
        }
        #expect(!text(plain).contains("户主") && !text(plain).contains("1组"))

        let some = try table(try export(wang, "household", "--include", "head_name, address"))
        #expect(some[0]["head_name"] == "户主1" && some[0]["address"] == "1组")
        #expect(some[0]["gps_lat"] == nil)
        let all = try table(try export(wang, "household", "--include", "personal"))
        #expect(all[0]["head_name"] == "户主1" && all[0]["gps_lat"] == "")

        let persons = try table(try export(wang, "person"))
        #expect(persons.count == 24)
        #expect(persons[1]["subject"] == "\(Self.house)/2")
        #expect(persons[1]["name"] == nil && persons[1]["birth_date"] == nil)
    }

    @Test func `what tells of health is left out unless asked for by name`() async throws {
        let (_, wang) = try await day()
        try wang.check(
            "medical", "\(Self.house)/1",
            ["insurance": "1", "insured_year": "2026", "chronic": "HTN,DM", "contract": "no"])
        let plain = try table(try export(wang, "medical"))
        #expect(plain.count == 1 && plain[0]["subject"] == "\(Self.house)/1")
        #expect(plain[0]["household_no"] == Self.house && plain[0]["outcome"] == "safe")
        for field in Medical.form.fields where field.isHealth {
            #expect(plain[0][field.key] == nil, "\(field.key)")
        }
        #expect(plain[0]["because"] == nil, "it repeats the answers")

        let one = try table(try export(wang, "medical", "--include", "chronic"))
        #expect(one[0]["chronic"] == "DM HTN" && one[0]["insurance"] == nil)
        let all = try table(try export(wang, "medical", "--include", "health"))
        #expect(all[0]["insurance"] == "1" && all[0]["contract"] == "false")
        #expect(all[0]["because"]?.contains("2026") == true && all[0]["note"] == nil)
    }

    @Test func `a monitored household's risks and income are left out`() async throws {
        let (_, wang) = try await day()
        try wang.check(
            "monitored", Self.house,
            ["clue_date": "2026-01-05", "risk_state": "1", "risk": "1,9", "income_pc": "9000.5"])
        let plain = try table(try export(wang, "monitored"))
        #expect(plain[0]["risk_state"] == "1" && plain[0]["clue_date"] == "2026-01-05")
        #expect(plain[0]["risk"] == nil && plain[0]["income_pc"] == nil)
        #expect(plain[0]["outcome"] == nil, "nothing judges it")
        let more = try table(
            try export(wang, "monitored", "--include", "risk", "--include", "income_pc"))
        #expect(more[0]["risk"] == "1 9" && more[0]["income_pc"] == "9000.5")
    }

    @Test func `an unknown name is refused, and what exists is listed`() async throws {
        let (world, wang) = try await day()
        let file = world.folder.appending(path: "phones.csv")
        let failure = #expect(throws: Failure.self) {
            try run(wang, file, ["housing", "--include", "grade,phone"])
        }
        #expect(failure?.problem == .unknownColumn)
        for name in ["phone", "personal", "health", "appraiser"] {
            #expect(failure?.detail.contains(name) == true, "\(name)")
        }
        #expect(!FileManager.default.fileExists(atPath: file.path))
        let unknown = #expect(throws: Failure.self) { try run(wang, file, ["area"]) }
        #expect(unknown?.problem == .unknownForm)
    }

    // MARK: What it says

    @Test func `a contested record has its provisional answers and is marked`() async throws {
        let (world, wang) = try await day()
        let li = try await world.device("li", ["5204"])
        try await li.sync()
        try wang.check("housing", Self.house, .graded("A"))
        try li.check("housing", Self.house, .graded("C"))
        try li.check("housing", "\(World.villages[0])-2", .graded("B"))
        for device in [wang, li, wang] { try await device.sync() }
        let rows = try table(try export(wang, "housing", "--labels"))
        #expect(rows.map { $0["contested"] } == ["safety", ""])
        #expect(rows.map { $0["grade"] } == ["C", "B"])
        #expect(rows.map { $0["outcome"] } == ["contested", "basically_safe"])
        #expect(rows[0]["grade_label"] == HouseGrade.c.label[Console.language])
        #expect(rows[0]["occupied"] == "true" && rows[0]["round"] == "spring")
        #expect(rows[0]["standard"] == HousingAssessment.standard.zh)
        #expect(rows[0]["device_time"]?.hasPrefix("2026-03-20T") == true)
        // Whoever holds the same writes the same, and again.
        for options in [["housing"], ["housing", "--format", "jsonl"]] {
            let files = (0..<3).map { world.folder.appending(path: "same-\($0)") }
            for (device, file) in zip([wang, li, wang], files) { try run(device, file, options) }
            let bytes = try files.map { try Data(contentsOf: $0) }
            #expect(bytes[0] == bytes[1] && bytes[0] == bytes[2])
        }
        let lines = text(try export(wang, "housing", "--json")).split(separator: "\n")
        let first = try JSONDecoder().decode(Line.self, from: Data(try #require(lines.first).utf8))
        #expect(lines.count == 2)
        #expect(first.contested == ["safety"] && first.occupied && first.floors == nil)
    }

    private struct Line: Decodable {
        let contested: [String]
        let occupied: Bool
        let floors: Int?
    }

    @Test func `texts are quoted, and no spreadsheet computes them`() async throws {
        let (_, wang) = try await day()
        let note = "=HYPERLINK(\"http://x\"),一\n二"
        try wang.check("housing", Self.house, ["note": note])
        let data = try export(wang, "housing", "--include", "note")
        #expect(text(data).contains("\"'=HYPERLINK(\"\"http://x\"\"),一\n二\""))
        #expect(try table(data)[0]["note"] == "'" + note)
        #expect(try table(try export(wang, "housing"))[0]["note"] == nil)
    }

    @Test func `a CSV begins with a byte order mark when one is asked for`() async throws {
        let (world, wang) = try await day()
        let (plain, marked) = (
            try export(wang, "household"), try export(wang, "household", "--bom")
        )
        #expect(Array(marked.prefix(3)) == [0xEF, 0xBB, 0xBF])
        #expect(marked.dropFirst(3) == plain)
        let failure = #expect(throws: Failure.self) {
            try run(
                wang, world.folder.appending(path: "x"), ["household", "--bom", "--json"])
        }
        #expect(failure?.problem == .usage)
    }

    @Test func `findings and clinics are exported by what they are about`() async throws {
        let (_, wang) = try await day()
        try wang.save(
            try wang.store.openFinding(about: "\(Self.house)/2", round: nil),
            ["category": "9", "severity": "1", "description": "路", "deadline": "2026-12-31"])
        try wang.check("clinic", World.villages[1], ["clinic": "0"])
        let findings = try table(try export(wang, "finding"))
        #expect(findings.map { $0["subject"] } == ["\(Self.house)/2"])
        #expect(findings[0]["household_no"] == Self.house && findings[0]["state"] == "1")
        #expect(findings[0]["deadline"] == "2026-12-31" && findings[0]["description"] == nil)
        let clinics = try table(try export(wang, "clinic"))
        #expect(clinics.map { $0["subject"] } == [World.villages[1]])
        #expect(clinics[0]["household_no"] == "" && clinics[0]["outcome"] == "unsafe")
    }

    @Test func `joined entries have one check, and each its entry`() async throws {
        let (_, wang) = try await day([World.villages[0]])
        let other = "\(World.villages[0])-2"
        try wang.check("housing", Self.house, .graded("A"))
        try wang.check("housing", other, .graded("A"))
        try wang.store.join(Self.house, other, same: true, reason: nil)
        #expect(try table(try export(wang, "housing")).count == 1)
        let entries = try table(try export(wang, "household"))
        #expect(entries.count == 4)
        #expect(entries.count { $0["same_as"] != "" } == 1)
    }

    @Test(arguments: ExportCommand.forms)
    func `no column comes twice`(form: Form) throws {
        let everything = try ExportSelection(form, ["personal", "health"], isMap: false)
        let keys = everything.columns(nil, .en, hasLabels: true).map(\.key)
        #expect(Set(keys).count == keys.count)
        #expect(everything.leftOut.isEmpty)
        let nothing = try ExportSelection(form, [], isMap: false)
        #expect(nothing.fields.allSatisfy { !$0.isPersonal && !$0.isHealth })
    }

    // MARK: Who may have it

    @Test func `only what the user may read is exported, also of what is still here`()
        async throws
    {
        let (world, wang) = try await day([World.villages[0], World.villages[1]])
        for village in World.villages.prefix(2) {
            try wang.check("housing", "\(village)-1", .graded("A"))
        }
        try await wang.sync()
        #expect(try table(try export(wang, "housing")).count == 2)
        let one = try table(try export(wang, "household", "--area", World.villages[1]))
        #expect(Set(one.map { $0["village_code"] }) == [World.villages[1]])
        #expect(throws: Failure(.notPermitted, World.villages[2])) {
            try export(wang, "housing", "--area", World.villages[2])
        }
        _ = try world.server.assign(
            "wang", adding: [], removing: try world.server.areas([World.villages[1]]))
        try await wang.sync()
        let left = try table(try export(wang, "housing"))
        #expect(left.map { $0["village_code"] } == [World.villages[0]])
    }

    @Test func `a supervisor exports the villages that were opened`() async throws {
        let (world, wang) = try await day()
        try wang.check("housing", Self.house, .graded("A"))
        try await wang.sync()
        let chen = try await world.device("chen", ["5204"], role: .supervisor)
        try await chen.sync()
        #expect(try table(try export(chen, "housing")).isEmpty)
        let all = try chen.store.readableVillages()
        #expect(try chen.store.villagesElsewhere(all).count == 3)
        try chen.store.open(try chen.store.villages(World.villages[0]))
        try await chen.sync()
        #expect(try table(try export(chen, "housing")).count == 1)
        #expect(try chen.store.villagesElsewhere(all).count == 2)
    }

    // MARK: The file

    @Test func `the file is its owner's, whole, and nothing else is left`() async throws {
        let (world, wang) = try await day()
        let folder = world.folder.appending(path: "out", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appending(path: "households.csv")
        for _ in 1...2 { try run(wang, file, ["household"]) }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["households.csv"])
        let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
        #expect((attributes[.posixPermissions] as? Int) == 0o600)
        #expect(throws: Failure.self) {
            try run(wang, folder.appending(path: "none/x.csv"), ["household"])
        }
        // A folder of that name is not replaced, and no part of the export stays.
        #expect(throws: Failure.self) { try run(wang, folder, ["household"]) }
        #expect(
            try !FileManager.default.contentsOfDirectory(atPath: world.folder.path)
                .contains { $0.hasSuffix(".part") })
    }

    @Test func `a record that the disk changed is left out and told, the others are exported`()
        async throws
    {
        let (world, wang) = try await day()
        let damaged = try wang.check("housing", Self.house, .graded("A")).edit
        try wang.check("housing", "\(World.villages[0])-2", .graded("B"))
        try wang.store.writer.flip(damaged.id)
        let file = world.folder.appending(path: "housing.csv")
        let failure = #expect(throws: Failure.self) { try run(wang, file, ["housing"]) }
        #expect(failure?.problem == .damaged)
        #expect(try table(try Data(contentsOf: file)).map { $0["grade"] } == ["B"])
    }
}
