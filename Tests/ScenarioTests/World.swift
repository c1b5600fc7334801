import FieldStore
import Foundation
import GRDB
import HTTPTypes
import Logging
import ServerStore
import SurveyCoverage
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore
import SurveySync
import SurveyWire
import Synchronization
import TestSupport
import Testing

@testable import FieldClient
@testable import SyncServer

/// A server, its users and their devices: real files, real messages, a network and a clock that
/// the test controls.
final class World: Sendable {
    static let villages = ["520402109201", "520402109202", "520423102201"]

    let folder: URL
    let server: ServerStore
    let clock: TestClock
    let network: TestNetwork

    /// Three villages in two townships; so many households in each, two persons in each of them.
    init(seed: UInt64 = 1, households: Int = 4) throws {
        folder = FileManager.default.temporaryDirectory
            .appending(path: "lianhu-tests-\(UUID().uuidString)", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        clock = TestClock(seed: seed)
        server = try ServerStore.open(
            folder.appending(path: "server"), creating: true, environment: clock.environment)
        network = TestNetwork(server)
        _ = try server.importAreas(
            try file("areas.csv", Self.areasCSV), cityCode: "5204", cityName: "安顺市",
            strict: true)
        _ = try importRoster(Self.householdsCSV(households), Self.personsCSV(households))
        try server.openRound(
            code: "spring", title: "春", year: 2026, waterStandard: .tches2018)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Writes a file into the world's folder.
    func file(_ name: String, _ text: String) throws -> URL {
        let file = folder.appending(path: name)
        try Data(text.utf8).write(to: file)
        return file
    }

    func importRoster(_ households: String, _ persons: String? = nil, strict: Bool = false) throws
        -> ImportReport
    {
        var roster = try RosterImport(server, folder: folder) { _ in }
        return try roster.run(
            households: try file("households.csv", households),
            persons: try persons.map { try file("persons.csv", $0) }, strict: strict)
    }

    /// A world with one surveyor of all of it, who has synchronized.
    static func surveyor() async throws -> Device {
        let wang = try await World().device("wang", ["5204"])
        try await wang.sync()
        return wang
    }

    /// Adds a user and enrols a device of theirs.
    func device(_ name: String, _ areas: [String], role: Role = .surveyor) async throws -> Device {
        try server.addUser(name, role: role, areas: try server.areas(areas))
        return try await another(device: name, of: name)
    }

    /// Enrols one more device of a user.
    func another(device: String, of name: String) async throws -> Device {
        let store = try FieldStore.open(
            folder.appending(path: device), creating: true, environment: clock.environment)
        let code = try server.issueCode(for: name).code
        let key = try store.beginEnrolment(
            at: ServerAddress(url: "http://test", tlsAuthority: nil, allowsPlainHTTP: true),
            code: code)
        try await store.enrol(code, key: key, over: network)
        return Device(name: device, store: store, world: self)
    }

    /// Copies the server's data as it stands.
    func backUp(to name: String) throws {
        try server.writer.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        }
        try FileManager.default.copyItem(
            at: folder.appending(path: "server"), to: folder.appending(path: name))
    }

    /// Serves a backup in place of the server.
    func restore(_ name: String) throws -> ServerStore {
        let store = try ServerStore.open(
            folder.appending(path: name), creating: false, environment: clock.environment)
        network.serve(store)
        return store
    }

    /// Puts a backup in the server's place and serves it.
    func restoreBackup(_ name: String, pageBytes: Int? = nil) throws -> ServerStore {
        let place = folder.appending(path: "restored \(name)")
        _ = try ServerStore.restore(
            folder.appending(path: name), to: place, environment: clock.environment)
        var store = try ServerStore.open(place, creating: false, environment: clock.environment)
        if let pageBytes { store.pageBytes = pageBytes }
        network.serve(store)
        return store
    }

    /// Ends the rounds that are open and begins another one.
    func openNextRound(_ code: String, year: Int64 = 2026) throws {
        let rounds = try server.writer.read { db in try Rounds.all(in: db) }
        for round in rounds where round.isOpen { try server.closeRound(code: round.code) }
        // No two rounds begin on one day.
        clock.advance(by: 86_400_000)
        try server.openRound(
            code: code, title: "下一轮", year: year, waterStandard: .tches2018)
    }

    func round() throws -> Round { try server.round("spring")! }

    /// The server's store is sound, and each device counts in every village as the server does.
    func expectAgreement(_ devices: [Device]) throws {
        #expect(try server.check(in: folder).isSound)
        let tree = try server.areaTree()
        let table = CoverageTable(
            try server.coverage(try round()), villages: tree.villages, tree: tree, by: .village)
        for device in devices {
            for row in try device.coverage().rows {
                #expect(row.tally == table.rows.first { $0.area == row.area }!.tally)
            }
        }
    }

    /// The server's coverage of everything, as one row.
    func coverage(of restored: ServerStore? = nil) throws -> CoverageRow {
        let server = restored ?? server
        let tree = try server.areaTree()
        let table = CoverageTable(
            try server.coverage(try server.round("spring")!), villages: tree.villages, tree: tree,
            by: .city)
        return table.rows[0]
    }

    /// All segments of the server's log, in order.
    func segments() throws -> [Segment] {
        try server.writer.read { db in
            try Int64.fetchAll(db, sql: "SELECT number FROM segment ORDER BY number")
                .map { try SegmentLog.segment($0, in: db) }
        }
    }

    func record(_ kind: RecordKind, _ subject: SubjectID) throws -> RecordKey {
        RecordKey(kind: kind, subject: subject, round: try round().id)
    }

    // MARK: Sample data

    static let areasCSV = """
        county_code,county,township_code,township,village_code,village,managing_unit
        520402,西秀区,520402109,旧州镇,520402109201,碧波村,西秀区
        520402,西秀区,520402109,旧州镇,520402109202,文星村,西秀区
        520423,镇宁县,520423102,黄果树镇,520423102201,石头寨村,黄果树旅游区

        """

    static func householdsCSV(_ count: Int) -> String {
        villages.reduce("household_no,village_code,head_name,household_type,address\n") {
            text, village in
            (1...count).reduce(text) { $0 + "\(village)-\($1),\(village),户主\($1),,\($1)组\n" }
        }
    }

    static func personsCSV(_ count: Int) -> String {
        villages.reduce("household_no,person_no,name,birth_date,sex,relation\n") { text, village in
            (1...count).reduce(text) {
                $0 + "\(village)-\($1),1,户主\($1),1970-01-01,,\n\(village)-\($1),2,成员,1972-02-02,,\n"
            }
        }
    }
}

/// A clock that only moves when told, and randomness from a seed.
final class TestClock: Sendable {
    private let state: Mutex<(now: Int64, random: SplitMix64)>

    init(seed: UInt64) { state = Mutex((1_774_000_000_000, SplitMix64(seed))) }

    func advance(by milliseconds: Int64) { state.withLock { $0.now += milliseconds } }

    var environment: SystemEnvironment {
        SystemEnvironment(
            now: { [self] in
                state.withLock {
                    $0.now += 1
                    return $0.now
                }
            },
            random: { [self] count in
                state.withLock { state in
                    Data((0..<count).map { _ in UInt8.random(in: 0...255, using: &state.random) })
                }
            })
    }
}

/// The server's endpoints without a socket, and what can go wrong on the way.
final class TestNetwork: Transport {
    enum Fault: Sendable {
        case losesRequest
        case losesResponse
        case repeatsRequest
        case cutsRequest
        case flipsResponse
    }

    struct Record: Sendable {
        var requests: [Data] = []
        var responses: [Data] = []
        var faults: [Fault] = []
    }

    let record = Mutex(Record())
    private let served: Mutex<Endpoints>
    private var endpoints: Endpoints { served.withLock { $0 } }

    init(_ store: ServerStore) { served = Mutex(Self.endpoints(store)) }

    /// Another server answers from now on, such as one that was restored from a backup.
    func serve(_ store: ServerStore) { served.withLock { $0 = Self.endpoints(store) } }

    private static func endpoints(_ store: ServerStore) -> Endpoints {
        var logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        return Endpoints(
            store: store, projection: Projection(store: store, logger: logger), logger: logger)
    }

    /// The next request meets this.
    func fail(_ fault: Fault) { record.withLock { $0.faults.append(fault) } }

    func post(
        _ path: String, _ body: Data, arrived: (@Sendable (Int) -> Void)?
    ) async throws -> TransportReply {
        let fault = record.withLock { $0.faults.isEmpty ? nil : $0.faults.removeFirst() }
        switch fault {
        case .losesRequest: throw TransportError.unreachable("lost request")
        case .losesResponse:
            _ = await answer(path, body)
            throw TransportError.unreachable("lost response")
        case .repeatsRequest:
            _ = await answer(path, body)
            return await answer(path, body)
        case .cutsRequest: return await answer(path, body.prefix(body.count / 2))
        case .flipsResponse:
            var reply = await answer(path, body)
            var bytes = reply.body
            bytes[bytes.startIndex + bytes.count / 2] ^= 0x10
            reply = TransportReply(status: reply.status, body: bytes)
            return reply
        case nil: return await answer(path, body)
        }
    }

    private func answer(_ path: String, _ body: Data) async -> TransportReply {
        let reply: TransportReply
        do {
            let bytes =
                path == "/v1/enrol"
                ? try await endpoints.enrol(body) : try await endpoints.sync(body)
            reply = TransportReply(status: 200, body: bytes)
        } catch {
            let failure = error as? Failure
            reply = TransportReply(
                status: Endpoints.status(of: failure).code,
                body: WireRefusal(
                    code: (failure?.problem ?? .serverFailed).rawValue,
                    detail: failure?.detail ?? ""
                ).encoded)
        }
        record.withLock {
            $0.requests.append(body)
            $0.responses.append(reply.body)
        }
        return reply
    }
}

/// One home, driven through what the commands call.
struct Device: Sendable {
    let name: String
    let store: FieldStore
    let world: World

    @discardableResult
    func sync(receiptOnly: Bool = false) async throws -> SyncSummary {
        var session = try SyncSession(store, transport: world.network)
        return try await session.run(receiptOnly: receiptOnly)
    }

    func open(_ kind: String, _ subject: String) throws -> OpenForm {
        try store.openCheck(Form.form(key: kind)!, subject: subject, round: nil, resuming: false)
    }

    /// `lianhu check KIND SUBJECT --set …`
    @discardableResult
    func check(_ kind: String, _ subject: String, _ answers: [String: String]) throws -> SavedEdit {
        try save(try open(kind, subject), answers)
    }

    /// Saves answers to a form that was opened before.
    @discardableResult
    func save(_ form: OpenForm, _ answers: [String: String]) throws -> SavedEdit {
        let result = try AnswerSetter(store: store).apply(answers, to: form)
        return try store.save(result.form, sections: result.sections)
    }

    /// Answers as somebody at the terminal does, and leaves the form.
    func leave(_ open: OpenForm, _ answers: KeyValuePairs<String, String>) throws {
        var filling = FormFilling(open, clock: DeviceClock(today: store.environment.today))
        for (key, text) in answers {
            try filling.answer(try #require(open.form.field(key: key)), text)
        }
        try store.keepDraft(filling.open)
    }

    func state(_ record: RecordKey) throws -> RecordState {
        try store.read { db in try Records.state(of: record, in: db) }
    }

    /// A number from the home's database.
    func count(_ sql: String) throws -> Int {
        try store.writer.read { db in try Int.fetchOne(db, sql: sql)! }
    }

    /// Copies the home as it stands, as a backup or a clone would.
    func copyHome(to folder: URL) throws {
        try store.writer.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        }
        try FileManager.default.copyItem(at: world.folder.appending(path: name), to: folder)
    }

    func households() throws -> [HouseholdRow] {
        try store.households(in: nil, round: try store.round(nil))
    }

    func coverage() throws -> CoverageTable {
        try store.coverage(round: try store.round("spring")!, villages: nil, by: .village).table
    }
}

extension [String: String] {
    static func graded(_ grade: String) -> Self {
        var answers = ["dwelling_source": "1", "occupied": "yes", "grade": grade]
        if grade > "B" {
            answers["grade_date"] = "2026-01-05"
            answers["appraiser"] = "甲"
        }
        return answers
    }
}

/// The failure that something ends with.
func failure(_ body: () throws -> Void) throws -> Failure {
    do {
        try body()
    } catch let failure as Failure {
        return failure
    }
    return try #require(nil as Failure?, "nothing was refused")
}

extension DatabaseWriter {
    /// Changes one byte of an edit wherever it lies, as a dying disk does.
    func flip(_ edit: EditID) throws {
        func flipped(_ bytes: Data, at place: Int) -> Data {
            var bytes = Array(bytes)
            bytes[place] ^= 0x20
            return Data(bytes)
        }
        try write { db in
            let numbers = try Int64.fetchAll(
                db,
                sql: "SELECT number FROM edit WHERE proof = ? AND number >= 0 AND number & 1 = 0",
                arguments: [edit.proof])
            for number in numbers {
                let bytes = try #require(
                    try Data.fetchOne(
                        db, sql: "SELECT bytes FROM sealed_edit WHERE number = ?",
                        arguments: [number]))
                try db.execute(
                    sql: "UPDATE sealed_edit SET bytes = ? WHERE number = ?",
                    arguments: [flipped(bytes, at: bytes.count - 1), number])
            }
            let open = try Data.fetchOne(
                db, sql: "SELECT edit FROM open_edit WHERE id = ?", arguments: [edit.bytes])
            if let open {
                try db.execute(
                    sql: "UPDATE open_edit SET edit = ? WHERE id = ?",
                    arguments: [flipped(open, at: open.count - 1), edit.bytes])
            }
            try #require(!numbers.isEmpty || open != nil)
        }
    }
}
