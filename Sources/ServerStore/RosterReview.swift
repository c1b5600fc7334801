import GRDB
import SurveyModel
import SurveyStore

/// Compares a roster's households with the register, row by row.
struct RosterReview {
    struct Findings {
        /// Households that would move, by the villages.
        var moves: [Move: Int] = [:]
        /// Rows whose numbers are another household's.
        var reused: [(key: String, line: Int64)] = []
        /// Rows whose numbers have codes of another register than the one that they came with.
        var oldNumbers: [OldNumber: Int] = [:]
        /// Some row's village code is one that its household's village had before.
        var hasOldCodes = false
    }

    struct Move: Hashable {
        let from: AreaID
        let to: AreaID
    }

    struct OldNumber: Hashable {
        let code: String
        let village: AreaID
    }

    private(set) var findings = Findings()
    private var lookup: RosterLookup
    private let tree: AreaTree
    private let retired: Set<String>
    private let allowMoves: Bool

    init(_ lookup: RosterLookup, _ tree: AreaTree, _ allowMoves: Bool) {
        self.lookup = lookup
        self.tree = tree
        self.retired = tree.retiredVillageCodes
        self.allowMoves = allowMoves
    }

    /// A household of the staging file.
    struct StagedHousehold {
        let key: RosterKey
        let village: AreaID
        let line: Int64
        let name: String
    }

    /// - Parameter rows: those of a village follow each other.
    mutating func note(_ rows: [StagedHousehold]) throws {
        try lookup.facts.read(households: rows.map(\.key), persons: [])
        for row in rows { try note(row) }
    }

    private mutating func note(_ row: StagedHousehold) throws {
        let (key, village, name) = (row.key, row.village, row.name)
        let match = try lookup.household(key, name: name, in: village)
        if let code = try lookup.formerCode(of: key, match, in: village), !allowMoves {
            findings.oldNumbers[OldNumber(code: code, village: village), default: 0] += 1
            return
        }
        if !allowMoves, try lookup.isReused(match, name: name, in: village) {
            findings.reused.append((key.folded, row.line))
            return
        }
        let code = tree[village]?.code ?? ""
        if case .known(_, let area, let last) = match {
            let before = last?.area ?? area
            guard !lookup.isIn(area, village), !lookup.isIn(before, village) else { return }
            findings.moves[Move(from: before, to: village), default: 0] += 1
            if tree[before]?.formerCodes.contains(code) == true { findings.hasOldCodes = true }
        }
        let prefix = String(key.folded.prefix(12))
        if prefix != code, retired.contains(prefix) {
            findings.oldNumbers[OldNumber(code: prefix, village: village), default: 0] += 1
        }
    }
}
