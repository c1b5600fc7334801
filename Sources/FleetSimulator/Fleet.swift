import FieldStore
internal import Foundation
import GRDB
import ServerStore
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore
import SurveySync
import SurveyWire
import Synchronization
import TestSupport

/// Many replicas, real stores, a faulty network: one run.
final class Fleet {
    static let villages = ["520402109201", "520402109202", "520423102201"]
    private static let householdsPerVillage = 3

    let folder: URL
    let pageBytes: Int
    var server: FleetServer
    var devices: [FleetDevice] = []
    var ledger = Ledger()
    /// Those that may still be restored.
    var serverBackups: [(file: URL, edits: Set<EditID>)] = []
    var deviceBackups: [(device: Int, folder: URL, edits: Set<EditID>)] = []
    /// Requests on their way, and answers on their way back, per device.
    var requests: [(device: Int, bytes: Data)] = []
    var replies: [(device: Int, reply: FleetDevice.Reply, server: ServerView)] = []
    var clones = 0
    /// All that the server ever wrote about the register or decided, as far as the simulator saw it.
    var writtenRegister: Set<EditID> = []
    /// Saves that failed; they may turn up all the same.
    var unreported: [(attempt: Ledger.Attempt, replica: ReplicaID)] = []
    /// What the server knew before each import that failed: it may turn up all the same, at the next
    /// start.
    private var failedImports: [Set<EditID>] = []
    /// Round trips of the healing.
    var healingTrips = 0
    var allowedTrips = 0
    private let clock: SimulatedClock
    /// The device of somebody who means harm; nil until it does something.
    var hostile: HostileDevice?
    /// Edits that ever counted on the server.
    var everCounted: [EditID: Edit] = [:]
    /// Devices that were enrolled after the first day.
    var lateEnrolments = 0

    init(seed: UInt64, folder: URL) throws {
        self.folder = folder
        var random = SplitMix64(seed)
        clock = SimulatedClock(seed: random.next())
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // A page of the feed is a few segments at most, or all of them.
        pageBytes = [1_000, 4_000, 900 * 1024].randomElement(using: &random)!
        server = try FleetServer(
            folder: folder.appending(path: "server"), pageBytes: pageBytes,
            environment: clock.environment(of: "server"))
        try prepare()
        // Mostly a few devices, now and then many.
        let isLarge = Int.random(in: 0..<50, using: &random) == 0
        for number in 0..<Int.random(in: isLarge ? 10...30 : 2...5, using: &random) {
            let area = ["520402109", "520402109201", "5204"].randomElement(using: &random)!
            let isSupervisor = number > 0 && Int.random(in: 0..<8, using: &random) == 0
            try server.store.addUser(
                "user \(number)", role: isSupervisor ? .supervisor : .surveyor,
                areas: try areas(area))
            devices.append(try enrol("user \(number)", as: "device \(number)"))
        }
        // A day begins with a network.
        for device in devices {
            while try device.receive(try server.answer(try device.ask())) {}
        }
    }

    func areas(_ code: String) throws -> [Area] { try server.store.areaTree().find(code) }

    /// Sets the clock of one machine wrong.
    func setClock(of machine: String, wrongBy milliseconds: Int64) {
        clock.set(machine, wrongBy: milliseconds)
    }

    func setClocksRight() { clock.setRight() }

    func environment(of machine: String) -> SystemEnvironment { clock.environment(of: machine) }

    private func prepare() throws {
        var areas = "county_code,county,township_code,township,village_code,village,managing_unit\n"
        var households = "household_no,village_code,head_name,household_type,address\n"
        var persons = "household_no,person_no,name,birth_date,sex,relation\n"
        for village in Self.villages {
            areas +=
                "\(village.prefix(6)),县,\(village.prefix(9)),乡,\(village),村\(village.suffix(3)),\n"
            for number in 1...Self.householdsPerVillage {
                households += "\(village)-\(number),\(village),户主,,\n"
                // A child in some households.
                let born = number.isMultiple(of: 2) ? "2015-01-01" : ""
                persons += "\(village)-\(number),1,户主,\(born),,\n"
            }
        }
        _ = try server.store.importAreas(
            try write("areas.csv", areas), cityCode: "5204", cityName: "市", strict: true)
        try importRoster(households, persons)
        try server.store.openRound(
            code: "round", title: "round", year: 2026, waterStandard: .tches2018)
    }

    func importRoster(_ households: String, _ persons: String?) throws {
        let known = try server.edits()
        var roster = try RosterImport(server.store, folder: folder) { _ in }
        _ = try roster.run(
            households: try write("households.csv", households),
            persons: try persons.map { try write("persons.csv", $0) }, strict: false)
        try noteImported(knowing: known)
    }

    func noteImported(knowing known: Set<EditID>) throws {
        ledger.note(imported: try imported(), knowing: known)
    }

    func noteFailedImport(knowing known: Set<EditID>) { failedImports.append(known) }

    func restartServer() throws {
        try server.restart()
        for known in failedImports { try noteImported(knowing: known) }
        failedImports = []
    }

    /// The register's own edits, in the order in which they were written.
    private func imported() throws -> [Edit] {
        try server.store.read { db in
            let log = LogSession(db)
            return try Self.edits(in: db).filter { edit in
                try [.household, .person].contains(edit.header.record.kind)
                    && log.isServers(edit.dot.replica)
            }
        }
    }

    /// All edits of a store, each once, in order of arrival.
    static func edits(in db: Database) throws -> [Edit] {
        var (edits, known): ([Edit], Set<EditID>) = ([], [])
        try SegmentLog.forEachEdit(in: db) { if known.insert($0.id).inserted { edits.append($0) } }
        return edits
    }

    private func write(_ name: String, _ text: String) throws -> URL {
        let file = folder.appending(path: name)
        try Data(text.utf8).write(to: file)
        return file
    }

    /// - Parameter losingFirst: the first answer of the server is lost, and the device asks again.
    func enrol(_ user: String, as name: String, losingFirst: Bool = false) throws -> FleetDevice {
        let environment = environment(of: name)
        let home = folder.appending(path: name)
        let code = try server.store.issueCode(for: user).code
        let store = try FieldStore.open(home, creating: true, environment: environment)
        let key = try store.beginEnrolment(
            at: ServerAddress(url: "http://fleet", tlsAuthority: nil, allowsPlainHTTP: true),
            code: code)
        let request = EnrolRequest(
            fingerprint: code.fingerprint, secret: code.secret, publicKey: key.publicKey,
            nonce: environment.random(16))
        if losingFirst {
            _ = try server.store.enrol(EnrolRequest(bytes: try request.sealed(by: key)))
        }
        let bytes = try server.store.enrol(EnrolRequest(bytes: try request.sealed(by: key)))
            .sealed(by: server.store.key)
        try store.finishEnrolment(
            try EnrolResponse(bytes: bytes, fingerprint: code.fingerprint))
        try store.close()
        return try FleetDevice(name: name, home: home, environment: environment)
    }

    /// Every edit that any place but one still holds.
    func held(exceptDevice: Int? = nil, exceptServer: Bool = false) throws -> Set<EditID> {
        var held: Set<EditID> = exceptServer ? [] : try server.edits()
        for (number, device) in devices.enumerated() where number != exceptDevice {
            held.formUnion(try device.edits())
        }
        return held
    }
}

/// Clocks that move by themselves and are wrong when told, each machine's by its own time, and
/// randomness from the seed.
final class SimulatedClock: Sendable {
    private struct State {
        var now: Int64 = 1_774_000_000_000
        var random: SplitMix64
        var wrong: [String: Int64] = [:]
    }

    private let state: Mutex<State>

    init(seed: UInt64) { state = Mutex(State(random: SplitMix64(seed))) }

    func set(_ machine: String, wrongBy milliseconds: Int64) {
        state.withLock { $0.wrong[machine] = milliseconds }
    }

    func setRight() { state.withLock { $0.wrong = [:] } }

    func environment(of machine: String) -> SystemEnvironment {
        SystemEnvironment(
            now: { [self] in
                state.withLock {
                    $0.now += 1
                    return $0.now + ($0.wrong[machine] ?? 0)
                }
            },
            random: { [self] count in
                state.withLock { state in
                    Data((0..<count).map { _ in UInt8.random(in: 0...255, using: &state.random) })
                }
            })
    }
}
