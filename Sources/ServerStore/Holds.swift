import Foundation
import GRDB
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore
import SurveySync

/// Automatic holds: decisions that the server writes for edits outside their writer's scope.
enum Holds {
    /// Whether an edit that arrives now counts at once.
    static func reason(
        for edit: Edit, from device: RegisteredDevice, in db: Database, cache: inout Cache
    ) throws -> HoldReason? {
        let (account, writable) = try cache.account(device.user, in: db)
        return admission(
            of: edit, account: account, isDeviceRevoked: device.isRevoked, writable: writable,
            subjectAreas: try subjectAreas(of: edit, in: db))
    }

    /// Appends a decision about an edit, readable in the edit's area and by its author. What a
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
        try draft.append(
            .decision(about: edit.id), in: edit.header.area == .reserved ? .none : edit.header.area,
            DecisionForm.form.sections(answers), seen: seen, about: root)
    }

    /// Lifts every automatic hold whose reason is gone. What a person decided stays.
    static func liftWhatIsPermitted(_ db: Database, _ draft: inout ServerLog.Draft) throws {
        var cache = Cache()
        for row in try db.rows("SELECT edit, log, counter FROM exclusion WHERE state = 'held'") {
            guard let id = EditID(row["edit"] as Data),
                let stored = try db.row(
                    """
                    SELECT edit.id, header, body, body_hash FROM edit
                    WHERE log = ? AND counter = ? AND id = ?
                    """, [row["log"] as Int64, row["counter"] as Int64, id.bytes])
            else { continue }
            let edit = try SegmentLog.edit(stored)
            guard let device = try Accounts.device(edit.dot.replica, in: db),
                try reason(for: edit, from: device, in: db, cache: &cache) == nil
            else { continue }
            let decisions = try Records.state(of: .decision(about: id), in: db)
            let verdicts = decisions.sections.values.flatMap(\.siblings)
                .compactMap { Answers($0.answers)[DecisionForm.verdict] }
            guard verdicts.allSatisfy({ $0 == .hold }) else { continue }
            try decide(
                .lift, edit, root: device.root, reason: nil,
                seen: decisions.included.map(\.reference).sorted(), &draft)
        }
    }

    /// Where the register has the subject of an edit, and the household that it puts a person in.
    private static func subjectAreas(of edit: Edit, in db: Database) throws -> [AreaID] {
        var subjects = [edit.header.record.subject.bytes]
        if edit.header.record.kind == .person, let sections = edit.body?.sections.values,
            let household = Answers(sections: sections)[Person.household]
        {
            subjects.append(household)
        }
        return try subjects.flatMap { subject in
            try db.rows(
                """
                SELECT area FROM household WHERE subject = ?1
                UNION SELECT area FROM person WHERE subject = ?1
                """, [subject])
        }.map { AreaID(column: $0["area"]) }
    }

    /// Accounts and the area tree, read once per transaction.
    struct Cache {
        private var tree: AreaTree?
        private var accounts: [UserID: (Account, Set<AreaID>)] = [:]

        mutating func account(_ id: UserID, in db: Database) throws -> (Account, Set<AreaID>) {
            if let known = accounts[id] { return known }
            let areas = try tree ?? Areas.tree(in: db)
            tree = areas
            let account = try Account(id, in: db)
            let entry = (account, account.readable(in: areas))
            accounts[id] = entry
            return entry
        }
    }
}

extension Account {
    /// The account as it stands now; one that is not registered may do nothing.
    init(_ id: UserID, in db: Database) throws {
        let user = try Accounts.find(id, in: db)
        self.init(
            user: id, name: user?.name ?? "", role: user?.role ?? .surveyor,
            areas: user?.areas ?? [], isRevoked: user?.isRevoked ?? true)
    }
}
