public import Foundation
public import GRDB
public import SurveyLog
public import SurveyModel
internal import SurveyStore

/// Who a home belongs to, and where its server is.
public struct HomeIdentity: Sendable {
    public let serverURL: String
    public let serverKey: Data
    public let user: UserID
    public let key: LogKey
    public let tlsAuthority: String?
    public let allowsPlainHTTP: Bool

    public var replica: ReplicaID { key.replica }
}

/// A device's home: its own log, what it received, and what is projected from both.
public struct FieldStore: Sendable {
    public let writer: any DatabaseWriter
    public let environment: SystemEnvironment

    /// The database file of a home.
    public static func file(in home: URL) -> URL { home.appending(path: "lianhu.sqlite") }

    /// Takes a home away again whose enrolment was refused.
    public static func remove(_ home: URL) {
        let file = file(in: home).path
        let names = [
            file, file + "-wal", file + "-shm", home.path + "/server-ca.pem",
            home.path + "/sync.lock",
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
            do {
                try FileManager.default.createDirectory(
                    at: home, withIntermediateDirectories: true,
                    attributes: [.posixPermissions: 0o700])
            } catch {
                throw Failure(.badFolder, home.path)
            }
        }
        let queue = try DatabaseQueue(
            path: file.path, configuration: SurveyDatabase.configuration(busyTimeout: 10))
        return try FieldStore(queue, environment: environment)
    }

    public init(_ writer: any DatabaseWriter, environment: SystemEnvironment) throws {
        do {
            try SurveyDatabase.prepare(writer, FieldSchema.migrator)
        } catch SurveyDatabase.OpenError.newerVersion {
            throw Failure(.newerVersion)
        }
        self.writer = writer
        self.environment = environment
    }

    public func close() throws { try writer.close() }

    /// The identity of an enrolled home.
    public func identity() throws -> HomeIdentity {
        try writer.read { db in try Self.identity(db) }
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

    /// Reads what has caught up with everything that was saved or received.
    public func read<T: Sendable>(_ body: @Sendable (Database) throws -> T) throws -> T {
        try catchUp()
        return try writer.read(body)
    }

    /// Projects what was saved or received, and what another day changes.
    func catchUp() throws {
        let today = environment.today
        if try writer.read({ try Projector.isBehind($0) || Projector.day($0) != today }) {
            _ = try writer.write { db in
                try Projector.turn(to: today, db)
                try Projector.catchUp(db)
            }
        }
    }
}
