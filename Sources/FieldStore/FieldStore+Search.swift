internal import Foundation
internal import GRDB
public import SurveyModel
public import SurveyStore

/// Finding a household by what somebody types: number, name, pinyin or its initials, address, a
/// member's name, or its village's name.
extension FieldStore {
    /// - Parameters:
    ///   - text: words that must all be found.
    ///   - setAside: households that are set aside too.
    /// - Returns: at most `limit`, those first whose own number, name or address it is, then those that
    ///   have a member of that name.
    public func search(
        _ text: String, in villages: [Area], round: Round?, limit: Int = 50,
        setAside: Bool = false
    ) throws -> [FoundHousehold] {
        // On a keyboard ü is v.
        let words = text.split(whereSeparator: \.isWhitespace).map(\.searched)
            .filter { !$0.isEmpty }.map {
                $0.allSatisfy(\.isLetter)
                    ? $0.replacingOccurrences(of: "lv", with: "lu")
                        .replacingOccurrences(of: "nv", with: "nu") : $0
            }
        guard !words.isEmpty else { return [] }
        func found(_ db: Database) throws -> [FoundHousehold] {
            let found = try SearchIndex.find(words, in: villages, db)
            var rows: [FoundHousehold] = []
            for found in found where rows.count < limit {
                guard let row = try Subjects.household(found.subject, round: round, db),
                    setAside || !row.isSetAside
                else { continue }
                let member =
                    found.isOwn ? nil : try SearchIndex.member(of: found.subject, words[0], db)
                rows.append(FoundHousehold(household: row, member: member))
            }
            return rows
        }
        do {
            try writer.write { db in
                try Projector.catchUp(db)
                try SearchIndex.update(db)
            }
        } catch let error as DatabaseError where error.isOfTheDisk {
            return try readWithoutKeeping { db in
                if !db.configuration.readonly { try SearchIndex.update(db) }
                return try found(db)
            }
        }
        return try SurveyDatabase.read(writer, found)
    }
}

/// A household that a text finds.
public struct FoundHousehold: Sendable {
    public let household: HouseholdRow
    /// The member by whose name it is found; nil when it is found by what is its own.
    public let member: String?

    public init(household: HouseholdRow, member: String?) {
        self.household = household
        self.member = member
    }
}

extension StringProtocol {
    /// As texts are searched: whatever their spelling and case.
    fileprivate var searched: String { folded.lowercased() }
}

/// What households are found by, kept beside them: transliterating a village takes longer than
/// searching it.
enum SearchIndex {
    /// Brings the index up to the register: a household whose name, number, address or members
    /// changed is written again.
    static func update(_ db: Database) throws {
        try db.run("DELETE FROM search WHERE subject NOT IN (SELECT subject FROM household)", [])
        let stale = try db.rows(
            """
            SELECT household.subject, household_no, head_name, address, members
            FROM household
            LEFT JOIN (SELECT household, group_concat(name, char(30)) AS members
                FROM (SELECT household, name FROM person ORDER BY household, subject)
                GROUP BY household) AS person ON person.household = household.subject
            LEFT JOIN search ON search.subject = household.subject
            WHERE search.source IS NOT
                household_no || char(31) || head_name || char(31) || address || char(31)
                    || coalesce(members, '')
            """)
        for row in stale {
            let (number, head) = (row["household_no"] as String, row["head_name"] as String)
            let (address, members) = (row["address"] as String, row["members"] as String? ?? "")
            func words(_ name: String) -> [String] {
                let pinyin = Pinyin(name)
                return [name.searched, pinyin.letters, pinyin.initials]
            }
            var seen: Set<String> = [head.folded]
            let others = members.split(separator: "\u{1E}").map(\.folded)
                .filter { seen.insert($0).inserted }
            let own = [number.searched] + words(head.folded) + [address.searched]
            try db.run(
                "INSERT OR REPLACE INTO search (subject, source, text) VALUES (?, ?, ?)",
                [
                    row["subject"] as Int64,
                    [number, head, address, members].joined(separator: "\u{1F}"),
                    " " + (own + [Self.mark] + others.flatMap(words)).joined(separator: " ") + " ",
                ])
        }
    }

    /// Between what is a household's own and its members.
    private static let mark = "\u{1F}"

    /// Subjects whose text, or whose village's name, has every word, under any of their entries; those
    /// first of whose own words one is the first one, or begins with it.
    static func find(_ words: [String], in villages: [Area], _ db: Database) throws
        -> [(subject: SubjectID, isOwn: Bool)]
    {
        func list(_ areas: [Area]) -> String {
            areas.map { String($0.id.column) }.joined(separator: ",")
        }
        let conditions = words.indices.map { position -> String in
            let word = words[position]
            return
                "(instr(text, ?\(position + 4)) > 0 OR area IN (\(list(named(word, among: villages)))))"
        }.joined(separator: " AND ")
        let first = words[0]
        return try Row.fetchAll(
            db,
            sql: """
                WITH found AS (
                    SELECT coalesce(canonical, search.subject) AS subject, household_no,
                        lower(coalesce(folded_no, household_no)) AS number, text,
                        instr(text, char(31)) AS mark,
                        instr(text, ?1) AS word, instr(text, ?2) AS beginning
                    FROM search JOIN household ON household.subject = search.subject
                    LEFT JOIN joined ON joined.subject = search.subject
                    WHERE area IN (\(list(villages))) AND \(conditions)),
                ranked AS (
                    SELECT subject, household_no, number, instr(substr(text, 1, mark), ?3) > 0 AS own,
                        CASE
                            WHEN number = ?3 THEN 0
                            WHEN word BETWEEN 1 AND mark THEN 1
                            WHEN beginning BETWEEN 1 AND mark THEN 2
                            WHEN instr(substr(text, 1, mark), ?3) > 0 THEN 3
                            WHEN word > 0 THEN 4
                            ELSE 5 END AS rank FROM found)
                SELECT \(subjectID("ranked.subject")) AS id, max(own) AS own FROM ranked
                GROUP BY subject
                ORDER BY min(rank), min(household_no) LIMIT 200
                """,
            arguments: [" \(first) ", " \(first)", first] + StatementArguments(words)
        ).compactMap { row in
            SubjectID(row["id"] as Data).map { ($0, row["own"]) }
        }
    }

    /// The first member whose name a word means; nil when there is none.
    static func member(of household: SubjectID, _ word: String, _ db: Database) throws -> String? {
        let entries = try Joined.entries(of: household, in: db)
        return try db.rows(
            """
            SELECT name FROM person WHERE household IN (\(databaseQuestionMarks(count: entries.count)))
            ORDER BY person_no
            """, StatementArguments(try entries.map { try db.number(of: $0) })
        ).map { $0["name"] as String }.first { name in
            let pinyin = Pinyin(name.folded)
            return name.searched.contains(word) || pinyin.letters.contains(word)
                || pinyin.initials.contains(word)
        }
    }

    /// Villages that a word means: of several, as one's own have no need of it. A single letter means
    /// none.
    private static func named(_ word: String, among villages: [Area]) -> [Area] {
        guard villages.count > 1, word.count > 1 else { return [] }
        return villages.filter { village in
            let pinyin = Pinyin(village.name.folded)
            return village.name.searched.contains(word) || pinyin.letters.hasPrefix(word)
                || pinyin.initials.hasPrefix(word)
        }
    }
}

/// A Chinese name as people type it with a Latin keyboard.
///
/// Foundation transliterates with the surname's reading: 单 is shan, 解 xie.
public struct Pinyin: Sendable, Hashable {
    /// `wangxiaofang`
    public let letters: String
    /// `wxf`
    public let initials: String

    public init(_ name: String) {
        let syllables =
            (name.applyingTransform(
                StringTransform("Han-Latin/Names; Latin-ASCII; Lower()"), reverse: false) ?? name)
            .split(whereSeparator: { !$0.isLetter && !$0.isNumber })
        letters = syllables.joined()
        initials = String(syllables.compactMap(\.first))
    }
}
