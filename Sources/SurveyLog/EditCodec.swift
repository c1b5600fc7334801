import Foundation
import SurveyModel
import SurveyProtobuf
import SwiftProtobuf

/// Headers and bodies ↔ bytes. Encoding happens once, in the life of an edit.
enum EditCodec {
    static func encode(_ header: EditHeader) throws(LogError) -> Data {
        try serialize(
            PBEditHeader.with {
                $0.replica = header.dot.replica.bytes
                $0.counter = header.dot.counter
                $0.record.kind = header.record.kind.rawValue
                $0.record.subject = header.record.subject.bytes
                $0.record.round = header.record.round.rawValue
                $0.area = header.area.rawValue
                $0.sections = header.sections.map(\.rawValue)
                $0.seen = header.seen.map { reference in
                    PBReference.with {
                        $0.replica = reference.dot.replica.bytes
                        $0.counter = reference.dot.counter
                        $0.check = reference.check
                    }
                }
                $0.author = header.author.rawValue
                $0.deviceTime = header.deviceTime
                $0.formVersion = header.formVersion
            })
    }

    static func decodeHeader(_ bytes: Data) throws(LogError) -> EditHeader {
        let message = try parse(PBEditHeader.self, bytes, "header")
        guard let replica = ReplicaID(message.replica) else { throw .malformed("header.replica") }
        guard message.counter > 0 else { throw .malformed("header.counter") }
        guard let subject = SubjectID(message.record.subject) else {
            throw .malformed("header.record")
        }
        guard !message.sections.isEmpty,
            zip(message.sections, message.sections.dropFirst()).allSatisfy({ $0 < $1 })
        else { throw .malformed("header.sections") }
        var seen: [Reference] = []
        for reference in message.seen {
            guard let replica = ReplicaID(reference.replica), reference.counter > 0,
                let parsed = Reference(
                    dot: Dot(replica: replica, counter: reference.counter),
                    check: reference.check)
            else { throw .malformed("header.seen") }
            seen.append(parsed)
        }
        return EditHeader(
            dot: Dot(replica: replica, counter: message.counter),
            record: RecordKey(
                kind: RecordKind(rawValue: message.record.kind), subject: subject,
                round: RoundID(rawValue: message.record.round)),
            area: AreaID(rawValue: message.area),
            sections: message.sections.map(SectionTag.init), seen: seen,
            author: UserID(rawValue: message.author), deviceTime: message.deviceTime,
            formVersion: message.formVersion)
    }

    static func encode(_ body: EditBody) throws(LogError) -> Data {
        try serialize(
            PBEditBody.with {
                $0.sections = body.sections.sorted { $0.key < $1.key }.map { tag, answers in
                    PBSectionBody.with {
                        $0.section = tag.rawValue
                        $0.answers = answers.sorted { $0.key < $1.key }.map { field, value in
                            PBAnswer.with {
                                $0.field = field.rawValue
                                $0.value = encode(value)
                            }
                        }
                    }
                }
                if let salt = body.salt { $0.salt = salt }
            })
    }

    static func decodeBody(_ bytes: Data) throws(LogError) -> EditBody {
        let message = try parse(PBEditBody.self, bytes, "body")
        var sections: [SectionTag: SectionAnswers] = [:]
        for section in message.sections {
            var answers: SectionAnswers = [:]
            for answer in section.answers {
                let tag = FieldTag(rawValue: answer.field)
                guard answers.updateValue(try decode(answer.value), forKey: tag) == nil else {
                    throw .malformed("body.answers")
                }
            }
            let tag = SectionTag(rawValue: section.section)
            guard sections.updateValue(answers, forKey: tag) == nil else {
                throw .malformed("body.sections")
            }
        }
        return EditBody(sections: sections, salt: message.salt.isEmpty ? nil : message.salt)
    }

    private static func encode(_ value: FieldValue) -> PBValue {
        PBValue.with {
            switch value {
            case .null: $0.null = true
            case .text(let text): $0.text = text
            case .integer(let integer): $0.integer = integer
            case .decimal(let decimal):
                $0.decimal.unscaled = decimal.unscaled
                $0.decimal.scale = UInt32(decimal.scale)
            case .boolean(let boolean): $0.boolean = boolean
            case .date(let date): $0.date = date.daysSinceEpoch
            case .code(let code): $0.code = code
            case .codes(let codes): $0.codes.codes = codes
            case .identifier(let bytes): $0.identifier = bytes
            }
        }
    }

    /// A kind of value that this version does not know is kept as its bytes.
    private static func decode(_ value: PBValue) throws(LogError) -> FieldValue {
        switch value.kind {
        case .null: return .null
        case .text(let text): return .text(normalizing: text)
        case .integer(let integer): return .integer(integer)
        case .decimal(let decimal):
            guard let scale = UInt8(exactly: decimal.scale),
                let parsed = ScaledDecimal(unscaled: decimal.unscaled, scale: scale)
            else { throw .malformed("body.decimal") }
            return .decimal(parsed)
        case .boolean(let boolean): return .boolean(boolean)
        case .date(let days): return .date(CalendarDate(daysSinceEpoch: days))
        case .code(let code): return .code(code)
        case .codes(let set): return .codes(normalizing: set.codes)
        case .identifier(let bytes): return .identifier(bytes)
        case nil: return .identifier(value.unknownFields.data)
        }
    }
}

/// Serializes a message that always fits in memory.
func serialize(_ message: some SwiftProtobuf.Message) throws(LogError) -> Data {
    do {
        return try message.serializedData()
    } catch {
        throw .malformed(String(describing: type(of: message)))
    }
}

func parse<M: SwiftProtobuf.Message>(_: M.Type, _ bytes: Data, _ name: String)
    throws(LogError) -> M
{
    do {
        return try M(serializedBytes: bytes)
    } catch {
        throw .malformed(name)
    }
}
