internal import Foundation
internal import GRDB
public import SurveyModel
public import SurveyStore

/// Finding a household by what somebody types: number, name, pinyin or its initials, address, a
/// member's name, or its village's name.
extension FieldStore {
    /// - Parameter text: words that must all be found.
    /// - Returns: at most `limit`, those first whose number or name begins with the text.
    public func search(_ text: String, in villages: [Area], round: Round?, limit: Int = 50) throws
        -> [HouseholdRow]
    {
        let words = text.halfWidth.trimmed.lowercased().split(separator: " ").map(String.init)
        guard !words.isEmpty else { return [] }
        try writer.write { db in
            try Projector.catchUp(db)
            try SearchIndex.update(db)
        }
        return try SurveyDatabase.read(writer) { db in
            let found = try SearchIndex.find(words, in: villages, db)
            return try found.prefix(limit).compactMap {
                try Subjects.household($0, round: round, db)
            }
        }
    }
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
            LEFT JOIN (SELECT household, group_concat(name, ' ') AS members
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
            let names = ([head] + members.split(separator: " ").map(String.init))
            var seen: Set<String> = []
            let words = names.filter { seen.insert($0).inserted }.flatMap { name in
                let pinyin = Pinyin(name)
                return [name.lowercased(), pinyin.letters, pinyin.initials]
            }
            try db.run(
                "INSERT OR REPLACE INTO search (subject, source, text) VALUES (?, ?, ?)",
                [
                    row["subject"] as Data,
                    [number, head, address, members].joined(separator: "\u{1F}"),
                    " "
                        + ([number.lowercased()] + words + [address.lowercased()])
                        .joined(separator: " "),
                ])
        }
    }

    /// Subjects whose text, or whose village's name, has every word; those first in whose text a word
    /// begins with it.
    static func find(_ words: [String], in villages: [Area], _ db: Database) throws
        -> [SubjectID]
    {
        func list(_ areas: [Area]) -> String {
            areas.map { String($0.id.column) }.joined(separator: ",")
        }
        let conditions = words.map { word in
            "(instr(text, ?) > 0 OR area IN (\(list(named(word, among: villages)))))"
        }.joined(separator: " AND ")
        let first = words[0]
        return try Row.fetchAll(
            db,
            sql: """
                SELECT search.subject FROM search
                JOIN household ON household.subject = search.subject
                WHERE area IN (\(list(villages))) AND \(conditions)
                    AND search.subject NOT IN (SELECT subject FROM joined WHERE subject != canonical)
                ORDER BY household_no != ?, instr(text, ?) = 0, household_no LIMIT 200
                """,
            arguments: StatementArguments(words) + [first, " " + first]
        ).compactMap { SubjectID($0["subject"] as Data) }
    }

    /// Villages that a word means: of several, as one's own have no need of it. A single letter means
    /// none.
    private static func named(_ word: String, among villages: [Area]) -> [Area] {
        guard villages.count > 1, word.count > 1 else { return [] }
        return villages.filter { village in
            let pinyin = Pinyin(village.name)
            return village.name.contains(word) || pinyin.letters.hasPrefix(word)
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
