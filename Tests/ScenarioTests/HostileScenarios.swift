import Crypto
import FieldStore
import Foundation
import ServerStore
import SurveyConsole
import SurveyCoverage
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore
import SurveySync
import SurveyWire
import TestSupport
import Testing

@testable import FieldClient
@testable import ServerStore
@testable import SyncServer

/// An enrolled device whose program does what ours would not.
@Suite struct HostileScenarios {
    private func mallory(households: Int = 4) async throws -> (World, Device, Mallory, AreaID) {
        try await World.withMallory(households: households)
    }

    @Test func `a device cannot write the register, however it orders its segments`() async throws {
        let (world, _, first, village) = try await mallory()
        var mallory = first
        let user = try #require(try world.server.users().first { $0.name == "mallory" })
        var identity = Answers()
        identity[UserForm.name] = "mallory"
        identity[UserForm.role] = Role.administrator
        let record = RecordKey(kind: .user, subject: user.id.subject)
        let sections = UserForm.form.sections(identity)
        // The first creates the record, so that the second is folded before its hold.
        try await mallory.push([
            try mallory.segment(record, sections, in: .reserved),
            try mallory.segment(record, sections, in: village),
        ])
        let forged = LogKey.test(99)
        var device = Answers()
        device[DeviceForm.publicKey] = forged.publicKey
        device[DeviceForm.user] = user.id.subject.bytes
        try await mallory.push([
            try mallory.segment(
                .device(forged.publicKey), DeviceForm.form.sections(device), in: .reserved),
            try mallory.segment(
                .device(forged.publicKey), DeviceForm.form.sections(device), in: .reserved),
        ])
        #expect(try world.server.users().first { $0.name == "mallory" }?.role == .surveyor)
        #expect(try world.server.devices().count == 2)
    }

    @Test func `a device cannot reject somebody's answer by a decision of its own`() async throws {
        let (world, wang, first, village) = try await mallory()
        var mallory = first
        let edit = try wang.check("housing", "520402109201-1", .graded("A")).edit
        try await wang.sync()
        var decision = Answers()
        decision[DecisionForm.edit] = edit.id.bytes
        decision[DecisionForm.verdict] = Verdict.reject
        decision[DecisionForm.replica] = edit.dot.replica.bytes
        decision[DecisionForm.counter] = Int64(edit.dot.counter)
        for _ in 0..<2 {
            try await mallory.push([
                try mallory.segment(
                    .decision(about: edit.id), DecisionForm.form.sections(decision), in: village)
            ])
        }
        #expect(try world.coverage().count(.housing).safe == 1)
        try await wang.sync()
        #expect(try wang.state(edit.header.record).included.count == 1)
    }

    private func isExcluded(_ edit: Edit, _ world: World) throws -> Bool {
        try world.isExcluded(edit)
    }

    private func foreignHouse(_ device: Device) throws -> SubjectID {
        try device.store.household("520402109202-1", round: nil).subject
    }

    @Test func `a device cannot lift a hold by what looks like a decision`() async throws {
        let (world, wang, first, village) = try await mallory()
        var mallory = first
        let other = try world.server.areas(["520402109202"])[0].id
        let floors: SectionAnswers = [Housing.floors.definition.tag: .integer(1)]
        let check = try mallory.segment(
            try world.record(.housing, foreignHouse(wang)), [SectionTag(rawValue: 2): floors],
            in: other)
        let half = try #require(SubjectID(check.edits[0].id.bytes.prefix(16)))
        let forged = try [7, 0].map { round in
            try mallory.segment(
                RecordKey(kind: .decision, subject: half, round: RoundID(rawValue: round)),
                [SectionTag(rawValue: 1): [:]], in: village)
        }
        try await mallory.push([check] + forged)
        #expect(try isExcluded(check.edits[0], world))
        #expect(try world.coverage().count(.housing).checked == 0)
        #expect(try world.server.check(in: world.folder).isSound)
    }

    @Test func `writing about a household is no way to be told about it`() async throws {
        let (world, wang, first, village) = try await mallory()
        var mallory = first
        let house = try foreignHouse(wang)
        var location = Answers()
        location[Household.villageCode] = "520402109201"
        location[Household.village] = village.subject.bytes
        let segment = try mallory.segment(
            RecordKey(kind: .household, subject: house), Household.form.sections(location),
            in: village)
        try await mallory.push([segment])
        #expect(try isExcluded(segment.edits[0], world))
        try await mallory.device.sync()
        let told = try mallory.device.store.read { db in
            try SegmentLog.edits(of: RecordKey(kind: .household, subject: house), in: db)
        }
        #expect(told.allSatisfy { $0.header.author == mallory.identity.user })
    }

    @Test func `nobody takes a finding of another village into their own`() async throws {
        let (world, wang, first, village) = try await mallory()
        var mallory = first
        let finding = try wang.save(
            try wang.store.openFinding(about: "520402109202-1", round: nil),
            ["category": "1", "severity": "1", "description": "漏雨", "deadline": "2026-12-31"]
        ).edit
        try await wang.sync()
        let mine = try wang.store.household("520402109201-1", round: nil).subject
        var answers = Answers()
        answers[Finding.about] = mine.bytes
        let segment = try mallory.segment(
            finding.header.record, Finding.form.sections(answers), in: village)
        try await mallory.push([segment])
        #expect(try isExcluded(segment.edits[0], world))
        let row = try world.server.read { db in
            try Findings.finding(finding.header.record, in: db)
        }
        #expect(row?.area == finding.header.area && row?.isContested == false)
    }

    @Test func `no review makes a household of a person, or an administrator of a surveyor`()
        async throws
    {
        let (world, wang, first, village) = try await World.withMallory()
        var mallory = first
        let persons = try wang.store.persons(
            in: nil, household: "520402109201-1", round: try wang.store.round(nil))
        let person = try #require(persons.first).subject
        let before = try world.coverage().tally
        var role = Answers()
        role[UserForm.role] = .administrator
        let taken = [
            try mallory.segment(
                RecordKey(kind: .household, subject: person),
                Written.entry("520402109201-9", "520402109201", village), in: village),
            try mallory.segment(
                RecordKey(kind: .user, subject: mallory.identity.user.subject),
                UserForm.form.sections(role), in: village),
        ]
        try await mallory.push(taken)
        for edit in taken.map({ $0.edits[0] }) {
            #expect(try world.isExcluded(edit))
            let failure = #expect(throws: Failure.self) {
                try world.server.review(edit.id.hex, .accept)
            }
            #expect(failure?.problem == .unacceptable)
            #expect(try world.isExcluded(edit))
        }
        #expect(try world.coverage().tally == before)
        #expect(try world.server.users().allSatisfy { $0.role == .surveyor })
        // To reject is to say what stands already.
        try world.server.review(taken[0].edits[0].id.hex, .reject)
        #expect(try world.server.check(in: world.folder).isSound)
    }

    @Test func `whoever scatters a log can still be revoked`() async throws {
        let (world, wang, first, village) = try await mallory()
        var mallory = first
        let house = try wang.store.household("520402109201-1", round: nil).subject
        let record = try world.record(.housing, house)
        let floors: SectionAnswers = [Housing.floors.definition.tag: .integer(1)]
        for _ in 0..<2 {
            var leaves: [Segment] = []
            for _ in 0..<500 {
                mallory.counter += 1
                leaves.append(
                    try mallory.segment(record, [SectionTag(rawValue: 2): floors], in: village))
            }
            try await mallory.push(leaves)
        }
        #expect(try world.server.revokeUser("mallory"))
        #expect(try world.server.users().first { $0.name == "mallory" }?.isRevoked == true)
    }

    @Test func `a copy without its answers does not shadow the segment that enrolled somebody`()
        async throws
    {
        let world = try World()
        try world.backUp(to: "backup")
        let wang = try await world.device("wang", ["520402109"])
        let mallory = try await world.device("mallory", ["520402109"])
        for device in [wang, mallory] { try await device.sync() }
        let enrolments = try world.segments().filter { segment in
            segment.frame.area == .reserved
                && segment.edits.contains { [.user, .device].contains($0.header.record.kind) }
        }
        let emptied = try enrolments.map { segment in
            try Segment(
                frameBytes: segment.frameBytes,
                edits: segment.edits.map { edit in
                    guard case .body(let body) = edit.encoded.content else { return edit }
                    let hash = Data(SHA256.hash(data: body))
                    return try Edit(
                        EncodedEdit(header: edit.encoded.header, content: .erased(hash: hash)))
                }, signature: segment.signature
            ).encoded()
        }
        let restored = try world.restore("backup")
        let identity = try mallory.store.identity()
        let request = SyncRequest(
            serverKey: ServerKeyID.make(identity.serverKey), replica: identity.replica,
            nonce: mallory.store.environment.random(16),
            head: Tip(
                replica: identity.replica, counter: 0,
                chain: ChainValue(publicKey: identity.key.publicKey)),
            receipt: nil, position: FeedPosition(), segments: [], relayed: [], opened: [],
            receiptOnly: true, tallyPosition: nil,
            readmission: Readmission(
                root: identity.key.publicKey, enrolments: emptied, endorsements: []))
        let reply = try await world.network.post(
            "/v1/sync", try request.sealed(by: identity.key))
        #expect(reply.status != 200)
        try await wang.sync()
        #expect(try restored.users().contains { $0.name == "wang" })
    }

    @Test func `a record of an impossible kind or round is kept and stops nobody`() async throws {
        let (world, wang, first, village) = try await mallory()
        var mallory = first
        let house = try wang.store.household("520402109201-1", round: nil).subject
        var identity = Answers()
        identity[Household.householdNo] = "X"
        let sections = Household.form.sections(identity)
        try await mallory.push([
            try mallory.segment(
                RecordKey(kind: .household, subject: house, round: RoundID(rawValue: 7)),
                sections, in: village),
            try mallory.segment(
                RecordKey(kind: .housing, subject: house), [SectionTag(rawValue: 1): [:]],
                in: village),
            try mallory.segment(
                RecordKey(kind: RecordKind(rawValue: 30), subject: house),
                [SectionTag(rawValue: 9): [:]], in: village),
        ])
        #expect(try world.coverage().households == 12)
        try await wang.sync()
        #expect(try wang.households().count == 8)
    }

    @Test func `a person cannot be put into a household of a village that is not the writer's`()
        async throws
    {
        let (world, wang, first, village) = try await mallory()
        var mallory = first
        let foreign = try wang.store.household("520402109202-1", round: nil).subject
        var answers = Answers()
        answers[Person.household] = foreign.bytes
        answers[Person.personNo] = "9"
        answers[Person.presence] = Presence.resident
        try await mallory.push([
            try mallory.segment(
                RecordKey(kind: .person, subject: SubjectID(4_242)),
                Person.form.sections(answers), in: village)
        ])
        #expect(try world.coverage().persons == 24)
    }

    @Test func `an absurd device time is shown as none`() async throws {
        let (_, wang, first, village) = try await mallory()
        var mallory = first
        let house = try wang.store.household("520402109201-1", round: nil).subject
        let record = try wang.world.record(.housing, house)
        for time in [Int64.max, .min] {
            try await mallory.push([
                try mallory.segment(
                    record, [SectionTag(rawValue: 2): [Housing.floors.definition.tag: .integer(1)]],
                    in: village, time: time)
            ])
        }
        try await wang.sync()
        #expect(try wang.store.history(record).entries.count == 2)
        for entry in try wang.store.history(record).entries {
            #expect(clockText(entry.edit.header.deviceTime) == "—")
            #expect(isoText(entry.edit.header.deviceTime) == nil)
        }
    }

    @Test func `a long chain of edits of one record costs no more than its bytes`() async throws {
        let (world, wang, first, village) = try await mallory()
        var mallory = first
        let house = try wang.store.household("520402109201-1", round: nil).subject
        let record = try wang.world.record(.housing, house)
        var segments: [Segment] = []
        var last: [Reference] = []
        for number in 1...500 {
            let answers: SectionAnswers = [
                Housing.floors.definition.tag: .integer(Int64(number % 3 + 1))
            ]
            let segment = try mallory.segment(
                record, [SectionTag(rawValue: 2): answers], in: village, seen: last)
            last = segment.edits.map(\.reference)
            segments.append(segment)
        }
        try await mallory.push(segments)
        let state = try world.server.read { db in try Records.state(of: record, in: db) }
        #expect(!state.isContested && state.included.count == 500)
    }

    @Test func `what a device writes into the reserved area reaches no other device`() async throws
    {
        let (_, wang, first, _) = try await mallory()
        var mallory = first
        try await mallory.push([
            try mallory.segment(
                RecordKey(kind: RecordKind(rawValue: 40), subject: SubjectID(1)),
                [SectionTag(rawValue: 1): [FieldTag(rawValue: 1): .text("junk")]], in: .reserved)
        ])
        #expect(try await wang.sync().received == 0)
    }

    @Test func `a device that calls itself the server is held, and imports do not build on it`()
        async throws
    {
        let (world, _, first, village) = try await mallory()
        var mallory = first
        let house = try mallory.device.store.household("520402109201-1", round: nil).subject
        var identity = Answers()
        identity[Household.householdNo] = "520402109201-1"
        identity[Household.headName] = "forged"
        try await mallory.push([
            try mallory.segment(
                RecordKey(kind: .household, subject: house), Household.form.sections(identity),
                in: village, author: .server)
        ])
        _ = try world.importRoster(
            "household_no,village_code,head_name,household_type,address\n"
                + "520402109201-1,520402109201,新户主,,1组\n")
        let row = try #require(
            try world.server.read { db in
                try Subjects.household(house, round: nil, db)
            })
        #expect(row.headName == "新户主")
    }

    @Test func `a bad file leaves no staging file with names behind`() throws {
        let world = try World()
        for text in [
            "", "a,b\n1,2\n", "household_no,village_code,head_name,household_type,address\n\"x",
        ] {
            #expect(throws: Failure.self) { try world.importRoster(text) }
        }
        let left = try FileManager.default.contentsOfDirectory(atPath: world.folder.path)
        #expect(!left.contains("import.tmp"))
    }
}
