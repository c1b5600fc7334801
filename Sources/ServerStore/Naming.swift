import Foundation
import GRDB
import SurveyLog
import SurveyModel
import SurveyStore

/// Records in which a device has named a subject: memberships by their household, findings by whom they
/// are about, whether that is what they come to or not. When the subject comes into the register they
/// are judged by where it is, and found without looking through everything.
enum Naming {
    static func note(_ edit: Edit, _ db: Database) throws {
        let answers = edit.answers
        let named: Data?
        switch edit.header.record.kind {
        case .person: named = answers[Person.household]
        case .finding: named = answers[Finding.about]
        default: return
        }
        guard let named, let number = try SegmentLog.recordRow(of: edit.header.record, in: db)
        else {
            return
        }
        try db.run(
            "INSERT OR IGNORE INTO naming (subject, record) VALUES (?, ?)", [named, number])
    }

    /// Notes what devices wrote before there was such a table, once.
    static func noteAll(_ db: Database) throws {
        guard try db.value("SELECT 1 FROM server_index WHERE name = 'naming'") as Int64? == nil
        else { return }
        var last: Int64 = 0
        while true {
            let rows = try db.rows(
                """
                SELECT edit.number, edit.id, header, body, body_hash FROM edit
                JOIN record ON record.number = edit.record AND kind IN (2, 9)
                JOIN log ON log.number = edit.log AND log.public_key IS NULL
                WHERE edit.number > ? ORDER BY edit.number LIMIT 500
                """, [last])
            guard let end = rows.last else { break }
            last = end["number"]
            for edit in try SegmentLog.sound(rows) { try note(edit, db) }
        }
        try db.run("INSERT INTO server_index (name) VALUES ('naming')", [])
    }

    /// Records that name a subject.
    static func records(of subject: SubjectID, in db: Database) throws -> [Int64] {
        try db.rows("SELECT record FROM naming WHERE subject = ? ORDER BY record", [subject.bytes])
            .map { $0["record"] }
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
