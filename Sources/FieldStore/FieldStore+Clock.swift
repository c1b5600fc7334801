internal import GRDB
public import SurveyModel
internal import SurveyStore

/// What this device knows of the time: its own clock, and what was heard from the server.
extension FieldStore {
    public func clock() throws -> DeviceClock {
        try SurveyDatabase.read(writer) { db in try clock(db) }
    }

    /// Today, as far as is known.
    public func today() throws -> CalendarDate { try clock().today }

    func clock(_ db: Database) throws -> DeviceClock {
        let row = try db.row("SELECT heard, clock_offset FROM sync_state")
        return DeviceClock(
            reading: environment.now(), heard: row?["heard"], released: environment.released,
            offset: row?["clock_offset"] ?? 0)
    }

    /// Keeps the server's time: that of its last signed word, whatever it said before.
    ///
    /// - Parameter now: by the clock of this device; nil says nothing of that.
    static func hear(_ time: Int64, at now: Int64? = nil, _ db: Database) throws {
        try db.run(
            "UPDATE sync_state SET heard = ?, clock_offset = ?",
            [time, now.map { $0.subtractingReportingOverflow(time).partialValue } ?? 0])
    }
}
