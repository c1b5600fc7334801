import Foundation
import Testing

/// The day of the demo, through the two real executables, asserted on `--json`.
@Suite struct DayStory {
    private static let house = "520402109201-0001"
    private static let contested = "520402109201-0002"

    @Test func `two surveyors work offline and one merged coverage comes out`() throws {
        let site = try Site()
        try site.prepare()
        try site.serve()
        for name in ["王芳", "李明", "陈静"] { try site.enrol(name) }
        for name in ["王芳", "李明"] { try site.at(name, "sync") }
        #expect(try site.stop() == 0)

        try offline(site)
        let unreachable = try site.at("王芳", "sync", expecting: 69)
        #expect(unreachable.errors.contains("SYNC-01"))
        #expect(try site.at("王芳", "status", "--json").json()["pending"].int == 43)

        try site.serve(listen: String(site.url.dropFirst("http://".count)))
        try synchronize(site)
        try resolve(site)
        try prove(site)
        try cover(site)
        #expect(try site.stop() == 0)
        #expect(!site.log.contains("杨") && !site.log.contains("王芳"), "no name in the log")
    }

    /// Houses, water and medical security; twice they meet in one household.
    private func offline(_ site: Site) throws {
        let list = try site.at("王芳", "household", "list", "--json").json().array
        #expect(list.count == 20)
        #expect(
            list[0].keys == [
                "id", "same_as", "household_no", "village_code", "head_name", "members", "checks",
                "visit_status", "set_aside", "flags",
            ])
        #expect(list[0]["checks"]["housing"].text == "unchecked")
        let id = try #require(list[0]["id"].text)

        let saved = try site.at(
            "王芳", "check", "housing", Self.house, "--set", "dwelling_source=1", "--set",
            "occupied=yes", "--set", "grade=A", "--json"
        ).json()
        #expect(
            saved.keys == [
                "record", "edit", "assessment", "standard", "because", "jmp", "finding", "warnings",
            ])
        #expect(saved["assessment"].text == "safe")
        // The same household by a prefix of its id.
        try site.at("李明", "check", "housing", String(id.prefix(20)), "--set", "floors=2")
        try site.at(
            "王芳", "check", "housing", Self.contested, "--set", "dwelling_source=1", "--set",
            "occupied=yes", "--set", "grade=A")
        let worse = try site.at(
            "李明", "check", "housing", Self.contested, "--set", "dwelling_source=1", "--set",
            "occupied=yes", "--set", "grade=D", "--set", "grade_date=2026-02-03", "--set",
            "appraiser=甲", "--json"
        ).json()
        #expect(worse["assessment"].text == "unsafe")

        let day = (1...40).map { number in
            let household = "520402109201-00\(number % 20 < 9 ? "0" : "")\(number % 20 + 1)"
            return number <= 20
                ? #"{"kind":"water","subject":"\#(household)","set":{"supply_mode":"1","region":"wet","litres_pcd":62.5,"quality_basis":"standard","to_home":true,"short_days_year":0}}"#
                : #"{"kind":"medical","subject":"\#(household)/1","set":{"insurance":"1","insured_year":2026}}"#
        }
        let lines = try site.at(
            "王芳", "check", "--from", "-", "--json", input: day.joined(separator: "\n")
        ).jsonLines()
        #expect(lines.count == 40)
        #expect(Set(lines.map { $0["assessment"].text }) == ["safe"])
        try site.at("王芳", "check", "water", Self.house, "--set", "litres_pcd=61")
        let persons = try site.at("李明", "person", "list", "--household", Self.house, "--json")
            .json()
        #expect(persons.array.count == 2)
        #expect(persons[0]["household"].text == id)
    }

    private func synchronize(_ site: Site) throws {
        let wang = try site.at("王芳", "sync", "--json").json()
        #expect(
            wang.keys == [
                "sent", "received", "contested", "held", "round_trips", "retries", "bytes_up",
                "bytes_down", "receipt", "notices", "flagged", "probable_duplicates",
                "pairs_without_effect", "revoked",
            ])
        #expect(wang["sent"].int == 43 && wang["round_trips"].int == 1)
        #expect(wang["receipt"]["counter"].int == 43)
        let li = try site.at("李明", "sync", "--json").json()
        #expect(li["sent"].int == 2 && li["received"].int == 43 && li["contested"].int == 1)
        let again = try site.at("王芳", "sync", "--json").json()
        #expect(again["sent"].int == 0 && again["received"].int == 2)
        for name in ["王芳", "李明"] {
            let status = try site.at(name, "status", "--json").json()
            #expect(status["pending"].int == 0 && status["contested"].int == 1)
            #expect(!status["last_sync"].isNull)
        }
    }

    private func resolve(_ site: Site) throws {
        let conflicts = try site.at("王芳", "conflicts", "list", "--json").json()
        #expect(conflicts.array.count == 1)
        #expect(conflicts[0]["section"].text == "safety")
        let siblings = conflicts[0]["siblings"].array
        #expect(Set(siblings.map { $0["author"].text }) == ["王芳", "李明"])
        #expect(Set(siblings.map { $0["values"]["grade"].text }) == ["A", "D"])
        let record = try #require(conflicts[0]["record"].text)
        let chosen = try #require(
            siblings.first { $0["values"]["grade"].text == "D" }?["edit"].text)
        try site.at(
            "王芳", "check", "housing", Self.contested, "--set", "grade=B", expecting: 65)
        try site.at(
            "王芳", "conflicts", "resolve", record, "--section", "safety", "--choose", chosen)
        try site.at("王芳", "sync")
        try site.at("李明", "sync")
        for name in ["王芳", "李明"] {
            #expect(try site.at(name, "conflicts", "list", "--json").json().array.isEmpty)
        }
        let history = try site.at("李明", "history", record, "--json").json().array
        #expect(history.count == 3)
        #expect(history[2]["unaware_of"].array.isEmpty)
        #expect(
            history[0]["unaware_of"].array.map { $0["replica"].text }
                == [history[1]["dot"]["replica"].text])
        #expect(history[2]["vector_clock"].array.count == 3, "three edits, no two in a row")
    }

    private func prove(_ site: Site) throws {
        for (name, edits) in [("王芳", 44), ("李明", 2)] {
            let proof = try site.at(name, "verify", "--json").json()
            #expect(
                proof.keys == [
                    "edits", "receipted", "missing", "others_pending", "damaged", "as_of",
                ])
            #expect(proof["edits"].int == edits && proof["receipted"].int == edits)
            #expect(proof["missing"].array.isEmpty)
            #expect(proof["damaged"].array.isEmpty)
        }
    }

    private func cover(_ site: Site) throws {
        try site.at("陈静", "sync")
        #expect(try site.at("陈静", "household", "list", "--json").json().array.isEmpty)
        let coverage = try site.at("陈静", "coverage", "--by", "village", "--json").json()
        #expect(coverage["round"].text == "spring")
        let row = try #require(coverage["rows"].array.first)
        #expect(row["area"].text == "520402109201" && row["name"].text == "碧波村")
        #expect(row["households"].int == 20 && row["persons"].int == 40)
        #expect(row["housing"]["safe"].int == 1 && row["housing"]["unsafe"].int == 1)
        #expect(row["housing"]["not_assessed"].int == 18 && row["housing"]["contested"].int == 0)
        #expect(row["water"]["safe"].int == 20)
        #expect(row["medical"]["safe"].int == 20 && row["medical"]["registered"].int == 40)
        #expect(row["medical"]["excluded"].int == 0)
        // The server counts the same, by the same code.
        let server = try site.admin("coverage", "--by", "village", "--json").json()
        #expect(server["rows"][0]["water"] == row["water"])
        #expect(server["rows"][0]["housing"] == row["housing"])
        let unit = try site.at("陈静", "coverage", "--by", "unit", "--json").json()
        #expect(Set(unit["rows"].array.map { $0["area"].text }) == ["西秀区", "黄果树旅游区"])

        try site.at("陈静", "pull", "520402109201")
        let opened = try site.at("陈静", "household", "list", "--json").json().array
        #expect(opened.count == 20)
        #expect(opened[0]["checks"]["housing"].text == "safe")
        #expect(opened[1]["checks"]["housing"].text == "unsafe")
    }
}
