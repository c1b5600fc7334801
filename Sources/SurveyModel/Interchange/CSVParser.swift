internal import Foundation

/// One row of a CSV file, with the line it begins on.
public struct CSVRow: Sendable {
    /// From 1, the header included.
    public let line: Int
    public let fields: [String]
}

/// Why a CSV file cannot be read on.
public enum CSVError: Error, Sendable, Equatable {
    /// A quoted field does not end, or text follows its closing quote.
    case badQuoting(line: Int)
    case notUTF8(line: Int)
    case fieldTooLong(line: Int)
    /// A carriage return without a line feed.
    case badLineEnd(line: Int)
}

/// Splits CSV (RFC 4180) into rows as the bytes come, in constant memory.
///
/// UTF-8 with or without a byte order mark; LF or CRLF; blank lines are passed over.
public struct CSVParser: Sendable {
    /// Bytes of one field.
    public static let fieldLimit = 64 * 1024
    static let columnLimit = 1_024

    private enum State { case fieldStart, plain, quoted, quoteInQuoted }

    private var state = State.fieldStart
    private var field: [UInt8] = []
    private var fields: [String] = []
    private var line = 1
    private var rowLine = 1
    private var isFirstByte = true
    private var mark: [UInt8] = []
    /// A carriage return that only a line feed may follow.
    private var sawReturn = false

    public init() {}

    /// Takes more bytes and returns the rows that they complete.
    public mutating func parse(_ bytes: some Sequence<UInt8>) throws(CSVError) -> [CSVRow] {
        var rows: [CSVRow] = []
        for byte in Array(bytes) {
            if isFirstByte, try isByteOrderMark(byte) { continue }
            if let row = try take(byte) { rows.append(row) }
        }
        return rows
    }

    /// The last row, when the file does not end in a line break.
    public mutating func finish() throws(CSVError) -> CSVRow? {
        if isFirstByte {
            for byte in mark { _ = try take(byte) }
            mark = []
        }
        if case .quoted = state { throw .badQuoting(line: rowLine) }
        guard !field.isEmpty || !fields.isEmpty else { return nil }
        return try endRow()
    }

    private mutating func isByteOrderMark(_ byte: UInt8) throws(CSVError) -> Bool {
        let expected: [UInt8] = [0xEF, 0xBB, 0xBF]
        guard byte == expected[mark.count] else {
            isFirstByte = false
            let held = mark
            mark = []
            for byte in held { _ = try take(byte) }
            return false
        }
        mark.append(byte)
        if mark.count == expected.count { isFirstByte = false }
        return true
    }

    private mutating func take(_ byte: UInt8) throws(CSVError) -> CSVRow? {
        if sawReturn {
            sawReturn = false
            guard byte == 0x0A else { throw .badLineEnd(line: rowLine) }
        }
        switch (state, byte) {
        case (.fieldStart, UInt8(ascii: "\"")): state = .quoted
        case (.quoted, UInt8(ascii: "\"")): state = .quoteInQuoted
        case (.quoteInQuoted, UInt8(ascii: "\"")):
            try append(byte)
            state = .quoted
        case (.quoted, _):
            if byte == 0x0A { line += 1 }
            try append(byte)
        case (_, UInt8(ascii: ",")):
            try endField()
        case (_, 0x0A):
            return try endRow()
        case (_, 0x0D):
            sawReturn = true
        case (.quoteInQuoted, _):
            throw .badQuoting(line: rowLine)
        case (.fieldStart, _), (.plain, _):
            state = .plain
            try append(byte)
        }
        return nil
    }

    private mutating func append(_ byte: UInt8) throws(CSVError) {
        guard field.count < Self.fieldLimit else { throw .fieldTooLong(line: rowLine) }
        field.append(byte)
    }

    private mutating func endField() throws(CSVError) {
        guard let text = String(validating: field, as: UTF8.self) else {
            throw .notUTF8(line: rowLine)
        }
        guard fields.count < Self.columnLimit else { throw .fieldTooLong(line: rowLine) }
        fields.append(text)
        field.removeAll(keepingCapacity: true)
        state = .fieldStart
    }

    private mutating func endRow() throws(CSVError) -> CSVRow? {
        try endField()
        let row = CSVRow(line: rowLine, fields: fields)
        fields.removeAll(keepingCapacity: true)
        line += 1
        rowLine = line
        return row.fields == [""] ? nil : row
    }
}

/// The columns of a file by name: order free, extra ones ignored.
public struct CSVHeader: Sendable {
    private let positions: [String: Int]
    /// Columns of the file.
    public let count: Int

    /// - Throws: ``Failure`` that names the columns that are missing.
    public init(_ row: CSVRow, required: [String]) throws(Failure) {
        let names = row.fields.map { $0.trimmed.lowercased() }
        if let twice = required.first(where: { name in names.count { $0 == name } > 1 }) {
            throw Failure(.repeatedColumn, twice)
        }
        positions = Dictionary(names.enumerated().map { ($1, $0) }) { first, _ in first }
        count = names.count
        let missing = required.filter { positions[$0] == nil }
        guard missing.isEmpty else {
            throw Failure(.missingColumns, missing.joined(separator: ", "))
        }
    }

    /// The field of a column; empty when the row is too short or the column is not there.
    public func field(_ column: String, of row: CSVRow) -> String {
        guard let position = positions[column], position < row.fields.count else { return "" }
        return row.fields[position].trimmed.armed
    }
}

/// Quotes a field for CSV when it needs to be, leaves out what could move a cursor or turn the writing
/// direction, and disarms spreadsheet formulas; ``CSVHeader`` takes that back.
public func csvField(_ text: String) -> String {
    var text = String(
        String.UnicodeScalarView(
            text.unicodeScalars.filter { !$0.isUnprintable || "\t\n\r".unicodeScalars.contains($0) }
        ))
    if text.drop(while: { $0 == "'" }).isFormula { text = "'" + text }
    guard text.utf8.contains(where: { ",\"\n\r".utf8.contains($0) }) else { return text }
    return "\""
        + text.utf8.split(separator: UInt8(ascii: "\""), omittingEmptySubsequences: false)
        .map { String(Substring($0)) }.joined(separator: "\"\"") + "\""
}

extension StringProtocol {
    /// Whether a spreadsheet takes it for a formula, whatever blank stands before it and however wide
    /// it is written. A number is none.
    fileprivate var isFormula: Bool {
        if first == "\t" || first == "\r" || first == "\r\n" { return true }
        let seen = unicodeScalars.first { !$0.properties.isWhitespace && !$0.isInvisible }
        guard let seen, "=+-@＝＋－＠".unicodeScalars.contains(seen) else { return false }
        let isPlain = utf8.allSatisfy { (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }
        return !isPlain || Double(String(self)) == nil
    }

    /// Without the apostrophe with which ``csvField(_:)`` disarmed it.
    fileprivate var armed: String {
        first == "'" && drop { $0 == "'" }.isFormula ? String(dropFirst()) : String(self)
    }
}
