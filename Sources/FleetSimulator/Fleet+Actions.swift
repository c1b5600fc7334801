import FieldStore
import Foundation
import GRDB
import ServerStore
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore
import TestSupport

extension Fleet {
    /// Does one thing. What is refused for a good reason (nothing to resolve, a full disk) is fine.
    func perform(_ action: Action) throws {
        var random = SplitMix64(action.seed)
        switch action.kind {
        case .answer, .openForm, .saveForm, .resolve: try survey(action.kind, &random)
        case .ask, .serve, .receive, .loseRequest, .loseResponse, .repeatRequest, .cutRequest,
            .flipRequest, .flipResponse, .reorder:
            try message(action.kind, &random)
        case .restartDevice, .restartServer, .backUpDevice, .restoreDevice, .cloneDevice,
            .backUpServer, .restoreServer, .fullDiskDevice, .fullDiskServer, .wrongClock:
            try machine(action.kind, &random)
        case .assign, .unassign, .revokeDevice, .review, .importRoster:
            try administer(action.kind, &random)
        }
    }

    private func device(_ random: inout SplitMix64) -> Int {
        Int.random(in: 0..<devices.count, using: &random)
    }

    // MARK: Surveyors

    private func survey(_ kind: Action.Kind, _ random: inout SplitMix64) throws {
        let device = devices[device(&random)]
        switch kind {
        case .answer:
            guard let form = try open(device, &random) else { return }
            try save(device, form.form, shown: form.shown, &random)
        case .openForm:
            guard let form = try open(device, &random) else { return }
            device.forms.append(form)
        case .saveForm:
            guard !device.forms.isEmpty else { return }
            let form = device.forms.removeFirst()
            try save(device, form.form, shown: form.shown, &random)
        default:
            guard let conflict = try device.store.conflicts().randomElement(using: &random) else {
                return
            }
            let chosen = conflict.state.siblings.randomElement(using: &random)!
            let shown = Set(
                try device.store.read { db in
                    try Records.state(of: conflict.record, in: db).included.map(\.id)
                })
            let saved = try device.store.resolve(
                conflict.record, section: conflict.section.key, .choose(chosen.id.bytes.hex))
            ledger.note(saved.edit, shown: shown, by: device.name)
        }
    }

    private func open(_ device: FleetDevice, _ random: inout SplitMix64) throws
        -> (form: OpenForm, shown: Set<EditID>)?
    {
        guard let round = try device.store.round(nil),
            let house = try device.store.households(in: nil, round: round)
                .randomElement(using: &random)
        else { return nil }
        let form = try device.store.openCheck(
            Housing.form, subject: house.subject.text, round: nil, resuming: false)
        return (form, Set(form.state.included.map(\.id)))
    }

    private func save(
        _ device: FleetDevice, _ form: OpenForm, shown: Set<EditID>, _ random: inout SplitMix64
    ) throws {
        var form = form
        var sections: Set<SectionTag> = []
        let choice = Int.random(in: 0..<4, using: &random)
        if choice != 0 {
            form.answers[Housing.dwellingSource] = .own
            form.answers[Housing.occupied] = true
            form.answers[Housing.grade] = [HouseGrade.a, .b].randomElement(using: &random)!
            sections.insert(Housing.form.section(key: "safety")!.tag)
        }
        if choice < 2 {
            form.answers[Housing.floors] = Int64.random(in: 1...4, using: &random)
            sections.insert(Housing.form.section(key: "building")!.tag)
        }
        let saved = try device.store.save(form, sections: sections)
        ledger.note(saved.edit, shown: shown, by: device.name)
    }

    // MARK: Messages

    private func message(_ kind: Action.Kind, _ random: inout SplitMix64) throws {
        switch kind {
        case .ask:
            let number = device(&random)
            requests.append((number, try devices[number].ask()))
        case .serve:
            guard !requests.isEmpty else { return }
            try serve(requests.removeFirst())
        case .receive:
            guard !replies.isEmpty else { return }
            let (number, reply) = replies.removeFirst()
            _ = try devices[number].receive(reply)
        case .loseRequest: if !requests.isEmpty { requests.removeFirst() }
        case .loseResponse:
            guard !requests.isEmpty else { return }
            _ = try server.answer(requests.removeFirst().bytes)
        case .repeatRequest: if let first = requests.first { requests.append(first) }
        case .cutRequest:
            guard !requests.isEmpty else { return }
            let (number, bytes) = requests.removeFirst()
            try serve((number, bytes.prefix(Int.random(in: 0..<bytes.count, using: &random))))
        case .flipRequest:
            guard !requests.isEmpty else { return }
            let (number, bytes) = requests.removeFirst()
            try serve((number, flipped(bytes, &random)))
        case .flipResponse:
            guard !replies.isEmpty, case .answered(let bytes) = replies[0].reply else { return }
            replies[0].reply = .answered(flipped(bytes, &random))
        default:
            requests.shuffle(using: &random)
            replies.shuffle(using: &random)
        }
    }

    private func serve(_ request: (device: Int, bytes: Data)) throws {
        replies.append((request.device, try server.answer(request.bytes)))
    }

    private func flipped(_ bytes: Data, _ random: inout SplitMix64) -> Data {
        var bytes = Data(bytes)
        let index = bytes.indices.randomElement(using: &random)!
        bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        return bytes
    }

    // MARK: Machines

    private func machine(_ kind: Action.Kind, _ random: inout SplitMix64) throws {
        let number = device(&random)
        let device = devices[number]
        switch kind {
        case .restartDevice: try device.restart()
        case .restartServer: try server.restart()
        case .backUpDevice:
            let copy = folder.appending(path: "copy \(deviceBackups.count)")
            try device.copy(to: copy)
            deviceBackups.append((number, copy))
        case .restoreDevice:
            guard
                let backup = deviceBackups.filter({ $0.device == number })
                    .randomElement(using: &random)
            else { return }
            let before = try device.edits()
            try device.restore(from: backup.folder)
            let elsewhere = try held(exceptDevice: number).union(device.edits())
            ledger.destroy(before, elsewhere: elsewhere)
        case .cloneDevice:
            guard devices.count < 8 else { return }
            let name = "clone \(devices.count)"
            let home = folder.appending(path: name)
            try device.copy(to: home)
            devices.append(try FleetDevice(name: name, home: home, environment: environment))
        case .backUpServer:
            let file = folder.appending(path: "server \(serverBackups.count).sqlite")
            try server.store.backUp(to: file, isOnly: false)
            serverBackups.append(file)
        case .restoreServer:
            guard let file = serverBackups.randomElement(using: &random) else { return }
            let before = try server.edits()
            try server.restore(file)
            let elsewhere = try held(exceptServer: true).union(server.edits())
            ledger.destroy(before, elsewhere: elsewhere)
        case .fullDiskDevice:
            try withFullDisk(device.store.writer) {
                guard let form = try open(device, &random) else { return }
                try save(device, form.form, shown: form.shown, &random)
            }
        case .fullDiskServer:
            guard !requests.isEmpty else { return }
            let request = requests.removeFirst()
            try withFullDisk(server.store.writer) { try serve(request) }
        default:
            advanceClock(by: Int64.random(in: -63_072_000_000...63_072_000_000, using: &random))
        }
    }

    /// Runs something while the file may not grow. What fails then must have changed nothing.
    private func withFullDisk(_ writer: any DatabaseWriter, _ body: () throws -> Void) throws {
        try writer.writeWithoutTransaction { db in
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count")!
            try db.execute(sql: "PRAGMA max_page_count = \(pages)")
        }
        defer {
            try? writer.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA max_page_count = 1073741823")
            }
        }
        do {
            try body()
        } catch let error as DatabaseError where error.resultCode == .SQLITE_FULL {
        }
    }

    // MARK: Administrators

    private func administer(_ kind: Action.Kind, _ random: inout SplitMix64) throws {
        let store = server.store
        let users = try store.users()
        guard let user = users.randomElement(using: &random) else { return }
        let village = Self.villages.randomElement(using: &random)!
        switch kind {
        case .assign: try store.assign(user.name, adding: try areas(village), removing: [])
        case .unassign:
            let tree = try store.areaTree()
            guard let area = user.areas.sorted().randomElement(using: &random) else { return }
            try store.assign(user.name, adding: [], removing: [tree[area]].compactMap { $0 })
        case .revokeDevice:
            guard let device = try store.devices().randomElement(using: &random) else { return }
            try store.revokeDevice(Base32.encode(device.replica.bytes))
        case .review:
            guard let held = try store.excludedEdits().randomElement(using: &random) else { return }
            try store.review(
                held.edit.id.bytes.hex, Bool.random(using: &random) ? .accept : .reject)
        default:
            try importRoster(
                "household_no,village_code,head_name,household_type,address\n"
                    + "\(village)-1,\(village),户主 \(random.next() % 100),,\n", nil)
        }
    }
}
