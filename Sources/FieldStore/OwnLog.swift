import Foundation
import GRDB
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore

/// The device's own log: its end, and sealing what is to be sent.
enum OwnLog {
    /// The end of the log, unsealed edits included.
    static func end(_ db: Database) throws -> (counter: UInt64, chain: ChainValue) {
        try end(db, counter: "counter", chain: "chain")
    }

    /// The end of what is sealed.
    static func sealedEnd(_ db: Database) throws -> (counter: UInt64, chain: ChainValue) {
        try end(db, counter: "sealed_counter", chain: "sealed_chain")
    }

    private static func end(_ db: Database, counter: String, chain: String) throws
        -> (counter: UInt64, chain: ChainValue)
    {
        guard let row = try db.row("SELECT * FROM own_log"),
            let value = ChainValue(row[chain] as Data)
        else { throw Failure(.noHome) }
        return (UInt64(row[counter] as Int64), value)
    }

    static func setEnd(_ counter: UInt64, _ chain: ChainValue, _ db: Database) throws {
        try db.run("UPDATE own_log SET counter = ?, chain = ?", [Int64(counter), chain.bytes])
    }

    /// Those of a record's edits that this device wrote and that wait for review.
    static func held(in state: RecordState, _ db: Database) throws -> [Edit] {
        guard !state.excluded.isEmpty else { return [] }
        let family = Set(try ClosedLogs.family(FieldStore.identity(db), db))
        return try state.excluded.filter { edit in
            guard family.contains(edit.dot.replica) else { return false }
            if case .held = try Records.exclusion(of: edit.id, in: db) { return true }
            return false
        }
    }

    /// Own edits that no segment carries yet, in order.
    static func unsealed(of replica: ReplicaID, _ db: Database) throws -> [Edit] {
        try LogSession(db).openEdits(of: replica, from: sealedEnd(db).counter + 1)
    }

    /// Seals every unsealed edit into segments: runs of one area, within the limits.
    ///
    /// A segment is sealed once and sent byte-identical from then on.
    static func seal(_ identity: HomeIdentity, _ db: Database) throws {
        let start = try sealedEnd(db)
        let log = LogSession(db)
        var chain = start.chain
        var run: [Edit] = []
        var bytes = 0
        func close() throws {
            guard !run.isEmpty else { return }
            let segment = try Segment.seal(run, after: chain, key: identity.key)
            try log.insert(segment)
            chain = segment.frame.resulting
            run = []
            bytes = 0
        }
        let unsealed = try unsealed(of: identity.replica, db)
        for edit in unsealed {
            if let last = run.last,
                last.header.area != edit.header.area || run.count >= LogLimits.segmentEdits
                    || bytes >= LogLimits.segmentBytes
            {
                try close()
            }
            run.append(edit)
            bytes += edit.encoded.byteCount
        }
        try close()
        // What is sealed must be the log that was written: nothing of another branch.
        let end = try end(db)
        guard chain == end.chain else { throw DamagedDatabase("own_log.chain") }
        guard let last = unsealed.last else { return }
        try db.run(
            "UPDATE own_log SET sealed_counter = ?, sealed_chain = ?",
            [Int64(last.dot.counter), chain.bytes])
    }

    /// Deletes the second copies of edits that the server has acknowledged.
    static func forgetAcknowledged(_ identity: HomeIdentity, _ db: Database) throws {
        guard try db.hasRows("open_edit") else { return }
        for replica in try ClosedLogs.family(identity, db) {
            let waiting: Int64? = try db.value(
                """
                SELECT min(first) FROM segment
                WHERE mark IS NULL AND log = (SELECT number FROM log WHERE replica = ?)
                """, [replica.bytes])
            let sealed = replica == identity.replica ? try sealedEnd(db).counter : .max
            let last = min(sealed, waiting.map { UInt64($0 - 1) } ?? .max)
            try LogSession(db).forgetOpen(of: replica, through: last)
        }
    }

    /// The sealed part of this device's branch: what a receipt can speak of.
    static func branch(_ identity: HomeIdentity, _ spans: [LogGraph.Span], _ db: Database) throws
        -> Branch
    {
        Branch(
            end: try sealedEnd(db), start: ChainValue(publicKey: identity.key.publicKey),
            spans: spans)
    }

    /// One path through a log that may have others beside it, after a clone or a restore.
    struct Branch {
        private var chains: [UInt64: ChainValue]

        /// Walks from the end back to the start.
        init(end: (counter: UInt64, chain: ChainValue), start: ChainValue, spans: [LogGraph.Span]) {
            chains = [0: start]
            let byEnd = Dictionary(
                spans.compactMap { span in span.chain.last.map { ($0, span) } }
            ) { a, _ in a }
            var (counter, chain) = end
            while counter > 0, let span = byEnd[chain] {
                for (offset, value) in span.chain.enumerated() {
                    chains[span.first + UInt64(offset)] = value
                }
                (counter, chain) = (span.first - 1, span.previous)
            }
        }

        func chain(at counter: UInt64) -> ChainValue? { chains[counter] }

        /// How many edits this branch shares with the one that ends in a tip: all of the tip's
        /// when it lies on this branch.
        func common(with tip: Tip, _ spans: [LogGraph.Span]) -> UInt64 {
            if chains[tip.counter] == tip.chain { return tip.counter }
            guard let start = chains[0] else { return 0 }
            let other = Branch(end: (tip.counter, tip.chain), start: start, spans: spans)
            return chains.filter { other.chains[$0.key] == $0.value }.keys.max() ?? 0
        }
    }
}
