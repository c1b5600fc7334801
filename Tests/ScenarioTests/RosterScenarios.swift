import FieldStore
import Foundation
import GRDB
import ServerStore
import SurveyCoverage
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore
import Testing

@testable import FieldClient
@testable import ServerStore
@testable import SyncServer

/// Which register entry a roster's row speaks of.
@Suite struct RosterScenarios {
    private static let heading = "household_no,village_code,head_name,household_type,address\n"
    private static let persons = "household_no,person_no,name,birth_date,sex,relation\n"
    private static let (first, second) = (World.villages[0], World.villages[1])

    private func add(_ no: String, _ head: String, in village: String, on device: Device) throws
        -> SubjectID
    {
        let area = try #require(try device.store.villages(village).first)
        return try device.save(
            try device.store.openNewHousehold(in: area),
            ["household_no": no, "head_name": head]
        ).edit.header.record.subject
    }

    private func rows(_ no: String, _ server: ServerStore) throws -> [(
        subject: SubjectID, area: AreaID, head: String
    )] {
        try server.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT id AS subject, area, head_name FROM household
                    JOIN subject ON number = household.subject WHERE household_no = ? ORDER BY id
                    """, arguments: [no]
            ).map { ($0.subjectID, AreaID(column: $0["area"]), $0["head_name"]) }
        }
    }

    @Test func `a number that a surveyor typed in another village takes no household away`()
        async throws
    {
        let world = try World(households: 1)
        let alice = try await world.device("alice", [Self.first])
        try await alice.sync()
        for number in 1...12 {
            _ = try add("\(Self.second)-90\(number)", "甲\(number)", in: Self.first, on: alice)
        }
        try await alice.sync()
        let report = try world.importRoster(
            Self.heading
                + (1...12).map { "\(Self.second)-90\($0),\(Self.second),乙\($0),,\n" }.joined(),
            Self.persons + (1...12).map { "\(Self.second)-90\($0),1,乙\($0),,,\n" }.joined())
        #expect(report.added == 24 && report.wrong == 0 && report.clashes == 12)
        #expect(report.clashing.allSatisfy { $0.column == "household_no" })
        #expect(report.clashing.map(\.line) == Array(2...13))
        for clash in report.clashing {
            for language in Language.allCases { #expect(!clash.text(language).contains("乙")) }
        }
        try await alice.sync()
        #expect(try alice.households().count { $0.headName.hasPrefix("甲") } == 12)
        let names = try alice.store.persons(in: nil, household: nil, round: nil).map(\.name)
        #expect(!names.contains { $0.hasPrefix("乙") })
        #expect(try alice.store.conflicts().isEmpty)
        let again = try world.importRoster(
            Self.heading
                + (1...12).map { "\(Self.second)-90\($0),\(Self.second),乙\($0),,\n" }.joined())
        #expect(again.unchanged == 12 && again.clashes == 0)
    }

    @Test func `a household that a surveyor registered is met by number and name, however typed`()
        async throws
    {
        let world = try World(households: 1)
        let wang = try await world.device("wang", [Self.first])
        try await wang.sync()
        let (no, fullWidth) = ("\(Self.first)-77", "\(Self.first)－77")
        let subject = try add(no, "王 小明", in: Self.first, on: wang)
        try await wang.sync()
        let report = try world.importRoster(
            Self.heading + "\(fullWidth),\(Self.first),王小明,,\n",
            Self.persons + "\(no),０1,王小明,1970-01-01,,\n")
        #expect(report.added == 1 && report.wrong == 0 && report.clashes == 0)
        #expect(try rows(no, world.server).map(\.subject) == [subject])
        let again = try world.importRoster(
            Self.heading + "\(no),\(Self.first),王小明,,\n",
            Self.persons + "\(fullWidth),1,王小明,1970-01-01,,\n")
        #expect(again.unchanged == 2 && again.added + again.changed + again.wrong == 0)
    }

    @Test func `two rows of one name are two persons, though one entry answers to both`()
        async throws
    {
        let world = try World(households: 1)
        let wang = try await world.device("wang", [Self.first])
        try await wang.sync()
        let no = "\(Self.first)-77"
        _ = try add(no, "王一", in: Self.first, on: wang)
        try wang.save(
            try wang.store.openNewPerson(in: no),
            ["person_no": "9", "name": "张三", "birth_date": "1990-01-01"])
        try await wang.sync()
        let report = try world.importRoster(
            Self.heading + "\(no),\(Self.first),王一,,\n",
            Self.persons + "\(no),1,张三,1990-01-01,,\n\(no),2,张三,1990-01-01,,\n")
        #expect(report.wrong == 0)
        try await wang.sync()
        let members = try wang.store.persons(in: nil, household: no, round: nil)
        #expect(members.map(\.name) == ["张三", "张三"])
    }

    @Test func `a number with another head in one village is another household, and announced`()
        async throws
    {
        let world = try World(households: 1)
        let wang = try await world.device("wang", [Self.first])
        try await wang.sync()
        _ = try add("\(Self.first)-77", "王一", in: Self.first, on: wang)
        try await wang.sync()
        let report = try world.importRoster(
            Self.heading + "\(Self.first)-77,\(Self.first),李二,,\n")
        #expect(report.added == 1 && report.clashes == 1)
        #expect(Set(try rows("\(Self.first)-77", world.server).map(\.head)) == ["王一", "李二"])
    }

    @Test func `a person's row without its household goes to no stranger of that number`()
        async throws
    {
        let world = try World(households: 1)
        let wang = try await world.device("wang", [Self.first])
        try await wang.sync()
        for no in ["\(Self.second)-9", "H-9", "H-8"] {
            _ = try add(no, "户主\(no)", in: Self.first, on: wang)
        }
        try await wang.sync()
        let report = try world.importRoster(
            Self.heading + "H-8,999999999999,别人,,\n",
            Self.persons + "\(Self.second)-9,1,别人,,,\nH-9,1,户主H-9,,,\nH-9,2,成员,,,\nH-8,1,户主H-8,,,\n"
        )
        #expect(report.added == 2)
        #expect(report.problems.map(\.line) == [2, 2, 5])
    }

    @Test func `a roster that gives a known number to another village's head moves nobody`()
        throws
    {
        let world = try World(households: 1)
        let no = "\(Self.first)-1"
        let (roster, people) = (
            Self.heading + "\(no),\(Self.second),别人,,\n", Self.persons + "\(no),1,别人,,,\n"
        )
        let report = try world.importRoster(roster, people)
        #expect(report.wrong == 2 && report.added + report.changed == 0)
        #expect(report.problems.map(\.column) == ["household_no", "household_no"])
        var allowed = try RosterImport(world.server, folder: world.folder) { _ in }
        let moved = try allowed.run(
            households: try world.file("households.csv", roster), persons: nil, strict: true,
            allowMoves: true)
        #expect(moved.changed == 1 && moved.wrong == 0)
    }

    @Test func `a roster that would move many households stops until that is allowed`() throws {
        let world = try World(households: 30)
        let roster =
            Self.heading
            + (1...30).map { "\(Self.first)-\($0),\(Self.second),户主\($0),,\($0)组\n" }.joined()
        let before = try world.segments().count
        let report = try world.importRoster(roster)
        #expect(report.isStopped && report.changed == 0)
        #expect(report.moves.map(\.households) == [30])
        #expect(report.moves.map(\.from.code) == [Self.first])
        #expect(report.moves.map(\.to.code) == [Self.second])
        #expect(try world.segments().count == before)
        var allowed = try RosterImport(world.server, folder: world.folder) { _ in }
        let moved = try allowed.run(
            households: try world.file("households.csv", roster), persons: nil, strict: false,
            allowMoves: true)
        #expect(moved.changed == 30 && !moved.isStopped)
    }

    @Test func `rows that a newer roster leaves out are told, and stay`() throws {
        let world = try World(households: 2)
        let report = try world.importRoster(
            Self.heading + "\(Self.first)-1,\(Self.first),户主1,,1组\n",
            Self.persons + "\(Self.first)-1,1,户主1,1970-01-01,,\n")
        #expect(report.unchanged == 2 && report.changed + report.added + report.wrong == 0)
        #expect(
            report.missing.map { [$0.villageCode, $0.householdNo, $0.personNo ?? "-"] } == [
                [Self.first, "\(Self.first)-2", "-"], [Self.first, "\(Self.first)-1", "2"],
                [Self.first, "\(Self.first)-2", "1"], [Self.first, "\(Self.first)-2", "2"],
            ])
        #expect(try rows("\(Self.first)-2", world.server).count == 1)
    }

    // MARK: Ids

    @Test func `the id of an imported household cannot be computed from what is public`() throws {
        let world = try World(households: 1)
        let no = "\(Self.first)-1"
        let subject = try #require(try rows(no, world.server).first?.subject)
        #expect(world.server.derived.formerSubject(.household, no) != subject)
        #expect(world.server.derived.subject(.household, no) == subject)
        let other = DerivedID(try LogKey(seed: Data(repeating: 7, count: 32)))
        #expect(other.subject(.household, no) != subject)
    }

    @Test func `what an earlier version imported keeps its id`() throws {
        let world = try World(households: 1)
        let server = world.server
        let no = "\(Self.first)－5"
        let village = try #require(try server.areas([Self.first]).first)
        let former = server.derived.formerSubject(.household, no)
        try server.importAsBefore(no, "旧户", former, in: village)
        let report = try world.importRoster(Self.heading + "\(no),\(Self.first),旧户,,\n")
        #expect(report.added == 0 && report.wrong == 0)
        #expect(try rows(no.folded, server).map(\.subject) == [former])
    }

    @Test func `what only a device says under an id of an earlier version is not the row's`()
        async throws
    {
        let world = try World(households: 1)
        let mallory = try await world.device("mallory", [Self.first])
        try await mallory.sync()
        let no = "\(Self.second)-5"
        let former = world.server.derived.formerSubject(.household, no)
        let area = try #require(try mallory.store.villages(Self.first).first)
        var identity = Answers()
        identity[Household.householdNo] = no
        identity[Household.headName] = "占位"
        let key = try mallory.store.identity().key
        let sections = Household.form.sections(identity)
        let edit = try Edit(
            header: EditHeader(
                dot: Dot(replica: key.replica, counter: 1),
                record: RecordKey(kind: .household, subject: former), area: area.id,
                sections: sections.keys.sorted(), seen: [],
                author: try mallory.store.identity().user, deviceTime: 0, formVersion: 1),
            body: EditBody(sections: sections, salt: nil))
        let sender = try #require(try world.server.devices().first)
        _ = try world.server.store([
            Push(
                sender: sender,
                segments: [
                    try Segment.seal(
                        [edit], after: ChainValue(publicKey: key.publicKey), key: key)
                ])
        ])
        let report = try world.importRoster(Self.heading + "\(no),\(Self.second),真户,,\n")
        #expect(report.added == 1 && report.clashes == 1)
        #expect(
            !(try rows(no, world.server).filter { $0.head == "真户" }.map(\.subject))
                .contains(former))
    }

    @Test func `a row imported anew after a restore is joined with the entry that comes back`()
        async throws
    {
        let world = try World(households: 1)
        let wang = try await world.device("wang", [Self.first])
        try await wang.sync()
        try world.server.backUp(to: world.folder.appending(path: "backup"), isOnly: true)
        let village = try #require(try world.server.areas([Self.first]).first)
        let no = "\(Self.first)-5"
        let former = world.server.derived.formerSubject(.household, no)
        try world.server.importAsBefore(no, "旧户", former, in: village)
        try await wang.sync()
        try wang.check("housing", no, .graded("A"))
        try await wang.sync()

        let restored = try world.restoreBackup("backup")
        var roster = try RosterImport(restored, folder: world.folder) { _ in }
        let report = try roster.run(
            households: try world.file(
                "households.csv", Self.heading + "\(no),\(Self.first),旧户,,\n"),
            persons: nil, strict: true)
        #expect(report.added == 1)
        for _ in 0..<3 { try await wang.sync() }
        let entries = try rows(no, restored)
        #expect(entries.count == 2)
        let row = try world.coverage(of: restored)
        #expect(row.households == 4 && row.count(.housing).safe == 1)
        #expect(
            try wang.households().count { $0.householdNo == no } == 1,
            "who joined them, joined them for everybody")
        #expect(try restored.check(in: world.folder).isSound)
    }
}

extension Row {
    fileprivate var subjectID: SubjectID { SubjectID(self["subject"] as Data)! }
}

extension ServerStore {
    /// Imports a household as earlier versions did: under a public id, its number as it was
    /// typed.
    fileprivate func importAsBefore(
        _ no: String, _ head: String, _ subject: SubjectID, in village: Area
    ) throws {
        try append { db, draft, _ in
            var answers = Answers()
            answers[Household.householdNo] = no
            answers[Household.headName] = head
            answers[Household.villageCode] = village.code
            answers[Household.village] = village.id.subject.bytes
            try draft.append(
                RecordKey(kind: .household, subject: subject), in: village.id,
                Household.form.sections(answers))
        }
    }
}
