import FieldStore
import Foundation
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

/// A device's key and log, writing whatever it likes.
struct Mallory {
    let device: Device
    let identity: HomeIdentity
    var counter: UInt64 = 0
    var chain: ChainValue

    init(_ device: Device) throws {
        self.device = device
        identity = try device.store.identity()
        chain = ChainValue(publicKey: identity.key.publicKey)
    }

    mutating func edit(
        _ record: RecordKey, _ sections: [SectionTag: SectionAnswers], in area: AreaID,
        seen: [Reference] = [], author: UserID? = nil, time: Int64 = 0
    ) throws -> Edit {
        counter += 1
        return try Edit(
            header: EditHeader(
                dot: Dot(replica: identity.replica, counter: counter), record: record,
                area: area, sections: sections.keys.sorted(), seen: seen,
                author: author ?? identity.user, deviceTime: time, formVersion: 1),
            body: EditBody(sections: sections, salt: nil))
    }

    mutating func segment(_ edits: [Edit]) throws -> Segment {
        let segment = try Segment.seal(edits, after: chain, key: identity.key)
        chain = segment.frame.resulting
        return segment
    }

    mutating func segment(
        _ record: RecordKey, _ sections: [SectionTag: SectionAnswers], in area: AreaID,
        seen: [Reference] = [], author: UserID? = nil, time: Int64 = 0
    ) throws -> Segment {
        let edit = try edit(
            record, sections, in: area, seen: seen, author: author, time: time)
        return try segment([edit])
    }

    func request(_ segments: [Segment]) throws -> SyncRequest {
        SyncRequest(
            serverKey: ServerKeyID.make(identity.serverKey), replica: identity.replica,
            nonce: device.store.environment.random(16),
            head: Tip(replica: identity.replica, counter: counter, chain: chain),
            receipt: nil, position: FeedPosition(),
            segments: segments.map { $0.encoded() }, relayed: [], opened: [],
            receiptOnly: true, tallyPosition: nil)
    }

    /// Sends segments in one signed request.
    func push(_ segments: [Segment]) async throws {
        var request = try request(segments)
        let answerKey = try AnswerKey(seed: device.store.environment.random(32))
        request.answerKey = answerKey.publicKey
        let reply = try await device.world.network.post(
            "/v1/sync", try request.sealed(by: identity.key))
        #expect(reply.status == 200)
    }
}

extension World {
    /// A surveyor of a township, and mallory, who has one village of it.
    static func withMallory(seed: UInt64 = 1, households: Int = 4) async throws -> (
        World, Device, Mallory, AreaID
    ) {
        let world = try World(seed: seed, households: households)
        let wang = try await world.device("wang", ["520402109"])
        let mallory = try await world.device("mallory", ["520402109201"])
        for device in [wang, mallory] { try await device.sync() }
        let village = try world.server.areas(["520402109201"])[0].id
        return (world, wang, try Mallory(mallory), village)
    }

    /// Whether an edit does not count.
    func isExcluded(_ edit: Edit) throws -> Bool {
        try server.read { db in try Records.exclusion(of: edit.id, in: db) != nil }
    }
}

/// Answers that hostile and honest edits of these scenarios are made of.
enum Written {
    static let floors: [SectionTag: SectionAnswers] = [
        SectionTag(rawValue: 2): [Housing.floors.definition.tag: .integer(1)]
    ]

    /// A household's move into a village.
    static func location(_ code: String, _ village: AreaID) -> [SectionTag: SectionAnswers] {
        var answers = Answers()
        answers[Household.villageCode] = code
        answers[Household.village] = village.subject.bytes
        return Household.form.sections(answers)
    }

    static func entry(_ number: String, _ code: String, _ village: AreaID) -> [SectionTag:
        SectionAnswers]
    {
        var answers = Answers()
        answers[Household.householdNo] = number
        answers[Household.headName] = "户主"
        answers[Household.villageCode] = code
        answers[Household.village] = village.subject.bytes
        return Household.form.sections(answers)
    }

    /// A person's membership of a household.
    static func membership(_ household: SubjectID) -> [SectionTag: SectionAnswers] {
        var answers = Answers()
        answers[Person.household] = household.bytes
        return Person.form.sections(answers)
    }
}
