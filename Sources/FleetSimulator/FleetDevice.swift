import FieldStore
import Foundation
import GRDB
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore
import SurveySync
import SurveyWire

/// A home and the program that works in it.
final class FleetDevice {
    let name: String
    let home: URL
    let environment: SystemEnvironment
    private(set) var store: FieldStore
    /// The exchange of this process; a restart forgets it.
    var exchange: DeviceExchange?
    var identity: HomeIdentity
    /// Forms that are open in front of somebody.
    var forms: [OpenForm] = []
    /// A save that has not been reported.
    var attempt: Ledger.Attempt?

    init(name: String, home: URL, environment: SystemEnvironment) throws {
        self.name = name
        self.home = home
        self.environment = environment
        store = try FieldStore.open(home, environment: environment)
        identity = try store.identity()
    }

    /// The process ends and another one begins.
    func restart() throws {
        try? store.close()
        DiskFault.settle()
        store = try FieldStore.open(home, environment: environment)
        identity = try store.identity()
        exchange = nil
        forms = []
    }

    /// Copies the home as it stands.
    func copy(to folder: URL) throws {
        try store.writer.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        }
        try? FileManager.default.removeItem(at: folder)
        try FileManager.default.copyItem(at: home, to: folder)
    }

    /// Puts a copy in the home's place.
    func restore(from folder: URL) throws {
        try store.close()
        try FileManager.default.removeItem(at: home)
        try FileManager.default.copyItem(at: folder, to: home)
        store = try FieldStore.open(home, environment: environment)
        identity = try store.identity()
        exchange = nil
        forms = []
    }

    func edits() throws -> Set<EditID> { try Self.edits(store.writer) }

    static func edits(_ reader: any DatabaseReader) throws -> Set<EditID> {
        try reader.read(edits(in:))
    }

    static func edits(in db: Database) throws -> Set<EditID> {
        try SegmentLog.editIDs(in: db)
    }

    /// Edits that do not count here, by decision.
    func excluded() throws -> Set<EditID> {
        try store.writer.read { db in
            Set(try Data.fetchAll(db, sql: "SELECT edit FROM exclusion").compactMap(EditID.init))
        }
    }

    /// The edits of all logs that this device has had, as far as they are sealed.
    func sealedEdits() throws -> [(Dot, EditID)] {
        try store.writer.read { db in
            let keys = try Data.fetchAll(db, sql: "SELECT public_key FROM closed_log")
            let family = keys.map(ReplicaID.init(publicKey:)) + [identity.replica]
            return try family.flatMap { replica in
                try SegmentLog.spans(of: replica, in: db).flatMap { span in
                    span.edits.enumerated().map { offset, id in
                        (Dot(replica: replica, counter: span.first + UInt64(offset)), id)
                    }
                }
            }
        }
    }

    /// Everything that the device would send and know, as bytes on the way to the server.
    func ask() throws -> Data {
        var exchange =
            self.exchange
            ?? DeviceExchange(replica: identity.replica, serverPublicKey: identity.serverKey)
        let view = try store.deviceView(declined: exchange.declined)
        let request = exchange.request(from: view, nonce: environment.random(16))
        self.exchange = exchange
        return try request.sealed(by: identity.key)
    }

    /// - Returns: whether another round trip is needed.
    func receive(_ reply: Reply) throws -> Bool {
        switch reply {
        case .refused(.unknownReplica):
            guard exchange?.readmits == false else { return false }
            exchange?.readmits = true
            return true
        case .refused: return false
        case .answered(let bytes):
            guard var exchange else { return false }
            let response: SyncResponse
            let step: DeviceStep
            do {
                response = try SyncResponse(bytes: bytes, serverKey: identity.serverKey)
                step = try exchange.receive(response)
            } catch is WireError {
                return false
            } catch is ExchangeError {
                return false
            }
            self.exchange = exchange
            let applied = try store.apply(step)
            if applied.startedNewLog {
                identity = try store.identity()
                self.exchange = nil
            }
            return step.again || applied.startedNewLog
        }
    }

    enum Reply {
        case answered(Data)
        case refused(Problem)
    }
}
