import FieldStore
import Foundation
import GRDB
import ServerStore
import SurveyCoverage
import SurveyLog
import SurveyModel
import SurveyStore
import SurveyWire
import Testing

@testable import FieldClient
@testable import ServerStore

@Suite struct RegisterScenarios {
    private static let heading = "household_no,village_code,head_name,household_type,address\n"
    private static let house = "520402109201-1"

    @Test func `importing the same files twice changes nothing`() throws {
        let world = try World()
        let before = try world.segments().count
        let areas = try world.server.importAreas(
            try world.file("areas.csv", World.areasCSV), cityCode: "5204", cityName: "安顺市",
            strict: true)
        let roster = try world.importRoster(World.householdsCSV(4), World.personsCSV(4))
        #expect(areas.unchanged == 3 && areas.added + areas.changed + areas.wrong == 0)
        #expect(roster.unchanged == 36 && roster.added + roster.changed + roster.wrong == 0)
        #expect(try world.segments().count == before)
    }

    @Test func `a changed row becomes an edit and what surveyors wrote stays beside it`() throws {
        let world = try World()
        let report = try world.importRoster(
            Self.heading + "\(Self.house),520402109201,新户主,,1组\n")
        #expect(report.changed == 1)
        let again = try world.importRoster(
            Self.heading + "\(Self.house),520402109201,新户主,,1组\n")
        #expect(again.unchanged == 1)
        let names = try world.server.read { db in
            try String.fetchAll(
                db, sql: "SELECT head_name FROM household WHERE household_no = ?",
                arguments: [Self.house])
        }
        #expect(names == ["新户主"])
    }

    @Test func `byte order mark, CRLF, extra columns and any order are read`() throws {
        let world = try World()
        let report = try world.importRoster(
            "\u{FEFF}address,note,household_type,head_name,village_code,household_no\r\n"
                + "九组,x,,新,520402109202,N-1\r\n")
        #expect(report.added == 1 && report.wrong == 0)
    }

    @Test func `a bad row is located and the rest is imported`() throws {
        let world = try World()
        let report = try world.importRoster(
            Self.heading + "N-1,520402109202,好,,\nN-2,999999999999,坏,,\nN-3,52040210920,坏,,\n"
                + ",520402109202,坏,,\nN-1,520402109202,重,,\n")
        #expect(report.added == 1 && report.wrong == 4)
        #expect(report.problems.map(\.line) == [3, 4, 5, 6])
        #expect(
            report.problems.map(\.column) == [
                "village_code", "village_code", "household_no", "household_no",
            ])
        for problem in report.problems {
            for language in Language.allCases { #expect(!problem.text(language).contains("坏")) }
        }
    }

    @Test func `a row that was cut off clears nothing`() throws {
        let world = try World()
        let rows = ["\(Self.house),520402109201,户主1", "\(Self.house),520402109201,户主1,,1组,x"]
        for row in rows {
            let report = try world.importRoster(Self.heading + row + "\n")
            #expect(report.wrong == 1 && report.changed == 0, "\(row)")
        }
        let address = try world.server.read { db in
            try String.fetchOne(
                db, sql: "SELECT address FROM household WHERE household_no = ?",
                arguments: [Self.house])
        }
        #expect(address == "1组")
    }

    @Test func `a resident identity number is no number of a roster`() throws {
        let world = try World()
        let report = try world.importRoster(
            Self.heading + "11010519491231002X,520402109202,甲,,\nN-1,520402109202,乙,,\n",
            "household_no,person_no,name,birth_date,sex,relation\n"
                + "N-1,11010519491231002X,乙,1949-12-31,1,\nN-1,1,乙,1949-12-31,1,\n")
        #expect(report.wrong == 2 && report.added == 2)
        #expect(report.problems.map(\.column) == ["household_no", "person_no"])
    }

    @Test func `strict imports all or nothing`() throws {
        let world = try World()
        let before = try world.segments().count
        let report = try world.importRoster(
            Self.heading + "N-1,520402109202,好,,\nN-2,999999999999,坏,,\n", strict: true)
        #expect(report.wrong == 1 && report.added == 0)
        #expect(try world.segments().count == before)
    }

    @Test func `a missing column is named`() throws {
        let world = try World()
        #expect(throws: Failure(.missingColumns, "head_name, address")) {
            try world.importRoster("household_no,village_code,household_type\n")
        }
    }

    @Test func `a person of no household is a bad row`() throws {
        let world = try World()
        let report = try world.importRoster(
            Self.heading,
            "household_no,person_no,name,birth_date,sex,relation\nX,1,某,,,\n\(Self.house),9,某,2999-01-01,,\n"
        )
        #expect(report.problems.map(\.column) == ["household_no", "birth_date"])
    }

    @Test func `a renamed village and a new managing unit become edits`() throws {
        let world = try World()
        let changed = World.areasCSV.replacingOccurrences(of: "石头寨村", with: "新石头寨村")
            .replacingOccurrences(of: "黄果树旅游区", with: "镇宁县")
        let report = try world.server.importAreas(
            try world.file("areas.csv", changed), cityCode: "5204", cityName: "安顺市",
            strict: true, acceptPlan: true)
        #expect(report.changed == 1 && report.unchanged == 2)
        let village = try #require(try world.server.areaTree().find("520423102201").first)
        #expect(village.name == "新石头寨村" && village.managingUnit == "镇宁县")
    }

    @Test func `coverage rolls up by county and by managing unit`() throws {
        let world = try World()
        let tree = try world.server.areaTree()
        let counts = try world.server.coverage(try world.round())
        func rows(_ level: RollUp) -> [String: Int] {
            let table = CoverageTable(counts, villages: tree.villages, tree: tree, by: level)
            return Dictionary(uniqueKeysWithValues: table.rows.map { ($0.name, $0.persons) })
        }
        #expect(rows(.county) == ["西秀区": 16, "镇宁县": 8])
        #expect(rows(.unit) == ["西秀区": 16, "黄果树旅游区": 8])
        #expect(rows(.city) == ["安顺市": 24])
    }

    @Test func `a data folder of a newer version is refused and left alone`() throws {
        let world = try World()
        try world.server.writer.write { db in
            try db.execute(sql: "INSERT INTO grdb_migrations VALUES ('server-99')")
        }
        #expect(throws: Failure(.newerVersion)) {
            try ServerStore.open(world.folder.appending(path: "server"), creating: false)
        }
    }

    @Test func `a roster's member of a household that a surveyor added is added`() async throws {
        let world = try World()
        let wang = try await world.device("wang", ["5204"])
        try await wang.sync()
        let village = try #require(try wang.store.villages(World.villages[0]).first)
        try wang.save(
            try wang.store.openNewHousehold(in: village),
            ["household_no": "\(village.code)-9", "head_name": "甲"])
        try await wang.sync()
        let report = try world.importRoster(
            World.householdsCSV(1),
            """
            household_no,person_no,name,birth_date,sex,relation
            \(village.code)-9,1,甲,1970-01-01,,

            """)
        #expect(report.added == 1 && report.wrong == 0)
    }

    @Test func `more villages than a device can be told of are refused`() throws {
        let world = try World()
        let heading = World.areasCSV.split(separator: "\n")[0]
        let rows = (1...4_097).map { number in
            let code = "520402\(100 + number / 900)\(100 + number % 900)"
            return "520402,西秀区,\(code.prefix(9)),乡\(number / 900),\(code),村,西秀区"
        }
        let file = try world.file("many.csv", ([String(heading)] + rows).joined(separator: "\n"))
        let refusal = try failure {
            _ = try world.server.importAreas(
                file, cityCode: "5204", cityName: "安顺市", strict: true)
        }
        #expect(refusal.problem == .badFile)
    }

    @Test func `counts that are all computed again fit the pages that supervisors are sent`() throws
    {
        let world = try World()
        let heading = World.areasCSV.split(separator: "\n")[0]
        let codes = (1...1_500).map { "520402\(100 + $0 / 900)\(100 + $0 % 900)" }
        let rows = codes.map { "520402,西秀区,\($0.prefix(9)),乡,\($0),村,西秀区" }
        _ = try world.server.importAreas(
            try world.file("many.csv", ([String(heading)] + rows).joined(separator: "\n")),
            cityCode: "5204", cityName: "安顺市", strict: true)
        _ = try world.importRoster(
            "household_no,village_code,head_name,household_type,address\n"
                + codes.map { "\($0)-1,\($0),户主,,\n" }.joined(), strict: true)
        try world.server.writer.write { db in try Projector.rebuild(db) }
        let scope = Set(try world.server.areaTree().villages.map(\.id))
        try world.server.read { db in
            let reader = TallyReader(db: db, scope: scope, epoch: 1)
            var told: Set<AreaID> = []
            var (position, more) = (UInt64(0), true)
            while more {
                let page = try reader.page(since: position)
                #expect(page.update.villages.count <= TallyReader.limit + 200)
                told.formUnion(page.update.villages.map(\.area))
                (position, more) = (page.update.position, page.more)
            }
            #expect(told.count >= 1_500)
        }
    }

    @Test func `a device's home and a server's folder are not taken for each other`() throws {
        let world = try World()
        #expect(throws: Failure(.otherProgram)) {
            try FieldStore.open(world.folder.appending(path: "server"))
        }
        let home = world.folder.appending(path: "home")
        try FieldStore.open(home, creating: true).close()
        #expect(throws: Failure(.otherProgram)) { try ServerStore.open(home, creating: false) }
    }

    @Test func `an older file is migrated when it is opened`() throws {
        let world = try World()
        let home = world.folder.appending(path: "old")
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        var older = DatabaseMigrator()
        Schema.register(in: &older)
        try older.migrate(try DatabaseQueue(path: FieldStore.file(in: home).path))
        let store = try FieldStore.open(home)
        #expect(throws: Failure(.noHome)) { try store.identity() }
    }

    @Test func `a closed round takes no new checks by default`() async throws {
        let world = try World()
        let wang = try await world.device("wang", ["520402109"])
        try world.server.closeRound(code: "spring")
        try await wang.sync()
        #expect(throws: Failure(.noOpenRound)) {
            try wang.check("housing", Self.house, .graded("A"))
        }
    }

    @Test func `thirty pushes at once are each durable when acknowledged`() async throws {
        let world = try World()
        var devices: [Device] = []
        for number in 1...10 {
            let device = try await world.device("s\(number)", ["520402109"])
            try await device.sync()
            for house in 1...3 {
                try device.check("housing", "520402109201-\(house)", .graded("A"))
            }
            devices.append(device)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for device in devices { group.addTask { try await device.sync() } }
            try await group.waitForAll()
        }
        for device in devices {
            try await device.sync(receiptOnly: true)
            #expect(try device.store.verify().missing.isEmpty)
        }
        #expect(try world.coverage().count(.housing).safe == 3)
    }
}
