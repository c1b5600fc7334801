public import GRDB
public import SurveyModel

extension DatabaseError {
    /// The disk is full, or nothing can be written to it; what is there can still be read.
    public var isOfTheDisk: Bool {
        [.SQLITE_FULL, .SQLITE_READONLY, .SQLITE_IOERR, .SQLITE_CANTOPEN].contains(resultCode)
    }
}

extension Failure {
    /// What a user is told of an error of the store; nil when it is none.
    ///
    /// Names the kind of error and the place, never a value.
    public init?(storage error: any Error) {
        switch error {
        case let error as DamagedDatabase: self.init(.damaged, error.place)
        case let error as DatabaseError:
            switch error.resultCode {
            case .SQLITE_CORRUPT, .SQLITE_NOTADB: self.init(.damaged, "SQLite")
            case .SQLITE_BUSY, .SQLITE_LOCKED: self.init(.busyHome)
            default: self.init(.storage, "SQLite \(error.extendedResultCode.rawValue)")
            }
        default: return nil
        }
    }
}
