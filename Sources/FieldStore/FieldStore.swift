public import Foundation
public import GRDB
public import SurveyLog
public import SurveyModel
internal import SurveyStore
internal import Synchronization

/// A home's owner, and where its server is.
public struct HomeIdentity: Sendable {
    public let serverURL: String
    public let serverKey: Data
    public let user: UserID
    public let key: LogKey
    /// Where the certificates to trust were kept at enrolment; nil: the system's are trusted.
    public let tlsAuthority: String?
    public let allowsPlainHTTP: Bool

    public var replica: ReplicaID { key.replica }
}

/// A device's home: its own log, what it received, and what is projected from both.
public struct FieldStore: Sendable {
    public let writer: any DatabaseWriter
    public let environment: SystemEnvironment
    private let key = KeyMemory()

    /// The database file of a home.
    public static func file(in home: URL) -> URL { home.appending(path: "lianhu.sqlite") }

    /// The certificates that a home trusts in place of the system's.
    public static func authority(in home: URL) -> URL { home.appending(path: "server-ca.pem") }

    /// Those of this home, wherever it was moved to; nil: the system's.
    public func authority(of identity: HomeIdentity) -> String? {
        identity.tlsAuthority.map { _ in
            Self.authority(in: URL(filePath: writer.path).deletingLastPathComponent()).path
        }
    }

    /// Takes a home away again whose enrolment was refused.
    public static func remove(_ home: URL) {
        let file = file(in: home).path
        let names = [
            file, file + "-wal", file + "-shm", authority(in: home).path,
            home.path + "/sync.lock", home.path + "/probe.lock",
            home.path + "/reserve",
        ]
        for name in names { try? FileManager.default.removeItem(atPath: name) }
        // Only when nothing else is in it.
        rmdir(home.path)
    }

    /// Opens a home.
    ///
    /// - Parameter creating: makes the folder when it is not there.
    public static func open(
        _ home: URL, creating: Bool = false, environment: SystemEnvironment = .system
    )
        throws -> FieldStore
    {
        let file = file(in: home)
        if !FileManager.default.fileExists(atPath: file.path) {
            guard creating else { throw Failure(.noHome) }
            let isNew = !FileManager.default.fileExists(atPath: home.path)
            try DataFolder.make(home)
            do throws(Failure) {
                try DataFolder.prepare(home)
            } catch {
                if isNew { DataFolder.forget(home) }
                throw error
            }
        } else {
            try DataFolder.prepare(home)
        }
        return try SurveyDatabase.open(file) { path, access in
            let configuration = SurveyDatabase.configuration(busyTimeout: 10, access: access)
            return try FieldStore(
                try DatabaseQueue(path: path, configuration: configuration),
                environment: environment)
        }
    }

    public init(_ writer: any DatabaseWriter, environment: SystemEnvironment) throws {
        try SurveyDatabase.prepare(writer, FieldSchema.migrator)
        self.writer = writer
        self.environment = environment
    }

    public func close() throws { try writer.close() }

    /// The identity of an enrolled home.
    public func identity() throws -> HomeIdentity {
        try SurveyDatabase.read(writer, Self.identity)
    }

    static func identity(_ db: Database) throws -> HomeIdentity {
        guard let row = try db.row("SELECT * FROM home WHERE account IS NOT NULL") else {
            throw Failure(.noHome)
        }
        return HomeIdentity(
            serverURL: row["server_url"], serverKey: row["server_key"],
            user: UserID(column: row["account"]), key: try LogKey(seed: row["seed"]),
            tlsAuthority: row["tls_ca"], allowsPlainHTTP: row["plain_http"])
    }

    /// Whose edits this home's are.
    func author(_ db: Database) throws -> (replica: ReplicaID, user: UserID) {
        guard let row = try db.row("SELECT account, seed FROM home WHERE account IS NOT NULL")
        else { throw Failure(.noHome) }
        return (try key.replica(seed: row["seed"]), UserID(column: row["account"]))
    }

    /// Reads what has caught up with everything that was saved or received.
    public func read<T: Sendable>(_ body: @Sendable (Database) throws -> T) throws -> T {
        do {
            try catchUp()
        } catch let error as DatabaseError where error.isOfTheDisk {
            return try readWithoutKeeping(body)
        }
        return try SurveyDatabase.read(writer, body)
    }

    /// Reads the same where there is no room to keep what was projected; as it was projected last where
    /// nothing at all can be written.
    func readWithoutKeeping<T>(_ body: (Database) throws -> T) throws -> T {
        let today = environment.today
        do {
            return try SurveyDatabase.readWithoutKeeping(writer) { db in
                try Projector.turn(to: today, db)
                try Projector.catchUp(db)
                return try body(db)
            }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_READONLY {
            return try SurveyDatabase.read(writer, body)
        }
    }

    /// Projects what was saved or received, and what another day changes.
    func catchUp() throws {
        let (today, isBehind) = try SurveyDatabase.read(writer) { db in
            let today = try clock(db).today
            return (today, try Projector.isBehind(db) || Projector.day(db) != today)
        }
        if isBehind {
            // A projection that a power cut takes back is made again: the marks that ask for it are
            // back as well.
            try SurveyDatabase.writeWithoutWaiting(writer) { db in
                try Projector.turn(to: today, db)
                try Projector.catchUp(db)
            }
        }
    }
}

/// The log that a seed signs, derived once: deriving it takes as long as half of saving an answer.
private final class KeyMemory: Sendable {
    private let last = Mutex<(seed: Data, replica: ReplicaID)?>(nil)

    func replica(seed: Data) throws -> ReplicaID {
        try last.withLock { last in
            if let last, last.seed == seed { return last.replica }
            let replica = try LogKey(seed: seed).replica
            last = (seed, replica)
            return replica
        }
    }
}
