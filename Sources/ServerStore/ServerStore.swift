public import Foundation
public import GRDB
public import SurveyLog
public import SurveyModel
internal import SurveyStore

/// A server's data folder: the segment log that everybody's edits meet in.
///
/// Several processes may work on one folder; only one serves. Numbers are assigned inside write
/// transactions, so they never collide.
public struct ServerStore: Sendable {
    public let writer: any DatabaseWriter
    public let environment: SystemEnvironment
    /// Signs receipts and endorses the logs that this server writes.
    public let key: LogKey
    /// Bytes of segments that one response carries, before compression.
    public var pageBytes = 900 * 1024
    let log: ServerLog
    /// Which timeline positions in the tallies belong to; 23 bits.
    let tallyEpoch: UInt64

    /// Opens the folder's database.
    ///
    /// - Parameter creating: makes the folder and its key when they are not there.
    public static func open(_ folder: URL, creating: Bool, environment: SystemEnvironment = .system)
        throws -> ServerStore
    {
        let place = DatabaseFile(folder: folder)
        try place.requireWhole()
        let file = place.file
        if !FileManager.default.fileExists(atPath: file.path) {
            guard creating else { throw Failure(.noDataFolder, folder.path) }
            try DataFolder.make(folder)
        }
        try DataFolder.prepare(folder)
        func connect(_ path: String, _ access: SurveyDatabase.Access) throws -> ServerStore {
            let configuration = SurveyDatabase.configuration(access: access)
            let writer: any DatabaseWriter =
                access == .shared
                ? try DatabasePool(path: path, configuration: configuration)
                : try DatabaseQueue(path: path, configuration: configuration)
            return try ServerStore(writer, environment: environment)
        }
        // A server that goes on for days must not keep other processes out all the while.
        return creating ? try connect(file.path, .shared) : try SurveyDatabase.open(file, connect)
    }

    public init(_ writer: any DatabaseWriter, environment: SystemEnvironment) throws {
        try SurveyDatabase.prepare(writer, ServerSchema.migrator)
        self.writer = writer
        self.environment = environment
        self.key = try LogKey(seed: Self.seed(in: writer, environment))
        self.tallyEpoch = UInt64(bigEndianBytes: environment.random(3)) >> 1
        self.log = try ServerLog(serverKey: key, environment: environment)
    }

    /// The server's seed, made with the folder. Whatever an older version did not keep is made, too.
    private static func seed(in writer: any DatabaseWriter, _ environment: SystemEnvironment) throws
        -> Data
    {
        func seed(_ db: Database) throws -> Data {
            try Data.fetchOne(db, sql: "SELECT seed FROM server_key")!
        }
        if writer.configuration.readonly { return try writer.read(seed) }
        return try writer.write { db in
            try db.run(
                "INSERT OR IGNORE INTO server_key (id, seed) VALUES (1, ?)",
                [environment.random(32)])
            let log = LogSession(db)
            try HeldEdits.noteAll(log)
            try Naming.noteAll(log)
            return try seed(db)
        }
    }

    /// Writes edits of the server's own log in one transaction, projected and settled before it
    /// commits.
    func append<T: Sendable>(
        _ body:
            @escaping @Sendable (
                _ db: Database, _ draft: inout ServerLog.Draft, _ settlement: inout Settlement
            ) throws -> T
    ) throws -> T {
        try writer.write { db in
            try log.writing(in: db, projecting: .max) { draft in
                var settlement = Settlement()
                let result = try body(db, &draft, &settlement)
                try settlement.settle(&draft)
                return result
            }
        }
    }

    public func close() throws { try writer.close() }

    /// Reads what has caught up with everything that was committed.
    public func read<T: Sendable>(_ body: @Sendable (Database) throws -> T) throws -> T {
        try catchUp()
        return try writer.read(body)
    }

    /// Projects what waits, in small transactions so that pushes get between them.
    ///
    /// They do not wait for the disk. The tally clock may stand still for a power cut, but nobody's
    /// position outlives it: each process that serves has an epoch of its own.
    public func catchUp() throws {
        let today = environment.today
        if try writer.read(Projector.day) != today {
            try SurveyDatabase.writeWithoutWaiting(writer) { try Projector.turn(to: today, $0) }
        }
        while try writer.read(Projector.isBehind) {
            try SurveyDatabase.writeWithoutWaiting(writer) {
                try Projector.catchUp($0, limit: 2_000)
            }
        }
    }
}
