internal import Foundation
internal import GRDB
public import SurveyLog
public import SurveyMerge
public import SurveyModel
internal import SurveyStore

/// An edit that waits for review or was decided about.
public struct ReviewedEdit: Sendable {
    public let edit: Edit
    public let inclusion: Inclusion
    public let author: String
    /// What people call its subject; nil when the register has no number for it.
    public let subjectNo: String?

    /// Its form and sections; nothing of what it answers.
    public var changes: Label {
        let header = edit.header
        let form = Form.form(of: header.record.kind)
        let sections = header.sections.compactMap { form?.section($0)?.label }
        return Label(
            zh: (form?.label.zh ?? "?") + "：" + sections.map(\.zh).joined(separator: "、"),
            en: (form?.label.en ?? "?") + ": " + sections.map(\.en).joined(separator: ", "))
    }
}

extension ServerStore {
    /// Edits that count nowhere, in order of arrival.
    public func excludedEdits() throws -> [ReviewedEdit] {
        try read { db in
            let log = LogSession(db)
            let edits = try db.rows("SELECT edit, log, counter FROM exclusion").flatMap { row in
                let id: Data = row["edit"]
                return try log.edits(ofLog: row["log"], at: row["counter"])
                    .filter { $0.id.bytes == id }
            }
            return try edits.map { (try log.numbers(of: $0).first ?? 0, $0) }
                .sorted { ($0.0, $0.1.id) < ($1.0, $1.1.id) }
                .map { try Self.reviewed($0.1, db) }
        }
    }

    /// Edits about which anything was ever decided, also those that count now, the oldest first.
    public func decidedEdits() throws -> [ReviewedEdit] {
        try read { db in
            try Self.decided("", db).map { try Self.reviewed($0, db) }
                .sorted { a, b in
                    (a.edit.header.deviceTime, a.edit.id) < (b.edit.header.deviceTime, b.edit.id)
                }
        }
    }

    private static func reviewed(_ edit: Edit, _ db: Database) throws -> ReviewedEdit {
        let device = try Accounts.device(edit.dot.replica, in: db)
        let user = try device.flatMap { try Accounts.find($0.user, in: db) }
        return ReviewedEdit(
            edit: edit, inclusion: try Records.exclusion(of: edit.id, in: db) ?? .included,
            author: user?.name ?? "?",
            subjectNo: try Subjects.number(of: edit.header.record.subject, in: db))
    }

    /// Accepts or rejects an edit of a device, by a decision that every device receives: one that was ever
    /// held, or any other that makes a record useless, whoever wrote it and whether they still may.
    ///
    /// Reversible: a later verdict has seen the earlier ones.
    ///
    /// - Parameter text: the start of the edit's id in hexadecimal.
    /// - Returns: the whole id.
    @discardableResult
    public func review(_ text: String, _ verdict: Verdict) throws -> EditID {
        let text = text.lowercased()
        guard (4...64).contains(text.utf8.count), text.allSatisfy(\.isHexDigit) else {
            throw Failure(.unknownEdit, text)
        }
        return try append { db, draft, settlement in
            var found = try Self.decided(text, db)
            if found.isEmpty, verdict == .reject { found = try Self.counting(text, db) }
            guard found.count <= 1 else {
                throw Failure(
                    .ambiguousSubject, found.map { $0.id.bytes.hex }.joined(separator: ", "))
            }
            guard let edit = found.first,
                let device = try Accounts.device(edit.dot.replica, in: db)
            else { throw Failure(.unknownEdit, text) }
            // Devices never write the register of users, devices and areas, and no entry becomes a
            // household and a person.
            let isNever =
                try edit.header.record.kind >= .area
                || Judge(draft.log).isOfAnotherKind(edit)
            guard verdict != .accept || !isNever else {
                throw Failure(.unacceptable, String(edit.id.bytes.hex.prefix(10)))
            }
            let decisions = try draft.log.state(of: .decision(about: edit.id))
            try Holds.decide(
                verdict, edit, root: device.root, reason: nil,
                seen: decisions.included.map(\.reference).sorted(), &draft)
            if verdict == .accept { try Naming.note(edit, draft.log) }
            // A move that counts from now on takes the household's edits along, and back; what else
            // counts from now on may have been written where its household is not.
            settlement.displaced.formUnion(try Whereabouts(draft.log).subjects(of: edit))
            return edit.id
        }
    }

    /// Edits of devices about which nobody has decided, by the start of their id. Cost: reads the rows
    /// of all edits, whose ids have no index.
    private static func counting(_ text: String, _ db: Database) throws -> [Edit] {
        func bound(_ fill: Character) -> Int64 {
            let digits = text.prefix(16) + String(repeating: fill, count: max(0, 16 - text.count))
            return Int64(bitPattern: UInt64(digits, radix: 16) ?? 0)
        }
        let log = LogSession(db)
        let rows = try db.rows(
            "SELECT number FROM edit WHERE proof BETWEEN ? AND ? AND kind < ? ORDER BY number",
            [bound("0"), bound("f"), Int64(RecordKind.area.rawValue)])
        var known: Set<EditID> = []
        return try rows.map { try log.edit($0["number"] as Int64) }.filter { edit in
            try edit.id.bytes.hex.hasPrefix(text) && known.insert(edit.id).inserted
                && !log.isServers(edit.dot.replica)
        }
    }

    /// Edits about which there is a decision, by the start of their id.
    private static func decided(_ text: String, _ db: Database) throws -> [Edit] {
        // A decision's subject is the first half of the id.
        let prefix = String(text.prefix(32))
        func bound(_ fill: Character) -> Data {
            let padded = Array((prefix + String(repeating: fill, count: 32 - prefix.count)).utf8)
            return Data(
                stride(from: 0, to: 32, by: 2).map {
                    UInt8(String(decoding: padded[$0..<$0 + 2], as: UTF8.self), radix: 16) ?? 0
                })
        }
        let rows = try db.rows(
            """
            SELECT DISTINCT id FROM subject
            JOIN edit ON edit.subject = subject.number AND kind = ? AND round = 0
            WHERE id BETWEEN ? AND ?
            """, [Int64(RecordKind.decision.rawValue), bound("0"), bound("f")])
        let log = LogSession(db)
        return try rows.compactMap { row in
            let record = RecordKey(kind: .decision, subject: try row.subject("subject", "id"))
            let state = try log.state(of: record)
            guard let id = state.answers[DecisionForm.edit], id.hex.hasPrefix(text),
                let replica = state.answers[DecisionForm.replica].flatMap(ReplicaID.init),
                let counter = state.answers[DecisionForm.counter], counter > 0
            else { return nil }
            return try log.edits(of: replica, at: UInt64(counter)).first { $0.id.bytes == id }
        }
    }
}
