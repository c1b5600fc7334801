import GRDB
import SurveyLog
import SurveyModel
import SurveyStore
import TestSupport
import Testing

/// Where a log ends is kept beside it; reading the whole log must come to the same.
@Suite struct LogEndsTests {
    private static func log(_ edits: Int, forkedAfter fork: Int? = nil) throws -> TestLog {
        var log = TestLog(1)
        for number in 1...edits {
            let subject = UInt64(number) + (fork.map { number > $0 } == true ? 1_000 : 0)
            try log.write(.test(.housing, subject: subject), [SectionTag(rawValue: 1): [:]])
        }
        return log
    }

    /// A log cut into runs, some of them overlapping.
    private static func runs(of log: TestLog, _ random: inout SplitMix64) throws -> [Segment] {
        var segments: [Segment] = []
        var first = 1
        while first <= log.edits.count {
            let last = min(first + Int.random(in: 0..<4, using: &random), log.edits.count)
            segments.append(try log.segment(first...last))
            let overlaps = last > first && Int.random(in: 0..<8, using: &random) == 0
            first = overlaps ? last : last + 1
        }
        return segments
    }

    @Test(arguments: 0..<60 as Range<UInt64>)
    func `the ends that are kept are those of the segments`(seed: UInt64) throws {
        var random = SplitMix64(seed)
        let log = try Self.log(12)
        var segments = try Self.runs(of: log, &random)
        if seed.isMultiple(of: 2) {
            segments += try Self.runs(
                of: Self.log(14, forkedAfter: Int.random(in: 0..<12, using: &random)), &random)
        }
        if !seed.isMultiple(of: 3) { segments.shuffle(using: &random) }
        let database = try DatabaseQueue()
        var migrator = DatabaseMigrator()
        Schema.register(in: &migrator)
        try migrator.migrate(database)
        try database.write { db in
            for (count, segment) in segments.enumerated() {
                try SegmentLog.insert(segment, in: db)
                let spans = try SegmentLog.spans(of: log.replica, in: db)
                let graph = LogGraph(publicKey: log.key.publicKey, spans: spans).ends()
                let kept = try SegmentLog.ends(
                    of: log.replica, publicKey: log.key.publicKey, in: db)
                #expect(kept == graph)
                for end in segments.prefix(count + 1).map(\.frame.tip) {
                    try expectLine(end, spans, segments.prefix(count + 1), db)
                }
                // What a part of the log is deleted of is read again.
                if Int.random(in: 0..<10, using: &random) == 0 {
                    try db.execute(sql: "DELETE FROM log_end")
                }
            }
        }
    }

    /// When an end is said to be on a line, every segment up to it lies below it.
    private func expectLine(
        _ end: Tip, _ spans: [LogGraph.Span], _ segments: ArraySlice<Segment>, _ db: Database
    ) throws {
        guard try LogEnds.isOnLine(end, in: db) else { return }
        let held = LogGraph.held(spans, ends: [end])
        for frame in segments.map(\.frame) where frame.last <= end.counter {
            #expect(
                held.contains(
                    LogGraph.Point(counter: frame.last, chain: frame.resulting)))
        }
    }
}
