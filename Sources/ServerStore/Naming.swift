import Foundation
import GRDB
import SurveyLog
import SurveyModel
import SurveyStore

/// Records in which a device has named a subject: memberships by their household, findings by whom they
/// are about, whether that is what they come to or not. When the subject comes into the register they
/// are judged by where it is, and found without looking through everything.
enum Naming {
    static func note(_ edit: Edit, _ log: LogSession) throws {
        let answers = edit.answers
        let named: Data?
        switch edit.header.record.kind {
        case .person: named = answers[Person.household]
        case .finding: named = answers[Finding.about]
        default: return
        }
        guard let named = named.flatMap(SubjectID.init),
            let key = try log.db.stored(edit.header.record)
        else { return }
        try log.db.run(
            "INSERT OR IGNORE INTO naming (subject, record, kind, round) VALUES (?, ?, ?, ?)",
            [try log.db.makeNumber(of: named)] + key.columns)
    }

    /// Notes what devices wrote before there was such a table, once.
    static func noteAll(_ log: LogSession) throws {
        let db = log.db
        guard try db.value("SELECT 1 FROM server_index WHERE name = 'naming'") as Int64? == nil
        else { return }
        try SegmentLog.forEachEdit(in: db, isSound: true) { edit in
            let kind = edit.header.record.kind
            if kind == .person || kind == .finding, try !log.isServers(edit.dot.replica) {
                try note(edit, log)
            }
        }
        try db.run("INSERT INTO server_index (name) VALUES ('naming')", [])
    }

    /// Records that name a subject.
    static func records(of subject: SubjectID, in db: Database) throws -> [RecordKey] {
        try db.rows(
            "SELECT record, kind, round FROM naming WHERE subject = ? ORDER BY record",
            [try db.number(of: subject)]
        ).map { row in
            RecordKey(
                kind: RecordKind(rawValue: UInt32(truncatingIfNeeded: row["kind"] as Int64)),
                subject: try db.subject(row["record"]), round: try db.round(row["round"]))
        }
    }
}

extension Edit {
    /// Whether it says where its subject is: a household's location, a person's membership.
    var isPlacing: Bool {
        let key = header.record.kind == .household ? "location" : "membership"
        guard header.record.kind == .household || header.record.kind == .person,
            let tag = Form.form(of: header.record.kind)?.section(key: key)?.tag
        else { return false }
        return header.sections.contains(tag)
    }

    /// Whether it brings its subject into the register, or says where that is: who a household is or
    /// where, which household a person belongs to.
    var isRegistering: Bool {
        switch header.record.kind {
        case .household:
            guard let tag = Household.form.section(key: "identity")?.tag else { return false }
            return isPlacing || header.sections.contains(tag)
        case .person: return answers[Person.household] != nil
        default: return false
        }
    }

    /// Whether it is of the finding that a check of what it is about calls for.
    var isCalledFor: Bool {
        let record = header.record
        guard record.kind == .finding, let about = answers[Finding.about].flatMap(SubjectID.init)
        else { return false }
        let kinds: [RecordKind] = [.housing, .water, .medical, .schooling, .clinic]
        return kinds.contains { kind in
            FindingCategory.allCases.contains { category in
                let check = RecordKey(kind: kind, subject: about, round: record.round)
                return RecordKey.finding(category, about: check) == record
            }
        }
    }
}
