import Foundation
import GRDB
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore

/// Edits that follow a household into the area where it is now.
///
/// Whoever reads a village reads everything about its households: what was written before a
/// household moved there, what still arrives in the area that it left, and the decisions about
/// both.
enum Excerpts {
    /// Whether an edit moves its subject, or was written in another area than its subject is in.
    static func displaces(_ edit: Edit, _ places: Whereabouts) throws -> Bool {
        let header = edit.header
        func writes(_ form: Form, _ key: String) -> Bool {
            form.section(key: key).map { header.sections.contains($0.tag) } ?? false
        }
        switch header.record.kind {
        case .household where writes(Household.form, "location"): return true
        case .person where writes(Person.form, "membership"): return true
        case let kind where kind < .area:
            return try places.subjects(of: edit).contains { subject in
                guard let household = try places.household(of: subject) else { return false }
                return try places.area(ofHousehold: household) != header.area
            }
        default: return false
        }
    }

    /// The household that a subject is or belongs to.
    static func household(of subject: SubjectID, in db: Database) throws -> SubjectID? {
        let household: Data? = try db.value(
            """
            SELECT \(subjectID("entry")) FROM (
                SELECT subject AS entry FROM household WHERE subject = ?1
                UNION ALL SELECT household FROM person WHERE subject = ?1)
            """, [try db.number(of: subject)])
        return household.flatMap(SubjectID.init)
    }

    /// The areas in which an edit is repeated.
    static func areas(repeating edit: Edit, _ log: LogSession) throws -> [AreaID] {
        try log.areas(of: log.numbers(of: edit).filter(\.isRepetition)).sorted()
    }

    /// Repeats in a household's area whatever is about it and cannot be read there, decisions
    /// first. Everything must be projected.
    static func complete(_ household: SubjectID, _ draft: inout ServerLog.Draft) throws {
        let db = draft.log.db
        guard let home = try AreaID.of(household: household, in: db) else { return }
        let members = try subjects(
            "SELECT \(subjectID("person.subject")) AS id FROM person WHERE household = ? ORDER BY id",
            of: household, db)
        var missing: [Edit] = []
        for subject in [household] + members {
            for record in try records(about: subject, in: db) {
                let edits = try counting(record, draft.log)
                missing += try edits.filter { try !isReadable($0, in: home, draft.log) }.map(\.edit)
                // What was accepted in another area must not look like an unregistered subject's.
                for area in try areas(of: edits, isWritten: true, draft.log) where area != home {
                    try announce(subject, alsoIn: area, &draft)
                }
            }
        }
        try append(missing, about: household, in: home, &draft)
        // Who has an old copy of the area that the household left must not count them here.
        for person in try subjects(
            """
            SELECT \(subjectID("former_member.person")) AS id FROM former_member
            WHERE household = ? ORDER BY id
            """, of: household, db)
        {
            try announce(person, alsoIn: home, &draft)
        }
    }

    private static func subjects(_ sql: String, of household: SubjectID, _ db: Database) throws
        -> [SubjectID]
    {
        try db.rows(sql, [try db.number(of: household)]).map { try $0.subject("subject", "id") }
    }

    /// Repeats what says where a subject is in every area that ever heard of it, and in every area
    /// where an edit that counts says that it is: who reads an area that it left must know that it
    /// left, and who thinks that it came must know what else is said.
    static func announce(
        _ subject: SubjectID, alsoIn other: AreaID? = nil, _ draft: inout ServerLog.Draft
    ) throws {
        for (kind, key) in [(RecordKind.household, "location"), (.person, "membership")] {
            guard let section = Form.form(of: kind)?.section(key: key)?.tag else { continue }
            let edits = try counting(RecordKey(kind: kind, subject: subject), draft.log)
            let heard = Set(
                try areas(of: edits, draft.log) + destinations(of: edits, kind, in: draft.log.db)
                    + [other].compactMap { $0 })
            for area in heard.sorted() {
                let missing = try edits.filter { placed in
                    try placed.edit.header.sections.contains(section)
                        && !isReadable(placed, in: area, draft.log)
                }
                try append(missing.map(\.edit), about: subject, in: area, &draft)
            }
        }
    }

    /// The areas in which edits of an entry that count put its subject.
    private static func destinations(
        of edits: [PlacedEdit], _ kind: RecordKind, in db: Database
    ) throws -> [AreaID] {
        let areas = try edits.compactMap { placed -> AreaID? in
            let answers = placed.edit.answers
            guard kind == .person else {
                return answers[Household.village].flatMap(SubjectID.init).map { AreaID($0) }
            }
            return try answers[Person.household].flatMap(SubjectID.init)
                .flatMap { try AreaID.of(household: $0, in: db) }
        }
        return try Set(areas).filter { area in
            try db.value("SELECT 1 FROM area WHERE id = ?", [area.column]) as Int64? != nil
        }.sorted()
    }

    private static func append(
        _ edits: [Edit], about subject: SubjectID, in area: AreaID, _ draft: inout ServerLog.Draft
    ) throws {
        for edit in edits { try Holds.spread(about: edit, alsoIn: area, &draft) }
        try draft.seal()
        for edit in edits {
            var answers = Answers()
            answers[ExcerptForm.edit] = edit.excerpted()
            try draft.append(
                RecordKey(kind: .excerpt, subject: subject), in: area,
                ExcerptForm.form.sections(answers))
        }
        try draft.seal()
    }

    /// Edits of a record that count. What is held is repeated nowhere, and writing about somebody is no way
    /// to be told where they are.
    private static func counting(_ record: RecordKey, _ log: LogSession) throws -> [PlacedEdit] {
        try log.placedEdits(of: record).filter { placed in
            try Records.exclusion(of: placed.edit.id, in: log.db) == nil
        }
    }

    /// The areas in which edits can be read.
    ///
    /// - Parameter isWritten: only where they were written.
    private static func areas(
        of edits: [PlacedEdit], isWritten: Bool = false, _ log: LogSession
    ) throws -> [AreaID] {
        let numbers = edits.flatMap(\.numbers).filter { !isWritten || !$0.isRepetition }
        return try log.areas(of: numbers).filter { $0 != .reserved && $0 != .none }.sorted()
    }

    /// Records of any kind that a device may write, known to this version or not.
    static func records(about subject: SubjectID, in db: Database) throws -> [RecordKey] {
        guard let number = try db.number(of: subject) else { return [] }
        func others(_ sql: String, _ kind: RecordKind) throws -> [RecordKey] {
            try db.rows(sql, [number]).map { row in
                RecordKey(
                    kind: kind, subject: try row.subject("subject", "id"),
                    round: try db.round(row["round"]))
            }
        }
        let pairs = try others(
            """
            SELECT \(subjectID("same_as.subject")) AS id, 0 AS round FROM same_as
            WHERE first = ?1 OR second = ?1 ORDER BY id
            """, .sameAs)
        let findings = try others(
            """
            SELECT \(subjectID("finding.subject")) AS id, round FROM finding
            WHERE about = ? ORDER BY id
            """, .finding)
        // Those have ids of their own, whatever else may have the same.
        let own = try Records.about(subject, in: db).filter { record in
            record.subject == subject && record.kind != .finding && record.kind != .sameAs
        }
        return own + pairs
            + Set(findings).union(try findingsOnceSaid(about: subject, in: db))
            .sorted { $0.text < $1.text }
    }

    /// Findings that an edit which counts says to be about a subject, whatever they come to: whoever
    /// has heard so must hear what else is said.
    private static func findingsOnceSaid(about subject: SubjectID, in db: Database) throws
        -> [RecordKey]
    {
        let log = LogSession(db)
        return try Naming.records(of: subject, in: db).filter { record in
            guard record.kind == .finding else { return false }
            return try counting(record, log).contains {
                $0.edit.answers[Finding.about] == subject.bytes
            }
        }
    }

    /// Whether an edit can be read in an area.
    static func isReadable(_ edit: Edit, in area: AreaID, _ log: LogSession) throws -> Bool {
        try log.areas(of: log.numbers(of: edit)).contains(area)
    }

    private static func isReadable(_ placed: PlacedEdit, in area: AreaID, _ log: LogSession) throws
        -> Bool
    {
        try log.areas(of: placed.numbers).contains(area)
    }
}

extension Int64 {
    /// Of an edit's number: a server's edit repeats it there.
    fileprivate var isRepetition: Bool { self >= 0 && self & 1 == 1 }
}
