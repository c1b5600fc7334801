import FieldStore
import Foundation
import ServerStore
import SurveyLog
import SurveyModel
import SurveyWire
import TestSupport

/// What happens to machines: they restart, and are restored, copied and set wrong.
extension Fleet {
    func machine(_ kind: Action.Kind, _ random: inout SplitMix64) throws {
        let number = anyDevice(&random)
        let device = devices[number]
        switch kind {
        case .restartDevice: try device.restart()
        case .restartServer: try restartServer()
        case .backUpDevice:
            let copy = folder.appending(path: "copy \(deviceBackups.count)")
            try device.copy(to: copy)
            deviceBackups.append((number, copy, try device.edits()))
        case .restoreDevice:
            guard
                let backup = deviceBackups.filter({ $0.device == number })
                    .randomElement(using: &random)
            else { return }
            let before = try device.edits()
            try device.restore(from: backup.folder)
            try lose(before)
        case .cloneDevice:
            guard clones < 3 else { return }
            clones += 1
            let name = "clone \(devices.count)"
            let home = folder.appending(path: name)
            try device.copy(to: home)
            devices.append(
                try FleetDevice(name: name, home: home, environment: environment(of: name)))
        case .backUpServer: try backUpServer(&random) { try $0() }
        case .restoreServer:
            guard let file = serverBackups.randomElement(using: &random)?.file else { return }
            let (before, register) = (try server.edits(), try server.registerEdits())
            try server.restore(file)
            try lose(before)
            try loseRegister(register)
            // Who restores a server decides again what was lost, before the devices bring it back.
            if Bool.random(using: &random) {
                try review(&random)
                try noteEverCounted()
            }
        default:
            let machine =
                Int.random(in: 0..<4, using: &random) == 0 ? "server" : device.name
            setClock(
                of: machine,
                wrongBy: Int64.random(in: -63_072_000_000...63_072_000_000, using: &random))
        }
    }

    /// - Parameter run: does it, on a disk that may fail.
    func backUpServer(
        _ random: inout SplitMix64, run: (() throws -> Void) throws -> Void
    ) throws {
        let isOnly = Int.random(in: 0..<3, using: &random) == 0
        let file = server.folder.appending(path: "backup \(random.next()).sqlite")
        let (edits, before) = (try server.edits(), try server.backups())
        try run { try server.store.backUp(to: file, isOnly: isOnly) }
        // Whoever was killed has a backup when the file is there, and has given up the earlier ones
        // when the server says so.
        guard FileManager.default.fileExists(atPath: file.path) else {
            guard try server.backups() == before else {
                throw Violation("a backup that is not there counts")
            }
            return
        }
        if isOnly, try server.backups() != before { serverBackups = [] }
        serverBackups.append((file, edits))
    }

    /// What the server wrote and nobody holds any more: who lost a right may have it again, and
    /// what was accepted is judged anew.
    private func loseRegister(_ register: [EditID: RecordKey]) throws {
        let (held, setAside) = (try held(), try setAside())
        for (edit, record) in register where !held.contains(edit) {
            // What may come back is waited for: until then nothing counts for good.
            if !setAside.contains(edit) { writtenRegister.remove(edit) }
            switch record.kind {
            case .decision: ledger.loseDecision(about: record.subject)
            default: ledger.loseRegister()
            }
        }
    }

    /// Edits in copies of homes, in backups and in messages on their way: they may come back.
    private func setAside() throws -> Set<EditID> {
        var edits = serverBackups.reduce(into: Set<EditID>()) { $0.formUnion($1.edits) }
        for backup in deviceBackups { edits.formUnion(backup.edits) }
        for (_, reply, _) in replies {
            guard case .answered(let bytes) = reply,
                let response = try? SyncResponse(
                    bytes: bytes, serverKey: server.store.key.publicKey)
            else { continue }
            edits.formUnion(Self.edits(in: response.feed.map(\.segment)))
        }
        for request in requests {
            guard let sealed = try? SealedMessage(bytes: request.bytes),
                let request = try? SyncRequest(payload: sealed.payload)
            else { continue }
            edits.formUnion(Self.edits(in: request.segments + request.relayed))
        }
        return edits
    }

    private static func edits(in segments: [Data]) -> [EditID] {
        segments.compactMap { try? Segment(bytes: $0) }.flatMap { $0.edits.map(\.id) }
    }

    /// A place that held these edits is gone, or went back. What nobody holds now is lost: the
    /// promise excepts just that.
    func lose(_ edits: Set<EditID>) throws { ledger.destroy(edits, elsewhere: try held()) }
}
