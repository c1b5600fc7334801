import Foundation
import ServerStore
import SurveyLog
import SurveyModel
import SurveyStore
import TestSupport

/// What administrators do.
extension Fleet {
    func administer(_ kind: Action.Kind, _ random: inout SplitMix64) throws {
        let store = server.store
        let users = try store.users()
        guard let user = users.randomElement(using: &random) else { return }
        let village = Self.villages.randomElement(using: &random)!
        if [.unassign, .revokeDevice, .revokeUser].contains(kind) {
            ledger.loseRight(knowing: try server.edits())
        }
        defer { try? noteCounted() }
        switch kind {
        case .assign: try store.assign(user.name, adding: try areas(village), removing: [])
        case .unassign:
            let tree = try store.areaTree()
            guard let area = user.areas.sorted().randomElement(using: &random) else { return }
            try store.assign(user.name, adding: [], removing: [tree[area]].compactMap { $0 })
        case .revokeDevice:
            guard let device = try store.devices().randomElement(using: &random) else { return }
            try store.revokeDevice(Base32.encode(device.replica.bytes))
        case .revokeUser: try store.revokeUser(user.name)
        case .review: try review(&random)
        case .enrolDevice:
            guard lateEnrolments < 3, !user.isRevoked else { return }
            lateEnrolments += 1
            let isLossy = Bool.random(using: &random)
            devices.append(
                try enrol(user.name, as: "late \(lateEnrolments)", losingFirst: isLossy))
        default:
            // A household that is registered somewhere else moves with this.
            let number = "\(Self.villages.randomElement(using: &random)!)-1"
            try importRoster(
                "household_no,village_code,head_name,household_type,address\n"
                    + "\(number),\(village),户主 \(random.next() % 100),,\n", nil)
        }
    }

    /// Whatever was decided may be decided again, and otherwise.
    func review(_ random: inout SplitMix64) throws {
        guard let judged = try server.judgedEdits().randomElement(using: &random) else { return }
        let verdict: Verdict = Bool.random(using: &random) ? .accept : .reject
        do {
            try server.store.review(judged.hex, verdict)
        } catch let failure as Failure where failure.problem == .unacceptable {
            // No device may write that, so a review cannot accept it, and says so.
        } catch let failure as Failure where failure.problem == .unknownEdit {
            // A hostile device wrote what looks like a decision about nothing.
            guard try server.edits().allSatisfy({ $0.half.bytes != judged }) else { throw failure }
        }
    }
}
