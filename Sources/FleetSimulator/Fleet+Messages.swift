import FieldStore
import Foundation
import SurveyLog
import TestSupport

/// What happens between devices and the server.
extension Fleet {
    func message(_ kind: Action.Kind, _ random: inout SplitMix64) throws {
        switch kind {
        case .ask:
            let number = anyDevice(&random)
            requests.append((number, try devices[number].ask()))
        case .receive:
            guard !replies.isEmpty else { return }
            let (number, reply, view) = replies.removeFirst()
            let device = devices[number]
            let (before, edits) = (try device.store.verify().asOf, try device.edits())
            _ = try receive(device, reply)
            guard try device.store.verify().asOf != before else { return }
            try examineProof(device, held: view.edits)
            try examineHolds(device, new: try device.edits().subtracting(edits), view)
        case .repeatResponse: if let first = replies.first { replies.append(first) }
        case .serveTogether:
            let together = requests.prefix(4)
            requests.removeFirst(together.count)
            for (request, reply) in zip(
                together, try server.answer(together: together.map(\.bytes)))
            {
                replies.append((request.device, reply, try server.view()))
            }
            try noteCounted()
        case .repeatRequest: if let first = requests.first { requests.append(first) }
        case .cutResponse, .flipResponse:
            guard !replies.isEmpty, case .answered(let bytes) = replies[0].reply else { return }
            replies[0].reply = .answered(
                kind == .cutResponse ? cut(bytes, &random) : flipped(bytes, &random))
        case .reorder:
            requests.shuffle(using: &random)
            replies.shuffle(using: &random)
        default:
            guard !requests.isEmpty else { return }
            let (number, bytes) = requests.removeFirst()
            switch kind {
            case .loseRequest: return
            case .loseResponse: _ = try server.answer(bytes)
            case .cutRequest: try serve((number, cut(bytes, &random)))
            case .flipRequest: try serve((number, flipped(bytes, &random)))
            default: try serve((number, bytes))
            }
        }
    }

    func serve(_ request: (device: Int, bytes: Data)) throws {
        let reply = try server.answer(request.bytes)
        replies.append((request.device, reply, try server.view()))
        try noteCounted()
    }

    /// A device takes an answer. What it lets go is in every backup that may still be restored, or
    /// the next restore would lose it.
    func receive(_ device: FleetDevice, _ reply: FleetDevice.Reply) throws -> Bool {
        let before = try device.edits()
        let again = try device.receive(reply)
        try examineEvicted(device, before)
        return again
    }

    func examineEvicted(_ device: FleetDevice, _ before: Set<EditID>) throws {
        let gone = before.subtracting(try device.edits())
        guard serverBackups.allSatisfy({ gone.isSubset(of: $0.edits) }) else {
            throw Violation("\(device.name) deleted what a backup lacks that may be restored")
        }
        guard gone.isEmpty || !serverBackups.isEmpty else {
            throw Violation("\(device.name) deleted what no backup has")
        }
    }

    /// What a device says that the server has proved to hold was there when the server said so.
    private func examineProof(_ device: FleetDevice, held: Set<EditID>) throws {
        let missing = Set(try device.store.verify().missing)
        for (dot, edit) in try device.sealedEdits()
        where !held.contains(edit) && !missing.contains(dot) {
            throw Violation("\(device.name) believes a receipt for what the server does not have")
        }
    }

    /// No device counts what waits for review: the hold comes before the edit that it holds.
    private func examineHolds(_ device: FleetDevice, new: Set<EditID>, _ view: ServerView) throws {
        let waiting = new.intersection(view.waiting)
        guard !waiting.isEmpty else { return }
        let own = Set(try device.sealedEdits().map(\.1))
        let excluded = try device.excluded()
        guard waiting.subtracting(own).isSubset(of: excluded) else {
            throw Violation("\(device.name) counts an edit that has been held from the start")
        }
    }

    /// What counts on the server now may not stop counting by itself.
    func noteCounted() throws {
        try noteEverCounted()
        let register = Set(try server.registerEdits().keys)
        // A server that has forgotten who may do what counts what it should not, for a while.
        guard writtenRegister.isSubset(of: register) else { return }
        writtenRegister = register
        ledger.count(try server.edits().subtracting(server.excluded()))
    }

    /// Keeps every edit that counts now: a server that comes back from a backup forgets it.
    func noteEverCounted() throws {
        let counting = try server.edits().subtracting(server.excluded())
        for id in counting.sorted() where everCounted[id] == nil {
            everCounted[id] = try server.edit(id)
        }
    }

    private func cut(_ bytes: Data, _ random: inout SplitMix64) -> Data {
        bytes.prefix(Int.random(in: 0..<max(1, bytes.count), using: &random))
    }

    private func flipped(_ bytes: Data, _ random: inout SplitMix64) -> Data {
        var bytes = Data(bytes)
        guard let index = bytes.indices.randomElement(using: &random) else { return bytes }
        bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        return bytes
    }
}
