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
            SELECT subject FROM household WHERE subject = ?1
            UNION ALL SELECT household FROM person WHERE subject = ?1
            """, [subject.bytes])
        return household.flatMap(SubjectID.init)
    }

    /// The areas in which an edit is repeated.
    static func areas(repeating edit: Edit, in db: Database) throws -> [AreaID] {
        try db.rows(
            """
            SELECT DISTINCT segment.area FROM log
            JOIN edit ON edit.log = log.number
            JOIN excerpt ON excerpt.edit = edit.number
            JOIN segment_edit ON segment_edit.edit = excerpt.holder
            JOIN segment ON segment.number = segment_edit.segment
            WHERE replica = ? AND counter = ? AND edit.id = ? ORDER BY segment.area
            """, [edit.dot.replica.bytes, Int64(edit.dot.counter), edit.id.bytes]
        ).map { AreaID(column: $0["area"]) }
    }

    /// Repeats in a household's area whatever is about it and cannot be read there, decisions
    /// first. Everything must be projected.
    static func complete(
        _ household: SubjectID, _ db: Database, _ draft: inout ServerLog.Draft
    ) throws {
        guard let home = try AreaID.of(household: household, in: db) else { return }
        let members = try db.rows(
            "SELECT subject FROM person WHERE household = ? ORDER BY subject", [household.bytes]
        ).compactMap { SubjectID($0["subject"] as Data) }
        var missing: [Edit] = []
        for subject in [household] + members {
            for record in try records(about: subject, in: db) {
                missing += try edits(of: record, notIn: home, db)
                // What was accepted in another area must not look like an unregistered subject's.
                for area in try includedAreas(of: record, in: db) where area != home {
                    try announce(subject, alsoIn: area, db, &draft)
                }
            }
        }
        try append(missing, about: household, in: home, db, &draft)
        // Who has an old copy of the area that the household left must not count them here.
        for row in try db.rows(
            "SELECT person FROM former_member WHERE household = ? ORDER BY person",
            [household.bytes])
        {
            guard let person = SubjectID(row["person"] as Data) else { continue }
            try announce(person, alsoIn: home, db, &draft)
        }
    }

    /// Repeats what says where a subject is in every area that ever heard of it, and in every area
    /// where an edit that counts says that it is: who reads an area that it left must know that it
    /// left, and who thinks that it came must know what else is said.
    static func announce(
        _ subject: SubjectID, alsoIn other: AreaID? = nil, _ db: Database,
        _ draft: inout ServerLog.Draft
    ) throws {
        for (kind, key) in [(RecordKind.household, "location"), (.person, "membership")] {
            guard let section = Form.form(of: kind)?.section(key: key)?.tag,
                let record: Int64 = try db.value(
                    "SELECT number FROM record WHERE kind = ? AND round = 0 AND subject = ?",
                    [Int64(kind.rawValue), subject.bytes])
            else { continue }
            let heard = Set(
                try areas(of: record, in: db) + destinations(of: record, kind, in: db)
                    + [other].compactMap { $0 })
            for area in heard.sorted() {
                let missing = try edits(of: record, notIn: area, db)
                    .filter { $0.header.sections.contains(section) }
                try append(missing, about: subject, in: area, db, &draft)
            }
        }
    }

    /// The areas in which edits of an entry that count put its subject.
    private static func destinations(of record: Int64, _ kind: RecordKind, in db: Database) throws
        -> [AreaID]
    {
        let edits = try SegmentLog.sound(
            db.rows(
                """
                SELECT id, header, body, body_hash FROM edit WHERE record = ?
                AND NOT EXISTS (SELECT 1 FROM exclusion WHERE exclusion.edit = edit.id)
                """, [record]))
        let areas = try edits.compactMap { edit -> AreaID? in
            let answers = edit.answers
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
        _ edits: [Edit], about subject: SubjectID, in area: AreaID, _ db: Database,
        _ draft: inout ServerLog.Draft
    ) throws {
        for edit in edits { try Holds.spread(about: edit, alsoIn: area, db, &draft) }
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

    /// The areas in which edits of a record were written that count.
    private static func includedAreas(of record: Int64, in db: Database) throws -> [AreaID] {
        try db.rows(
            """
            SELECT DISTINCT segment.area FROM edit
            JOIN segment_edit ON segment_edit.edit = edit.number
            JOIN segment ON segment.number = segment_edit.segment
            WHERE record = ? AND NOT EXISTS (SELECT 1 FROM exclusion WHERE edit = edit.id)
            ORDER BY segment.area
            """, [record]
        ).map { AreaID(column: $0["area"]) }.filter { $0 != .reserved && $0 != .none }
    }

    /// The areas in which anything of a record was read that counts, there or where it was written:
    /// writing about somebody is no way to be told where they are.
    private static func areas(of record: Int64, in db: Database) throws -> [AreaID] {
        try db.rows(
            """
            SELECT segment.area FROM edit JOIN segment_edit ON segment_edit.edit = edit.number
            JOIN segment ON segment.number = segment_edit.segment WHERE record = ?1
                AND NOT EXISTS (SELECT 1 FROM exclusion WHERE exclusion.edit = edit.id)
            UNION
            SELECT segment.area FROM edit JOIN excerpt ON excerpt.edit = edit.number
            JOIN segment_edit ON segment_edit.edit = excerpt.holder
            JOIN segment ON segment.number = segment_edit.segment WHERE record = ?1
                AND NOT EXISTS (SELECT 1 FROM exclusion WHERE exclusion.edit = edit.id)
            """, [record]
        ).map { AreaID(column: $0["area"]) }.filter { $0 != .reserved && $0 != .none }
    }

    /// Records of any kind that a device may write, known to this version or not.
    static func records(about subject: SubjectID, in db: Database) throws -> [Int64] {
        let rounds = [RoundID.register] + (try Rounds.all(in: db).map(\.id))
        let pairs: [Int64] = try db.rows(
            "SELECT record FROM same_as WHERE first = ?1 OR second = ?1 ORDER BY record",
            [subject.bytes]
        ).map { $0["record"] }
        let findings: [Int64] = try db.rows(
            "SELECT record FROM finding WHERE about = ? ORDER BY record", [subject.bytes]
        ).map { $0["record"] }
        // Those have ids of their own, whatever else may have the same.
        let others = Set([RecordKind.finding, .sameAs].map(\.rawValue))
        return try (1..<RecordKind.area.rawValue).filter { !others.contains($0) }.flatMap { kind in
            try rounds.compactMap { round in
                try db.value(
                    "SELECT number FROM record WHERE kind = ? AND round = ? AND subject = ?",
                    [Int64(kind), round.column, subject.bytes]) as Int64?
            }
        } + pairs + Set(findings).union(findingsOnceSaid(about: subject, in: db)).sorted()
    }

    /// Findings that an edit which counts says to be about a subject, whatever they come to: whoever
    /// has heard so must hear what else is said.
    private static func findingsOnceSaid(about subject: SubjectID, in db: Database) throws
        -> [Int64]
    {
        let named: [Int64] = try db.rows(
            """
            SELECT naming.record FROM naming JOIN record ON record.number = naming.record
            WHERE naming.subject = ? AND kind = ?
            """, [subject.bytes, Int64(RecordKind.finding.rawValue)]
        ).map { $0["record"] }
        return try named.filter { record in
            let counting = try db.rows(
                """
                SELECT id, header, body, body_hash FROM edit WHERE record = ?
                AND NOT EXISTS (SELECT 1 FROM exclusion WHERE exclusion.edit = edit.id)
                """, [record])
            return try SegmentLog.sound(counting).contains {
                $0.answers[Finding.about] == subject.bytes
            }
        }
    }

    /// Edits of a record that count and cannot be read in an area. What is held is repeated nowhere.
    private static func edits(of record: Int64, notIn area: AreaID, _ db: Database) throws
        -> [Edit]
    {
        let rows = try db.rows(
            """
            SELECT id, header, body, body_hash FROM edit WHERE record = ?1
            AND NOT EXISTS (SELECT 1 FROM exclusion WHERE exclusion.edit = edit.id)
            AND NOT EXISTS (
                SELECT 1 FROM segment_edit
                JOIN segment ON segment.number = segment_edit.segment
                WHERE segment_edit.edit = edit.number AND area = ?2)
            AND NOT EXISTS (
                SELECT 1 FROM excerpt JOIN segment_edit ON segment_edit.edit = excerpt.holder
                JOIN segment ON segment.number = segment_edit.segment
                WHERE excerpt.edit = edit.number AND area = ?2)
            ORDER BY number
            """, [record, area.column])
        return try SegmentLog.sound(rows)
    }

    /// Whether a segment of an area carries an edit.
    static func isReadable(_ edit: Edit, in area: AreaID, _ db: Database) throws -> Bool {
        try db.value(
            """
            SELECT 1 FROM log JOIN edit ON edit.log = log.number
            JOIN segment_edit ON segment_edit.edit = edit.number
            JOIN segment ON segment.number = segment_edit.segment
            WHERE replica = ? AND counter = ? AND edit.id = ? AND segment.area = ?
            """, [edit.dot.replica.bytes, Int64(edit.dot.counter), edit.id.bytes, area.column])
            as Int64? != nil
    }
}
