import Foundation
import GRDB
import SurveyModel

/// What entries that are probably one have in common.
struct DuplicateKeys: Hashable {
    let area: Int64
    /// The folded number; empty when there is none.
    let number: String
    /// The folded head and address; empty when one of them is missing: too many have that in common.
    let place: String
    let isSetAside: Bool

    init(area: Int64, number: String, headName: String, address: String, isSetAside: Bool) {
        self.area = area
        self.number = number.folded
        let (head, address) = (headName.folded, address.folded)
        place = head.isEmpty || address.isEmpty ? "" : "\(head)\u{1F}\(address)"
        self.isSetAside = isSetAside
    }

    /// From a row of `household`.
    init(household row: Row) {
        area = row["area"]
        number = row["folded_no"]
        place = row["dup_place"]
        isSetAside = row["set_aside"]
    }

    /// The groups to which an entry belongs.
    var groups: [DuplicateGroup] {
        [(DuplicateReason.number, number), (.place, place)].filter { !$0.1.isEmpty }.map {
            DuplicateGroup(reason: $0.0, area: area, value: $0.1)
        }
    }

    /// The same of a member of a household.
    struct Member: Hashable {
        let household: SubjectID?
        let area: Int64
        let name: String
        let birthDate: Int64?
        let isSetAside: Bool

        init(
            household: SubjectID, area: Int64, name: String, birthDate: Int64?, isSetAside: Bool
        ) {
            self.household = household
            self.area = area
            self.name = name
            self.birthDate = birthDate
            self.isSetAside = isSetAside
        }

        /// From a row of `person`.
        init(_ row: Row) {
            household = SubjectID(row["household"] as Data)
            area = row["area"]
            name = row["dup_name"]
            birthDate = row["birth_date"]
            isSetAside = row["set_aside"]
        }
    }
}

/// Why two entries are probably one. Raw values are in the database.
public enum DuplicateReason: String, Sendable, CaseIterable {
    /// Two households of a village with one number.
    case number
    /// Two households of a village with one head and one address.
    case place
    /// Two members of a household with one name and one date of birth.
    case member
}

/// Households of a village that have something in common.
struct DuplicateGroup: Hashable {
    let reason: DuplicateReason
    let area: Int64
    let value: String

    var key: String { "\(area) \(value)" }
}

/// Entries that are probably one household, or one person: computed alike on devices and servers,
/// group by group, where something about a group has changed.
///
/// Of each group those that are not joined yet are compared with the ones before them, by id, until
/// one is found of which nobody has said that it is another: as many pairs stand open as would have
/// to be joined. Cost: O(entries of the groups that changed).
extension Projector {
    /// Notes the groups that a household leaves and enters.
    mutating func touch(
        _ household: SubjectID, from before: DuplicateKeys?, to after: DuplicateKeys?
    ) {
        guard before != after else { return }
        touchedGroups.formUnion((before?.groups ?? []) + (after?.groups ?? []))
        // What is joined depends on where it is.
        if before?.area != after?.area { rejoined.insert(household) }
        if before?.area != after?.area || before?.isSetAside != after?.isSetAside {
            touchedHouseholds.insert(household)
        }
    }

    mutating func touch(
        _ person: SubjectID, from before: DuplicateKeys.Member?, to after: DuplicateKeys.Member?
    ) {
        guard before != after else { return }
        touchedHouseholds.formUnion([before?.household, after?.household].compactMap { $0 })
        if before?.area != after?.area { rejoined.insert(person) }
    }

    /// Compares the entries of every group that was touched.
    ///
    /// - Returns: the entries whose count of open pairs may be another one.
    mutating func projectDuplicates() throws -> Set<SubjectID> {
        try touchWhatWasRejoined()
        var counted: Set<SubjectID> = []
        for group in touchedGroups {
            let column = group.reason == .number ? "folded_no" : "dup_place"
            let entries = try db.rows(
                """
                SELECT subject FROM household
                WHERE area = ? AND \(column) = ? AND \(column) != '' AND set_aside = 0
                ORDER BY subject
                """, [group.area, group.value]
            ).map { try $0.parsed("household.subject", SubjectID($0["subject"])) }
            counted.formUnion(
                try replace(group.reason, group.key, in: group.area, by: try pairs(among: entries)))
        }
        var done: Set<SubjectID> = []
        for household in touchedHouseholds {
            let entries = try Joined.entries(of: household, in: db)
            // An entry that did not stand for others, or does not any more.
            for entry in entries.dropFirst() + [household] where entry != entries[0] {
                counted.formUnion(try replace(.member, entry.text, in: 0, by: []))
            }
            guard done.insert(entries[0]).inserted else { continue }
            counted.formUnion(try compareMembers(of: entries))
        }
        return counted
    }

    /// Where entries were joined or taken apart, what they have in common with others is compared
    /// again.
    private mutating func touchWhatWasRejoined() throws {
        var linked: Set<SubjectID> = []
        // Also those of which nothing is said any more.
        for subject in said { linked.formUnion(try Joined.linked(to: subject, in: db)) }
        for subject in rejoined where hasJoins {
            let others = try Joined.linked(to: subject, in: db)
            if others.count > 1 { linked.formUnion(others) }
        }
        for subject in linked {
            let row = try db.row(
                """
                SELECT area, folded_no, dup_place, set_aside FROM household WHERE subject = ?
                """, [subject.bytes])
            if let row {
                touchedGroups.formUnion(DuplicateKeys(household: row).groups)
                touchedHouseholds.insert(subject)
            } else if let household = try household(ofPerson: subject) {
                touchedHouseholds.insert(household)
            }
        }
    }

    func household(ofPerson person: SubjectID) throws -> SubjectID? {
        let household: Data? = try db.value(
            "SELECT household FROM person WHERE subject = ?", [person.bytes])
        return household.flatMap(SubjectID.init)
    }

    /// Members of a household, with those of its other entries.
    private func compareMembers(of entries: [SubjectID]) throws -> Set<SubjectID> {
        let area = try AreaID.of(household: entries[0], in: db)
        var groups: [String: [SubjectID]] = [:]
        let isCounted = try area != nil && !Standing.isSetAside(household: entries[0], in: db)
        for entry in entries where isCounted {
            let rows = try db.rows(
                """
                SELECT subject, dup_name, birth_date FROM person
                WHERE household = ? AND dup_name != '' AND birth_date IS NOT NULL
                    AND set_aside = 0
                """, [entry.bytes])
            for row in rows {
                let key = "\(row["birth_date"] as Int64) \(row["dup_name"] as String)"
                groups[key, default: []].append(
                    try row.parsed("person.subject", SubjectID(row["subject"])))
            }
        }
        var found: [(first: SubjectID, second: SubjectID)] = []
        for members in groups.values where members.count > 1 {
            found += try pairs(among: members.sorted())
        }
        return try replace(.member, entries[0].text, in: area?.column ?? 0, by: found)
    }

    /// - Parameter entries: ascending.
    private func pairs(among entries: [SubjectID]) throws
        -> [(first: SubjectID, second: SubjectID)]
    {
        guard entries.count > 1 else { return [] }
        var classes: [[SubjectID]] = []
        var standing: Set<SubjectID> = []
        for entry in entries {
            let all = try Joined.entries(of: entry, in: db)
            if standing.insert(all[0]).inserted { classes.append(all) }
        }
        classes.sort { $0[0] < $1[0] }
        return try classes.indices.dropFirst().compactMap { index in
            let others = try different(from: classes[index])
            return classes[..<index].first { others.isDisjoint(with: $0) }.map {
                ($0[0], classes[index][0])
            }
        }
    }

    /// Entries of which somebody has said that they are not the same as one of these.
    private func different(from entries: [SubjectID]) throws -> Set<SubjectID> {
        var others: Set<SubjectID> = []
        for entry in entries {
            let rows = try db.rows(
                """
                SELECT second AS other FROM same_as WHERE first = ?1 AND same = 0
                UNION ALL SELECT first FROM same_as WHERE second = ?1 AND same = 0
                """, [entry.bytes])
            for row in rows {
                others.insert(try row.parsed("same_as", SubjectID(row["other"])))
            }
        }
        return others
    }

    /// Writes a group's open pairs in place of those that it had.
    ///
    /// - Returns: the entries that have another pair, or none any more.
    private func replace(
        _ reason: DuplicateReason, _ key: String, in area: Int64,
        by pairs: [(first: SubjectID, second: SubjectID)]
    ) throws -> Set<SubjectID> {
        var before: [SubjectID: SubjectID] = [:]
        for row in try db.rows(
            "SELECT first, second FROM duplicate WHERE reason = ? AND key = ?",
            [reason.rawValue, key])
        {
            before[try row.parsed("duplicate", SubjectID(row["second"]))] =
                try row.parsed("duplicate", SubjectID(row["first"]))
        }
        guard !before.isEmpty || !pairs.isEmpty else { return [] }
        let after = Dictionary(pairs.map { ($0.second, $0.first) }) { a, _ in a }
        try db.run(
            "DELETE FROM duplicate WHERE reason = ? AND key = ?", [reason.rawValue, key])
        for (first, second) in pairs {
            try db.run(
                "INSERT INTO duplicate (reason, key, second, first, area) VALUES (?, ?, ?, ?, ?)",
                [reason.rawValue, key, second.bytes, first.bytes, area])
        }
        return Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }
    }
}
