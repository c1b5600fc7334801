import Foundation
import SurveyModel
import SurveyProtobuf
import SwiftProtobuf
import TestSupport
import Testing

@testable import SurveyLog

/// Our own codec of the hot messages, beside the generated one.
@Suite struct WireTests {
    private func value(_ random: inout SplitMix64) -> FieldValue {
        let integer = Int64(bitPattern: random.next()) >> Int64.random(in: 0..<64, using: &random)
        switch Int.random(in: 0..<9, using: &random) {
        case 0: return .null
        case 1: return .text(normalizing: ["", "龙宫 é", "a\u{0}b"].randomElement(using: &random)!)
        case 2: return .integer(integer)
        case 3:
            return .decimal(
                ScaledDecimal(
                    unscaled: integer % 1_000_000, scale: UInt8.random(in: 0...9, using: &random))!)
        case 4: return .boolean(Bool.random(using: &random))
        case 5: return .date(CalendarDate(daysSinceEpoch: Int32(truncatingIfNeeded: integer)))
        case 6: return .code(["", "A", "sensory_ok"].randomElement(using: &random)!)
        case 7:
            return .codes(normalizing: [["DM", "HTN"], [], ["x"]].randomElement(using: &random)!)
        default: return .identifier(Data(count: Int.random(in: 0...40, using: &random)))
        }
    }

    private func edit(_ random: inout SplitMix64) throws -> Edit {
        var sections: [SectionTag: SectionAnswers] = [:]
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let count = Int.random(in: 0...5, using: &random)
            let tags = (0..<count).map { _ in UInt32.random(in: 1...300, using: &random) }
            sections[SectionTag(rawValue: UInt32.random(in: 1...200, using: &random))] =
                Dictionary(
                    Set(tags).map { (FieldTag(rawValue: $0), value(&random)) }
                ) { a, _ in a }
        }
        func replica() -> ReplicaID { ReplicaID(random.next().bigEndianBytes)! }
        let seen = (0..<Int.random(in: 0...4, using: &random)).map { _ in
            Reference(
                dot: Dot(replica: replica(), counter: random.next() >> 20 | 1),
                check: Data(random.next().bigEndianBytes.prefix(4)))!
        }
        return try Edit(
            header: EditHeader(
                dot: Dot(replica: replica(), counter: random.next() >> 8 | 1),
                record: RecordKey(
                    kind: .housing, subject: SubjectID(random.next()),
                    round: RoundID(rawValue: random.next() % 3)),
                area: AreaID(rawValue: random.next() % 2), sections: sections.keys.sorted(),
                seen: seen, author: UserID(rawValue: random.next() % 2),
                deviceTime: Int64(bitPattern: random.next()) >> 20,
                formVersion: UInt32.random(in: 0...3, using: &random)),
            body: EditBody(
                sections: sections, salt: Bool.random(using: &random) ? Data(count: 16) : nil))
    }

    @Test func `an edit's bytes are those that the generated messages write`() throws {
        var random = SplitMix64(1)
        for _ in 0..<2_000 {
            let edit = try edit(&random)
            guard case .body(let body) = edit.encoded.content else { continue }
            let header = edit.encoded.header
            #expect(try PBEditHeader(serializedBytes: header).serializedData() == header)
            #expect(try PBEditBody(serializedBytes: body).serializedData() == body)
            #expect(try Edit(edit.encoded) == edit)
        }
    }

    @Test(arguments: UInt64(1)...4)
    func `whatever bytes come, both codecs read the same`(seed: UInt64) throws {
        var random = SplitMix64(seed)
        var read = 0
        for _ in 0..<5_000 {
            let edit = try edit(&random)
            guard case .body(let body) = edit.encoded.content else { continue }
            let header = damaged(edit.encoded.header, &random)
            let ours = Result { try EditCodec.decodeHeader(header) }
            let theirs = Result { try GeneratedCodec.header(PBEditHeader(serializedBytes: header)) }
            #expect((try? ours.get()) == (try? theirs.get()), "header \(header.hex)")
            let bytes = damaged(body, &random)
            let ourBody = try? EditCodec.decodeBody(bytes)
            let theirBody = try? GeneratedCodec.body(PBEditBody(serializedBytes: bytes))
            #expect(ourBody == theirBody, "body \(bytes.hex)")
            if ourBody != nil { read += 1 }
        }
        // Many of them still say something.
        #expect(read > 500)
    }

    /// Bytes changed, left out, put in, or said twice; fields of other formats and unknown ones.
    private func damaged(_ bytes: Data, _ random: inout SplitMix64) -> Data {
        var bytes = Array(bytes)
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            let place = Int.random(in: 0...bytes.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0 where place < bytes.count:
                bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1 where place < bytes.count: bytes.remove(at: place)
            case 2: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
            case 3: bytes += bytes
            case 4:
                // A field with a small number, at the end.
                bytes += [UInt8.random(in: 0...127, using: &random), 1, 0x1A, 0, 0, 0, 0, 0, 0]
                    .prefix(Int.random(in: 1...9, using: &random))
            default:
                // A group with a field in it.
                bytes += [0x7B, 0x08, 0x01, 0x7C]
            }
        }
        return Data(bytes)
    }
}

/// What our messages mean when generated code reads them.
private enum GeneratedCodec {
    private struct Malformed: Error {}

    static func header(_ message: PBEditHeader) throws -> EditHeader {
        let seen = try message.seen.map { reference in
            guard let replica = ReplicaID(reference.replica), reference.counter > 0,
                let parsed = Reference(
                    dot: Dot(replica: replica, counter: reference.counter), check: reference.check)
            else { throw Malformed() }
            return parsed
        }
        guard let replica = ReplicaID(message.replica), message.counter > 0,
            let subject = SubjectID(message.record.subject), !message.sections.isEmpty,
            message.sections == Set(message.sections).sorted()
        else { throw Malformed() }
        return EditHeader(
            dot: Dot(replica: replica, counter: message.counter),
            record: RecordKey(
                kind: RecordKind(rawValue: message.record.kind), subject: subject,
                round: RoundID(rawValue: message.record.round)),
            area: AreaID(rawValue: message.area), sections: message.sections.map(SectionTag.init),
            seen: seen, author: UserID(rawValue: message.author), deviceTime: message.deviceTime,
            formVersion: message.formVersion)
    }

    static func body(_ message: PBEditBody) throws -> EditBody {
        var sections: [SectionTag: SectionAnswers] = [:]
        for section in message.sections {
            var answers: SectionAnswers = [:]
            for answer in section.answers {
                let tag = FieldTag(rawValue: answer.field)
                guard answers.updateValue(try value(answer.value), forKey: tag) == nil else {
                    throw Malformed()
                }
            }
            let tag = SectionTag(rawValue: section.section)
            guard sections.updateValue(answers, forKey: tag) == nil else { throw Malformed() }
        }
        return EditBody(sections: sections, salt: message.salt.isEmpty ? nil : message.salt)
    }

    private static func value(_ value: PBValue) throws -> FieldValue {
        switch value.kind {
        case .null: return .null
        case .text(let text): return .text(normalizing: text)
        case .integer(let integer): return .integer(integer)
        case .decimal(let decimal):
            guard let scale = UInt8(exactly: decimal.scale),
                let parsed = ScaledDecimal(unscaled: decimal.unscaled, scale: scale)
            else { throw Malformed() }
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
