package import Foundation
package import GRDB
import GRDBSQLite
package import SurveyModel
import Synchronization

/// A value by which many rows are looked up.
package protocol LookupKey {
    func bind(to statement: OpaquePointer, at place: Int32)
}

extension Int64: LookupKey {
    package func bind(to statement: OpaquePointer, at place: Int32) {
        sqlite3_bind_int64(statement, place, self)
    }
}

extension Data: LookupKey {
    package func bind(to statement: OpaquePointer, at place: Int32) {
        RowWriter.bind(self, to: statement, at: place)
    }
}

extension String: LookupKey {
    package func bind(to statement: OpaquePointer, at place: Int32) {
        RowWriter.bind(self, to: statement, at: place)
    }
}

/// Statements for some numbers of keys, each written once.
private final class LookupTexts: Sendable {
    static let shared = LookupTexts()
    private static let sizes = [1, 16, 128]

    private let known = Mutex<[String: [String]]>([:])

    static func size(for keys: Int) -> Int { keys > 16 ? 128 : keys > 1 ? 16 : 1 }

    func text(_ sql: String, _ size: Int) -> String {
        known.withLock { known in
            let place = Self.sizes.firstIndex(of: size)!
            if let texts = known[sql] { return texts[place] }
            let texts = Self.sizes.map { size in
                sql.replacing(
                    "KEYS", with: repeatElement("?", count: size).joined(separator: ","))
            }
            known[sql] = texts
            return texts[place]
        }
    }
}

/// A row while it is read, by the places of its columns; it is another one afterwards.
package struct LookedUpRow {
    fileprivate let statement: OpaquePointer

    package func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }

    package func flag(_ column: Int32) -> Bool { integer(column) != 0 }

    package func isNull(_ column: Int32) -> Bool {
        sqlite3_column_type(statement, column) == SQLITE_NULL
    }

    package func optional(_ column: Int32) -> Int64? { isNull(column) ? nil : integer(column) }

    package func text(_ column: Int32) -> String {
        guard let bytes = sqlite3_column_text(statement, column) else { return "" }
        let count = Int(sqlite3_column_bytes(statement, column))
        return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    package func bytes(_ column: Int32) -> Data {
        guard let bytes = sqlite3_column_blob(statement, column) else { return Data() }
        return Data(bytes: bytes, count: Int(sqlite3_column_bytes(statement, column)))
    }

    package func subject(_ place: String, _ column: Int32 = 0) throws -> SubjectID {
        guard sqlite3_column_bytes(statement, column) == 16,
            let bytes = sqlite3_column_blob(statement, column)
        else { throw DamagedDatabase(place) }
        let pointer = UnsafeRawBufferPointer(start: bytes, count: 16)
        return SubjectID(Words2(pointer.word(0), pointer.word(1)))
    }
}

extension Database {
    /// Rows about many keys, read with few statements.
    ///
    /// - Parameters:
    ///   - sql: with `KEYS` where the keys stand in parentheses.
    ///   - first: values before the keys.
    ///   - keys: distinct ones. Rows come in any order.
    ///   - take: gets each row while it is read; it must not run the same statement.
    package func forEachRow<Key: LookupKey>(
        _ sql: String, _ first: [Int64] = [], among keys: [Key],
        _ take: (LookedUpRow) throws -> Void
    ) throws {
        try forEachChunk(sql, first, keys) { handle in
            while true {
                let code = sqlite3_step(handle)
                guard code == SQLITE_ROW else {
                    guard code == SQLITE_DONE else { throw error(code) }
                    return
                }
                try take(LookedUpRow(statement: handle))
            }
        }
    }

    /// Runs a statement for many keys.
    func run<Key: LookupKey>(_ sql: String, among keys: [Key]) throws {
        try forEachRow(sql, among: keys) { _ in }
    }

    private func forEachChunk<Key: LookupKey>(
        _ sql: String, _ first: [Int64], _ keys: [Key], _ body: (OpaquePointer) throws -> Void
    ) throws {
        var start = 0
        while start < keys.count {
            // Three statements in all, whatever the number of keys is.
            let left = keys.count - start
            let size = LookupTexts.size(for: left)
            let statement = try cachedStatement(sql: LookupTexts.shared.text(sql, size))
            let handle = statement.sqliteStatement
            // Whoever else ran the statement may have left it where it ended.
            sqlite3_reset(handle)
            defer { sqlite3_reset(handle) }
            for (place, value) in first.enumerated() {
                sqlite3_bind_int64(handle, Int32(place + 1), value)
            }
            for place in 0..<size {
                let key = keys[place < left ? start + place : start]
                key.bind(to: handle, at: Int32(first.count + place + 1))
            }
            try body(handle)
            start += size
        }
    }

    func error(_ code: Int32) -> DatabaseError {
        DatabaseError(
            resultCode: ResultCode(rawValue: code),
            message: sqliteConnection.map { String(cString: sqlite3_errmsg($0)) })
    }

    /// Whether a table has any row.
    package func hasRows(_ table: String) throws -> Bool {
        try value("SELECT 1 FROM \(table) LIMIT 1") as Int64? != nil
    }
}
