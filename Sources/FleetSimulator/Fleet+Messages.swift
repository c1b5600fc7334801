import Foundation
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
            let (number, reply) = replies.removeFirst()
            _ = try devices[number].receive(reply)
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
        replies.append((request.device, try server.answer(request.bytes)))
        try noteCounted()
    }

    /// What counts on the server now may not stop counting by itself.
    func noteCounted() throws {
        let register = try server.registerEdits()
        // A server that has forgotten who may do what counts what it should not, for a while.
        guard writtenRegister.isSubset(of: register) else { return }
        writtenRegister = register
        ledger.count(try server.edits().subtracting(server.excluded()))
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
