import Foundation
import GRDB
import ServerStore
import SurveyCoverage
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore

/// Entries that were joined or set aside, counted again by hand: every pair that stands pulls its two
/// groups together until nothing changes.
extension Fleet {
    func examineJoined() throws {
        let (onServer, excluded) = (try server.edits(), try server.excluded())
        let pairs = try standingPairs(counting: {
            onServer.contains($0) && !excluded.contains($0)
        })
        let (houses, persons) = (try houses(), try persons())
        let houseGroups = Self.groups(houses.mapValues(\.area), pairs)
        // A group is set aside when each of its entries is.
        let standing = houseGroups.filter { group in
            group.contains { houses[$0]?.isSetAside == false }
        }
        var expected: [AreaID: (households: Int, persons: Int)] = [:]
        for group in standing { expected[houses[group[0]]!.area, default: (0, 0)].households += 1 }
        let homes = Set(standing.joined())
        for group in Self.groups(persons.mapValues(\.area), pairs) {
            // The least entry says where the person is.
            let entry = persons[group[0]]!
            guard entry.isPresent, homes.contains(entry.household),
                group.contains(where: { persons[$0]?.isSetAside == false })
            else { continue }
            expected[houses[entry.household]!.area, default: (0, 0)].persons += 1
        }
        guard let round = try server.store.round(nil) else { throw Violation("no round") }
        for village in try server.store.coverage(round) {
            let wanted = expected[village.village, default: (0, 0)]
            let counted = (village.tally[.households], village.tally[.persons])
            guard counted == (wanted.households, wanted.persons) else {
                throw Violation(
                    "\(village.village.text) counts \(counted.0) households and \(counted.1) "
                        + "persons, not \(wanted.households) and \(wanted.persons): joined ones "
                        + "once, and none that is set aside")
            }
        }
    }

    /// Subjects that are one, each group ascending: those of a pair in one area, and so on.
    private static func groups(_ areas: [SubjectID: AreaID], _ pairs: [(SubjectID, SubjectID)])
        -> [[SubjectID]]
    {
        var groups = areas.keys.map { [$0] }
        for (first, second) in pairs {
            guard let a = groups.firstIndex(where: { $0.contains(first) }),
                let b = groups.firstIndex(where: { $0.contains(second) }), a != b,
                areas[first] == areas[second]
            else { continue }
            groups[a] += groups[b]
            groups.remove(at: b)
        }
        return groups.map { $0.sorted() }
    }

    private struct House {
        let area: AreaID
        let isSetAside: Bool
    }

    private func houses() throws -> [SubjectID: House] {
        try server.store.read { db in
            Dictionary(
                uniqueKeysWithValues: try Row.fetchAll(
                    db,
                    sql: """
                        SELECT id AS subject, area, set_aside FROM household
                        JOIN subject ON number = household.subject
                        """
                ).map { row in
                    (
                        SubjectID(row["subject"] as Data)!,
                        House(
                            area: AreaID(rawValue: UInt64(bitPattern: row["area"])),
                            isSetAside: row["set_aside"])
                    )
                })
        }
    }

    private struct Member {
        let household: SubjectID
        let area: AreaID
        let isPresent: Bool
        let isSetAside: Bool
    }

    private func persons() throws -> [SubjectID: Member] {
        try server.store.read { db in
            Dictionary(
                uniqueKeysWithValues: try Row.fetchAll(
                    db,
                    sql: """
                        SELECT \(subjectID("person.subject")) AS subject,
                            \(subjectID("person.household")) AS household, area, present, set_aside
                        FROM person
                        """
                ).map { row in
                    (
                        SubjectID(row["subject"] as Data)!,
                        Member(
                            household: SubjectID(row["household"] as Data)!,
                            area: AreaID(rawValue: UInt64(bitPattern: row["area"])),
                            isPresent: row["present"], isSetAside: row["set_aside"])
                    )
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
