import Foundation
import GRDB
import ServerStore
import SurveyLog
import SurveyModel
import SurveyStore
import TestSupport

/// A prefecture to measure in: its register, made by the programs as their users would.
struct Site {
    let programs: URL
    let tools: URL
    let folder: URL
    let scale: Scale
    let seed: UInt64

    var server: URL { folder.appending(path: "server") }
    private var data: [String: String] { ["LIANHU_DATA": server.path] }
    private var roster: URL { folder.appending(path: "roster") }

    func program(_ name: String) -> String { programs.appending(path: name).path }

    /// The code of a village.
    func village(_ number: Int) -> String {
        let (township, place) = number.quotientAndRemainder(dividingBy: scale.villages)
        let (county, part) = township.quotientAndRemainder(dividingBy: scale.townships)
        return "52040\(1 + county)" + String(format: "%03d%03d", 1 + part, 201 + place)
    }

    private func areas() throws -> URL {
        var text = "county_code,county,township_code,township,village_code,village,managing_unit\n"
        for number in 0..<scale.counties * scale.townships * scale.villages {
            let code = village(number)
            text +=
                "\(code.prefix(6)),县\(code.prefix(6).suffix(1)),\(code.prefix(9)),"
                + "乡\(code.prefix(9).suffix(3)),\(code),村\(code.suffix(3)),县\(code.prefix(6).suffix(1))\n"
        }
        let file = folder.appending(path: "areas.csv")
        try Data(text.utf8).write(to: file)
        return file
    }

    @discardableResult
    func run(_ arguments: [String], _ environment: [String: String] = [:]) throws -> Child.Ended {
        try Child(
            [program(arguments[0])] + arguments.dropFirst(),
            environment: data.merging(environment) { $1 },
            errors: folder.appending(path: "errors")
        ).wait()
    }

    // MARK: The roster

    /// Makes the register: the rows of the roster, measured on the way.
    func make() throws -> [Figure] {
        let areas = try areas()
        _ = try Child(
            [
                tools.appending(path: "generate-roster").path, "--areas", areas.path,
                "--households", "\(scale.households)", "--persons", "\(scale.persons)",
                "--seed", "\(seed)", "--out", roster.path,
            ], errors: folder.appending(path: "errors")
        ).wait()
        try run(["lianhu-server", "areas", "import", areas.path, "--city", "5204", "--name", "市"])
        let rows = Double(scale.households + scale.persons)
        func measured(_ what: String) throws -> [Figure] {
            let ended = try run([
                "lianhu-server", "households", "import",
                roster.appending(path: "households.csv").path, "--persons",
                roster.appending(path: "persons.csv").path,
            ])
            let bare = try BareSQLite.insert(try rosterRows(), by: 2_000, in: folder)
            return [
                Figure("roster", what, "rows/s", [rows / ended.seconds])
                    .beside("bare SQLite", [rows / bare]),
                Figure("roster", "\(what): most memory", "MiB", [ended.peak]),
            ]
        }
        var figures = try measured("imported")
        figures += try measured("again, unchanged")
        try changeRows(every: 100)
        figures += try measured("again, 1 % changed")
        try run(["lianhu-server", "round", "open", "bench", "--title", "bench"])
        return figures
    }

    private func rosterRows() throws -> [[BareSQLite.Value]] {
        try ["households.csv", "persons.csv"].flatMap { name in
            try String(contentsOf: roster.appending(path: name), encoding: .utf8)
                .split(separator: "\n").dropFirst()
                .map { $0.split(separator: ",", omittingEmptySubsequences: false) }
                .map { $0.map { .text(String($0)) } }
        }
    }

    /// Gives every so many households another head.
    private func changeRows(every step: Int) throws {
        let file = roster.appending(path: "households.csv")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        let changed = lines.enumerated().map { number, line in
            var fields = line.split(separator: ",", omittingEmptySubsequences: false)
            if number > 0, number.isMultiple(of: step) { fields[2] += "新" }
            return fields.joined(separator: ",")
        }
        try Data((changed.joined(separator: "\n") + "\n").utf8).write(to: file)
    }

    // MARK: Copies

    /// A copy of the server's data to work in.
    func copy(_ name: String) throws -> URL {
        let place = folder.appending(path: name)
        try? FileManager.default.removeItem(at: place)
        try FileManager.default.copyItem(at: server, to: place)
        return place
    }

    /// The register's households, in order of their villages.
    static func households(of store: ServerStore) throws -> [Writer.Check.Household] {
        try store.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT subject.id AS subject, household.area FROM household
                    JOIN subject ON subject.number = household.subject
                    JOIN area ON area.id = household.area ORDER BY code, household_no
                    """
            ).compactMap { row in
                SubjectID(row["subject"] as Data).map {
                    .init(subject: $0, area: AreaID(column: row["area"]))
                }
            }
        }
    }
}

/// How much is measured.
struct Scale {
    /// Counties, townships of each and villages of each township.
    let counties: Int
    let townships: Int
    let villages: Int
    let households: Int
    let persons: Int
    /// Logs that are pushed, and checks in each.
    let logs: Int
    let checks: Int
    /// Devices at once.
    let fleets: [Int]
    /// Households that a device synchronizes.
    let homes: [Int]
    /// Checks in the server while coverage is asked for.
    let coverage: [Int]
    /// Checks up to which the server grows.
    let growth: Int
    let repetitions: Int

    static let full = Scale(
        counties: 8, townships: 8, villages: 19, households: 100_000, persons: 350_000, logs: 20,
        checks: 5_000, fleets: [1, 20, 200],
        homes: [500, 3_000, 22_000, 100_000], coverage: [10_000, 100_000, 1_000_000],
        growth: 3_000_000, repetitions: 3)
    static let quick = Scale(
        counties: 2, townships: 4, villages: 6, households: 4_000, persons: 14_000, logs: 20,
        checks: 400, fleets: [1, 20],
        homes: [60, 200], coverage: [1_000, 4_000], growth: 8_000, repetitions: 2)
}
