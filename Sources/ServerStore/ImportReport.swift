public import SurveyModel

/// A row that was not imported, or that asks for a look, and why. Never carries the row's values.
public struct RowProblem: Sendable, Hashable {
    public let file: String
    /// From 1, the header included.
    public let line: Int
    public let column: String
    public let message: Label

    init(_ file: String, _ line: Int, _ column: String, zh: String, en: String) {
        self.file = file
        self.line = line
        self.column = column
        self.message = Label(zh: zh, en: en)
    }

    public func text(_ language: Language) -> String {
        switch language {
        case .zh: "\(file) 第 \(line) 行，列 \(column)：\(message.zh)"
        case .en: "\(file) line \(line), column \(column): \(message.en)"
        }
    }
}

/// What an import did.
public struct ImportReport: Sendable {
    public var rows = 0
    public var added = 0
    public var changed = 0
    public var unchanged = 0
    public var wrong = 0
    /// The first thousand of the wrong ones.
    public var problems: [RowProblem] = []
    /// Rows that were imported though somebody else has their number.
    public var clashes = 0
    /// The first thousand of those.
    public var clashing: [RowProblem] = []
    /// Households that the roster puts into another village than the last one did.
    public var moves: [RosterMove] = []
    /// Households whose numbers begin with a code that is no longer their village's, or that was not
    /// when they were imported.
    public var oldNumbers: [RosterOldNumber] = []
    /// What a file of areas would change, or changed.
    public var plan: AreaPlan?
    /// Nothing was imported, for its moves or old numbers, or a plan that nobody accepted.
    public var isStopped = false
    /// Nothing was imported, for its wrong rows.
    public var isRefused = false
    /// Entries of the villages that the roster names which an earlier one had and it has not.
    public var missing: [RosterEntry] = []

    mutating func add(_ problem: RowProblem) {
        wrong += 1
        if problems.count < 1_000 { problems.append(problem) }
    }

    mutating func announce(_ clash: RowProblem) {
        clashes += 1
        if clashing.count < 1_000 { clashing.append(clash) }
    }

    /// The wrong rows of each file from its beginning, households first.
    mutating func sortProblems(_ files: [String]) {
        func rank(_ problem: RowProblem) -> (Int, Int) {
            (files.firstIndex(of: problem.file) ?? files.count, problem.line)
        }
        problems.sort { rank($0) < rank($1) }
        clashing.sort { rank($0) < rank($1) }
    }
}

/// How many households a roster puts from one village into another.
public struct RosterMove: Sendable, Hashable {
    public let from: Area
    public let to: Area
    public let households: Int
}

/// How many rows of a village have numbers that begin with an old code, or should.
public struct RosterOldNumber: Sendable, Hashable {
    public let code: String
    public let village: Area
    public let households: Int
}

/// A household, or a person in it, by what a roster calls it.
public struct RosterEntry: Sendable, Hashable {
    public let villageCode: String
    public let householdNo: String
    /// nil for the household itself.
    public let personNo: String?
}

/// How far an import has come: done of total, nil while the total is not known.
public struct ImportProgress: Sendable {
    public enum Phase: Sendable { case reading, writing }

    public let phase: Phase
    public let done: Int
    public let total: Int?
}
