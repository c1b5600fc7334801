import FieldStore
import Foundation
import GRDB
import ServerStore
import SurveyCoverage
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore

/// What must not be, with enough words to begin looking.
public struct Violation: Error, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}

extension Fleet {
    /// The network heals: every device talks until it has nothing left to say.
    func heal() throws {
        requests = []
        replies = []
        for device in devices { device.exchange = nil }
        let before = try held().count
        // The model's bound, in pages of one: exchanges until quiet.
        let bound = 3 * (1 + devices.count * (devices.count + 6))
        var isQuiet = false
        while !isQuiet {
            isQuiet = true
            for device in devices {
                let known = try (device.edits().count, server.edits().count)
                var again = true
                while again {
                    healingTrips += 1
                    guard healingTrips <= bound else {
                        throw Violation("not quiet after \(bound) round trips")
                    }
                    again = try device.receive(try server.answer(try device.ask()))
                }
                if try (device.edits().count, server.edits().count) != known { isQuiet = false }
            }
        }
        let after = try held().count
        guard after >= before else { throw Violation("edits vanished while healing") }
    }

    /// Everything that was promised.
    func examine() throws {
        try examineSaved()
        try examineAnswers()
        try examineDevices()
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
                Set(
                    section.siblings.map { sibling in
                        sibling.answers.map { "\($0.key.rawValue)=\($0.value.plainText)" }.sorted()
                            .joined(separator: " ")
                    })
            }
            guard actual == expected else {
                throw Violation(
                    "\(record.text) says \(actual.sorted { $0.key < $1.key }), "
                        + "should say \(expected.sorted { $0.key < $1.key })")
            }
        }
    }

    /// Devices hold what the server holds of their villages, agree with it, and are receipted.
    private func examineDevices() throws {
        let tree = try server.store.areaTree()
        guard let round = try server.store.round(nil) else { throw Violation("no round") }
        let tallies = Dictionary(
            uniqueKeysWithValues: try server.store.coverage(round).map { ($0.village, $0.tally) })
        for device in devices {
            // A revoked device reads nothing, so a tip that another copy of it moved on is more
            // than it can follow. Its edits are on the server all the same.
            let isRevoked = try isRevoked(device)
            let proof = try device.store.verify()
            guard proof.missing.isEmpty || isRevoked else {
                throw Violation("\(device.name): \(proof.missing.count) edits have no receipt")
            }
            let villages = try device.store.readableVillages()
            for village in villages {
                let here = try Self.edits(in: village.id, device.store.writer)
                let there = try Self.edits(in: village.id, server.store.writer)
                guard here == there else {
                    throw Violation(
                        "\(device.name) holds \(here.count) edits of \(village.code), "
                            + "the server \(there.count)")
                }
            }
            let table = try device.store.coverage(round: round, villages: nil, by: .village).table
            for row in table.rows {
                let village = tree.find(row.area)[0].id
                guard row.tally == tallies[village] ?? Tally() else {
                    throw Violation("\(device.name) counts \(row.area) otherwise than the server")
                }
            }
        }
    }

    private func isRevoked(_ device: FleetDevice) throws -> Bool {
        let replica = device.identity.replica
        return try server.store.devices().first { $0.replica == replica }?.isRevoked ?? true
    }

    private static func edits(in area: AreaID, _ reader: any DatabaseReader) throws -> Set<Data> {
        try reader.read { db in
            try Data.fetchSet(
                db,
                sql: """
                    SELECT edit.id FROM edit JOIN segment_edit ON segment_edit.edit = edit.number
                    JOIN segment ON segment.number = segment_edit.segment WHERE area = ?
                    """, arguments: [area.column])
        }
    }
}
