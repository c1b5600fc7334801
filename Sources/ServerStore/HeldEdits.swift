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
    static func note(
        _ edit: Edit, because reason: HoldReason? = nil, _ places: Whereabouts, _ db: Database
    ) throws {
        guard reason?.dependsOnPlaces != false,
            let number = try SegmentLog.rowNumber(of: edit, in: db)
        else { return }
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
                "INSERT OR IGNORE INTO held_subject (subject, edit) VALUES (?, ?)",
                [subject.bytes, number])
        }
    }

    /// Notes every held edit of a database whose index is not there yet.
    static func noteAll(_ db: Database) throws {
        guard try db.value("SELECT 1 FROM held_subject LIMIT 1") as Int64? == nil else { return }
        let places = Whereabouts(db)
        try forEach("1", db) { try note($0, places, db) }
    }

    /// Lifts automatic holds of edits about some subjects, or about who is or once was said to be a
    /// member of these households: a person once was wherever such a household is.
    ///
    /// - Returns: the edits that count from now on.
    static func lift(
        about subjects: Set<SubjectID>, _ judge: inout Judge, _ db: Database,
        _ draft: inout ServerLog.Draft
    ) throws -> [Edit] {
        guard try db.value("SELECT 1 FROM held_subject LIMIT 1") as Int64? != nil else { return [] }
        var numbers: Set<Int64> = []
        for subject in subjects {
            let rows = try db.rows(
                """
                SELECT edit FROM held_subject WHERE subject = ?1
                UNION SELECT edit FROM held_subject WHERE subject IN (
                    SELECT subject FROM person WHERE household = ?1
                    UNION ALL SELECT person FROM former_member WHERE household = ?1
                    UNION ALL SELECT record.subject FROM naming
                        JOIN record ON record.number = naming.record AND kind = ?2
                        WHERE naming.subject = ?1)
                """, [subject.bytes, Int64(RecordKind.person.rawValue)])
            numbers.formUnion(rows.map { $0["edit"] })
        }
        return try numbers.sorted().compactMap { number in
            let rows = try db.rows(
                "SELECT id, header, body, body_hash FROM edit WHERE number = ?", [number])
            guard let edit = try SegmentLog.sound(rows).first else { return nil }
            return try lift(edit, &judge, db, &draft) ? edit : nil
        }
    }

    /// The same of everything held, or of what these logs wrote.
    static func lift(
        inLogs logs: Set<ReplicaID>?, _ judge: inout Judge, _ db: Database,
        _ draft: inout ServerLog.Draft
    ) throws -> [Edit] {
        var lifted: [Edit] = []
        var condition = "1"
        if let logs {
            let numbers = try logs.sorted().compactMap { replica in
                try db.value("SELECT number FROM log WHERE replica = ?", [replica.bytes]) as Int64?
            }
            guard !numbers.isEmpty else { return [] }
            condition = "exclusion.log IN (\(numbers.map(String.init).joined(separator: ", ")))"
        }
        try forEach(condition, db) { edit in
            if try lift(edit, &judge, db, &draft) { lifted.append(edit) }
        }
        return lifted
    }

    private static func lift(
        _ edit: Edit, _ judge: inout Judge, _ db: Database, _ draft: inout ServerLog.Draft
    ) throws -> Bool {
        guard try judge.places.isExcluded(edit.id),
            let device = try Accounts.device(edit.dot.replica, in: db),
            try judge.reason(for: edit, from: device) == nil
        else { return false }
        // The hold itself may wait to be sealed.
        try draft.seal()
        let decisions = try Records.state(of: .decision(about: edit.id), in: db)
        let verdicts = decisions.sections.values.flatMap(\.siblings)
            .compactMap { Answers($0.answers)[DecisionForm.verdict] }
        // What a person decided stays.
        guard verdicts.allSatisfy({ $0 == .hold }) else { return false }
        try Holds.decide(
            .lift, edit, root: device.root, reason: nil,
            seen: decisions.included.map(\.reference).sorted(), db, &draft)
        judge.places.decided.held.remove(edit.id)
        judge.places.decided.lifted.insert(edit.id)
        try Naming.note(edit, db)
        try Records.invalidate(edit.header.record, in: db)
        return true
    }

    /// A few at a time: whoever was revoked may have sent any number.
    private static func forEach(
        _ condition: String, _ db: Database, _ body: (Edit) throws -> Void
    ) throws {
        var last = Data()
        while true {
            let rows = try db.rows(
                """
                SELECT edit.id, header, body, body_hash FROM exclusion
                JOIN edit ON edit.log = exclusion.log AND edit.counter = exclusion.counter
                    AND edit.id = exclusion.edit
                WHERE state = 'held' AND \(condition) AND exclusion.edit > ?
                ORDER BY exclusion.edit LIMIT 100
                """, [last])
            guard let end = rows.last else { return }
            last = end["id"]
            for edit in try SegmentLog.sound(rows) { try body(edit) }
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
