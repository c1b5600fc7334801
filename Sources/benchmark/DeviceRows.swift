import FieldStore
import Foundation
import GRDB
import ServerStore
import SurveyModel
import SurveyStore

/// A surveyor's device: synchronizing, saving, looking up, starting.
struct DeviceRows {
    let site: Site

    func figures() throws -> [Figure] {
        let folder = try site.copy("server-device")
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = try ServerStore.open(folder, creating: false)
        let counts = Dictionary(
            grouping: try Site.households(of: store), by: \.area
        ).mapValues(\.count)
        let villages = try store.areaTree().villages
        // As many villages as it takes.
        func areas(_ households: Int) -> [String] {
            var sum = 0
            let taken = villages.prefix { village in
                defer { sum += counts[village.id] ?? 0 }
                return sum < households
            }
            return taken.count == villages.count ? ["5204"] : taken.map(\.code)
        }
        let homes = try site.scale.homes.map { households in
            try Home("of-\(households)", areas: areas(households), site, store)
        }
        try store.close()
        let server = try Server(site, data: folder)
        var figures: [Figure] = []
        for home in homes {
            try home.enrol(at: server.url)
            figures += try firstSync(home)
        }
        let last = homes[min(1, homes.count - 1)]
        figures += try daily(last)
        _ = try server.stop()
        return try figures + starts(last) + inProcess(homes[homes.count - 1])
    }

    private struct SyncReport: Decodable {
        let received: Int
        let bytes_up: Int
        let bytes_down: Int
        let round_trips: Int
    }

    private func firstSync(_ home: Home) throws -> [Figure] {
        let ended = try home.run("sync", "--json")
        let report = try JSONDecoder().decode(SyncReport.self, from: ended.output)
        let edits = Double(report.received)
        let row: [BareSQLite.Value] = [.bytes(Data(count: 150)), .integer(1)]
        let bare = try BareSQLite.insert(
            Array(repeating: row, count: report.received), by: 2_000, in: site.folder)
        let what = "first sync of \(report.received) records"
        return [
            Figure("device", what, "edits/s", [edits / ended.seconds])
                .beside("bare SQLite", [edits / bare]),
            Figure("device", "\(what): took", "s", [ended.seconds]),
            Figure(
                "device", "\(what): processor", "µs/edit", [ended.processor / edits * 1e6]),
            Figure("device", "\(what): down", "B/edit", [Double(report.bytes_down) / edits]),
            Figure("device", "\(what): most memory", "MiB", [ended.peak]),
        ]
    }

    private struct Row: Decodable { let household_no: String }

    /// Checks as a surveyor's script would enter them, pushed, and nothing to say.
    private func daily(_ home: Home) throws -> [Figure] {
        let numbers = try JSONDecoder().decode(
            [Row].self, from: try home.run("household", "list", "--json").output
        ).map(\.household_no)
        var figures: [Figure] = []
        let lines = min(10_000, numbers.count * 2)
        let file = site.folder.appending(path: "checks.jsonl")
        func write(_ range: Range<Int>) throws {
            let text = range.map { number in
                let subject = numbers[number / 2 % numbers.count]
                return number.isMultiple(of: 2)
                    ? #"{"kind":"housing","subject":"\#(subject)","set":{"dwelling_source":1,"occupied":true,"grade":"A","structure":\#(1 + number % 6),"floors":\#(1 + number % 3),"build_year":\#(1960 + number % 60)}}"#
                    : #"{"kind":"water","subject":"\#(subject)","set":{"supply_mode":2,"litres_pcd":\#(20 + number % 60),"quality_basis":"standard","to_home":true,"short_days_year":\#(number % 20)}}"#
            }
            try Data((text.joined(separator: "\n") + "\n").utf8).write(to: file)
        }
        try write(0..<40)
        try home.run("check", "--from", file.path)
        figures.append(
            Figure("device", "40 checks pushed", "ms", [try home.sync() * 1_000]))
        figures.append(
            Figure(
                "device", "a sync with nothing to say", "ms",
                try (0..<9).map { _ in try home.sync() * 1_000 }))
        try write(40..<lines)
        let entered = try home.run("check", "--from", file.path)
        figures.append(
            Figure(
                "device", "\(lines - 40) lines through check --from", "lines/s",
                [Double(lines - 40) / entered.seconds]))
        return figures
    }

    /// Starting a program, beside one that does nothing.
    private func starts(_ home: Home) throws -> [Figure] {
        var (status, bare): ([Double], [Double]) = ([], [])
        for _ in 0..<40 {
            status.append(try home.run("status", "--json").seconds * 1_000)
            bare.append(try Child(["curl", "--version"]).wait().seconds * 1_000)
        }
        return [
            Figure("device", "cold start of lianhu status", "ms", status).beside(
                "curl --version", bare)
        ]
    }

    /// Opening a form, saving an answer, looking for somebody, in a home that is open.
    private func inProcess(_ home: Home) throws -> [Figure] {
        let store = try FieldStore.open(home.folder)
        defer { try? store.close() }
        let round = try store.round(nil)
        let villages = try store.readableVillages()
        let first = try seconds { _ = try store.search("w", in: villages, round: round) }
        let further = try (0..<20).map { _ in
            try seconds { _ = try store.search("wx", in: villages, round: round) } * 1_000
        }
        let households = try store.households(in: villages, round: round)
        var (opening, saving, bare): ([Double], [Double], [Double]) = ([], [], [])
        for (number, row) in households.prefix(200).enumerated() {
            let subject = row.subject.text
            opening.append(
                try seconds {
                    _ = try store.openCheck(
                        Housing.form, subject: subject, round: nil, resuming: true)
                } * 1_000)
            var form = try store.openCheck(
                Housing.form, subject: subject, round: nil, resuming: false)
            form.answers[Housing.floors] = Int64(number % 3 + 1)
            let section = Housing.form.section(containing: Housing.floors.definition.tag)!.tag
            let opened = form
            saving.append(try seconds { _ = try store.save(opened, sections: [section]) } * 1_000)
            bare.append(
                try BareSQLite.insert([[.bytes(Data(count: 300))]], by: 1, in: home.folder) * 1_000)
        }
        return [
            Figure("device", "one check saved", "ms", saving.quartiles)
                .beside("bare durable insert", bare.quartiles),
            Figure("device", "opening a form", "ms", opening.quartiles),
            Figure(
                "device", "first search among \(households.count) households", "ms", [first * 1_000]
            ),
            Figure("device", "a further search", "ms", further.quartiles),
        ]
    }
}

extension [Double] {
    /// What half of them lie between, and their median.
    fileprivate var quartiles: [Double] {
        let sorted = sorted()
        return [sorted[count / 4], sorted[count / 2], sorted[count * 3 / 4]]
    }
}
