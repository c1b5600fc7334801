import Foundation
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
        seen: [Reference], _ draft: inout ServerLog.Draft
    ) throws {
        var answers = Answers()
        answers[DecisionForm.edit] = edit.id.bytes
        answers[DecisionForm.verdict] = verdict
        answers[DecisionForm.reason] = reason
        answers[DecisionForm.replica] = edit.dot.replica.bytes
        answers[DecisionForm.counter] = Int64(edit.dot.counter)
        let home = edit.header.area == .reserved ? .none : edit.header.area
        for area in [home] + (try Excerpts.areas(repeating: edit, draft.log)) {
            try draft.append(
                .decision(about: edit.id), in: area, DecisionForm.form.sections(answers),
                seen: seen, about: root)
        }
    }

    /// Repeats the decisions about an edit in every area where it can be read and they cannot.
    ///
    /// After a backup was restored an edit, its excerpts and the decisions about it come back one by
    /// one, from devices that read different areas.
    static func spread(
        about edit: Edit, alsoIn other: AreaID? = nil, _ draft: inout ServerLog.Draft
    ) throws {
        let log = draft.log
        guard let root = try Accounts.device(edit.dot.replica, in: log.db)?.root else { return }
        let key = RecordKey.decision(about: edit.id)
        let decisions = try log.state(of: key)
        let standing = decisions.sections.values.flatMap(\.siblings).sorted { $0.id < $1.id }
        guard !standing.isEmpty else { return }
        let answers = Set(standing.map(\.answers))
        let superseded = Set(decisions.included.map(\.reference))
            .subtracting(standing.flatMap(\.edits).map(\.reference))
        let home = edit.header.area == .reserved ? AreaID.none : edit.header.area
        let areas = Set(
            try Excerpts.areas(repeating: edit, log) + [home, other].compactMap { $0 })
        for area in areas.sorted() {
            let readable = try decisions.included.filter {
                try Excerpts.isReadable($0, in: area, log)
            }
            let there = try fold(key, readable, excluding: []).sections.values.flatMap(\.siblings)
            let known = Set(there.map(\.answers))
            for sibling in standing where known != answers {
                guard !known.contains(sibling.answers) || !known.isSubset(of: answers),
                    let body = sibling.edits[0].body
                else { continue }
                try draft.append(
                    key, in: area, body.sections, seen: superseded.sorted(), about: root)
            }
        }
    }
}
