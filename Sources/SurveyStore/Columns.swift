package import GRDB
public import SurveyModel

/// 64-bit ids as SQLite's signed integers: the same bits.
extension StableID {
    public var column: Int64 { Int64(bitPattern: rawValue) }

    public init(column: Int64) { self.init(rawValue: UInt64(bitPattern: column)) }
}

/// What is in a database but cannot be: the file was damaged.
public struct DamagedDatabase: Error, Sendable, Equatable {
    /// Table and column, never a value.
    public let place: String

    public init(_ place: String) { self.place = place }
}

extension Row {
    /// A column that was written by this program and must parse.
    func parsed<T>(_ place: String, _ value: T?) throws -> T {
        guard let value else { throw DamagedDatabase(place) }
        return value
    }
}

extension Row {
    /// A column of days since 1970-01-01.
    func day(_ column: String) -> CalendarDate? {
        (self[column] as Int64?).map { CalendarDate(daysSinceEpoch: Int32(truncatingIfNeeded: $0)) }
    }
}

extension Row {
    /// A column of a subject's id.
    package func subject(_ place: String, _ column: String = "subject") throws -> SubjectID {
        guard case .blob(let bytes) = (self[column] as DatabaseValue).storage,
            let subject = SubjectID(bytes)
        else { throw DamagedDatabase(place) }
        return subject
    }
}

extension Database {
    /// Runs a statement that is prepared once per connection.
    package func run(_ sql: String, _ arguments: StatementArguments) throws {
        try cachedStatement(sql: sql).execute(arguments: arguments)
    }

    package func rows(_ sql: String, _ arguments: StatementArguments = []) throws -> [Row] {
        try Row.fetchAll(try cachedStatement(sql: sql), arguments: arguments)
    }

    package func row(_ sql: String, _ arguments: StatementArguments = []) throws -> Row? {
        try Row.fetchOne(try cachedStatement(sql: sql), arguments: arguments)
    }

    package func value<T: DatabaseValueConvertible>(
        _ sql: String, _ arguments: StatementArguments = []
    ) throws -> T? {
        try T.fetchOne(try cachedStatement(sql: sql), arguments: arguments)
    }
}
