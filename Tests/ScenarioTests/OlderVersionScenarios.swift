import FieldStore
import Foundation
import GRDB
import ServerStore
import SurveyCoverage
import SurveyLog
import SurveyModel
import SurveyStore
import SurveySync
import TestSupport
import Testing

/// Databases that an earlier version made: a home with a fork, a draft, a joined household and an edit that
/// is not sealed, and its server, with a household that moved and a check that is held.
struct OlderVersionScenarios {
    private let folder = FileManager.default.temporaryDirectory
        .appending(path: "lianhu-tests-\(UUID().uuidString)", directoryHint: .isDirectory)

    private func older(_ name: String) throws -> URL {
        let place = folder.appending(path: name, directoryHint: .isDirectory)
        try FileManager.default.createDirectory(
            at: place, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../Fixtures/older/\(name).sqlite")
        try FileManager.default.copyItem(at: file, to: place.appending(path: "lianhu.sqlite"))
        return place
    }

    private func rows(_ db: Database) throws -> [String: [Row]] {
        try Dictionary(
            uniqueKeysWithValues: Projector.comparable.map { table, sql in
                (table, try Row.fetchAll(db, sql: sql))
            })
    }

    /// What is projected is what a rebuild makes of the log.
    private func expectRebuilt(_ writer: any DatabaseWriter) throws {
        try writer.write { db in
            let before = try rows(db)
            try Projector.rebuild(db)
            for (table, rows) in try rows(db) { #expect(rows == before[table], "\(table)") }
        }
    }

    @Test func `a server goes on with all that it had`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let server = try ServerStore.open(try older("server"), creating: false)
        let report = try server.check(in: folder)
        #expect(report.isSound, "\(report)")
        #expect(report.segments == 30)
        #expect(try server.excludedEdits().count == 1)
        #expect(try server.forkedLogs().count == 1)
        let round = try #require(try server.round(nil))
        let counts = try server.coverage(round).map(\.tally).reduce(
            into: [Int](repeating: 0, count: 3)
        ) {
            $0[0] += $1[.households]
            $0[1] += $1[.housingContested]
            $0[2] += $1[.findingsReceived]
        }
        #expect(counts == [29, 1, 1])
        try expectRebuilt(server.writer)
        try server.close()
    }

    @Test func `a home goes on with all that it had`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let home = try FieldStore.open(try older("home"))
        let status = try home.status()
        #expect(status.pending == 1 && status.drafts == 1 && status.contested == 1)
        #expect(try home.damage().isEmpty)
        #expect(try home.verify().missing.count == 1)
        try expectRebuilt(home.writer)
        // What was not sealed is sealed now.
        #expect(try home.deviceView().unmarked.count == 1)
        #expect(try home.status().pending == 1)
        try home.close()
    }

    @Test func `an edit that the disk had changed stays damaged, and the others are kept`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let place = try older("server")
        let queue = try DatabaseQueue(path: place.appending(path: "lianhu.sqlite").path)
        try queue.write { db in
            let (number, body) = try #require(
                try Row.fetchOne(
                    db,
                    sql: """
                        SELECT edit.number, body FROM edit JOIN record ON record.number = edit.record
                        WHERE kind = 3 ORDER BY edit.number
                        """
                ).map { ($0["number"] as Int64, $0["body"] as Data) })
            var bytes = Array(body)
            bytes[bytes.count - 1] ^= 0x20
            try db.execute(
                sql: "UPDATE edit SET body = ? WHERE number = ?", arguments: [Data(bytes), number])
        }
        try queue.close()
        let server = try ServerStore.open(place, creating: false)
        let report = try server.check(in: folder)
        #expect(report.badSegments.count == 1, "\(report)")
        #expect(report.segments == 30)
        try server.close()
    }
}
