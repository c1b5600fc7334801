import Foundation
import GRDB
import ServerStore
import SurveyCoverage
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore

/// Households that were joined, counted again by hand: every pair that stands pulls its two groups
/// together until nothing changes.
extension Fleet {
    func examineJoined() throws {
        let (onServer, excluded) = (try server.edits(), try server.excluded())
        var groups: [[SubjectID: AreaID]] = try houses().map { [$0.key: $0.value] }
        for (first, second) in try standingPairs(counting: {
            onServer.contains($0) && !excluded.contains($0)
        }) {
            guard let a = groups.firstIndex(where: { $0[first] != nil }),
                let b = groups.firstIndex(where: { $0[second] != nil }), a != b,
                groups[a][first] == groups[b][second]
            else { continue }
            groups[a].merge(groups[b]) { a, _ in a }
            groups.remove(at: b)
        }
        var expected: [AreaID: Int] = [:]
        for group in groups { expected[group.values.first!, default: 0] += 1 }
        guard let round = try server.store.round(nil) else { throw Violation("no round") }
        for village in try server.store.coverage(round) {
            let counted = village.tally[.households]
            guard counted == expected[village.village, default: 0] else {
                throw Violation(
                    "\(village.village.text) counts \(counted) households, "
                        + "not \(expected[village.village, default: 0]), joined ones once")
            }
        }
    }

    private func houses() throws -> [SubjectID: AreaID] {
        try server.store.read { db in
            Dictionary(
                uniqueKeysWithValues: try Row.fetchAll(
                    db, sql: "SELECT subject, area FROM household"
                )
                .compactMap { row in
                    SubjectID(row["subject"] as Data).map {
                        ($0, AreaID(rawValue: UInt64(bitPattern: row["area"])))
                    }
                })
        }
    }

    /// Pairs of which every answer that nobody superseded says that they are the same. Where
    /// answers differ, the server's provisional one decides, as everywhere.
    private func standingPairs(counting: (EditID) -> Bool) throws -> [(SubjectID, SubjectID)] {
        let records = Set(ledger.entries.values.map(\.record)).filter { $0.kind == .sameAs }
        return try records.sorted { $0.subject < $1.subject }.compactMap { record in
            let said = ledger.surviving(record, counting: counting).values.flatMap { $0 }
            let answers = try server.store.read { db in
                try Records.state(of: record, in: db).answers
            }
            let yes = said.allSatisfy { $0.contains("3=true") }
            let no = said.allSatisfy { !$0.contains("3=true") }
            guard !said.isEmpty, !no, yes || answers[SameAs.same] == true else { return nil }
            return record.pair(in: answers)
        }
    }
}
