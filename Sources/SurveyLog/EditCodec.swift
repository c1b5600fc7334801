import Foundation
import SurveyModel

/// Headers and bodies ↔ bytes. Encoding happens once, in the life of an edit.
enum EditCodec {
    static func encode(_ header: EditHeader) -> Data {
        var writer = WireWriter()
        writer.data(1, header.dot.replica.bytes)
        writer.varint(2, header.dot.counter)
        writer.message(3) { writer in
            writer.varint(1, UInt64(header.record.kind.rawValue))
            writer.data(2, header.record.subject.bytes)
            writer.fixed64(3, header.record.round.rawValue)
        }
        writer.fixed64(4, header.area.rawValue)
        writer.packed(5, header.sections.map(\.rawValue))
        for reference in header.seen {
            writer.message(6) { writer in
                writer.data(1, reference.dot.replica.bytes)
                writer.varint(2, reference.dot.counter)
                writer.data(3, reference.check)
            }
        }
        writer.fixed64(7, header.author.rawValue)
        writer.sint64(8, header.deviceTime)
        writer.varint(9, UInt64(header.formVersion))
        return writer.data
    }

    static func decodeHeader(_ bytes: Data) throws(LogError) -> EditHeader {
        var (replica, subject) = (Data(), Data())
        var (counter, round, area, author): (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        var (kind, formVersion): (UInt32, UInt32) = (0, 0)
        var deviceTime: Int64 = 0
        var sections: [UInt32] = []
        var seen: [Reference] = []
        try WireReader.read(bytes, "header") { reader, tag in
            switch (tag.field, tag.format) {
            case (1, .delimited): replica = try reader.data()
            case (2, .varint): counter = try reader.varint()
            case (3, .delimited):
                try reader.message { reader, tag in
                    switch (tag.field, tag.format) {
                    case (1, .varint): kind = try reader.uint32()
                    case (2, .delimited): subject = try reader.data()
                    case (3, .fixed64): round = try reader.fixed64()
                    default: return false
                    }
                    return true
                }
            case (4, .fixed64): area = try reader.fixed64()
            case (5, .varint), (5, .delimited): try reader.uint32s(tag.format, &sections)
            case (6, .delimited): seen.append(try decodeReference(&reader))
            case (7, .fixed64): author = try reader.fixed64()
            case (8, .varint): deviceTime = try reader.sint64()
            case (9, .varint): formVersion = try reader.uint32()
            default: return false
            }
            return true
        }
        guard let replica = ReplicaID(replica) else { throw .malformed("header.replica") }
        guard counter > 0 else { throw .malformed("header.counter") }
        guard let subject = SubjectID(subject) else { throw .malformed("header.record") }
        guard !sections.isEmpty, zip(sections, sections.dropFirst()).allSatisfy({ $0 < $1 })
        else { throw .malformed("header.sections") }
        return EditHeader(
            dot: Dot(replica: replica, counter: counter),
            record: RecordKey(
                kind: RecordKind(rawValue: kind), subject: subject,
                round: RoundID(rawValue: round)),
            area: AreaID(rawValue: area), sections: sections.map(SectionTag.init), seen: seen,
            author: UserID(rawValue: author), deviceTime: deviceTime, formVersion: formVersion)
    }

    private static func decodeReference(_ reader: inout WireReader) throws -> Reference {
        var (replica, check) = (Data(), Data())
        var counter: UInt64 = 0
        try reader.message { reader, tag in
            switch (tag.field, tag.format) {
            case (1, .delimited): replica = try reader.data()
            case (2, .varint): counter = try reader.varint()
            case (3, .delimited): check = try reader.data()
            default: return false
            }
            return true
        }
        guard let replica = ReplicaID(replica), counter > 0,
            let reference = Reference(dot: Dot(replica: replica, counter: counter), check: check)
        else { throw LogError.malformed("header.seen") }
        return reference
    }

    static func encode(_ body: EditBody) -> Data {
        var writer = WireWriter()
        for (section, answers) in body.sections.sorted(by: { $0.key < $1.key }) {
            writer.message(1) { writer in
                writer.varint(1, UInt64(section.rawValue))
                for (field, value) in answers.sorted(by: { $0.key < $1.key }) {
                    writer.message(2) { writer in
                        writer.varint(1, UInt64(field.rawValue))
                        writer.message(2) { encode(value, &$0) }
                    }
                }
            }
        }
        if let salt = body.salt { writer.data(2, salt) }
        return writer.data
    }

    static func decodeBody(_ bytes: Data) throws(LogError) -> EditBody {
        var sections: [SectionTag: SectionAnswers] = [:]
        var salt = Data()
        try WireReader.read(bytes, "body") { reader, tag in
            switch (tag.field, tag.format) {
            case (1, .delimited):
                let (section, answers) = try decodeSection(&reader)
                guard sections.updateValue(answers, forKey: section) == nil else {
                    throw LogError.malformed("body.sections")
                }
            case (2, .delimited): salt = try reader.data()
            default: return false
            }
            return true
        }
        return EditBody(sections: sections, salt: salt.isEmpty ? nil : salt)
    }

    private static func decodeSection(_ reader: inout WireReader) throws
        -> (SectionTag, SectionAnswers)
    {
        var section: UInt32 = 0
        var answers: SectionAnswers = [:]
        try reader.message { reader, tag in
            switch (tag.field, tag.format) {
            case (1, .varint): section = try reader.uint32()
            case (2, .delimited):
                var field: UInt32 = 0
                var value = WireValue()
                try reader.message { reader, tag in
                    switch (tag.field, tag.format) {
                    case (1, .varint): field = try reader.uint32()
                    case (2, .delimited): try reader.message { try value.take(&$0, $1) }
                    default: return false
                    }
                    return true
                }
                let tag = FieldTag(rawValue: field)
                guard answers.updateValue(try value.value(), forKey: tag) == nil else {
                    throw LogError.malformed("body.answers")
                }
            default: return false
            }
            return true
        }
        return (SectionTag(rawValue: section), answers)
    }

    private static func encode(_ value: FieldValue, _ writer: inout WireWriter) {
        switch value {
        case .null: writer.varint(1, 1)
        case .text(let text): writer.string(2, text)
        case .integer(let integer): writer.sint64(3, integer, always: true)
        case .decimal(let decimal):
            writer.message(4) { writer in
                writer.sint64(1, decimal.unscaled)
                writer.varint(2, UInt64(decimal.scale))
            }
        case .boolean(let boolean): writer.varint(5, boolean ? 1 : 0, always: true)
        case .date(let date): writer.sint32(6, date.daysSinceEpoch, always: true)
        case .code(let code): writer.string(7, code)
        case .codes(let codes):
            writer.message(8) { writer in
                for code in codes { writer.string(1, code) }
            }
        case .identifier(let bytes): writer.data(9, bytes, always: true)
        }
    }
}

/// An answer's value while its fields are read: of several the last one counts.
private struct WireValue {
    private enum Kind {
        case plain(FieldValue)
        case decimal(unscaled: Int64, scale: UInt32)
        case codes([String])
    }

    private var kind: Kind?
    private var unknown = Data()

    mutating func take(_ reader: inout WireReader, _ tag: WireReader.Tag) throws -> Bool {
        switch (tag.field, tag.format) {
        case (1, .varint):
            _ = try reader.varint()
            kind = .plain(.null)
        case (2, .delimited): kind = .plain(.text(normalizing: try reader.string()))
        case (3, .varint): kind = .plain(.integer(try reader.sint64()))
        case (4, .delimited): try takeDecimal(&reader)
        case (5, .varint): kind = .plain(.boolean(try reader.varint() != 0))
        case (6, .varint):
            kind = .plain(.date(CalendarDate(daysSinceEpoch: try reader.sint32())))
        case (7, .delimited): kind = .plain(.code(try reader.string()))
        case (8, .delimited): try takeCodes(&reader)
        case (9, .delimited): kind = .plain(.identifier(try reader.data()))
        default: unknown += try reader.unknown(tag)
        }
        return true
    }

    private mutating func takeDecimal(_ reader: inout WireReader) throws {
        var (unscaled, scale): (Int64, UInt32) = (0, 0)
        if case .decimal(let before, let scaleBefore) = kind {
            (unscaled, scale) = (before, scaleBefore)
        }
        try reader.message { reader, tag in
            switch (tag.field, tag.format) {
            case (1, .varint): unscaled = try reader.sint64()
            case (2, .varint): scale = try reader.uint32()
            default: return false
            }
            return true
        }
        kind = .decimal(unscaled: unscaled, scale: scale)
    }

    private mutating func takeCodes(_ reader: inout WireReader) throws {
        var codes: [String] = []
        if case .codes(let before) = kind { codes = before }
        try reader.message { reader, tag in
            guard (tag.field, tag.format) == (1, .delimited) else { return false }
            codes.append(try reader.string())
            return true
        }
        kind = .codes(codes)
    }

    /// A kind of value that this version does not know is kept as its bytes.
    func value() throws(LogError) -> FieldValue {
        switch kind {
        case .plain(let value): return value
        case .decimal(let unscaled, let scale):
            guard let scale = UInt8(exactly: scale),
                let decimal = ScaledDecimal(unscaled: unscaled, scale: scale)
            else { throw .malformed("body.decimal") }
            return .decimal(decimal)
        case .codes(let codes): return .codes(normalizing: codes)
        case nil: return .identifier(unknown)
        }
    }
}
