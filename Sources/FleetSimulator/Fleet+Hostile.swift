import FieldStore
import Foundation
import GRDB
import ServerStore
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore
import SurveySync
import SurveyWire
import TestSupport

/// What a hostile device does, and what must come of it: nothing.
extension Fleet {
    /// It pushes whatever it likes. Each edit is held as it is when it comes alone.
    func attack(_ random: inout SplitMix64) throws {
        guard var hostile = try hostileDevice() else { return }
        let world = try hostileWorld()
        let isFlood = Int.random(in: 0..<12, using: &random) == 0
        let count = isFlood ? 40 : Int.random(in: 1...8, using: &random)
        let written = try hostile.write(count, about: world, &random)
        self.hostile = hostile
        var segments = try hostile.segments(written, alone: false, &random)
        let isShuffled = Int.random(in: 0..<4, using: &random) == 0
        if isShuffled { segments.shuffle(using: &random) }
        let alone =
            try segments.flatMap { segment in
                try hostile.segments(
                    written.filter { entry in segment.edits.contains { $0.id == entry.edit.id } },
                    alone: true, &random)
            }
        let expected = try excludedWhenAlone(alone, of: hostile)
        // A server that came back from before the enrolment takes nothing.
        guard
            case .answered = try server.answer(
                try hostile.request(segments, at: FeedPosition(), nonce: nonce()))
        else { return }
        for (edit, _) in written where edit.header.record.kind < .area {
            let seen = Set(edit.header.seen)
            let shown = world.edits.values.joined().filter { seen.contains($0.reference) }
            ledger.note(
                edit,
                Ledger.Attempt(
                    record: edit.header.record, shown: Set(shown.map(\.id)),
                    device: HostileDevice.name))
        }
        try noteCounted()
        guard try server.excluded() == expected else {
            throw Violation("edits of one request are held otherwise than one by one")
        }
    }

    /// It reads whatever it is given: what its villages say, what it wrote, and nothing else.
    func spy() throws {
        guard let hostile = try hostileDevice() else { return }
        let users = try server.store.users()
        guard let user = users.first(where: { $0.id == hostile.user }) else { return }
        let tree = try server.store.areaTree()
        let scope = Set(user.areas.flatMap { tree.villages(under: $0).map(\.id) })
        var position = FeedPosition()
        while true {
            let request = try hostile.request([], at: position, nonce: nonce())
            guard case .answered(let bytes) = try server.answer(request) else { return }
            let response = try SyncResponse(bytes: bytes, serverKey: hostile.serverKey)
            for item in response.feed {
                let frame = try Segment(bytes: item.segment).frame
                let isOwn =
                    frame.replica == hostile.key.replica || frame.about == hostile.key.replica
                guard isOwn || frame.area == .reserved || scope.contains(frame.area) else {
                    throw Violation("a hostile device reads a village that is not its user's")
                }
            }
            position = response.position
            guard response.more else { return }
        }
    }

    private func nonce() -> Data { environment(of: HostileDevice.name).random(16) }

    /// The device, enrolled when it is first needed: runs without it are as they were.
    private func hostileDevice() throws -> HostileDevice? {
        if let hostile { return hostile }
        let name = HostileDevice.name
        try server.store.addUser(name, role: .surveyor, areas: try areas(Self.villages[0]))
        let device = try enrol(name, as: name)
        hostile = HostileDevice(device.identity)
        try device.store.close()
        return hostile
    }

    private func hostileWorld() throws -> HostileDevice.World {
        var world = HostileDevice.World()
        world.villages = try Self.villages.compactMap { code in
            try areas(code).first.map { (code, $0.id) }
        }
        world.round = try server.store.round(nil)?.id ?? .register
        let (households, persons, edits) = try server.store.read { db in
            func subjects(_ table: String) throws -> [SubjectID] {
                try Data.fetchAll(
                    db, sql: "SELECT id FROM subject JOIN \(table) ON subject = number ORDER BY id"
                ).compactMap(SubjectID.init)
            }
            let edits = try Self.edits(in: db).filter { $0.header.record.kind < .area }
            return (try subjects("household"), try subjects("person"), edits)
        }
        world.households = households
        world.persons = persons
        world.edits = Dictionary(grouping: edits, by: \.header.record)
        return world
    }

    /// What would not count if these segments came one after the other, each in a request of its own.
    private func excludedWhenAlone(_ segments: [Segment], of hostile: HostileDevice) throws -> Set<
        EditID
    > {
        let place = folder.appending(path: "alone")
        try? FileManager.default.removeItem(at: place)
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: place) }
        let copy = try DatabaseQueue(path: place.appending(path: "lianhu.sqlite").path)
        try server.store.writer.backup(to: copy)
        try copy.close()
        let store = try ServerStore.open(
            place, creating: false, environment: environment(of: HostileDevice.name))
        defer { try? store.close() }
        for segment in segments {
            let bytes = try hostile.request([segment], at: FeedPosition(), nonce: nonce())
            do {
                _ = try store.store([try store.authenticate(bytes).push])
            } catch is Failure {
                // A server that came back from before the enrolment knows the device no more.
            }
        }
        return Set(try store.excludedEdits().map(\.edit.id))
    }

    // MARK: Nothing held is told

    /// Whatever the server repeated counted once, and was repeated where its subject had a reason to be
    /// heard of: an edit that counted was written there, or put it there.
    func examineTold() throws {
        let edits = try server.store.read(Self.edits)
        let told = edits.compactMap { edit in
            edit.header.record.kind == .excerpt
                ? (try? edit.repeated()).flatMap { $0 }.map { (area: edit.header.area, edit: $0) }
                : nil
        }
        guard !told.isEmpty else { return }
        let counted = everCounted.values.sorted { $0.id < $1.id }
        // What a finding is about may stand in another edit of it.
        let abouts = Dictionary(grouping: counted, by: \.header.record)
            .mapValues { Set($0.flatMap(Self.subjects)) }
        func subjects(of edit: Edit) -> Set<SubjectID> {
            edit.header.record.kind == .finding
                ? abouts[edit.header.record] ?? [] : Set(Self.subjects(of: edit))
        }
        var reasons: [SubjectID: Set<AreaID>] = [:]
        for edit in counted {
            let area = edit.header.area
            for subject in subjects(of: edit) {
                reasons[subject, default: []].insert(area)
                if let to = edit.answers[Household.village].flatMap(SubjectID.init),
                    edit.header.record.kind == .household
                {
                    reasons[subject, default: []].insert(AreaID(to))
                }
            }
        }
        for edit in counted where edit.header.record.kind == .person {
            guard let household = edit.answers[Person.household].flatMap(SubjectID.init) else {
                continue
            }
            reasons[edit.header.record.subject, default: []]
                .formUnion(reasons[household] ?? [])
        }
        for (area, edit) in told {
            guard everCounted[edit.id] != nil else {
                throw Violation("what never counted was repeated: \(edit.header.record.text)")
            }
            guard subjects(of: edit).contains(where: { reasons[$0]?.contains(area) == true })
            else { throw Violation("\(edit.header.record.text) was told where nobody knew of it") }
        }
    }

    /// Whom an edit is about, by its own words.
    static func subjects(of edit: Edit) -> [SubjectID] {
        let record = edit.header.record
        if let pair = record.pair(in: edit.answers) { return [pair.first, pair.second] }
        if record.kind == .finding,
            let about = edit.answers[Finding.about].flatMap(SubjectID.init)
        {
            return [about]
        }
        return [record.subject]
    }
}
