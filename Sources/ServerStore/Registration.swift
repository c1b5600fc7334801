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
        _ subject: SubjectID, _ judge: inout Judge, _ draft: inout ServerLog.Draft
    ) throws -> [Edit] {
        let log = draft.log
        guard let home = try judge.places.area(ofEntry: subject) else { return [] }
        var held: [Edit] = []
        for edit in try strangers(to: subject, at: home, judge.places) {
            guard let device = try Accounts.device(edit.dot.replica, in: log.db),
                try !isAccepted(edit, log)
            else { continue }
            // Who put somebody into a household is judged by where that turned out to be.
            let isMember =
                edit.header.record.kind == .person && edit.header.record.subject != subject
            guard
                let reason = try judge.reason(for: edit, from: device, at: isMember ? nil : home)
            else { continue }
            try hold(edit, reason, of: device, &judge, &draft)
            held.append(edit)
        }
        return held
    }

    /// Holds an edit that counted.
    static func hold(
        _ edit: Edit, _ reason: HoldReason, of device: RegisteredDevice, _ judge: inout Judge,
        _ draft: inout ServerLog.Draft
    ) throws {
        try draft.seal()
        let log = draft.log
        let decisions = try log.state(of: .decision(about: edit.id))
        try Holds.decide(
            .hold, edit, root: device.root, reason: reason,
            seen: decisions.included.map(\.reference).sorted(), &draft)
        judge.places.decided.lifted.remove(edit.id)
        judge.places.decided.held.insert(edit.id)
        try HeldEdits.note(edit, because: reason, judge.places)
        try Records.invalidate(edit.header.record, in: log.db)
    }

    /// Whether anything was written about a subject that the register does not have yet. Everything must
    /// be projected. Cost: a few look-ups.
    static func isAwaited(_ subject: SubjectID, in db: Database) throws -> Bool {
        guard let number = try db.number(of: subject) else { return false }
        return try db.value(
            """
            SELECT 1 FROM edit WHERE subject = ?1
            UNION ALL SELECT 1 FROM naming WHERE subject = ?1
            UNION ALL SELECT 1 FROM same_as WHERE first = ?1
            UNION ALL SELECT 1 FROM same_as WHERE second = ?1 LIMIT 1
            """, [number]) as Int64? != nil
    }

    /// Edits that count, written in areas where the subject never was: about it, those that made
    /// somebody its member, and those of its own entry that say neither who nor where it is.
    private static func strangers(
        to subject: SubjectID, at home: AreaID, _ places: Whereabouts
    ) throws -> [Edit] {
        let log = places.log
        let records = Set(try Excerpts.records(about: subject, in: log.db))
            .union(try Naming.records(of: subject, in: log.db))
        var known: [AreaID: Bool] = [home: true]
        return try records.sorted { $0.text < $1.text }.flatMap { try log.edits(of: $0) }
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

    /// Whether a person has accepted an edit. No rule holds it again.
    static func isAccepted(_ edit: Edit, _ log: LogSession) throws -> Bool {
        try log.state(of: .decision(about: edit.id))
            .sections.values.flatMap(\.siblings)
            .contains { Answers($0.answers)[DecisionForm.verdict] == .accept }
    }
}
