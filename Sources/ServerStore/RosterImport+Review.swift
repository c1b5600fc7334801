internal import Foundation
internal import GRDB
internal import SurveyModel
internal import SurveyStore

/// What a roster as a whole would do to the register, before any of it is written.
extension RosterImport {
    /// More households than this, and more than this share of the roster's, are no everyday moves.
    static let movesLimit = 20
    static let movesShare = 0.05

    /// Counts the households that would move and takes out those whose numbers are somebody else's.
    mutating func review(allowMoves: Bool, persons: Bool) throws {
        let (staging, derived, tree) = (staging, store.derived, tree)
        let review = try store.writer.read { main in
            var review = RosterReview(RosterLookup(main, derived, tree), tree, allowMoves)
            try staging.queue.read { staged in
                let rows = try Row.fetchCursor(
                    staged,
                    sql: """
                        SELECT key, raw, village, line, head_name FROM household
                        ORDER BY village, key
                        """)
                var batch: [RosterReview.StagedHousehold] = []
                while let row = try rows.next() {
                    batch.append(
                        RosterReview.StagedHousehold(
                            key: RosterKey(folded: row[0], raw: row[1]),
                            village: AreaID(column: row[2]), line: row[3], name: row[4] ?? ""))
                    guard batch.count >= 2_000 else { continue }
                    try review.note(batch)
                    batch = []
                }
                try review.note(batch)
            }
            return review.findings
        }
        for row in review.reused {
            reusedNumbers.insert(row.key)
            report.add(.reusedNumber(in: files.households, row.line))
        }
        try staging.queue.write { staged in
            for row in review.reused {
                try staged.run("DELETE FROM household WHERE key = ?", [row.key])
            }
        }
        report.moves = review.moves.compactMap { key, count in
            guard let from = tree[key.from], let to = tree[key.to] else { return nil }
            return RosterMove(from: from, to: to, households: count)
        }.sorted { ($0.from.code, $0.to.code) < ($1.from.code, $1.to.code) }
        report.oldNumbers = review.oldNumbers.compactMap { key, count in
            tree[key.village].map {
                RosterOldNumber(code: key.code, village: $0, households: count)
            }
        }.sorted { ($0.code, $0.village.code) < ($1.code, $1.village.code) }
        let moved = report.moves.reduce(0) { $0 + $1.households }
        let share = Double(moved) / Double(max(1, try staging.count().households))
        let isUnusual = moved > Self.movesLimit && share > Self.movesShare
        report.isStopped =
            !allowMoves && (isUnusual || review.hasOldCodes || !report.oldNumbers.isEmpty)
        report.missing = try missing(persons: persons)
    }

    /// Entries that an earlier roster had in the villages of this one, and this one has not. They
    /// stay as they are.
    private func missing(persons: Bool) throws -> [RosterEntry] {
        let (staging, tree) = (staging, tree)
        return try store.writer.read { main in
            try staging.queue.read { staged in
                let villages = Set(
                    try Int64.fetchAll(staged, sql: "SELECT DISTINCT village FROM household"))
                var missing: [RosterEntry] = []
                let rows = try Row.fetchCursor(
                    main,
                    sql:
                        "SELECT kind, key, area FROM import_row WHERE kind IN (1, 2) ORDER BY kind, key"
                )
                while let row = try rows.next() {
                    let area = AreaID(column: row["area"])
                    guard villages.contains(tree.standing(for: area).column) else { continue }
                    let parts = (row["key"] as String).split(
                        separator: "\u{1F}", maxSplits: 1, omittingEmptySubsequences: false
                    ).map(String.init)
                    let isPerson = parts.count == 2
                    if isPerson, !persons { continue }
                    let household = parts[0].folded
                    let key = isPerson ? household + "\u{1F}" + parts[1].foldedPlace : household
                    let table = isPerson ? "person" : "household"
                    guard
                        try staged.value("SELECT 1 FROM \(table) WHERE key = ?", [key]) as Int64?
                            == nil
                    else { continue }
                    missing.append(
                        RosterEntry(
                            villageCode: tree[area]?.code ?? "",
                            householdNo: household, personNo: isPerson ? parts[1] : nil))
                }
                return missing
            }
        }
    }

    // MARK: Persons

    /// Gives every person a village, and those whose household has no row here that household. One
    /// whose household is not known, or not imported, is a wrong row.
    mutating func placePersons() throws {
        try staging.placePersons()
        var last = ""
        while true {
            let (staging, after) = (staging, last)
            let batch = try staging.queue.read { staged in
                try Row.fetchAll(
                    staged,
                    sql: """
                        SELECT household, min(household_raw) AS raw FROM person
                        WHERE village IS NULL AND household > ?
                        GROUP BY household ORDER BY household LIMIT 1000
                        """, arguments: [after])
            }
            guard let end = batch.last else { return }
            last = end["household"]
            for row in batch {
                try place(RosterKey(folded: row["household"], raw: row["raw"]))
            }
        }
    }

    private mutating func place(_ household: RosterKey) throws {
        let (staging, derived, tree) = (staging, store.derived, tree)
        let isReused = reusedNumbers.contains(household.folded)
        let isRefused = isReused || refused.contains(household.folded)
        let found =
            try isReused
            ? nil
            : store.writer.read { main in
                let names = try staging.queue.read { staged in
                    try String.fetchAll(
                        staged,
                        sql: "SELECT name FROM person WHERE household = ? AND name IS NOT NULL",
                        arguments: [household.folded])
                }
                return try RosterLookup(main, derived, tree).household(
                    household,
                    ofPersonsNamed: isRefused ? nil : Set(names.map(\.folded)).subtracting([""]))
            }
        let file = files.persons
        let wrong: [RowProblem] = try staging.queue.write { staged in
            if let found, tree[found.area] != nil {
                try staged.run(
                    "UPDATE person SET village = ?, subject = ? WHERE household = ?",
                    [found.area.column, found.subject.bytes, household.folded])
                return []
            }
            let lines = try Int.fetchAll(
                staged, sql: "SELECT line FROM person WHERE household = ? ORDER BY line",
                arguments: [household.folded])
            try staged.run("DELETE FROM person WHERE household = ?", [household.folded])
            return lines.map { line in
                isRefused
                    ? RowProblem(
                        file, line, "household_no", zh: "这一户的行有误，未导入",
                        en: "the row of its household is wrong and was not imported")
                    : RowProblem(
                        file, line, "household_no", zh: "没有这一户",
                        en: "there is no such household")
            }
        }
        for problem in wrong { report.add(problem) }
    }
}
