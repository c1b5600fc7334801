import FieldStore
import Foundation
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveySync
import SurveyWire
import TestSupport

/// An enrolled device whose program does what ours would not: it says anything about anybody, names any
/// village as the place, groups and orders its segments as it likes, and goes on in several branches
/// of its log.
struct HostileDevice {
    static let name = "hostile"

    let key: LogKey
    let user: UserID
    let serverKey: Data
    private(set) var branches: [Branch]

    /// An end of its log, from which it may go on.
    struct Branch {
        var counter: UInt64
        var chain: ChainValue
    }

    init(_ identity: HomeIdentity) {
        key = identity.key
        user = identity.user
        serverKey = identity.serverKey
        branches = [Branch(counter: 0, chain: ChainValue(publicKey: key.publicKey))]
    }

    /// What it writes about: everything, whether it could know of it or not.
    struct World {
        var villages: [(code: String, id: AreaID)] = []
        var round = RoundID.register
        var households: [SubjectID] = []
        var persons: [SubjectID] = []
        /// Edits by their record, for contexts.
        var edits: [RecordKey: [Edit]] = [:]
    }

    /// Edits after one branch of the log, each with the chain value before it.
    mutating func write(_ count: Int, about world: World, _ random: inout SplitMix64) throws -> [(
        edit: Edit, before: ChainValue
    )] {
        // Now and then from an earlier end: a fork.
        let place = Int.random(in: 0..<branches.count, using: &random)
        var branch = branches[place]
        var written: [(edit: Edit, before: ChainValue)] = []
        for _ in 0..<count {
            branch.counter += 1
            let edit = try edit(branch.counter, about: world, &random)
            written.append((edit, branch.chain))
            branch.chain = branch.chain.appending(edit.id)
        }
        if Int.random(in: 0..<6, using: &random) == 0, branches.count < 4 {
            branches.append(branch)
        } else {
            branches[place] = branch
        }
        return written
    }

    /// Cuts edits into segments: where the area changes, and anywhere else.
    func segments(
        _ edits: [(edit: Edit, before: ChainValue)], alone: Bool, _ random: inout SplitMix64
    ) throws -> [Segment] {
        var segments: [Segment] = []
        var run: [Edit] = []
        var before = edits.first?.before
        func seal() throws {
            guard !run.isEmpty, let before else { return }
            segments.append(try Segment.seal(run, after: before, key: key))
            run = []
        }
        for (edit, chain) in edits {
            let isCut = alone || Int.random(in: 0..<3, using: &random) == 0
            if let last = run.last, isCut || last.header.area != edit.header.area { try seal() }
            if run.isEmpty { before = chain }
            run.append(edit)
        }
        try seal()
        return segments
    }

    private func edit(_ counter: UInt64, about world: World, _ random: inout SplitMix64) throws
        -> Edit
    {
        let village = world.villages.randomElement(using: &random)!
        let household = world.households.randomElement(using: &random) ?? Self.fresh(&random)
        let person = world.persons.randomElement(using: &random) ?? Self.fresh(&random)
        let (record, sections) = try content(
            about: household, person, in: village, world.round, &random)
        let known = world.edits[record] ?? []
        let seen = Bool.random(using: &random) ? known : []
        // Its own village most often: what it names is believed there first.
        let area =
            Bool.random(using: &random)
            ? world.villages[0].id : world.villages.randomElement(using: &random)!.id
        let isForeign = Int.random(in: 0..<12, using: &random) == 0
        return try Edit(
            header: EditHeader(
                dot: Dot(replica: key.replica, counter: counter), record: record, area: area,
                sections: sections.keys.sorted(),
                seen: seen.filter { !Set($0.header.sections).isDisjoint(with: sections.keys) }
                    .map(\.reference).sorted(),
                author: isForeign ? .server : user, deviceTime: 0, formVersion: 1),
            body: EditBody(sections: sections, salt: nil))
    }

    private func content(
        about household: SubjectID, _ person: SubjectID, in village: (code: String, id: AreaID),
        _ round: RoundID, _ random: inout SplitMix64
    ) throws -> (RecordKey, [SectionTag: SectionAnswers]) {
        var answers = Answers()
        func written(_ form: Form) -> [SectionTag: SectionAnswers] {
            Dictionary(
                uniqueKeysWithValues: form.sections.compactMap { section in
                    let own = section.fields.compactMap { field in
                        answers[field.tag].map { (field.tag, $0) }
                    }
                    return own.isEmpty
                        ? nil : (section.tag, SectionAnswers(uniqueKeysWithValues: own))
                })
        }
        switch Int.random(in: 0..<9, using: &random) {
        case 0, 1:
            answers[Household.villageCode] = village.code
            answers[Household.village] = village.id.subject.bytes
            return (RecordKey(kind: .household, subject: household), written(Household.form))
        case 2:
            answers[Household.householdNo] = "\(village.code)-\(random.next() % 5)"
            answers[Household.headName] = "户主"
            let subject = [household, person, Self.fresh(&random)].randomElement(using: &random)!
            return (RecordKey(kind: .household, subject: subject), written(Household.form))
        case 3:
            answers[Person.household] = household.bytes
            answers[Person.presence] = .resident
            return (RecordKey(kind: .person, subject: person), written(Person.form))
        case 4:
            answers[Medical.contract] = Bool.random(using: &random)
            let record = RecordKey(kind: .medical, subject: person, round: round)
            return (record, written(Medical.form))
        case 5:
            answers[Finding.about] = [household, person].randomElement(using: &random)!.bytes
            answers[Finding.category] = .housing
            let record = RecordKey(kind: .finding, subject: household, round: round)
            return (record, written(Finding.form))
        case 6:
            let other = Self.fresh(&random)
            answers[SameAs.first] = min(household, other).bytes
            answers[SameAs.second] = max(household, other).bytes
            answers[SameAs.same] = true
            return (.sameAs(household, other), written(SameAs.form))
        case 7:
            answers[UserForm.role] = .administrator
            return (RecordKey(kind: .user, subject: user.subject), written(UserForm.form))
        default:
            answers[Housing.grade] = HouseGrade.allCases.randomElement(using: &random)!
            let record = RecordKey(kind: .housing, subject: household, round: round)
            return (record, written(Housing.form))
        }
    }

    /// An id as a device would choose it.
    private static func fresh(_ random: inout SplitMix64) -> SubjectID {
        SubjectID(Data((0..<16).map { _ in UInt8.random(in: 1...255, using: &random) }))!
    }

    /// A signed request with these segments, for the feed after a position.
    func request(
        _ segments: [Segment], at position: FeedPosition, nonce: Data
    ) throws -> Data {
        try SyncRequest(
            serverKey: ServerKeyID.make(serverKey), replica: key.replica, nonce: nonce,
            head: Tip(
                replica: key.replica, counter: 0, chain: ChainValue(publicKey: key.publicKey)),
            receipt: nil, position: position, segments: segments.map { $0.encoded() },
            relayed: [], opened: [], receiptOnly: false, tallyPosition: nil
        ).sealed(by: key)
    }
}
