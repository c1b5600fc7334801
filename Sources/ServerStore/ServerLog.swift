import Foundation
import GRDB
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore
import Synchronization

/// The log of one writing process of the server.
///
/// Its key lives in memory only: every process starts a new log, endorsed by the server key, so a
/// server that is restored from a backup cannot fork an old one.
final class ServerLog: Sendable {
    private struct End {
        var counter: UInt64 = 0
        var chain: ChainValue
    }

    private let key: LogKey
    private let endorsement: Endorsement
    private let environment: SystemEnvironment
    private let end: Mutex<End>

    init(serverKey: LogKey, environment: SystemEnvironment) throws {
        self.key = try LogKey(seed: environment.random(32))
        self.endorsement = try Endorsement(of: key, by: serverKey)
        self.environment = environment
        self.end = Mutex(End(chain: ChainValue(publicKey: key.publicKey)))
    }

    /// Runs `body` with a draft, seals what it left unsealed, and moves the log's end when the
    /// surrounding transaction commits. A rollback leaves the log where it was.
    ///
    /// What was written is projected before it commits. Safe because write transactions of one process
    /// do not overlap.
    ///
    /// - Parameter limit: records that were behind before and are projected too.
    func writing<T>(
        in db: Database, projecting limit: Int, _ body: (inout Draft) throws -> T
    ) throws -> T {
        let start = end.withLock { $0 }
        let log = LogSession(db, isProjecting: true)
        var draft = Draft(
            log: log, key: key, endorsement: endorsement, environment: environment,
            counter: start.counter, chain: start.chain)
        let result = try body(&draft)
        try draft.seal()
        try Projector.catchUp(log, limit: limit)
        let (counter, chain) = (draft.counter, draft.chain)
        db.afterNextTransaction(onCommit: { [self] _ in
            end.withLock { $0 = End(counter: counter, chain: chain) }
        })
        return result
    }

    /// Edits of the server's log on their way into the feed.
    struct Draft {
        let log: LogSession
        private let key: LogKey
        private let endorsement: Endorsement
        private let environment: SystemEnvironment
        fileprivate private(set) var counter: UInt64
        fileprivate private(set) var chain: ChainValue
        private var pending: [Edit] = []
        private var pendingBytes = 0
        private var about: ReplicaID?
        /// Numbers of the segments sealed so far.
        private(set) var sealed: [UInt64] = []

        fileprivate init(
            log: LogSession, key: LogKey, endorsement: Endorsement, environment: SystemEnvironment,
            counter: UInt64, chain: ChainValue
        ) {
            self.log = log
            self.key = key
            self.endorsement = endorsement
            self.environment = environment
            self.counter = counter
            self.chain = chain
        }

        /// Appends an edit; a change of area or of what it is about seals those before.
        mutating func append(
            _ record: RecordKey, in area: AreaID, _ sections: [SectionTag: SectionAnswers],
            seen: [Reference] = [], about: ReplicaID? = nil
        ) throws {
            if let last = pending.last, last.header.area != area || self.about != about {
                try seal()
            }
            self.about = about
            counter += 1
            let form = Form.form(of: record.kind)
            let edit = try Edit(
                header: EditHeader(
                    dot: Dot(replica: key.replica, counter: counter), record: record,
                    area: area, sections: sections.keys.sorted(), seen: seen,
                    author: .server, deviceTime: environment.now(),
                    formVersion: form?.version ?? 1),
                body: EditBody(
                    sections: sections,
                    salt: form?.needsSalt(sections) == true ? environment.random(16) : nil))
            pending.append(edit)
            pendingBytes += edit.encoded.byteCount
            if pending.count >= LogLimits.segmentEdits || pendingBytes >= LogLimits.segmentBytes {
                try seal()
            }
        }

        /// Appends an edit that has been shown everything the record says of these sections.
        mutating func amend(
            _ record: RecordKey, in area: AreaID, _ sections: [SectionTag: SectionAnswers]
        ) throws {
            try seal()
            let state = try log.state(of: record)
            try append(
                record, in: area, sections, seen: state.references(writing: Set(sections.keys)))
        }

        /// Seals what is pending into a segment and numbers it.
        mutating func seal() throws {
            guard !pending.isEmpty else { return }
            let segment = try Segment.seal(
                pending, after: chain, key: key, endorsement: endorsement, about: about)
            chain = segment.frame.resulting
            pending = []
            pendingBytes = 0
            sealed.append(try Feed.append(segment, log).number)
        }
    }
}
