internal import Foundation
internal import SurveyModel

/// Reads a CSV file row by row, in constant memory.
struct CSVFile {
    let name: String
    private let handle: FileHandle

    init(_ file: URL) throws {
        name = file.lastPathComponent
        do {
            handle = try FileHandle(forReadingFrom: file)
        } catch {
            throw Failure(.badFile, file.path)
        }
    }

    /// Calls `body` with the header and each row after it.
    func forEachRow(required: [String], _ body: (CSVHeader, CSVRow) throws -> Void) throws {
        var parser = CSVParser()
        var header: CSVHeader?
        func take(_ row: CSVRow) throws {
            if let header {
                try body(header, row)
            } else {
                header = try CSVHeader(row, required: required)
            }
        }
        do {
            while let chunk = try handle.read(upToCount: 64 * 1024), !chunk.isEmpty {
                for row in try parser.parse(chunk) { try take(row) }
            }
            if let row = try parser.finish() { try take(row) }
        } catch let error as CSVError {
            throw Failure(.badFile, "\(name), \(error.place)")
        }
        guard header != nil else {
            throw Failure(.missingColumns, required.joined(separator: ", "))
        }
    }
}

extension CSVHeader {
    /// A row with fewer or more fields than the header is a slip, such as a comma without quotes.
    func checkWidth(of row: CSVRow, _ file: String) throws(RowProblem) {
        guard row.fields.count == count else {
            throw RowProblem(
                file, row.line, "\(row.fields.count)/\(count)", zh: "列数与表头不符",
                en: "the number of fields is not that of the header")
        }
    }
}

extension CSVError {
    fileprivate var place: String {
        switch self {
        case .badQuoting(let line): "line \(line): a quote is not closed"
        case .notUTF8(let line): "line \(line): not UTF-8"
        case .fieldTooLong(let line): "line \(line): a field is too long"
        case .badLineEnd(let line): "line \(line): a line ends in CR alone; write LF or CRLF"
        }
    }
}
