import GRDB
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore

/// A subject that comes into the register after something was written about it.
///
/// Until then its edits were judged by the village in which they were written, which anybody may
/// choose. From then on they are judged by where it is: those whose writer may write there count and
/// are repeated there, the others are held.
enum Registration {
    /// - Returns: the edits that do not count any more.
    static func judgeAgain(
        _ subject: SubjectID, _ judge: inout Judge, _ db: Database,
        _ draft: inout ServerLog.Draft
    ) throws -> [Edit] {
        guard let home = try judge.places.area(ofEntry: subject) else { return [] }
        var held: [Edit] = []
        for edit in try strangers(to: subject, at: home, judge.places, db) {
            guard let device = try Accounts.device(edit.dot.replica, in: db),
                try !isAccepted(edit, db)
            else { continue }
            // Who put somebody into a household is judged by where that turned out to be.
            let isMember =
                edit.header.record.kind == .person && edit.header.record.subject != subject
            guard
                let reason = try judge.reason(for: edit, from: device, at: isMember ? nil : home)
            else { continue }
            try hold(edit, reason, of: device, &judge, db, &draft)
            held.append(edit)
        }
        return held
    }

    /// Holds an edit that counted.
    static func hold(
        _ edit: Edit, _ reason: HoldReason, of device: RegisteredDevice, _ judge: inout Judge,
        _ db: Database, _ draft: inout ServerLog.Draft
    ) throws {
        try draft.seal()
        let decisions = try Records.state(of: .decision(about: edit.id), in: db)
        try Holds.decide(
            .hold, edit, root: device.root, reason: reason,
            seen: decisions.included.map(\.reference).sorted(), db, &draft)
        judge.places.decided.lifted.remove(edit.id)
        judge.places.decided.held.insert(edit.id)
        try HeldEdits.note(edit, because: reason, judge.places, db)
        try Records.invalidate(edit.header.record, in: db)
    }

    /// Whether anything was written about a subject that the register does not have yet. Everything must
    /// be projected. Cost: a few look-ups.
    static func isAwaited(_ subject: SubjectID, in db: Database) throws -> Bool {
        try db.value(
            """
            SELECT 1 FROM check_state WHERE subject = ?1
            UNION ALL SELECT 1 FROM naming WHERE subject = ?1
            UNION ALL SELECT 1 FROM same_as WHERE first = ?1
            UNION ALL SELECT 1 FROM same_as WHERE second = ?1
            UNION ALL SELECT 1 FROM record WHERE kind = 1 AND round = 0 AND subject = ?1
            UNION ALL SELECT 1 FROM record WHERE kind = 2 AND round = 0 AND subject = ?1 LIMIT 1
            """, [subject.bytes]) as Int64? != nil
    }

    /// Edits that count, written in areas where the subject never was: about it, those that made
    /// somebody its member, and those of its own entry that say neither who nor where it is.
    private static func strangers(
        to subject: SubjectID, at home: AreaID, _ places: Whereabouts, _ db: Database
    ) throws -> [Edit] {
        let numbers = Set(try Excerpts.records(about: subject, in: db))
            .union(try Naming.records(of: subject, in: db))
        var known: [AreaID: Bool] = [home: true]
        return try numbers.sorted().flatMap { try SegmentLog.edits(ofRecord: $0, in: db) }
            .filter { edit in
                let (record, area) = (edit.header.record, edit.header.area)
                if record.subject == subject, edit.isRegistering { return false }
                if record.subject != subject, record.kind == .person,
                    edit.answers[Person.household].flatMap(SubjectID.init) != subject
                {
                    return false
                }
                if record.kind == .finding,
                    let about = edit.answers[Finding.about].flatMap(SubjectID.init),
                    about != subject
                {
                    return false
                }
                let wasThere = try known[area] ?? places.wasOnce(subject, in: area)
                known[area] = wasThere
                return try !wasThere && !places.isExcluded(edit.id)
            }
    }

    /// Whether a person let an edit count: no rule holds it again.
    static func isAccepted(_ edit: Edit, _ db: Database) throws -> Bool {
        try Records.state(of: .decision(about: edit.id), in: db)
            .sections.values.flatMap(\.siblings)
            .contains { Answers($0.answers)[DecisionForm.verdict] == .accept }
    }
}
