internal import Foundation
internal import GRDB
internal import SurveyLog
internal import SurveyModel
internal import SurveyStore
public import SurveyWire

extension ServerStore {
    /// Enrols a device: its public key is registered under the code's user.
    ///
    /// A code works once. The same device may repeat its request with the same code, because the
    /// first response may have been lost: it gets the same enrolment again.
    public func enrol(_ request: EnrolRequest) throws -> EnrolResponse {
        guard request.fingerprint == ServerKeyID.fingerprint(key.publicKey) else {
            throw Failure(.wrongServerKey)
        }
        let code = EnrolmentCode(secret: request.secret, fingerprint: request.fingerprint)
        let now = environment.now()
        let today = environment.today
        let (user, number) = try append { db, draft, _ in
            guard
                let row = try db.row(
                    "SELECT account, expires, used_by FROM enrolment_code WHERE secret_hash = ?",
                    [code.secretHash])
            else { throw Failure(.unknownCode) }
            let user = UserID(column: row["account"])
            let record = RecordKey.device(request.publicKey)
            let usedBy: Data? = row["used_by"]
            if let usedBy {
                guard usedBy == request.publicKey,
                    let number = try Self.enrolmentSegment(record, in: db)
                else { throw Failure(.usedCode) }
                return (user, number)
            }
            guard (row["expires"] as Int64) >= now else { throw Failure(.expiredCode) }
            guard try Accounts.find(user, in: db)?.isRevoked == false else {
                throw Failure(.revokedUser)
            }
            // One key is one device of one user. Who was enrolled, never heard of it and was given
            // another code is enrolled as before.
            if let known = try Accounts.device(ReplicaID(publicKey: request.publicKey), in: db) {
                guard known.user == user, !known.isRevoked,
                    let number = try Self.enrolmentSegment(record, in: db)
                else { throw Failure(.usedCode) }
                try Self.use(code, by: request.publicKey, db)
                return (user, number)
            }
            var identity = Answers()
            identity[DeviceForm.publicKey] = request.publicKey
            identity[DeviceForm.user] = user.subject.bytes
            identity[DeviceForm.enrolledOn] = today
            try draft.append(record, in: .reserved, DeviceForm.form.sections(identity))
            try draft.seal()
            try Self.use(code, by: request.publicKey, db)
            return (user, draft.sealed.last!)
        }
        return try writer.read { db in
            EnrolResponse(
                nonce: request.nonce, serverPublicKey: key.publicKey, user: user,
                enrolment: FeedItem(
                    number: number,
                    segment: try SegmentLog.segment(Int64(number), in: db).encoded()),
                feedHead: try Feed.head(in: db))
        }
    }

    private static func use(_ code: EnrolmentCode, by publicKey: Data, _ db: Database) throws {
        try db.run(
            "UPDATE enrolment_code SET used_by = ? WHERE secret_hash = ?",
            [publicKey, code.secretHash])
    }

    /// The segment that enrolled a device.
    private static func enrolmentSegment(_ record: RecordKey, in db: Database) throws -> UInt64? {
        guard let key = try db.stored(record) else { return nil }
        let number: Int64? = try db.value(
            """
            SELECT number >> 9 FROM edit WHERE subject = ? AND kind = ? AND round = ?
            ORDER BY number LIMIT 1
            """, key.columns)
        return number.map(UInt64.init)
    }
}
