internal import GRDB
internal import SurveyMerge
public import SurveyModel
public import SurveyStore

/// Why a member does not live in their household any more.
public struct Departure: Sendable, Hashable {
    /// Moved out or died.
    public let presence: Presence
    public let date: CalendarDate?
    public let reason: String?
}

extension FieldStore {
    /// Why those of these persons are gone who are.
    public func departures(of persons: [PersonRow]) throws -> [SubjectID: Departure] {
        let gone = persons.filter { !$0.isPresent }.map(\.subject)
        guard !gone.isEmpty else { return [:] }
        return try read { db in
            var departures: [SubjectID: Departure] = [:]
            for subject in gone {
                let record = RecordKey(kind: .person, subject: subject)
                do {
                    let answers = try Records.state(of: record, in: db).answers
                    guard let presence = answers[Person.presence] else { continue }
                    departures[subject] = Departure(
                        presence: presence, date: answers[Person.presenceDate],
                        reason: answers[Person.presenceReason])
                } catch is DamagedDatabase {
                    // Somebody who cannot be read any more is gone without a reason.
                    continue
                }
            }
            return departures
        }
    }
}
