import SurveyModel

/// Why a cell cannot be taken. Never carries what stands in it.
struct CellProblem: Error {
    let message: Label

    init(_ message: Label) { self.message = message }

    init(zh: String, en: String) { message = Label(zh: zh, en: en) }
}

/// What stands for "no answer" in a column; an empty cell always does.
struct MissingTokens {
    private let texts: Set<String>
    private let numbers: Set<ExactNumber>

    init(_ tokens: [String]) {
        texts = Set(tokens.map(\.folded))
        numbers = Set(tokens.compactMap { ExactNumber($0.folded) })
    }

    /// - Parameter isNumber: the cell holds a number, so that 0 stands for 0.0 too.
    func contains(_ cell: String, isNumber: Bool) -> Bool {
        let cell = cell.folded
        if cell.isEmpty || texts.contains(cell) { return true }
        guard isNumber, !numbers.isEmpty, let number = ExactNumber(cell) else { return false }
        return numbers.contains(number)
    }
}

/// Where a field's answer stands in a foreign table, and how it is read.
struct FieldMapping {
    enum Source {
        /// By its name in the header.
        case column(String)
        case constant(FieldValue)
    }

    let field: FieldDefinition
    let source: Source
    var missing = MissingTokens([])
    /// Foreign text, as ``choiceKey(_:)``, → answer; an answer that is null says nothing.
    var codes: [String: FieldValue]?
    /// The answer to what the codes do not list.
    var otherwise: FieldValue?
    /// The answer of a cell that says nothing, for records that have none.
    var absent: FieldValue?
    /// A cell that says nothing takes the answer away; otherwise it stays.
    var clears = false
    /// Between the choices of one cell.
    var separator: String?
    var scaling = Scaling()
    var dates: [DatePattern] = []

    init(_ field: FieldDefinition, from source: Source) {
        self.field = field
        self.source = source
    }

    /// What people look for in the file.
    var place: String {
        switch source {
        case .column(let name): name
        case .constant: field.key
        }
    }

    /// What a row says of the field; nil when it says nothing.
    func value(_ header: CSVHeader, _ row: CSVRow) throws(CellProblem) -> FieldValue? {
        switch source {
        case .constant(let value): return value
        case .column(let name): return try value(of: header.field(name.lowercased(), of: row))
        }
    }

    func value(of cell: String) throws(CellProblem) -> FieldValue? {
        let isNumber = field.isNumber
        guard !missing.contains(cell, isNumber: isNumber) else { return nil }
        var values: [FieldValue] = []
        for choice in choices(in: cell) where !missing.contains(choice, isNumber: isNumber) {
            let value = try answer(choice)
            if value != .null, !values.contains(value) { values.append(value) }
        }
        if case .codes = field.type { return Self.union(values) }
        guard values.count <= 1 else {
            throw CellProblem(
                zh: "其中的几个值对应不同的答案。", en: "its choices stand for different answers.")
        }
        return values.first
    }

    private static func union(_ values: [FieldValue]) -> FieldValue? {
        var all: [String] = []
        for case .codes(let codes) in values { all += codes }
        return all.isEmpty ? nil : .codes(normalizing: all)
    }

    private func answer(_ choice: String) throws(CellProblem) -> FieldValue {
        if let codes {
            if let answer = codes[choiceKey(choice)] ?? otherwise { return answer }
            // A foreign code may look like one of ours and mean another thing.
            guard !field.isChosen else {
                throw CellProblem(
                    zh: "映射的 codes 没有列出这个值。", en: "is not listed in the mapping's codes.")
            }
        }
        do throws(AnswerProblem) {
            return try read(choice)
        } catch {
            throw CellProblem(error.message)
        }
    }

    private func read(_ text: String) throws(AnswerProblem) -> FieldValue {
        switch field.type {
        case .integer: return try field.parse(try number(text, digits: 0).text)
        case .decimal:
            let digits = Int(ScaledDecimal.largestScale)
            return try field.parse(try number(text, digits: digits).text)
        case .date where !dates.isEmpty:
            let written = text.halfWidth
            for pattern in dates {
                if let date = pattern.date(written) { return .date(date) }
            }
            throw field.problem(.notWritten(as: dates.map(\.text).joined(separator: ", ")))
        default: return try field.parse(text)
        }
    }

    private func number(_ text: String, digits: Int) throws(AnswerProblem) -> ScaledDecimal {
        guard let number = ExactNumber(text.halfWidth.trimmed) else {
            throw field.problem(.notANumber)
        }
        do throws(Scaling.Trouble) {
            return try scaling.applied(to: number, digits: digits)
        } catch {
            throw field.problem(error == .notWhole ? .notAWholeNumber : .notANumber)
        }
    }
}

// MARK: Choices of one cell

extension FieldMapping {
    /// A foreign text as the codes are searched by: whatever its spelling, its case and the spaces
    /// around a separator.
    func choiceKey(_ text: String) -> String {
        guard let separator else { return text.folded.lowercased() }
        return choiceKey(parts(of: text, by: separator)[...], by: separator)
    }

    private func choiceKey(_ parts: ArraySlice<String>, by separator: String) -> String {
        parts.map(\.folded).joined(separator: separator).lowercased()
    }

    /// A choice may hold the separator itself: the longest listed run of parts is one choice.
    private func choices(in cell: String) -> [String] {
        guard let separator else { return [cell] }
        let parts = parts(of: cell, by: separator)
        guard let codes else { return parts }
        let longest = codes.keys.map { self.parts(of: $0, by: separator).count }.max() ?? 1
        var choices: [String] = []
        var rest = parts[...]
        while !rest.isEmpty {
            var length = min(max(longest, 1), rest.count)
            while length > 1,
                codes[choiceKey(rest.prefix(length), by: separator)] == nil
            {
                length -= 1
            }
            choices.append(rest.prefix(length).joined(separator: separator))
            rest = rest.dropFirst(length)
        }
        return choices
    }

    private func parts(of text: String, by separator: String) -> [String] {
        text.split(separator: separator).map(\.trimmed).filter { !$0.isEmpty }
    }
}

extension FieldDefinition {
    var isNumber: Bool {
        switch type {
        case .integer, .decimal: true
        default: false
        }
    }

    /// Answered with something of a list, or with yes or no.
    var isChosen: Bool {
        switch type {
        case .code, .codes, .boolean: true
        default: false
        }
    }
}
