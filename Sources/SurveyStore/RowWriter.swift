package import Foundation
package import GRDB
import GRDBSQLite

/// A statement that writes many rows, through the C interface: the wrapper around it takes longer than
/// SQLite itself.
package struct RowWriter {
    package enum Value {
        case integer(Int64)
        case bytes(Data)
        case text(String)
        case null

        package init(_ bytes: Data?) { self = bytes.map(Value.bytes) ?? .null }
        package init(_ text: String?) { self = text.map(Value.text) ?? .null }
        package init(_ integer: Int64?) { self = integer.map(Value.integer) ?? .null }
        package init(_ flag: Bool) { self = .integer(flag ? 1 : 0) }
    }

    private let db: Database
    /// Keeps the handle.
    private let statement: Statement
    private let handle: OpaquePointer

    package init(_ sql: String, in db: Database) throws {
        self.db = db
        statement = try db.cachedStatement(sql: sql)
        handle = statement.sqliteStatement
    }

    package func write(_ values: Value...) throws {
        // Whoever else ran the statement may have left it where it ended.
        sqlite3_reset(handle)
        for (index, value) in values.enumerated() {
            let place = Int32(index + 1)
            switch value {
            case .integer(let integer): sqlite3_bind_int64(handle, place, integer)
            case .bytes(let data): Self.bind(data, to: handle, at: place)
            case .text(let text): Self.bind(text, to: handle, at: place)
            case .null: sqlite3_bind_null(handle, place)
            }
        }
        try step()
    }

    /// The same of integers alone.
    package func write(integers: Int64...) throws {
        sqlite3_reset(handle)
        for (index, integer) in integers.enumerated() {
            sqlite3_bind_int64(handle, Int32(index + 1), integer)
        }
        try step()
    }

    private func step() throws {
        let code = sqlite3_step(handle)
        sqlite3_reset(handle)
        guard code == SQLITE_DONE else { throw db.error(code) }
    }

    /// SQLite copies what it is given.
    private static let copying = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    static func bind(_ data: Data, to statement: OpaquePointer, at place: Int32) {
        _ = data.withUnsafeBytes { bytes in
            bytes.isEmpty
                ? sqlite3_bind_zeroblob(statement, place, 0)
                : sqlite3_bind_blob(
                    statement, place, bytes.baseAddress, Int32(bytes.count), copying)
        }
    }

    static func bind(_ text: String, to statement: OpaquePointer, at place: Int32) {
        sqlite3_bind_text(statement, place, text, Int32(text.utf8.count), copying)
    }
}
