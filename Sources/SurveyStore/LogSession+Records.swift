import Foundation
import GRDB
package import SurveyLog
package import SurveyModel

/// The edits of records, and where an edit lies.
extension LogSession {
    /// All edits of a record, in order of arrival; of one that lies in several places, one with its body.
    package func edits(of key: RecordKey) throws -> [Edit] {
        guard let stored = try db.stored(key) else { return [] }
        return try edits(of: StoredRecord(key: key, stored: stored))
    }

    /// Those edits of a record that servers wrote, in order of arrival.
    package func serverEdits(of key: RecordKey) throws -> [Edit] {
        try edits(of: key).filter { try isServers($0.dot.replica) }
    }

    func edits(of record: StoredRecord) throws -> [Edit] {
        var places: [EditPlace] = []
        try db.forEachRow(
            """
            SELECT number, proof FROM edit WHERE kind = ? AND round = ? AND subject IN (KEYS)
            """, [Int64(record.stored.kind.rawValue), record.stored.round],
            among: [record.stored.subject]
        ) { places.append(EditPlace($0)) }
        return try edits(at: places, of: record.key)
    }

    /// The edits of many records, read together. A record of which the disk has changed a byte is not among
    /// them.
    func edits(of records: [StoredRecord]) throws -> [StoredKey: [Edit]] {
        struct Kind: Hashable {
            let kind: RecordKind
            let round: Int64
        }
        var places: [StoredKey: [EditPlace]] = [:]
        places.reserveCapacity(records.count)
        for (group, records) in Dictionary(
            grouping: records, by: { Kind(kind: $0.stored.kind, round: $0.stored.round) })
        {
            try db.forEachRow(
                """
                SELECT number, proof, subject FROM edit
                WHERE kind = ? AND round = ? AND subject IN (KEYS)
                """, [Int64(group.kind.rawValue), group.round], among: records.map(\.stored.subject)
            ) { row in
                let key = StoredKey(subject: row.integer(2), kind: group.kind, round: group.round)
                places[key, default: []].append(EditPlace(row))
            }
        }
        try prepare(places.values.joined().map { ($0.number, $0.proof) })
        var edits: [StoredKey: [Edit]] = [:]
        edits.reserveCapacity(records.count)
        for record in records {
            do {
                edits[record.stored] = try self.edits(
                    at: places[record.stored] ?? [], of: record.key)
            } catch is DamagedDatabase {
            }
        }
        return edits
    }

    /// A record's edits that the disk has not changed, with the numbers under which each is stored.
    package func placedEdits(of key: RecordKey) throws -> [PlacedEdit] {
        guard let stored = try db.stored(key) else { return [] }
        var places: [EditPlace] = []
        try db.forEachRow(
            """
            SELECT number, proof FROM edit WHERE kind = ? AND round = ? AND subject IN (KEYS)
            """, [Int64(stored.kind.rawValue), stored.round], among: [stored.subject]
        ) { places.append(EditPlace($0)) }
        var placed: [PlacedEdit] = []
        var known: [EditID: Int] = [:]
        for place in places.sorted() {
            do {
                let edit = try edit(place.number, proof: place.proof)
                if let index = known[edit.id] {
                    placed[index].numbers.append(place.number)
                } else {
                    known[edit.id] = placed.count
                    placed.append(PlacedEdit(edit: edit, numbers: [place.number]))
                }
            } catch is DamagedDatabase {
                // It must not keep the others from being judged, and `check` names it.
            }
        }
        return placed
    }

    private func edits(at places: [EditPlace], of key: RecordKey) throws -> [Edit] {
        func edit(_ place: EditPlace) throws -> Edit {
            let edit = try self.edit(place.number, proof: place.proof)
            // The disk may have changed which record a row is of.
            guard edit.header.record == key else { throw DamagedDatabase("edit.record") }
            return edit
        }
        guard places.count > 1 else { return try places.map(edit) }
        try prepare(places.map { ($0.number, $0.proof) })
        var edits: [Edit] = []
        var known: [EditID: Int] = [:]
        for place in places.sorted() {
            let edit = try edit(place)
            if let index = known[edit.id] {
                if edits[index].body == nil { edits[index] = edit }
            } else {
                known[edit.id] = edits.count
                edits.append(edit)
            }
        }
        return edits
    }

    /// The numbers under which an edit is stored, in whatever segment.
    package func numbers(of edit: Edit) throws -> [Int64] {
        guard let key = try db.stored(edit.header.record) else { return [] }
        let rows = try db.rows(
            """
            SELECT number, proof FROM edit
            WHERE subject = ? AND kind = ? AND round = ? AND proof = ? ORDER BY number
            """, key.columns + [edit.id.proof])
        // Whoever tries long enough makes two edits that begin alike.
        return try rows.compactMap { row in
            let number: Int64 = row["number"]
            do {
                let stored = try self.edit(number, proof: row["proof"])
                return stored.id == edit.id ? number : nil
            } catch is DamagedDatabase {
                // What is damaged can be told by its beginning alone.
                return number
            }
        }
    }

    /// Whether an edit is stored.
    package func contains(_ edit: Edit) throws -> Bool { try !numbers(of: edit).isEmpty }

    /// The areas in which edits with these numbers can be read.
    package func areas(of numbers: [Int64]) throws -> Set<AreaID> {
        var areas: Set<AreaID> = []
        try db.forEachRow(
            "SELECT area FROM segment WHERE number IN (KEYS)",
            among: Set(numbers.filter { $0 >= 0 }.map { $0 >> 9 }).sorted()
        ) { areas.insert(AreaID(column: $0.integer(0))) }
        return areas
    }

    /// Most places at which edits of any of some records lie, whoever wrote them.
    package func mostPlaces(of records: Set<RecordKey>) throws -> Int {
        let numbers = try subjectNumbers(of: Set(records.map(\.subject)))
        var most = 0
        for (kind, keys) in Dictionary(grouping: records, by: \.kind) {
            for (round, keys) in Dictionary(grouping: keys, by: \.round) {
                guard let round = try db.number(of: round) else { continue }
                try db.forEachRow(
                    """
                    SELECT COUNT(*) FROM edit
                    WHERE kind = ? AND round = ? AND subject IN (KEYS) GROUP BY subject
                    """, [Int64(kind.rawValue), round],
                    among: keys.compactMap { numbers[$0.subject] }.sorted()
                ) { most = max(most, Int($0.integer(0))) }
            }
        }
        return most
    }

    // MARK: By place in a log

    /// Sound edits at a place of a log; several after a fork.
    package func edits(of replica: ReplicaID, at counter: UInt64) throws -> [Edit] {
        guard
            let log: Int64 = try db.value(
                "SELECT number FROM log WHERE replica = ?", [replica.bytes])
        else { return [] }
        return try edits(ofLog: log, at: Int64(clamping: counter))
    }

    package func edits(ofLog log: Int64, at counter: Int64) throws -> [Edit] {
        let numbers = try db.rows(
            """
            SELECT (number << 9) | ((?2 - first) << 1) AS number FROM segment
            WHERE log = ?1 AND first BETWEEN ?2 - 255 AND ?2 AND last >= ?2
            UNION ALL SELECT number FROM repeated WHERE log = ?1 AND counter = ?2
            """, [log, counter]
        ).map { $0["number"] as Int64 }
        var edits: [Edit] = []
        for number in numbers.sorted() {
            do {
                edits.append(try edit(number))
            } catch is DamagedDatabase {
                // It must not keep the others from being judged, and `check` names it.
            }
        }
        for row in try db.rows(
            "SELECT id, edit FROM open_edit WHERE log = ? AND counter = ?", [log, counter])
        {
            guard let id = EditID(row["id"] as Data),
                let edit = try? StoredEdits.edit(in: row["edit"], proof: id.proof)
            else { continue }
            edits.append(edit)
        }
        var known: Set<EditID> = []
        return edits.filter { known.insert($0.id).inserted }
    }
}

/// An edit with the numbers under which it is stored: where it was written, and where it is repeated.
package struct PlacedEdit {
    package let edit: Edit
    package fileprivate(set) var numbers: [Int64]
}

/// Where an edit lies, and what proves it.
private struct EditPlace: Comparable {
    let number: Int64
    let proof: Int64

    init(_ row: LookedUpRow) { (number, proof) = (row.integer(0), row.integer(1)) }

    /// In order of arrival: what no segment carries yet came last.
    static func < (a: EditPlace, b: EditPlace) -> Bool {
        switch (a.number < 0, b.number < 0) {
        case (true, true): a.number > b.number
        case (false, false): a.number < b.number
        case (let isOpen, _): !isOpen
        }
    }
}
