internal import Crypto
public import Foundation
public import SurveyLog
public import SurveyModel

extension LogKey {
    /// A key that is the same in every run.
    public static func test(_ seed: UInt8) -> LogKey {
        // A seed of 32 bytes always makes a key.
        try! LogKey(seed: Data(repeating: seed, count: 32))
    }
}

extension AreaID {
    public static let village = AreaID(rawValue: 7)
}

extension UserID {
    public static let surveyor = UserID(rawValue: 11)
}

extension RoundID {
    public static let spring = RoundID(rawValue: 2_026)
}

extension RecordKey {
    /// A check of one household in one round.
    public static func test(_ kind: RecordKind, subject: UInt64 = 1) -> RecordKey {
        RecordKey(kind: kind, subject: SubjectID(subject), round: .spring)
    }
}

/// The log of one device, written by hand.
public struct TestLog: Sendable {
    public let key: LogKey
    public private(set) var edits: [Edit] = []

    public init(_ seed: UInt8) { self.key = .test(seed) }

    public var replica: ReplicaID { key.replica }

    /// The chain value after `counter` edits.
    public func chain(_ counter: Int) -> ChainValue {
        edits.prefix(counter).reduce(ChainValue(publicKey: key.publicKey)) { $0.appending($1.id) }
    }

    public var tip: Tip {
        Tip(replica: replica, counter: UInt64(edits.count), chain: chain(edits.count))
    }

    /// Appends an edit of these sections.
    @discardableResult
    public mutating func write(
        _ record: RecordKey, _ sections: [SectionTag: SectionAnswers], seen: [Reference] = [],
        area: AreaID = .village, author: UserID = .surveyor, salt: Data? = nil
    ) throws -> Edit {
        let header = EditHeader(
            dot: Dot(replica: replica, counter: UInt64(edits.count + 1)), record: record,
            area: area, sections: sections.keys.sorted(), seen: seen, author: author,
            deviceTime: 1_767_225_600_000, formVersion: 1)
        let edit = try Edit(header: header, body: EditBody(sections: sections, salt: salt))
        edits.append(edit)
        return edit
    }

    /// Appends an edit of one section that writes typed answers.
    @discardableResult
    public mutating func write(
        _ record: RecordKey, _ section: SectionTag, _ answers: Answers, seen: [Reference] = [],
        area: AreaID = .village
    ) throws -> Edit {
        try write(record, [section: answers.values], seen: seen, area: area)
    }

    /// Seals the edits with these counters.
    public func segment(_ counters: ClosedRange<Int>) throws -> Segment {
        try Segment.seal(
            Array(edits[(counters.lowerBound - 1)..<counters.upperBound]),
            after: chain(counters.lowerBound - 1), key: key)
    }

    /// A span of these counters, for a graph.
    public func span(_ counters: ClosedRange<Int>) -> LogGraph.Span {
        LogGraph.Span(
            first: UInt64(counters.lowerBound), previous: chain(counters.lowerBound - 1),
            edits: edits[(counters.lowerBound - 1)..<counters.upperBound].map(\.id))
    }
}

extension Form {
    /// The tag of a section by its key; the tests name sections as people do.
    public func tag(_ key: String) -> SectionTag { section(key: key)!.tag }
}

extension Edit {
    /// The same edit with its body erased by law.
    public var erased: EncodedEdit {
        switch encoded.content {
        case .body(let body):
            EncodedEdit(header: encoded.header, content: .erased(hash: sha256(body)))
        case .erased: encoded
        }
    }
}

public func sha256(_ bytes: Data) -> Data { Data(SHA256.hash(data: bytes)) }
