import Foundation
import SurveyConsole
import SurveyModel

/// A foreign CSV file, read row by row.
struct TableFile {
    let file: URL

    private static let pieceBytes = 64 * 1_024

    var name: String { file.lastPathComponent }

    /// Calls `body` with the header and each row after it.
    ///
    /// - Parameter columns: those that the header must have, in lower case.
    func forEachRow(columns: [String], _ body: (CSVHeader, CSVRow) throws -> Void) throws {
        let handle: FileHandle
        do {
            handle = try FileHandle(forReadingFrom: file)
        } catch {
            throw Failure(.badFile, file.path)
        }
        var parser = CSVParser()
        var header: CSVHeader?
        func take(_ row: CSVRow) throws {
            if let header {
                try body(header, row)
            } else {
                header = try CSVHeader(row, required: columns)
            }
        }
        do {
            while let piece = try next(handle) {
                for row in try parser.parse(piece) { try take(row) }
            }
            if let row = try parser.finish() { try take(row) }
        } catch let error as CSVError {
            throw Failure(.badFile, "\(name), \(error.place)")
        }
        guard header != nil else {
            throw Failure(.missingColumns, columns.joined(separator: ", "))
        }
    }

    private func next(_ handle: FileHandle) throws(Failure) -> Data? {
        do {
            let piece = try handle.read(upToCount: Self.pieceBytes) ?? Data()
            return piece.isEmpty ? nil : piece
        } catch {
            throw Failure(.badFile, file.path)
        }
    }
}

extension CSVError {
    fileprivate var place: String {
        switch self {
        case .badQuoting(let line): Self.place(line, zh: "引号没有配对", en: "a quote is not closed")
        case .notUTF8(let line): Self.place(line, zh: "不是 UTF-8", en: "not UTF-8")
        case .fieldTooLong(let line): Self.place(line, zh: "内容过长", en: "a field is too long")
        case .badLineEnd(let line):
            Self.place(line, zh: "行末只有 CR", en: "a line ends in CR alone")
        }
    }

    private static func place(_ line: Int, zh: String, en: String) -> String {
        localized(zh: "第 \(line) 行：\(zh)", en: "line \(line): \(en)")
    }
}
