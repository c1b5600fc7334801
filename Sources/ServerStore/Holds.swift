import Foundation
import GRDB
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore

/// Decisions that the server writes about edits.
enum Holds {
    /// Appends a decision about an edit, readable wherever the edit is and by its author. What a
    /// device wrote into the reserved area reaches nobody else, nor does the decision.
    static func decide(
        _ verdict: Verdict, _ edit: Edit, root: ReplicaID, reason: HoldReason?,
        seen: [Reference], _ db: Database, _ draft: inout ServerLog.Draft
    ) throws {
        var answers = Answers()
        answers[DecisionForm.edit] = edit.id.bytes
        answers[DecisionForm.verdict] = verdict
        answers[DecisionForm.reason] = reason
        answers[DecisionForm.replica] = edit.dot.replica.bytes
        answers[DecisionForm.counter] = Int64(edit.dot.counter)
        let home = edit.header.area == .reserved ? .none : edit.header.area
        for area in [home] + (try Excerpts.areas(repeating: edit, in: db)) {
            try draft.append(
                .decision(about: edit.id), in: area, DecisionForm.form.sections(answers),
                seen: seen, about: root)
        }
    }

    /// Lifts every automatic hold whose reason is gone. What a person decided stays.
    ///
    /// - Parameter logs: whose edits may be concerned; nil: everybody's.
    /// - Returns: the edits that count from now on.
    static func liftWhatIsPermitted(
        of logs: Set<ReplicaID>?, _ db: Database, _ draft: inout ServerLog.Draft
    ) throws -> [Edit] {
        var judge = Judge(db)
        var lifted: [Edit] = []
        for edit in try held(logs, db) {
            guard let device = try Accounts.device(edit.dot.replica, in: db),
                try judge.reason(for: edit, from: device) == nil
            else { continue }
            let decisions = try Records.state(of: .decision(about: edit.id), in: db)
            let verdicts = decisions.sections.values.flatMap(\.siblings)
                .compactMap { Answers($0.answers)[DecisionForm.verdict] }
            guard verdicts.allSatisfy({ $0 == .hold }) else { continue }
            try decide(
                .lift, edit, root: device.root, reason: nil,
                seen: decisions.included.map(\.reference).sorted(), db, &draft)
            lifted.append(edit)
        }
        return lifted
    }

    private static func held(_ logs: Set<ReplicaID>?, _ db: Database) throws -> [Edit] {
        let sql = """
            SELECT edit.id, header, body, body_hash FROM exclusion
            JOIN edit ON edit.log = exclusion.log AND edit.counter = exclusion.counter
                AND edit.id = exclusion.edit
            """
        guard let logs else {
            return try db.rows(sql + " WHERE state = 'held' ORDER BY edit.number")
                .map(SegmentLog.edit)
        }
        return try logs.sorted().flatMap { replica in
            try db.rows(
                sql + """
                     WHERE exclusion.log = (SELECT number FROM log WHERE replica = ?)
                        AND state = 'held' ORDER BY edit.number
                    """, [replica.bytes]
            ).map(SegmentLog.edit)
        }
    }
}
