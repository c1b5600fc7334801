import Foundation
import GRDB
import GRDBSQLite

/// A statement that writes many rows, through the C interface: the wrapper around it takes longer than
/// SQLite itself.
struct RowWriter {
    enum Value {
        case integer(Int64)
        case bytes(Data)
        case null

        init(_ bytes: Data?) { self = bytes.map(Value.bytes) ?? .null }
    }

    private let db: Database
    /// Keeps the handle.
    private let statement: Statement
    private let handle: OpaquePointer

    init(_ sql: String, in db: Database) throws {
        self.db = db
        statement = try db.cachedStatement(sql: sql)
        handle = statement.sqliteStatement
    }

    func write(_ values: Value...) throws {
        // Whoever else ran the statement may have left it where it ended.
        sqlite3_reset(handle)
        for (index, value) in values.enumerated() {
            let place = Int32(index + 1)
            switch value {
            case .integer(let integer): sqlite3_bind_int64(handle, place, integer)
            case .bytes(let data):
                // SQLite copies them.
                let copying = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
                _ = data.withUnsafeBytes { bytes in
                    bytes.isEmpty
                        ? sqlite3_bind_zeroblob(handle, place, 0)
                        : sqlite3_bind_blob(
                            handle, place, bytes.baseAddress, Int32(bytes.count), copying)
                }
            case .null: sqlite3_bind_null(handle, place)
            }
        }
        let code = sqlite3_step(handle)
        sqlite3_reset(handle)
        guard code == SQLITE_DONE else {
            throw DatabaseError(
                resultCode: ResultCode(rawValue: code),
                message: db.sqliteConnection.map { String(cString: sqlite3_errmsg($0)) })
        }
    }
}
