internal import Foundation
internal import GRDB
public import SurveyLog
public import SurveyModel
internal import SurveyStore
public import SurveyWire

/// Where a home is to be enrolled.
public struct ServerAddress: Sendable {
    public let url: String
    public let tlsAuthority: String?
    public let allowsPlainHTTP: Bool

    public init(url: String, tlsAuthority: String?, allowsPlainHTTP: Bool) {
        self.url = url
        self.tlsAuthority = tlsAuthority
        self.allowsPlainHTTP = allowsPlainHTTP
    }
}

extension FieldStore {
    /// Makes this device's key, or finds the one of an enrolment whose answer was lost.
    ///
    /// The key is durable before the code is spent, so that the same request can be repeated.
    public func beginEnrolment(at address: ServerAddress, code: EnrolmentCode) throws -> LogKey {
        try writer.write { db in
            let row = try db.row("SELECT seed, account FROM home")
            guard row?["account"] as Int64? == nil else { throw Failure(.homeExists) }
            let seed: Data = row?["seed"] ?? environment.random(32)
            try db.run(
                """
                INSERT INTO home (id, server_url, fingerprint, seed, tls_ca, plain_http)
                VALUES (1, ?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET server_url = excluded.server_url,
                    fingerprint = excluded.fingerprint, tls_ca = excluded.tls_ca,
                    plain_http = excluded.plain_http
                """,
                [
                    address.url, code.fingerprint, seed, address.tlsAuthority,
                    address.allowsPlainHTTP,
                ])
            return try LogKey(seed: seed)
        }
    }

    /// Adopts the server's answer.
    public func finishEnrolment(_ response: EnrolResponse) throws {
        try writer.write { db in
            let seed = try Data.fetchOne(db, sql: "SELECT seed FROM home")
            let key = try LogKey(seed: seed ?? Data())
            let segment = try Segment(bytes: response.enrolment.segment)
            try segment.verify(publicKey: nil, serverKey: response.serverPublicKey)
            try db.run(
                "UPDATE home SET server_key = ?, account = ?, enrolment = ?",
                [
                    response.serverPublicKey, response.user.column,
                    response.enrolment.segment,
                ])
            if let time = segment.edits.last?.header.deviceTime { try Self.hear(time, db) }
            let start = ChainValue(publicKey: key.publicKey)
            try db.run(
                """
                INSERT INTO own_log (id, counter, chain, sealed_counter, sealed_chain)
                VALUES (1, 0, ?, 0, ?)
                """, [start.bytes, start.bytes])
        }
    }
}
