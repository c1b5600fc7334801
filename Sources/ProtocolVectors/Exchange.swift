import FieldStore
import Foundation
import ServerStore
import SurveyConsole
import SurveyLog
import SurveyModel
import SurveySync
import SurveyWire
import Synchronization
import TestSupport

/// A whole exchange between a real server's store and a real device's: enrolment, synchronizations,
/// a server that is restored, a home that is copied, a device that is revoked.
struct Exchange {
    private let folder: URL
    private var server: ServerStore
    private let environment: SystemEnvironment
    private var steps: [JSONValue] = []

    static func play() throws -> JSONValue {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "lianhu-vectors-\(UUID().uuidString)", directoryHint: .isDirectory)
        defer { try? FileManager.default.removeItem(at: folder) }
        var exchange = try Exchange(folder)
        let before = folder.appending(path: "before.sqlite")
        try exchange.server.backUp(to: before, isOnly: false)
        let device = try exchange.enrol()
        try exchange.synchronize(device, "first synchronization")
        try exchange.answer(device)
        try exchange.synchronize(device, "synchronization of one answer")
        try exchange.synchronize(device, "synchronization with nothing new")
        let middle = folder.appending(path: "middle.sqlite")
        try exchange.server.backUp(to: middle, isOnly: false)
        try exchange.answer(device)
        try exchange.synchronize(device, "synchronization of another answer")
        try exchange.restore(middle)
        try exchange.synchronize(device, "the server came back from a backup: marks are emptied")
        try exchange.synchronize(device, "what it lost is sent again")
        try exchange.restore(before)
        try exchange.refuse(device, "the server came back from before the enrolment")
        try exchange.synchronize(device, "readmission", readmits: true)
        try exchange.synchronize(device, "everything is sent again")
        try exchange.fork(device)
        try exchange.revoke()
        return [
            "server_public_key": Vectors.hex(exchange.server.key.publicKey),
            "steps": .array(exchange.steps),
        ]
    }

    private init(_ folder: URL) throws {
        self.folder = folder
        environment = Self.environment()
        server = try ServerStore.open(
            folder.appending(path: "server"), creating: true, environment: environment)
        let areas = folder.appending(path: "areas.csv")
        try Data(
            """
            county_code,county,township_code,township,village_code,village,managing_unit
            520402,西秀区,520402109,旧州镇,520402109201,碧波村,西秀区

            """.utf8
        ).write(to: areas)
        _ = try server.importAreas(
            areas, cityCode: "5204", cityName: "安顺市", strict: true)
        let roster = folder.appending(path: "households.csv")
        try Data(
            """
            household_no,village_code,head_name,household_type,address
            5204-1,520402109201,杨正华,1,三组

            """.utf8
        ).write(to: roster)
        var imports = try RosterImport(server, folder: folder) { _ in }
        _ = try imports.run(households: roster, persons: nil, strict: true)
        try server.openRound(code: "spring", title: "春", year: 2026, waterStandard: .tches2018)
        try server.addUser("王芳", role: .surveyor, areas: try server.areaTree().find("520402109"))
    }

    private mutating func enrol() throws -> FieldStore {
        let store = try FieldStore.open(
            folder.appending(path: "device"), creating: true, environment: environment)
        let code = try server.issueCode(for: "王芳").code
        let key = try store.beginEnrolment(
            at: ServerAddress(url: "http://vectors", tlsAuthority: nil, allowsPlainHTTP: true),
            code: code)
        let request = EnrolRequest(
            fingerprint: code.fingerprint, secret: code.secret, publicKey: key.publicKey,
            nonce: environment.random(16))
        let sent = try request.sealed(by: key)
        let received = try server.enrol(EnrolRequest(bytes: sent)).sealed(by: server.key)
        let response = try EnrolResponse(bytes: received, fingerprint: code.fingerprint)
        try store.finishEnrolment(response)
        steps.append([
            "name": "enrolment", "path": "/v1/enrol", "code": .string(code.text),
            "device_seed": Vectors.hex(key.seed), "request": try Self.json(sent),
            "response": try Self.json(received),
            "user": .string(String(response.user.rawValue)),
        ])
        return store
    }

    /// The home is copied; the copy writes and synchronizes first, and the device closes its log.
    private mutating func fork(_ device: FieldStore) throws {
        try device.close()
        try FileManager.default.copyItem(
            at: folder.appending(path: "device"), to: folder.appending(path: "copy"))
        let copy = try home("copy")
        try answer(copy, .b, "answer of a copy of the home")
        try synchronize(copy, "the copy synchronizes")
        let original = try home("device")
        try answer(original)
        try synchronize(
            original, "the receipt shows a fork: the log is closed",
            meanwhile: "answer while the request is under way")
        try synchronize(original, "the next log is registered, the closed one is sent to its end")
        try answer(original, .a, "answer in the next log")
        try synchronize(original, "synchronization of an answer in the next log")
        try original.close()
        try copy.close()
    }

    /// What a revoked device writes is stored and held; it reads nothing more.
    private mutating func revoke() throws {
        let device = try home("device")
        // A device gives up only what a backup holds.
        try server.backUp(to: folder.appending(path: "after.sqlite"), isOnly: true)
        try server.revokeDevice(Base32.encode(try device.identity().replica.bytes))
        try answer(device, .b, "answer on a device that was revoked")
        try synchronize(device, "no feed, no scope: what others wrote is given up")
        try synchronize(device, "the area is not covered any more")
        try device.close()
    }

    private func home(_ name: String) throws -> FieldStore {
        try FieldStore.open(folder.appending(path: name), environment: environment)
    }

    private mutating func restore(_ backup: URL) throws {
        try server.close()
        let data = folder.appending(path: "server")
        _ = try ServerStore.restore(backup, to: data, environment: environment)
        server = try ServerStore.open(data, creating: false, environment: environment)
    }

    /// A server that does not know the device.
    private mutating func refuse(_ device: FieldStore, _ name: String) throws {
        let identity = try device.identity()
        var exchange = DeviceExchange(
            replica: identity.replica, serverPublicKey: identity.serverKey)
        let request = exchange.request(
            from: try device.deviceView(), nonce: environment.random(16))
        let sent = try request.sealed(by: identity.key)
        do {
            _ = try server.authenticate(sent)
        } catch let failure as Failure {
            steps.append([
                "name": .string(name), "path": "/v1/sync", "request": try Self.json(sent),
                "refusal": .string(failure.problem.rawValue),
            ])
        }
    }

    /// - Parameter meanwhile: an answer that is given while the response is on its way.
    private mutating func synchronize(
        _ device: FieldStore, _ name: String, readmits: Bool = false, meanwhile: String? = nil
    ) throws {
        let identity = try device.identity()
        var exchange = DeviceExchange(
            replica: identity.replica, serverPublicKey: identity.serverKey)
        exchange.readmits = readmits
        let request = exchange.request(
            from: try device.deviceView(), nonce: environment.random(16))
        let sent = try request.sealed(by: identity.key)
        let authentic = try server.authenticate(sent)
        let pushed =
            authentic.push.segments.isEmpty ? [] : try server.store([authentic.push])[0]
        let received = try server.respond(authentic, pushed: pushed)
        let step = try exchange.receive(
            try SyncResponse(bytes: received, serverKey: identity.serverKey))
        if let meanwhile { try answer(device, .a, meanwhile) }
        let applied = try device.apply(step)
        let next = try applied.startedNewLog ? device.identity().key.seed : nil
        steps.append([
            "name": .string(name), "path": "/v1/sync", "request": try Self.json(sent),
            "response": try Self.json(received),
            "new_log_seed": next.map(Vectors.hex) ?? .null,
            "evicted": JSONValue(applied.evicted),
            "notices": .array(step.notices.map(\.code.rawValue)),
            "rewound_to": step.rewindTo.map { .integer(Int64($0.sequence)) } ?? .null,
            "marks": .array(step.marks.map { .integer(Int64($0.number)) }),
            "feed": .array(step.segments.map { Vectors.hex($0.segment.id.bytes) }),
            "cursor": [
                "sequence": .integer(Int64(step.position?.cursor.sequence ?? 0)),
                "hash": Vectors.hex(step.position?.cursor.hash ?? Data()),
            ],
            // A log that was closed has another round trip to make, by the next log's key.
            "again": .bool(step.again || applied.startedNewLog),
        ])
    }

    private mutating func answer(
        _ device: FieldStore, _ grade: HouseGrade = .a, _ name: String = "answer"
    ) throws {
        var form = try device.openCheck(
            Housing.form, subject: "5204-1", round: nil, resuming: false)
        form.answers[Housing.dwellingSource] = .own
        form.answers[Housing.grade] = grade
        let saved = try device.save(form, sections: [Housing.form.section(key: "safety")!.tag])
        steps.append(["name": .string(name), "edit": try Vectors.json(saved.edit)])
    }

    /// The envelope's parts: compression may differ from one version of zstd to the next.
    private static func json(_ travelled: Data) throws -> JSONValue {
        let sealed = try SealedMessage(bytes: travelled)
        return [
            "payload": Vectors.hex(sealed.payload), "signature": Vectors.hex(sealed.signature),
            "sender": Vectors.hex(sealed.sender?.bytes ?? Data()),
            "public_key": Vectors.hex(sealed.publicKey), "compressed": Vectors.hex(travelled),
        ]
    }

    private static func environment() -> SystemEnvironment {
        let state = Mutex((now: Int64(1_774_000_000_000), random: SplitMix64(2026)))
        let shared = Shared(state)
        return shared.environment
    }
}

/// A clock and randomness that are the same in every run.
private final class Shared: Sendable {
    private let state: Mutex<(now: Int64, random: SplitMix64)>

    init(_ state: consuming Mutex<(now: Int64, random: SplitMix64)>) { self.state = state }

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
