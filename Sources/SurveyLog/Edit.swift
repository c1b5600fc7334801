internal import Crypto
public import Foundation
public import SurveyModel

/// What an edit says of itself, in clear.
public struct EditHeader: Sendable, Hashable {
    public let dot: Dot
    public let record: RecordKey
    public let area: AreaID
    /// Strictly ascending, never empty.
    public let sections: [SectionTag]
    /// Every edit of this record that the author was shown and that writes one of these sections.
    public let seen: [Reference]
    public let author: UserID
    /// Milliseconds since the epoch by the device's clock; for display only.
    public let deviceTime: Int64
    public let formVersion: UInt32

    public init(
        dot: Dot, record: RecordKey, area: AreaID, sections: [SectionTag], seen: [Reference],
        author: UserID, deviceTime: Int64, formVersion: UInt32
    ) {
        self.dot = dot
        self.record = record
        self.area = area
        self.sections = sections
        self.seen = seen
        self.author = author
        self.deviceTime = deviceTime
        self.formVersion = formVersion
    }
}

/// The values of the sections that an edit writes.
public struct EditBody: Sendable, Hashable {
    public let sections: [SectionTag: SectionAnswers]
    /// 16 random bytes when any answer is free text or a name, so that its hash tells nothing.
    public let salt: Data?

    public init(sections: [SectionTag: SectionAnswers], salt: Data?) {
        self.sections = sections
        self.salt = salt
    }
}

/// Header and body as bytes, as their author wrote them.
public struct EncodedEdit: Sendable, Hashable {
    public enum Content: Sendable, Hashable {
        case body(Data)
        /// SHA-256 of a body that was erased by law.
        case erased(hash: Data)
    }

    public let header: Data
    public let content: Content

    public init(header: Data, content: Content) {
        self.header = header
        self.content = content
    }

    public var byteCount: Int {
        switch content {
        case .body(let body): header.count + body.count
        case .erased(let hash): header.count + hash.count
        }
    }

    public var id: EditID {
        switch content {
        case .body(let body):
            EditID(header: header, bodyHash: SHA256.hash(data: body))
        case .erased(let hash):
            EditID(header: header, bodyHash: hash)
        }
    }
}

/// An edit: parsed, with the bytes it was parsed from or encoded to.
public struct Edit: Sendable, Hashable {
    /// One for all copies: an edit is handed on more often than it is made.
    @usableFromInline
    final class Storage: Sendable {
        @usableFromInline let id: EditID
        @usableFromInline let header: EditHeader
        @usableFromInline let body: EditBody?
        @usableFromInline let encoded: EncodedEdit

        init(id: EditID, header: EditHeader, body: EditBody?, encoded: EncodedEdit) {
            (self.id, self.header, self.body, self.encoded) = (id, header, body, encoded)
        }
    }

    @usableFromInline let storage: Storage

    @inlinable public var id: EditID { storage.id }
    @inlinable public var header: EditHeader { storage.header }
    /// nil when the body was erased.
    @inlinable public var body: EditBody? { storage.body }
    @inlinable public var encoded: EncodedEdit { storage.encoded }

    /// The id stands for every byte; whether the body is there is all that it leaves open.
    public static func == (a: Edit, b: Edit) -> Bool {
        a.storage === b.storage || a.id == b.id && (a.body == nil) == (b.body == nil)
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(id) }

    public var dot: Dot { header.dot }
    public var reference: Reference { Reference(dot: header.dot, id: id) }
    /// What it writes; nothing when its body was erased.
    package var answers: Answers {
        Answers(body?.sections ?? [:], of: Form.form(of: header.record.kind))
    }

    /// Encodes a new edit, once.
    ///
    /// - Throws: ``LogError/oversized`` over ``LogLimits/editBytes``.
    public init(header: EditHeader, body: EditBody) throws(LogError) {
        guard !header.sections.isEmpty, header.sections == Set(header.sections).sorted() else {
            throw .malformed("header.sections")
        }
        guard header.sections == body.sections.keys.sorted() else {
            throw .malformed("body.sections")
        }
        let encoded = EncodedEdit(
            header: EditCodec.encode(header), content: .body(EditCodec.encode(body)))
        guard encoded.byteCount <= LogLimits.bytes(of: header.record.kind) else {
            throw .oversized
        }
        storage = Storage(id: encoded.id, header: header, body: body, encoded: encoded)
    }

    /// Parses an edit that was written elsewhere, keeping its bytes.
    public init(_ encoded: EncodedEdit) throws(LogError) {
        try self.init(encoded, id: encoded.id)
    }

    /// Parses an edit from a store that checked its id when it was inserted.
    package init(_ encoded: EncodedEdit, id: EditID) throws(LogError) {
        guard encoded.byteCount <= LogLimits.excerptBytes else { throw .oversized }
        let header = try EditCodec.decodeHeader(encoded.header)
        guard encoded.byteCount <= LogLimits.bytes(of: header.record.kind) else {
            throw .oversized
        }
        var decoded: EditBody?
        switch encoded.content {
        case .body(let bytes):
            let body = try EditCodec.decodeBody(bytes)
            guard body.sections.count == header.sections.count,
                header.sections.allSatisfy({ body.sections[$0] != nil })
            else { throw .malformed("body.sections") }
            decoded = body
        case .erased(let hash):
            guard hash.count == 32 else { throw .malformed("body_hash") }
        }
        storage = Storage(id: id, header: header, body: decoded, encoded: encoded)
    }
}
