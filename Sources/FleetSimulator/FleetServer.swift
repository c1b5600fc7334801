import FieldStore
import Foundation
import GRDB
import ServerStore
import SurveyLog
import SurveyModel
import SurveyStore
import SurveyWire

/// The server's folder and the process that serves it.
final class FleetServer {
    let folder: URL
    private let environment: SystemEnvironment
    private let pageBytes: Int
    private(set) var store: ServerStore

    init(folder: URL, pageBytes: Int, environment: SystemEnvironment) throws {
        self.folder = folder
        self.pageBytes = pageBytes
        self.environment = environment
        store = try ServerStore.open(folder, creating: true, environment: environment)
        store.pageBytes = pageBytes
    }

    /// The process ends, well or not, and another one begins.
    func restart() throws {
        try? store.writer.close()
        DiskFault.settle()
        store = try ServerStore.open(folder, creating: false, environment: environment)
        store.pageBytes = pageBytes
    }

    func restore(_ file: URL) throws {
        try store.writer.close()
        _ = try ServerStore.restore(file, to: folder, environment: environment)
        store = try ServerStore.open(folder, creating: false, environment: environment)
        store.pageBytes = pageBytes
    }

    /// What a request is answered with; everything that is stored is durable before.
    func answer(_ bytes: Data) throws -> FleetDevice.Reply {
        do {
            let authentic = try store.authenticate(bytes)
            let pushed =
                authentic.push.segments.isEmpty ? [] : try store.store([authentic.push])[0]
            return .answered(try store.respond(authentic, pushed: pushed))
        } catch let failure as Failure {
            return .refused(failure.problem)
        }
    }

    /// The points of backups that count.
    func backups() throws -> [Int] {
        try store.writer.read { db in
            try Int.fetchAll(
                db, sql: "SELECT sequence FROM backup WHERE complete = 1 ORDER BY number")
        }
    }

    /// Several requests, stored in one transaction as a group commit does.
    func answer(together requests: [Data]) throws -> [FleetDevice.Reply] {
        var replies: [FleetDevice.Reply] = []
        var waiting: [(place: Int, request: AuthenticRequest)] = []
        for bytes in requests {
            do {
                let authentic = try store.authenticate(bytes)
                waiting.append((replies.count, authentic))
                replies.append(.refused(.serverFailed))
            } catch let failure as Failure {
                replies.append(.refused(failure.problem))
            }
        }
        let pushed = try store.store(waiting.map(\.request.push))
        for ((place, authentic), pushed) in zip(waiting, pushed) {
            replies[place] = .answered(try store.respond(authentic, pushed: pushed))
        }
        return replies
    }

    /// What the server wrote about areas, users, devices and edits.
    func registerEdits() throws -> [EditID: RecordKey] {
        try store.writer.read { db in
            var edits: [EditID: RecordKey] = [:]
            try SegmentLog.forEachEdit(in: db, isSound: true) { edit in
                if (32...36).contains(edit.header.record.kind.rawValue) {
                    edits[edit.id] = edit.header.record
                }
            }
            return edits
        }
    }

    /// What a response was made from.
    func view() throws -> ServerView {
        try store.writer.read { db in
            let waiting = try Data.fetchAll(
                db,
                sql: """
                    SELECT exclusion.edit FROM exclusion
                    JOIN subject ON id = substr(exclusion.edit, 1, 16)
                    WHERE state = 'held' AND (
                        SELECT COUNT(*) FROM edit
                        WHERE edit.subject = subject.number AND kind = 36) = 1
                    """)
            return ServerView(
                edits: try FleetDevice.edits(in: db), waiting: Set(waiting.compactMap(EditID.init)))
        }
    }

    /// Server logs in which two edits have one place.
    func forkedLogs() throws -> Int {
        try store.writer.read { db in
            let log = LogSession(db)
            var ids: [Dot: Set<EditID>] = [:]
            try SegmentLog.forEachEdit(in: db, isSound: true) { edit in
                if try log.isServers(edit.dot.replica) {
                    ids[edit.dot, default: []].insert(edit.id)
                }
            }
            return ids.values.count { $0.count > 1 }
        }
    }

    /// The first halves of the ids of edits about which there is a decision.
    func judgedEdits() throws -> [Data] {
        try store.writer.read { db in
            try Data.fetchAll(
                db,
                sql: """
                    SELECT DISTINCT id FROM subject
                    JOIN edit ON edit.subject = subject.number AND kind = 36
                    ORDER BY id
                    """)
        }
    }

    /// How many ends a log has here.
    func ends(of identity: HomeIdentity) throws -> Int {
        try store.writer.read { db in
            let (tips, leaves) = try SegmentLog.ends(
                of: identity.replica, publicKey: identity.key.publicKey, in: db)
            return tips.count + leaves.count
        }
    }

    func edit(_ id: EditID) throws -> Edit? {
        try store.writer.read { db in
            var found: Edit?
            try SegmentLog.forEachEdit(in: db, isSound: true) { if $0.id == id { found = $0 } }
            return found
        }
    }

    func edits() throws -> Set<EditID> { try FleetDevice.edits(store.writer) }

    /// Edits that do not count, by decision.
    func excluded() throws -> Set<EditID> { Set(try store.excludedEdits().map(\.edit.id)) }
}

/// What the server had when it answered.
struct ServerView {
    let edits: Set<EditID>
    /// Edits that are held, and of which nothing else was ever said.
    let waiting: Set<EditID>
}
