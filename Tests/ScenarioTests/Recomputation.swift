import Foundation
import GRDB
import SurveyCoverage
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore

/// Everything computed again from segments alone, in a database of its own.
struct Recomputation {
    private let queue: DatabaseQueue

    init(_ segments: [Segment], in world: World, _ name: String) throws {
        let file = world.folder.appending(path: "\(name).sqlite").path
        queue = try DatabaseQueue(path: file)
        var migrator = DatabaseMigrator()
        Schema.register(in: &migrator)
        try migrator.migrate(queue)
        // One transaction and one projection per segment: no batch hides an order.
        for segment in segments {
            try queue.write { db in
                try SegmentLog.insert(segment, in: db)
                try Projector.catchUp(db)
            }
        }
    }

    func tallies() throws -> Set<String> { try Self.tallies { try queue.read($0) } }

    func answers() throws -> [RecordKey: Set<SectionState>] {
        try Self.answers { try queue.read($0) }
    }

    typealias Reader<T> = (@Sendable (Database) throws -> T) throws -> T

    /// Every count of every village and round that is not zero.
    static func tallies(of read: Reader<Set<String>>) throws -> Set<String> {
        try read { db in
            Set(
                try Row.fetchAll(db, sql: "SELECT * FROM tally WHERE value != 0").map {
                    "\($0["area"] as Int64) \($0["round"] as Int64) \($0["counter"] as Int64)="
                        + "\($0["value"] as Int64)"
                })
        }
    }

    /// Every check record's sections.
    static func answers(of read: Reader<[RecordKey: Set<SectionState>]>) throws
        -> [RecordKey: Set<SectionState>]
    {
        try read { db in
            var keys: Set<RecordKey> = []
            try SegmentLog.forEachEdit(in: db) { edit in
                if (1...5).contains(edit.header.record.kind.rawValue) {
                    keys.insert(edit.header.record)
                }
            }
            return try keys.reduce(into: [:]) { states, key in
                states[key] = Set(try Records.state(of: key, in: db).sections.values)
            }
        }
    }
}
