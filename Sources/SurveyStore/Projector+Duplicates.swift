import Crypto
import Foundation
import GRDB
import SurveyModel

/// What entries that are probably one have in common.
struct DuplicateKeys: Hashable {
    let area: Int64
    /// The folded number; empty when there is none.
    let number: String
    /// Made of the folded head and address; nil when one of them is missing: too many have that in common.
    let place: Int64?
    let isSetAside: Bool

    init(area: Int64, number: String, headName: String, address: String, isSetAside: Bool) {
        self.area = area
        self.number = number.folded
        let (head, address) = (headName.folded, address.folded)
        place =
            head.isEmpty || address.isEmpty
            ? nil : Self.digest(Data("\(head)\u{1F}\(address)".utf8))
        self.isSetAside = isSetAside
    }

    private static func digest(_ text: Data) -> Int64 {
        SHA256.hash(data: text).withUnsafeBytes { Int64(bitPattern: $0.word(0)) }
    }

    /// From columns area, number, place and standing of a household.
    init(household row: LookedUpRow, from column: Int32) {
        area = row.integer(column)
        number = row.text(column + 1)
        place = row.optional(column + 2)
        isSetAside = row.flag(column + 3)
    }

    /// The groups to which an entry belongs.
    var groups: [DuplicateGroup] {
        var groups: [DuplicateGroup] = []
        if !number.isEmpty {
            groups.append(DuplicateGroup(reason: .number, area: area, value: number))
        }
        if let place {
            groups.append(DuplicateGroup(reason: .place, area: area, value: String(place)))
        }
        return groups
    }

    /// The same of a member of a household.
    struct Member: Hashable {
        let household: Int64
        let area: Int64
        let name: String
        let birthDate: Int64?
        let isSetAside: Bool

        init(household: Int64, area: Int64, name: String, birthDate: Int64?, isSetAside: Bool) {
            self.household = household
            self.area = area
            self.name = name
            self.birthDate = birthDate
            self.isSetAside = isSetAside
        }

        /// From columns household, area, name, date of birth and standing of a person.
        init(_ row: LookedUpRow, from column: Int32) {
            household = row.integer(column)
            area = row.integer(column + 1)
            name = row.text(column + 2)
            birthDate = row.optional(column + 3)
            isSetAside = row.flag(column + 4)
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
        _ household: Int64, from before: DuplicateKeys?, to after: DuplicateKeys?
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
        _ person: Int64, from before: DuplicateKeys.Member?, to after: DuplicateKeys.Member?
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
    mutating func projectDuplicates() throws -> Set<Int64> {
        try touchWhatWasRejoined()
        var pairs: [OpenPairs.Group: [OpenPairs.Pair]] = [:]
        for (group, entries) in try entries(of: touchedGroups) {
            pairs[.init(reason: group.reason, key: group.key, area: group.area)] = try self.pairs(
                among: entries)
        }
        var done: Set<Int64> = []
        var compared: [[Int64]] = []
        var left: Set<Int64> = []
        for household in touchedHouseholds {
            let entries = try hasJoins ? Joined.entries(of: household, in: db) : [household]
            // An entry that did not stand for others, or does not any more.
            left.formUnion(entries.dropFirst())
            if household != entries[0] { left.insert(household) }
            if done.insert(entries[0]).inserted { compared.append(entries) }
        }
        let ids = try db.subjects(left.union(compared.map { $0[0] }))
        func group(_ household: Int64, in area: Int64) throws -> OpenPairs.Group {
            guard let id = ids[household] else { throw DamagedDatabase("subject") }
            return .init(reason: .member, key: id.text, area: area)
        }
        for entry in left { pairs[try group(entry, in: 0)] = [] }
        for compared in try compareMembers(of: compared) {
            pairs[try group(compared.household, in: compared.area)] = compared.pairs
        }
        return try OpenPairs.replace(pairs, in: db)
    }

    /// The entries of groups.
    private func entries(of groups: Set<DuplicateGroup>) throws -> [DuplicateGroup: [Int64]] {
        var entries = Dictionary(uniqueKeysWithValues: groups.map { ($0, [Int64]()) })
        for (area, groups) in Dictionary(grouping: groups, by: \.area) {
            func values(_ reason: DuplicateReason) -> [String] {
                groups.filter { $0.reason == reason }.map(\.value)
            }
            try db.forEachRow(
                """
                SELECT \(Numbers.household), subject FROM household
                WHERE area = ? AND \(Numbers.household) IN (KEYS) AND set_aside = 0
                """, [area], among: values(.number)
            ) { row in
                let group = DuplicateGroup(reason: .number, area: area, value: row.text(0))
                entries[group, default: []].append(row.integer(1))
            }
            try db.forEachRow(
                """
                SELECT dup_place, subject FROM household
                WHERE area = ? AND dup_place IN (KEYS) AND set_aside = 0
                """, [area], among: values(.place).compactMap { Int64($0) }
            ) { row in
                let group = DuplicateGroup(
                    reason: .place, area: area, value: String(row.integer(0)))
                entries[group, default: []].append(row.integer(1))
            }
        }
        return entries
    }

    /// Where entries were joined or taken apart, what they have in common with others is compared
    /// again.
    private mutating func touchWhatWasRejoined() throws {
        guard hasJoins || !said.isEmpty else { return }
        // Also those of which nothing is said any more.
        let linked = said.union(rejoined).union(regrouped)
        var households: Set<Int64> = []
        try db.forEachRow(
            """
            SELECT subject, area, \(Numbers.household), dup_place, set_aside FROM household
            WHERE subject IN (KEYS)
            """, among: linked.sorted()
        ) { row in
            touchedGroups.formUnion(DuplicateKeys(household: row, from: 1).groups)
            households.insert(row.integer(0))
        }
        touchedHouseholds.formUnion(households)
        touchedHouseholds.formUnion(try self.households(ofPersons: linked.subtracting(households)))
    }

    /// Members of households, with those of their other entries, that are probably one.
    private func compareMembers(of households: [[Int64]]) throws
        -> [(household: Int64, area: Int64, pairs: [OpenPairs.Pair])]
    {
        struct Key: Hashable {
            let household: Int64
            let birthDate: Int64
            let name: String
        }
        var (areas, aside): ([Int64: Int64], Set<Int64>) = ([:], [])
        try db.forEachRow(
            "SELECT subject, area, set_aside FROM household WHERE subject IN (KEYS)",
            among: households.joined().sorted()
        ) { row in
            areas[row.integer(0)] = row.integer(1)
            if row.flag(2) { aside.insert(row.integer(0)) }
        }
        var canonical: [Int64: Int64] = [:]
        for entries in households {
            let known = entries.filter { areas[$0] != nil }
            guard areas[entries[0]] != nil, !aside.isSuperset(of: known) else { continue }
            for entry in entries { canonical[entry] = entries[0] }
        }
        var groups: [Key: [Int64]] = [:]
        try db.forEachRow(
            """
            SELECT subject, household, birth_date, \(Numbers.name) FROM person
            WHERE household IN (KEYS) AND birth_date IS NOT NULL AND set_aside = 0
            """, among: canonical.keys.sorted()
        ) { row in
            let name = row.text(3)
            guard !name.isEmpty else { return }
            let household = row.integer(1)
            let key = Key(
                household: canonical[household] ?? household, birthDate: row.integer(2), name: name)
            groups[key, default: []].append(row.integer(0))
        }
        var pairs: [Int64: [OpenPairs.Pair]] = [:]
        for (key, members) in groups where members.count > 1 {
            pairs[key.household, default: []] += try self.pairs(among: members)
        }
        return households.map { entries in
            (entries[0], areas[entries[0]] ?? 0, pairs[entries[0]] ?? [])
        }
    }

    private func pairs(among entries: [Int64]) throws -> [OpenPairs.Pair] {
        guard entries.count > 1 else { return [] }
        var classes: [[Int64]] = []
        var standing: Set<Int64> = []
        for entry in try db.sortedByID(entries) {
            let all = try hasJoins ? Joined.entries(of: entry, in: db) : [entry]
            if standing.insert(all[0]).inserted { classes.append(all) }
        }
        let order = try db.sortedByID(classes.map { $0[0] })
        let places = Dictionary(
            uniqueKeysWithValues: order.enumerated().map { ($0.element, $0.offset) })
        classes.sort { places[$0[0]]! < places[$1[0]]! }
        return try classes.indices.dropFirst().compactMap { index in
            let others = try different(from: classes[index])
            return classes[..<index].first { others.isDisjoint(with: $0) }.map {
                OpenPairs.Pair(first: $0[0], second: classes[index][0])
            }
        }
    }

    /// Entries of which somebody has said that they are not the same as one of these.
    private func different(from entries: [Int64]) throws -> Set<Int64> {
        var others: Set<Int64> = []
        for entry in entries {
            let rows = try db.rows(
                """
                SELECT second AS other FROM same_as WHERE first = ?1 AND same = 0
                UNION ALL SELECT first FROM same_as WHERE second = ?1 AND same = 0
                """, [entry])
            for row in rows { others.insert(row["other"]) }
        }
        return others
    }
}

/// Pairs of entries that are probably one and of which nobody has said whether, by what they have in
/// common.
private enum OpenPairs {
    /// In the order of their ids.
    struct Pair {
        let first: Int64
        let second: Int64
    }

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
    static func replace(_ pairs: [Group: [Pair]], in db: Database) throws -> Set<Int64> {
        var before: [Group: [Int64: Int64]] = [:]
        if try db.hasRows("duplicate") {
            for (reason, groups) in Dictionary(grouping: pairs.keys, by: \.reason) {
                try db.forEachRow(
                    """
                    SELECT key, first, second FROM duplicate
                    WHERE reason = '\(reason.rawValue)' AND key IN (KEYS)
                    """, among: groups.map(\.key)
                ) { row in
                    let group = Group(reason: reason, key: row.text(0), area: 0)
                    before[group, default: [:]][row.integer(2)] = row.integer(1)
                }
            }
        }
        var changed: Set<Int64> = []
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
                    [group.reason.rawValue, group.key, second, first, group.area])
            }
            changed.formUnion(Set(old.keys).union(new.keys).filter { old[$0] != new[$0] })
        }
        return changed
    }
}
