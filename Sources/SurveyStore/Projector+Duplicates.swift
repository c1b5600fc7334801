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
        // Where a household is not known, its members' area says nothing of whether they moved.
        if before?.household != after?.household || before?.area != after?.area {
            rejoined.insert(person)
        }
    }

    /// Compares the entries of every group that was touched.
    ///
    /// - Returns: the entries whose count of open pairs may be another one.
    mutating func projectDuplicates() throws -> Set<SubjectID> {
        try touchWhatWasRejoined()
        var pairs: [OpenPairs.Group: [(first: SubjectID, second: SubjectID)]] = [:]
        for (group, entries) in try entries(of: touchedGroups) {
            pairs[.init(reason: group.reason, key: group.key, area: group.area)] = try self.pairs(
                among: entries)
        }
        var done: Set<SubjectID> = []
        let groups = try joinedEntries(of: touchedHouseholds)
        var compared: [[SubjectID]] = []
        for household in touchedHouseholds {
            let entries = groups[household] ?? [household]
            // An entry that did not stand for others, or does not any more.
            for entry in entries.dropFirst() + [household] where entry != entries[0] {
                pairs[.init(reason: .member, key: entry.text, area: 0)] = []
            }
            if done.insert(entries[0]).inserted { compared.append(entries) }
        }
        pairs.merge(try compareMembers(of: compared)) { $1 }
        return try OpenPairs.replace(pairs, in: db)
    }

    /// The entries of groups, each ascending.
    private func entries(of groups: Set<DuplicateGroup>) throws -> [DuplicateGroup: [SubjectID]] {
        var entries = Dictionary(uniqueKeysWithValues: groups.map { ($0, [SubjectID]()) })
        for (reason, column) in [(DuplicateReason.number, "folded_no"), (.place, "dup_place")] {
            let wanted = groups.filter { $0.reason == reason }
            let areas = Dictionary(grouping: wanted, by: \.area).mapValues { $0.map(\.value) }
            for (area, values) in areas {
                try db.forEachRow(
                    """
                    SELECT \(column), subject FROM household
                    WHERE area = ? AND \(column) IN (KEYS) AND \(column) != '' AND set_aside = 0
                    """, [area.databaseValue], among: values
                ) { row in
                    let group = DuplicateGroup(reason: reason, area: area, value: row[0])
                    entries[group, default: []].append(try row.subject("household.subject", 1))
                }
            }
        }
        return entries.mapValues { $0.sorted() }
    }

    /// The entries that are the same as each, ascending; only where there are others.
    private func joinedEntries(of subjects: Set<SubjectID>) throws -> [SubjectID: [SubjectID]] {
        guard hasJoins else { return [:] }
        return try Dictionary(
            uniqueKeysWithValues: subjects.map { ($0, try Joined.entries(of: $0, in: db)) })
    }

    /// Where entries were joined or taken apart, what they have in common with others is compared
    /// again.
    private mutating func touchWhatWasRejoined() throws {
        guard hasJoins || !said.isEmpty else { return }
        // Also those of which nothing is said any more.
        let linked = said.union(rejoined).union(regrouped)
        var households: Set<SubjectID> = []
        try db.forEachRow(
            """
            SELECT area, folded_no, dup_place, set_aside, subject FROM household
            WHERE subject IN (KEYS)
            """, among: linked.map(\.bytes)
        ) { row in
            touchedGroups.formUnion(DuplicateKeys(household: row).groups)
            households.insert(try row.subject("household.subject", 4))
        }
        touchedHouseholds.formUnion(households)
        touchedHouseholds.formUnion(try self.households(ofPersons: linked.subtracting(households)))
    }

    func household(ofPerson person: SubjectID) throws -> SubjectID? {
        let household: Data? = try db.value(
            "SELECT household FROM person WHERE subject = ?", [person.bytes])
        return household.flatMap(SubjectID.init)
    }

    /// Members of households, with those of their other entries, that are probably one.
    private func compareMembers(of households: [[SubjectID]]) throws
        -> [OpenPairs.Group: [(first: SubjectID, second: SubjectID)]]
    {
        struct Key: Hashable {
            let household: SubjectID
            let birthDate: Int64
            let name: String
        }
        var (areas, aside): ([SubjectID: Int64], Set<SubjectID>) = ([:], [])
        try db.forEachRow(
            "SELECT subject, area, set_aside FROM household WHERE subject IN (KEYS)",
            among: households.joined().map(\.bytes)
        ) { row in
            let subject = try row.subject("household.subject")
            areas[subject] = row[1]
            if row[2] { aside.insert(subject) }
        }
        var canonical: [SubjectID: SubjectID] = [:]
        var pairs: [OpenPairs.Group: [(first: SubjectID, second: SubjectID)]] = [:]
        func group(_ household: SubjectID) -> OpenPairs.Group {
            .init(reason: .member, key: household.text, area: areas[household] ?? 0)
        }
        for entries in households {
            pairs[group(entries[0])] = []
            let known = entries.filter { areas[$0] != nil }
            guard areas[entries[0]] != nil, !aside.isSuperset(of: known) else { continue }
            for entry in entries { canonical[entry] = entries[0] }
        }
        var groups: [Key: [SubjectID]] = [:]
        try db.forEachRow(
            """
            SELECT subject, household, birth_date, dup_name FROM person
            WHERE household IN (KEYS) AND dup_name != '' AND birth_date IS NOT NULL
                AND set_aside = 0
            """, among: canonical.keys.map(\.bytes)
        ) { row in
            let household = try row.subject("person.household", 1)
            let key = Key(
                household: canonical[household] ?? household, birthDate: row[2], name: row[3])
            groups[key, default: []].append(try row.subject("person.subject"))
        }
        for (key, members) in groups where members.count > 1 {
            pairs[group(key.household), default: []] += try self.pairs(among: members.sorted())
        }
        return pairs
    }

    /// - Parameter entries: ascending.
    private func pairs(among entries: [SubjectID]) throws
        -> [(first: SubjectID, second: SubjectID)]
    {
        guard entries.count > 1 else { return [] }
        var classes: [[SubjectID]] = []
        var standing: Set<SubjectID> = []
        for entry in entries {
            let all = hasJoins ? try Joined.entries(of: entry, in: db) : [entry]
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
}

/// Pairs of entries that are probably one and of which nobody has said whether, by what they have in
/// common.
private enum OpenPairs {
    struct Group: Hashable {
        let reason: DuplicateReason
        let key: String
        let area: Int64

        static func == (a: Group, b: Group) -> Bool { a.reason == b.reason && a.key == b.key }

        func hash(into hasher: inout Hasher) {
            hasher.combine(reason)
            hasher.combine(key)
        }
    }

    /// Writes the pairs of groups in place of those that they had.
    ///
    /// - Returns: the entries that have another pair, or none any more.
    static func replace(
        _ pairs: [Group: [(first: SubjectID, second: SubjectID)]], in db: Database
    ) throws -> Set<SubjectID> {
        var before: [Group: [SubjectID: SubjectID]] = [:]
        if try db.hasRows("duplicate") {
            for (reason, groups) in Dictionary(grouping: pairs.keys, by: \.reason) {
                try db.forEachRow(
                    """
                    SELECT key, first, second FROM duplicate WHERE reason = ? AND key IN (KEYS)
                    """, [reason.rawValue.databaseValue], among: groups.map(\.key)
                ) { row in
                    // What cannot be read is replaced with its group, and was nobody's pair.
                    guard let first = SubjectID(row[1]), let second = SubjectID(row[2]) else {
                        return
                    }
                    before[Group(reason: reason, key: row[0], area: 0), default: [:]][second] =
                        first
                }
            }
        }
        var changed: Set<SubjectID> = []
        for (group, pairs) in pairs {
            let old = before[group] ?? [:]
            let new = Dictionary(pairs.map { ($0.second, $0.first) }) { a, _ in a }
            guard !old.isEmpty || !new.isEmpty else { continue }
            try db.run(
                "DELETE FROM duplicate WHERE reason = ? AND key = ?",
                [group.reason.rawValue, group.key])
            for (second, first) in new {
                try db.run(
                    "INSERT INTO duplicate (reason, key, second, first, area) VALUES (?, ?, ?, ?, ?)",
                    [group.reason.rawValue, group.key, second.bytes, first.bytes, group.area])
            }
            changed.formUnion(Set(old.keys).union(new.keys).filter { old[$0] != new[$0] })
        }
        return changed
    }
}
