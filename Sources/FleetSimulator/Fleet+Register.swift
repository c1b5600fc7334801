import Foundation
import GRDB
import ServerStore
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore

/// What the server's own log comes to, by the words of the rules and without the fold.
extension Fleet {
    /// The register's edits and decisions as they were written.
    private struct Written {
        /// Decision edits by the edit that they are about.
        var decisions: [Data: [Edit]] = [:]
        var users: [SubjectID: [Edit]] = [:]
    }

    func examineRegister() throws {
        let written = try written()
        let states = try server.store.writer.read { db in
            Dictionary(
                uniqueKeysWithValues: try Row.fetchAll(db, sql: "SELECT edit, state FROM exclusion")
                    .map { ($0["edit"] as Data, $0["state"] as String) })
        }
        for (edit, decisions) in written.decisions {
            let expected = Self.state(
                Self.standing(decisions).compactMap { $0[DecisionForm.verdict] })
            guard states[edit] == expected else {
                throw Violation(
                    "decisions say \(expected ?? "included"), not \(states[edit] ?? "included")")
            }
        }
        for user in try server.store.users() {
            let standing = Self.standing(
                written.users[user.id.subject] ?? [], writing: UserForm.areas)
            let areas = standing.flatMap { $0[UserForm.areas]?.texts ?? [] }
            guard Set(areas) == Set(user.areas.map(\.text)) else {
                throw Violation("\(user.name) was assigned otherwise")
            }
            let states = Self.standing(
                written.users[user.id.subject] ?? [], writing: UserForm.revoked)
            guard states.contains(where: { $0[UserForm.revoked] == true }) == user.isRevoked else {
                throw Violation("\(user.name): any revocation wins")
            }
        }
        try examineHolds(written.decisions, states)
    }

    /// Nothing is held whose reason is gone, and what counted is not held again by itself.
    private func examineHolds(_ decisions: [Data: [Edit]], _ states: [Data: String]) throws {
        let tree = try server.store.areaTree()
        let users = Dictionary(uniqueKeysWithValues: try server.store.users().map { ($0.id, $0) })
        let devices = try server.store.devices()
        for held in try server.store.excludedEdits() where states[held.edit.id.bytes] == "held" {
            let edit = held.edit
            let verdicts = decisions[edit.id.bytes, default: []].compactMap {
                Self.answers($0)[DecisionForm.verdict]
            }
            guard !verdicts.contains(.accept), !verdicts.contains(.reject) else { continue }
            if ledger.counted.contains(edit.id) {
                throw Violation("an edit that counted is held again")
            }
            guard let device = devices.first(where: { $0.replica == edit.dot.replica }),
                let user = users[device.user], !device.isRevoked, !user.isRevoked,
                // In another's name, or about a subject of another kind: no village is a reason.
                held.inclusion == .held(.outsideArea),
                edit.header.record.kind != .household, edit.header.record.kind != .person
            else { continue }
            let writable = user.areas.flatMap { tree.villages(under: $0).map(\.id) }
            // A finding is where everything is that it was ever said to be about.
            let homes = try Self.subjects(of: edit).map(home)
            if edit.header.record.kind != .finding, writable.contains(edit.header.area),
                homes.allSatisfy({ $0 == edit.header.area })
            {
                throw Violation("an edit is held for no reason")
            }
        }
    }

    private func home(_ subject: SubjectID) throws -> AreaID? {
        try server.store.writer.read { db in
            try Int64.fetchOne(
                db,
                sql: """
                    SELECT area FROM household WHERE subject = ?1
                    UNION ALL SELECT area FROM person WHERE subject = ?1
                    """, arguments: [try db.number(of: subject)]
            ).map(AreaID.init(column:))
        }
    }

    private func written() throws -> Written {
        let edits = try server.store.read { db in
            let log = LogSession(db)
            return try Self.edits(in: db).filter { try log.isServers($0.dot.replica) }
        }
        var written = Written()
        for edit in edits {
            if edit.header.record.kind == .user {
                written.users[edit.header.record.subject, default: []].append(edit)
            }
            if edit.header.record.kind == .decision,
                let about = Self.answers(edit)[DecisionForm.edit]
            {
                written.decisions[about, default: []].append(edit)
            }
        }
        return written
    }

    /// Answers of the edits that no other one was written after having seen.
    private static func standing(_ edits: [Edit], writing field: Field<TextSet>) -> [Answers] {
        standing(edits.filter { answers($0)[field] != nil })
    }

    private static func standing(_ edits: [Edit], writing field: Field<Bool>) -> [Answers] {
        standing(edits.filter { answers($0)[field] != nil })
    }

    private static func standing(_ edits: [Edit]) -> [Answers] {
        edits.filter { edit in
            !edits.contains { $0.header.seen.contains(edit.reference) }
        }.map(answers)
    }

    private static func answers(_ edit: Edit) -> Answers {
        Answers(edit.body?.sections ?? [:], of: Form.form(of: edit.header.record.kind))
    }

    /// Among decisions that have not seen each other: accept with reject is held; else reject,
    /// accept, lift, hold in this order of strength.
    private static func state(_ verdicts: [Verdict]) -> String? {
        if verdicts.contains(.accept), verdicts.contains(.reject) { return "held" }
        if verdicts.contains(.reject) { return "rejected" }
        if verdicts.contains(.accept) || verdicts.contains(.lift) { return nil }
        return verdicts.contains(.hold) ? "held" : nil
    }
}
