public import Foundation
public import SurveyModel

/// A CSV file, read row by row in constant memory.
public struct CSVFile: Sendable {
    private let file: URL

    private static let pieceBytes = 64 * 1_024

    public init(_ file: URL) { self.file = file }

    public var name: String { file.lastPathComponent }

    /// Calls `body` with the header and each row after it.
    ///
    /// - Parameter required: columns that the header must have, in lower case.
    /// - Throws: `Failure` of a file that cannot be read, by line where it has one; whatever
    ///   `body` throws.
    public func forEachRow(required: [String], _ body: (CSVHeader, CSVRow) throws -> Void) throws {
        let handle: FileHandle
        do {
            handle = try FileHandle(forReadingFrom: file)
        } catch {
            throw Failure(.badFile, file.path)
        }
        defer { try? handle.close() }
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
            while let piece = try next(handle) {
                for row in try parser.parse(piece) { try take(row) }
            }
            if let row = try parser.finish() { try take(row) }
        } catch let error as CSVError {
            throw Failure(.badFile, error.text(in: name))
        }
        guard header != nil else {
            throw Failure(.missingColumns, required.joined(separator: ", "))
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
    fileprivate func text(in file: String) -> Label {
        switch self {
        case .badQuoting(let line): text(file, line, zh: "引号没有配对", en: "a quote is not closed")
        case .notUTF8(let line): text(file, line, zh: "不是 UTF-8", en: "not UTF-8")
        case .fieldTooLong(let line): text(file, line, zh: "内容过长", en: "a field is too long")
        case .badLineEnd(let line):
            text(file, line, zh: "行末只有 CR", en: "a line ends in CR alone; write LF or CRLF")
        }
    }

    private func text(_ file: String, _ line: Int, zh: String, en: String) -> Label {
        Label(zh: "\(file) 第 \(line) 行：\(zh)", en: "\(file), line \(line): \(en)")
    }
}
