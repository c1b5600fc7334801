import Foundation
import GRDBSQLite

/// SQLite by itself, at the durability of this project: rows with the same answers through the C
/// interface, an integer key, no index.
enum BareSQLite {
    /// What one row holds.
    enum Value {
        case integer(Int64)
        case text(String)
        case bytes(Data)
    }

    /// Seconds that it takes to insert rows, so many in a transaction.
    static func insert(_ rows: [[Value]], by size: Int, in folder: URL) throws -> Double {
        let file = folder.appending(path: "bare-\(UUID().uuidString).sqlite")
        defer {
            for suffix in ["", "-wal", "-shm"] {
                try? FileManager.default.removeItem(atPath: file.path + suffix)
            }
        }
        var connection: OpaquePointer?
        try check(sqlite3_open(file.path, &connection), connection)
        defer { sqlite3_close(connection) }
        func run(_ sql: String) throws {
            try check(sqlite3_exec(connection, sql, nil, nil, nil), connection)
        }
        try run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
        let width = rows.first?.count ?? 0
        let columns = (0..<width).map { "c\($0)" }.joined(separator: ", ")
        try run("CREATE TABLE answer (id INTEGER PRIMARY KEY, \(columns))")
        let marks = repeatElement("?", count: width).joined(separator: ", ")
        var statement: OpaquePointer?
        try check(
            sqlite3_prepare_v2(
                connection, "INSERT INTO answer (\(columns)) VALUES (\(marks))", -1, &statement, nil
            ),
            connection)
        defer { sqlite3_finalize(statement) }
        return try seconds {
            for start in stride(from: 0, to: rows.count, by: size) {
                try run("BEGIN IMMEDIATE")
                for row in rows[start..<min(start + size, rows.count)] {
                    for (index, value) in row.enumerated() {
                        bind(value, Int32(index + 1), statement)
                    }
                    guard sqlite3_step(statement) == SQLITE_DONE else {
                        throw BenchmarkError(String(cString: sqlite3_errmsg(connection)))
                    }
                    sqlite3_reset(statement)
                }
                try run("COMMIT")
            }
        }
    }

    private static func bind(_ value: Value, _ index: Int32, _ statement: OpaquePointer?) {
        // SQLite copies what it is given.
        let copying = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        switch value {
        case .integer(let integer): sqlite3_bind_int64(statement, index, integer)
        case .text(let text):
            sqlite3_bind_text(statement, index, text, Int32(text.utf8.count), copying)
        case .bytes(let data):
            _ = data.withUnsafeBytes {
                sqlite3_bind_blob(statement, index, $0.baseAddress, Int32($0.count), copying)
            }
        }
    }

    private static func check(_ code: Int32, _ connection: OpaquePointer?) throws {
        guard code == SQLITE_OK else {
            throw BenchmarkError("SQLite: \(String(cString: sqlite3_errmsg(connection)))")
        }
    }
}
