import CFaultyDisk
import FieldStore
import Foundation
import GRDB
import ServerStore
import SurveyLog
import SurveyModel
import SurveyStore
import TestSupport

/// Disks that fail and processes that die, at any write and any commit.
extension Fleet {
    func crash(_ kind: Action.Kind, _ random: inout SplitMix64) throws {
        let fault = DiskFault(&random)
        switch kind {
        case .crashServing:
            guard !requests.isEmpty else { return }
            let request = requests.removeFirst()
            try onServer(fault) { try serve(request) }
        case .crashAdministering:
            var random = random
            let kind: Action.Kind =
                [
                    .assign, .unassign, .review, .importRoster, .revokeDevice, .backUpServer,
                    .enrolDevice,
                ].randomElement(using: &random)!
            let known = try server.edits()
            guard kind != .backUpServer else {
                return try backUpServer(&random) { body in try onServer(fault, body) }
            }
            try onServer(fault) { try administer(kind, &random) }
            // A village that was written before the fault is written, and the next may turn up.
            if kind == .importRoster {
                try noteImported(knowing: known)
                noteFailedImport(knowing: known)
            }
        case .crashSaving:
            let device = devices[anyDevice(&random)]
            guard let form = try open(device.store, &random) else { return }
            let replica = device.identity.replica
            try on(device, fault) { try save(device, device.store, form, &random) }
            if let attempt = device.attempt { unreported.append((attempt, replica)) }
            device.attempt = nil
        case .crashAsking:
            let number = anyDevice(&random)
            try on(devices[number], fault) { requests.append((number, try devices[number].ask())) }
        default:
            guard !replies.isEmpty else { return }
            let (number, reply, _) = replies.removeFirst()
            let before = try devices[number].edits()
            try on(devices[number], fault) { _ = try devices[number].receive(reply) }
            try examineEvicted(devices[number], before)
        }
    }

    private func on(_ device: FleetDevice, _ fault: DiskFault, _ body: () throws -> Void) throws {
        if try fault.happens(in: device.home, during: body) { try device.restart() }
    }

    private func onServer(_ fault: DiskFault, _ body: () throws -> Void) throws {
        if try fault.happens(in: server.folder, during: body) { try restartServer() }
    }

    /// A save that failed may have happened all the same, and turn up when the next process recovers
    /// the file: its author saw what it saw.
    func noteUnreported(in writer: any DatabaseReader) throws {
        for (attempt, replica) in unreported {
            let edits = try writer.read { db in try SegmentLog.edits(of: attempt.record, in: db) }
            for edit in edits where edit.dot.replica == replica && !ledger.knows(edit.id) {
                ledger.note(edit, attempt)
            }
        }
    }
}

/// One fault of a disk, somewhere in the next operations.
struct DiskFault {
    private let kind: faulty_disk_fault
    private let operations: Int32
    private let seed: UInt64

    init(_ random: inout SplitMix64) {
        kind =
            [
                FAULTY_DISK_KILL, FAULTY_DISK_POWER, FAULTY_DISK_POWER, FAULTY_DISK_WRITE_ERROR,
                FAULTY_DISK_SYNC_ERROR, FAULTY_DISK_FULL,
            ].randomElement(using: &random)!
        // Most transactions here write fewer than forty times, the largest some two hundred, and
        // sync once or twice: as often early as late.
        let most = kind == FAULTY_DISK_SYNC_ERROR ? 3.0 : 250.0
        operations = Int32(exp(Double.random(in: 0...log(most), using: &random)).rounded())
        seed = random.next()
    }

    static func install() { precondition(faulty_disk_install() == 0) }

    /// Remembers what is written in a folder and not yet synchronised, for a power failure to take.
    static func watch(_ folder: URL?) { faulty_disk_watch(folder.map { $0.path + "/" } ?? "") }

    /// Runs something on a disk that fails. What fails then must have changed nothing.
    ///
    /// - Returns: whether the process died, and must be started again.
    func happens(in folder: URL, during body: () throws -> Void) throws -> Bool {
        faulty_disk_arm(folder.path + "/", kind, operations, seed)
        var failure: (any Error)?
        do {
            try body()
        } catch {
            failure = error
        }
        let dies = kind == FAULTY_DISK_KILL || kind == FAULTY_DISK_POWER
        if dies { return true }
        let happened = faulty_disk_disarm() != 0
        guard let failure else { return false }
        guard happened, failure is DatabaseError else { throw failure }
        return false
    }

    /// The dead process's connections are closed; what its disk lost is lost now.
    static func settle() { faulty_disk_disarm() }
}
