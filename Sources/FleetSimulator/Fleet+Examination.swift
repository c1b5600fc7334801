import FieldStore
import Foundation
import GRDB
import ServerStore
import SurveyCoverage
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore

/// Everything that was promised, looked at when the network has healed.
extension Fleet {
    func examine() throws {
        try noteUnreported(in: server.store.writer)
        try examineSaved()
        try examineAnswers()
        try examineRegister()
        try examineJoined()
        try examineTold()
        guard try server.forkedLogs() == 0 else {
            throw Violation("a log of the server has two edits at one place")
        }
        for device in devices { try examine(device) }
        let report = try server.store.check(in: folder)
        guard report.isSound else { throw Violation("server check: \(report)") }
    }

    /// Every edit that was ever reported as saved is on the server, or could not be.
    private func examineSaved() throws {
        let onServer = try server.edits()
        for (id, entry) in ledger.entries where !onServer.contains(id) && !ledger.lost.contains(id)
        {
            throw Violation(
                "edit of \(entry.device) is not on the server: \(id.bytes.hex.prefix(12))")
        }
    }

    /// The server's siblings are exactly the answers that nobody superseded after being shown them.
    private func examineAnswers() throws {
        let (onServer, excluded) = (try server.edits(), try server.excluded())
        for record in Set(ledger.entries.values.map(\.record)) {
            let expected = ledger.surviving(record) {
                onServer.contains($0) && !excluded.contains($0)
            }
            let state = try server.store.read { db in try Records.state(of: record, in: db) }
            let actual = state.sections.mapValues { section in
                Set(section.siblings.map { Ledger.words($0.answers) })
            }
            guard actual == expected else {
                throw Violation(
                    "\(record.text) says \(actual.sorted { $0.key < $1.key }), "
                        + "should say \(expected.sorted { $0.key < $1.key })")
            }
        }
    }

    /// A device holds what the server holds of its villages, agrees with it, and is receipted.
    private func examine(_ device: FleetDevice) throws {
        // A revoked device reads nothing, so a tip that another copy of it moved on is more than
        // it can follow. Its edits are on the server all the same.
        let proof = try device.store.verify()
        let isRevoked = try isRevoked(device)
        guard proof.missing.isEmpty || isRevoked else {
            throw Violation("\(device.name): \(proof.missing.count) edits have no receipt")
        }
        let pending = try device.store.status().pending
        guard isRevoked || pending == 0 else {
            throw Violation("\(device.name): \(pending) edits are still to be sent")
        }
        // Whoever was copied or restored goes on in a log of its own, and writes no fork any further.
        let ends = try server.ends(of: device.identity)
        guard isRevoked || ends <= 1 else {
            throw Violation("\(device.name) goes on in a log that has \(ends) ends")
        }
        let (excludedHere, excludedThere) = (
            try Self.excluded(device.store.writer), try Self.excluded(server.store.writer)
        )
        let scope = Set(try device.store.readableVillages().map(\.id))
        let covered = try Self.covered(device)
        guard try isRevoked || isSupervisor(device) || scope.isSubset(of: covered) else {
            throw Violation("\(device.name) does not have all of a village that it may read")
        }
        for village in scope.intersection(covered) {
            let (here, there) = (
                try Self.edits(in: village, device.store.writer),
                try Self.edits(in: village, server.store.writer)
            )
            guard here == there else {
                throw Violation(
                    "\(device.name) holds \(here.count) edits of \(village.text), "
                        + "the server \(there.count)")
            }
            guard here.intersection(excludedHere) == there.intersection(excludedThere) else {
                throw Violation("\(device.name) does not count what the server counts")
            }
        }
        try examineCoverage(device)
        try examineProjections(device)
    }

    private func examineCoverage(_ device: FleetDevice) throws {
        let tree = try server.store.areaTree()
        guard let round = try server.store.round(nil) else { throw Violation("no round") }
        let tallies = Dictionary(
            uniqueKeysWithValues: try server.store.coverage(round).map { ($0.village, $0.tally) })
        let table = try device.store.coverage(round: round, villages: nil, by: .village).table
        for row in table.rows {
            let village = tree.find(row.area)[0].id
            guard row.tally == tallies[village] ?? Tally() else {
                throw Violation(
                    "\(device.name) counts \(row.area) otherwise than the server: "
                        + "\(Self.words(row.tally)), not \(Self.words(tallies[village] ?? Tally()))"
                )
            }
        }
    }

    private static func words(_ tally: Tally) -> String {
        tally.counts.filter { $0.value != 0 }.sorted { $0.key < $1.key }
            .map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }

    /// What a home computed step by step is what its log says.
    private func examineProjections(_ device: FleetDevice) throws {
        func tables(_ db: Database) throws -> [String: [Row]] {
            try Dictionary(
                uniqueKeysWithValues: Projector.comparable.map { table, sql in
                    (table, try Row.fetchAll(db, sql: sql))
                })
        }
        try device.store.writer.write { db in
            try Projector.catchUp(db)
            let before = try tables(db)
            try Projector.rebuild(db)
            let after = try tables(db)
            for (table, rows) in before where rows != after[table] {
                throw Violation("\(device.name): \(table) is not what its log says")
            }
        }
    }

    private static func excluded(_ reader: any DatabaseReader) throws -> Set<Data> {
        try reader.read { db in try Data.fetchSet(db, sql: "SELECT edit FROM exclusion") }
    }

    /// Supervisors read tallies, and records only of the villages that they open.
    private func isSupervisor(_ device: FleetDevice) throws -> Bool {
        let user = try device.store.identity().user
        return try server.store.users().first { $0.id == user }?.role == .supervisor
    }

    private func isRevoked(_ device: FleetDevice) throws -> Bool {
        let replica = device.identity.replica
        guard let known = try server.store.devices().first(where: { $0.replica == replica }) else {
            return true
        }
        let user = try server.store.users().first { $0.id == known.user }
        return known.isRevoked || user?.isRevoked ?? true
    }

    /// Areas of which everything is in the home.
    private static func covered(_ device: FleetDevice) throws -> Set<AreaID> {
        try device.store.writer.read { db in
            Set(
                try Int64.fetchAll(db, sql: "SELECT area FROM lane WHERE sequence IS NULL")
                    .map(AreaID.init(column:)))
        }
    }

    /// Edits that can be read in an area, written there or repeated there.
    private static func edits(in area: AreaID, _ reader: any DatabaseReader) throws -> Set<Data> {
        try reader.read { db in
            try Set(SegmentLog.editIDs(in: db, area: area).map(\.bytes))
        }
    }

    /// Id and size of every segment of a store.
    static func segments(_ reader: any DatabaseReader) throws -> [(id: Data, size: Int)] {
        try reader.read { db in
            try Int64.fetchAll(db, sql: "SELECT number FROM segment").map { number in
                let segment = try SegmentLog.segment(number, in: db)
                return (segment.id.bytes, segment.encoded().count)
            }
        }
    }
}
