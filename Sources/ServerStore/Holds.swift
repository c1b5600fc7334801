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

    /// Repeats the decisions about an edit in every area where it can be read and they cannot.
    ///
    /// After a backup was restored an edit, its excerpts and the decisions about it come back one by
    /// one, from devices that read different areas.
    static func spread(
        about edit: Edit, alsoIn other: AreaID? = nil, _ db: Database,
        _ draft: inout ServerLog.Draft
    ) throws {
        guard let root = try Accounts.device(edit.dot.replica, in: db)?.root else { return }
        let key = RecordKey.decision(about: edit.id)
        let decisions = try Records.state(of: key, in: db)
        let standing = decisions.sections.values.flatMap(\.siblings).sorted { $0.id < $1.id }
        guard !standing.isEmpty else { return }
        let answers = Set(standing.map(\.answers))
        let superseded = Set(decisions.included.map(\.reference))
            .subtracting(standing.flatMap(\.edits).map(\.reference))
        let home = edit.header.area == .reserved ? AreaID.none : edit.header.area
        let areas = Set(
            try Excerpts.areas(repeating: edit, in: db) + [home, other].compactMap { $0 })
        for area in areas.sorted() {
            let readable = try decisions.included.filter {
                try Excerpts.isReadable($0, in: area, db)
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

    /// Which holds may have lost their reason.
    enum Concerned {
        /// The register changed.
        case all
        /// Segments of these logs came.
        case logs(Set<ReplicaID>)
        /// The same, and households moved, which gives back no right that was taken away.
        case logsAndPlaces(Set<ReplicaID>)
    }

    /// Lifts every automatic hold whose reason is gone. What a person decided stays.
    ///
    /// - Returns: the edits that count from now on.
    static func liftWhatIsPermitted(
        _ concerned: Concerned, _ db: Database, _ draft: inout ServerLog.Draft
    ) throws -> [Edit] {
        var judge = Judge(db)
        var lifted: [Edit] = []
        try forEachHeld(concerned, db) { edit in
            guard let device = try Accounts.device(edit.dot.replica, in: db),
                try judge.reason(for: edit, from: device) == nil
            else { return }
            let decisions = try Records.state(of: .decision(about: edit.id), in: db)
            let verdicts = decisions.sections.values.flatMap(\.siblings)
                .compactMap { Answers($0.answers)[DecisionForm.verdict] }
            guard verdicts.allSatisfy({ $0 == .hold }) else { return }
            try decide(
                .lift, edit, root: device.root, reason: nil,
                seen: decisions.included.map(\.reference).sorted(), db, &draft)
            lifted.append(edit)
        }
        return lifted
    }

    /// A few at a time: whoever was revoked may have sent any number.
    private static func forEachHeld(
        _ concerned: Concerned, _ db: Database, _ body: (Edit) throws -> Void
    ) throws {
        let revoked = [HoldReason.revokedUser, .revokedDevice].map { "'\($0.rawValue)'" }
        let condition =
            switch concerned {
            case .all: "1"
            case .logs(let logs): "exclusion.log IN (\(try numbers(logs, db)))"
            case .logsAndPlaces(let logs):
                """
                (exclusion.log IN (\(try numbers(logs, db))) OR reason IS NULL
                    OR reason NOT IN (\(revoked.joined(separator: ", "))))
                """
            }
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

    private static func numbers(_ logs: Set<ReplicaID>, _ db: Database) throws -> String {
        try logs.sorted().compactMap { replica in
            try db.value("SELECT number FROM log WHERE replica = ?", [replica.bytes]) as Int64?
        }.map(String.init).joined(separator: ", ")
    }
}
