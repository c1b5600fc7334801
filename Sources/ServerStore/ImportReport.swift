public import SurveyModel

/// A row that was not imported, and why. Never carries the row's values.
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

    mutating func add(_ problem: RowProblem) {
        wrong += 1
        if problems.count < 1_000 { problems.append(problem) }
    }
}

/// How far an import has come: done of total, nil while the total is not known.
public struct ImportProgress: Sendable {
    public enum Phase: Sendable { case reading, writing }

    public let phase: Phase
    public let done: Int
    public let total: Int?
}
