package import GRDB

extension Database {
    /// Rows about many keys, read with few statements.
    ///
    /// - Parameters:
    ///   - sql: with `KEYS` where the keys stand in parentheses.
    ///   - first: values before the keys.
    ///   - keys: distinct ones. Rows come in any order.
    ///   - take: gets each row while it is read; it is another one afterwards.
    package func forEachRow(
        _ sql: String, _ first: [DatabaseValue] = [],
        among keys: some Collection<some DatabaseValueConvertible>, _ take: (Row) throws -> Void
    ) throws {
        try forEachChunk(sql, first, keys) { statement, keys in
            let rows = try Row.fetchCursor(statement, arguments: keys)
            while let row = try rows.next() { try take(row) }
        }
    }

    /// Runs a statement for many keys.
    func run(_ sql: String, among keys: some Collection<some DatabaseValueConvertible>) throws {
        try forEachChunk(sql, [], keys) { try $0.execute(arguments: $1) }
    }

    private func forEachChunk(
        _ sql: String, _ first: [DatabaseValue],
        _ keys: some Collection<some DatabaseValueConvertible>,
        _ body: (Statement, StatementArguments) throws -> Void
    ) throws {
        var rest = keys[...]
        while !rest.isEmpty {
            // Three statements in all, whatever the number of keys is.
            let size = rest.count > 16 ? 128 : rest.count > 1 ? 16 : 1
            var values = first + rest.prefix(size).map(\.databaseValue)
            rest = rest.dropFirst(size)
            values += repeatElement(values[first.count], count: first.count + size - values.count)
            let marks = repeatElement("?", count: size).joined(separator: ",")
            try body(
                cachedStatement(sql: sql.replacing("KEYS", with: marks)),
                StatementArguments(values))
        }
    }

    /// Whether a table has any row.
    func hasRows(_ table: String) throws -> Bool {
        try value("SELECT 1 FROM \(table) LIMIT 1") as Int64? != nil
    }
}
