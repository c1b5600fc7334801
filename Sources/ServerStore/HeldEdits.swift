import Foundation
import GRDB
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore

/// Edits that wait for review, found by whom they are about: when somebody moves, only what that
/// concerns is judged again, however much is held.
enum HeldEdits {
    /// Notes whom a held edit depends on.
    ///
    /// - Parameter reason: why it is held, when that was decided just now.
    static func note(_ edit: Edit, because reason: HoldReason? = nil, _ places: Whereabouts) throws
    {
        guard reason?.dependsOnPlaces != false else { return }
        let db = places.log.db
        var subjects = Set(try places.subjects(of: edit))
        subjects.insert(edit.header.record.subject)
        // Joining a household depends on where that is.
        if edit.header.record.kind == .person,
            let household = edit.answers[Person.household].flatMap(SubjectID.init)
        {
            subjects.insert(household)
        }
        for subject in subjects {
            try db.run(
                "INSERT OR IGNORE INTO held_subject (subject, log, counter) VALUES (?, ?, ?)",
                [
                    try db.makeNumber(of: subject),
                    try SegmentLog.logNumber(of: edit.dot.replica, in: db),
                    Int64(edit.dot.counter),
                ])
        }
    }

    /// Notes every held edit of a database whose index is not there yet.
    static func noteAll(_ log: LogSession) throws {
        guard try !log.db.hasRows("held_subject") else { return }
        let places = Whereabouts(log)
        try forEach("1", log) { try note($0, places) }
    }

    /// Lifts automatic holds of edits about some subjects, or about who is or once was said to be a
    /// member of these households: a person once was wherever such a household is.
    ///
    /// - Returns: the edits that count from now on.
    static func lift(
        about subjects: Set<SubjectID>, _ judge: inout Judge, _ draft: inout ServerLog.Draft
    ) throws -> [Edit] {
        let log = draft.log
        guard try log.db.hasRows("held_subject") else { return [] }
        struct Place: Hashable, Comparable {
            let log: Int64
            let counter: Int64

            static func < (a: Place, b: Place) -> Bool {
                (a.log, a.counter) < (b.log, b.counter)
            }
        }
        var places: Set<Place> = []
        for subject in try log.db.numbers(of: subjects).values {
            let rows = try log.db.rows(
                """
                SELECT log, counter FROM held_subject WHERE subject = ?1
                UNION SELECT log, counter FROM held_subject WHERE subject IN (
                    SELECT subject FROM person WHERE household = ?1
                    UNION ALL SELECT person FROM former_member WHERE household = ?1
                    UNION ALL SELECT record FROM naming WHERE subject = ?1 AND kind = ?2)
                """, [subject, Int64(RecordKind.person.rawValue)])
            places.formUnion(rows.map { Place(log: $0["log"], counter: $0["counter"]) })
        }
        var lifted: [Edit] = []
        for place in places.sorted() {
            for edit in try log.edits(ofLog: place.log, at: place.counter)
            where try lift(edit, &judge, &draft) {
                lifted.append(edit)
            }
        }
        return lifted
    }

    /// The same of everything held, or of what these logs wrote.
    static func lift(
        inLogs logs: Set<ReplicaID>?, _ judge: inout Judge, _ draft: inout ServerLog.Draft
    ) throws -> [Edit] {
        let db = draft.log.db
        var lifted: [Edit] = []
        var condition = "1"
        if let logs {
            let numbers = try logs.sorted().compactMap { replica in
                try db.value("SELECT number FROM log WHERE replica = ?", [replica.bytes]) as Int64?
            }
            guard !numbers.isEmpty else { return [] }
            condition = "exclusion.log IN (\(numbers.map(String.init).joined(separator: ", ")))"
        }
        try forEach(condition, draft.log) { edit in
            if try lift(edit, &judge, &draft) { lifted.append(edit) }
        }
        return lifted
    }

    private static func lift(
        _ edit: Edit, _ judge: inout Judge, _ draft: inout ServerLog.Draft
    ) throws -> Bool {
        let log = draft.log
        guard try judge.places.isExcluded(edit.id),
            let device = try Accounts.device(edit.dot.replica, in: log.db),
            try judge.reason(for: edit, from: device) == nil
        else { return false }
        // The hold itself may wait to be sealed.
        try draft.seal()
        let decisions = try log.state(of: .decision(about: edit.id))
        let verdicts = decisions.sections.values.flatMap(\.siblings)
            .compactMap { Answers($0.answers)[DecisionForm.verdict] }
        // What a person decided stays.
        guard verdicts.allSatisfy({ $0 == .hold }) else { return false }
        try Holds.decide(
            .lift, edit, root: device.root, reason: nil,
            seen: decisions.included.map(\.reference).sorted(), &draft)
        judge.places.decided.held.remove(edit.id)
        judge.places.decided.lifted.insert(edit.id)
        try Naming.note(edit, log)
        try Records.invalidate(edit.header.record, in: log.db)
        return true
    }

    /// A few at a time: whoever was revoked may have sent any number.
    private static func forEach(
        _ condition: String, _ log: LogSession, _ body: (Edit) throws -> Void
    ) throws {
        var last = Data()
        while true {
            let rows = try log.db.rows(
                """
                SELECT edit, log, counter FROM exclusion
                WHERE state = 'held' AND \(condition) AND edit > ? ORDER BY edit LIMIT 100
                """, [last])
            guard let end = rows.last else { return }
            last = end["edit"]
            for row in rows {
                let id: Data = row["edit"]
                for edit in try log.edits(ofLog: row["log"], at: row["counter"])
                where edit.id.bytes == id {
                    try body(edit)
                }
            }
        }
    }
}

extension HoldReason {
    /// Holds that a new place, or another kind, of their subject can lift.
    fileprivate var dependsOnPlaces: Bool {
        switch self {
        case .outsideArea, .wrongSubject, .revokedUser, .revokedDevice: true
        case .reservedArea, .wrongAuthor, .tooManyEdits, .unknownAnswers: false
        }
    }
}
