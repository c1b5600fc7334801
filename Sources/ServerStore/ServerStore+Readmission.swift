import Foundation
import GRDB
import SurveyLog
import SurveyModel
import SurveyStore
import SurveyWire

extension ServerStore {
    /// Registers a device whose key this server does not know, on proof: the server's own segment
    /// that enrolled its root, and each key's word for the next one.
    ///
    /// That the server knows any key of the chain is enough. What it does not know is written in
    /// one transaction.
    ///
    /// - Throws: `Failure` when the proof does not lead to the sender.
    func readmit(_ request: SyncRequest) throws -> RegisteredDevice {
        guard let readmission = request.readmission else { throw Failure(.unknownReplica) }
        let keys = try Self.chain(readmission, to: request.replica)
        let enrolments = try readmission.enrolments.map { bytes in
            let segment: Segment
            do throws(LogError) {
                segment = try Segment(bytes: bytes)
                try segment.verify(publicKey: nil, serverKey: key.publicKey)
            } catch {
                throw Failure(.unknownReplica)
            }
            // A copy without its answers must not shadow the true one.
            guard segment.frame.area == .reserved, segment.edits.allSatisfy({ $0.body != nil })
            else { throw Failure(.unknownReplica) }
            return segment
        }
        let today = environment.today
        return try append { db, draft, settlement in
            // A server's segment that this server has lost: it is stored whether or not it helps.
            for segment in enrolments where try Feed.append(segment, draft.log).isNew {
                settlement.isRegisterBack = true
            }
            try Projector.catchUpRegister(draft.log)
            var known: RegisteredDevice?
            for publicKey in keys {
                if let device = try Accounts.device(ReplicaID(publicKey: publicKey), in: db) {
                    known = device
                } else if let endorser = known {
                    try Self.register(publicKey, after: endorser, today, &draft)
                    try draft.seal()
                    try Projector.catchUpRegister(draft.log)
                    known = try Accounts.device(ReplicaID(publicKey: publicKey), in: db)
                }
            }
            guard let known, known.replica == request.replica else {
                throw Failure(.unknownReplica)
            }
            return known
        }
    }

    /// The keys from the root to the sender, every endorsement verified.
    private static func chain(_ readmission: Readmission, to sender: ReplicaID) throws(Failure)
        -> [Data]
    {
        var keys = [readmission.root]
        // One endorsement again and again costs nothing to send and much to verify.
        guard Set(readmission.endorsements.map(\.publicKey)).count == readmission.endorsements.count
        else { throw Failure(.badSignature) }
        for endorsement in readmission.endorsements {
            guard let last = keys.last, endorsement.isValid(by: last) else {
                throw Failure(.badSignature)
            }
            keys.append(endorsement.publicKey)
        }
        guard let last = keys.last, ReplicaID(publicKey: last) == sender else {
            throw Failure(.unknownReplica)
        }
        return keys
    }

    /// A log that follows another is the same user's, and as revoked as that one.
    private static func register(
        _ publicKey: Data, after endorser: RegisteredDevice, _ today: CalendarDate,
        _ draft: inout ServerLog.Draft
    ) throws {
        var identity = Answers()
        identity[DeviceForm.publicKey] = publicKey
        identity[DeviceForm.user] = endorser.user.subject.bytes
        identity[DeviceForm.enrolledOn] = today
        identity[DeviceForm.endorsedBy] = endorser.root.bytes
        var state = Answers()
        if endorser.isRevoked { state[DeviceForm.revoked] = true }
        try draft.append(
            .device(publicKey), in: .reserved, DeviceForm.form.sections(identity, state))
    }
}
