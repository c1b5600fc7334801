import Foundation
import SurveyLog
import SurveyModel
import TestSupport
import Testing

@Suite struct EditTests {
    private static let key = RecordKey.test(.housing)

    /// An edit that holds a value of every kind.
    private static func edit() throws -> Edit {
        var log = TestLog(1)
        let first = try log.write(key, [SectionTag(rawValue: 1): [:]])
        let values: [FieldValue] = [
            .null, .text("龙宫 é"), .integer(.min), .decimal(ScaledDecimal("-59.9")!),
            .boolean(false),
            .date(CalendarDate(daysSinceEpoch: -1)), .code("A"), .codes(["DM", "HTN"]), .codes([]),
            .identifier(Data([0, 1, 2])), .boolean(true), .integer(0), .decimal(0), .text(""),
        ]
        let answers = Dictionary(
            uniqueKeysWithValues: values.enumerated().map {
                (FieldTag(rawValue: UInt32($0 + 1)), $1)
            })
        return try log.write(
            key, [SectionTag(rawValue: 1): answers, SectionTag(rawValue: 4): [:]],
            seen: [first.reference], salt: Data(repeating: 9, count: 16))
    }

    @Test func `an edit is read back with its bytes, its id and every kind of value`() throws {
        let edit = try Self.edit()
        let again = try Edit(edit.encoded)
        #expect(again == edit)
        #expect(again.encoded.header == edit.encoded.header)
        #expect(again.id == edit.id)
        #expect(again.body?.sections.count == 2)
        #expect(again.body?.sections[SectionTag(rawValue: 1)]?.count == 14)
    }

    @Test func `the same answers written twice are two edits`() throws {
        var log = TestLog(1)
        let a = try log.write(Self.key, [SectionTag(rawValue: 1): [:]])
        let b = try log.write(Self.key, [SectionTag(rawValue: 1): [:]])
        #expect(a.id != b.id)
        #expect(a.reference != b.reference)
    }

    @Test func `any flipped bit of the header makes another edit`() throws {
        let edit = try Self.edit()
        for position in edit.encoded.header.indices {
            for bit in 0..<8 {
                var header = edit.encoded.header
                header[position] ^= 1 << bit
                let flipped = EncodedEdit(header: header, content: edit.encoded.content)
                #expect(flipped.id != edit.id)
                if let parsed = try? Edit(flipped) { #expect(parsed.reference != edit.reference) }
            }
        }
    }

    @Test func `any flipped bit of the body makes another edit`() throws {
        let edit = try Self.edit()
        guard case .body(let body) = edit.encoded.content else { return }
        for position in body.indices {
            for bit in 0..<8 {
                var flipped = body
                flipped[position] ^= 1 << bit
                #expect(
                    EncodedEdit(header: edit.encoded.header, content: .body(flipped)).id != edit.id)
            }
        }
    }

    @Test func `a byte more or less, or moved between header and body, makes another edit`() throws
    {
        let encoded = try Self.edit().encoded
        guard case .body(let body) = encoded.content else { return }
        let others = [
            EncodedEdit(
                header: encoded.header + body.prefix(1), content: .body(Data(body.dropFirst()))),
            EncodedEdit(
                header: Data(encoded.header.dropLast()),
                content: .body(encoded.header.suffix(1) + body)),
            EncodedEdit(header: encoded.header, content: .body(body + [0])),
        ]
        for other in others { #expect(other.id != encoded.id) }
    }

    @Test func `an edit whose body was erased keeps its id and has no answers`() throws {
        let edit = try Self.edit()
        let erased = try Edit(edit.erased)
        #expect(erased.id == edit.id)
        #expect(erased.header == edit.header)
        #expect(erased.body == nil)
    }

    @Test(arguments: [0, 31, 33])
    func `an erased body has a hash of 32 bytes`(count: Int) throws {
        let edit = try Self.edit()
        #expect(throws: LogError.malformed("body_hash")) {
            try Edit(
                EncodedEdit(header: edit.encoded.header, content: .erased(hash: Data(count: count)))
            )
        }
    }

    @Test func `an edit over 64 KiB is refused when it is written and when it arrives`() throws {
        var log = TestLog(1)
        func write(_ bytes: Int) throws {
            try log.write(
                Self.key,
                [
                    SectionTag(rawValue: 1): [
                        FieldTag(rawValue: 1): .text(String(repeating: "x", count: bytes))
                    ]
                ])
        }
        #expect(throws: LogError.oversized) { try write(LogLimits.editBytes) }
        try write(LogLimits.editBytes - 200)
        let edit = log.edits[0]
        let padding = Data(count: LogLimits.editBytes)
        #expect(throws: LogError.oversized) {
            try Edit(EncodedEdit(header: edit.encoded.header, content: .body(padding)))
        }
    }

    @Test(arguments: [[2, 1], [1, 1], []] as [[UInt32]])
    func `sections that do not ascend are refused`(sections: [UInt32]) throws {
        #expect(throws: LogError.malformed("header.sections")) {
            try Edit(
                Self.custom(sections: sections.map(SectionTag.init), body: Set(sections)).encoded)
        }
    }

    @Test(arguments: [([1], [1, 2]), ([1, 2], [1]), ([1], [2])] as [([UInt32], [UInt32])])
    func `a body of other sections than the header names is refused`(
        header: [UInt32], body: [UInt32]
    ) throws {
        #expect(throws: LogError.malformed("body.sections")) {
            try Edit(Self.custom(sections: header.map(SectionTag.init), body: Set(body)).encoded)
        }
    }

    @Test func `an edit that nobody could read is refused when it is written`() throws {
        #expect(throws: LogError.self) {
            try Self.custom(sections: [SectionTag(rawValue: 1)], body: [2])
        }
    }

    @Test func `a counter of zero and a reference to one are refused`() throws {
        let zero = Dot(replica: LogKey.test(1).replica, counter: 0)
        #expect(throws: LogError.malformed("header.counter")) {
            try Edit(Self.custom(dot: zero, sections: [SectionTag(rawValue: 1)], body: [1]).encoded)
        }
        let reference = try #require(Reference(dot: zero, check: Data(count: 4)))
        #expect(throws: LogError.malformed("header.seen")) {
            try Edit(
                Self.custom(sections: [SectionTag(rawValue: 1)], body: [1], seen: [reference])
                    .encoded)
        }
    }

    @Test(arguments: 0..<100 as Range<UInt64>)
    func `bytes at random are refused without a crash`(seed: UInt64) {
        var random = SplitMix64(seed)
        for _ in 0..<50 {
            func noise() -> Data {
                Data(
                    (0..<Int.random(in: 0...60, using: &random)).map { _ in
                        UInt8.random(in: 0...255, using: &random)
                    })
            }
            #expect(throws: LogError.self) {
                try Edit(EncodedEdit(header: noise(), content: .body(noise())))
            }
        }
    }

    @Test func `a value of a kind that came later is kept as bytes, not dropped`() throws {
        // SectionBody 1 { section 1, answers { field 1, value { field 20: "x" } } }.
        let value: [UInt8] = [0xA2, 0x01, 0x01, 0x78]
        let answer: [UInt8] = [0x08, 0x01, 0x12, UInt8(value.count)] + value
        let section: [UInt8] = [0x08, 0x01, 0x12, UInt8(answer.count)] + answer
        let body = Data([0x0A, UInt8(section.count)] + section)
        let known = try Self.custom(sections: [SectionTag(rawValue: 1)], body: [1])
        let edit = try Edit(EncodedEdit(header: known.encoded.header, content: .body(body)))
        #expect(
            edit.body?.sections[SectionTag(rawValue: 1)]
                == [FieldTag(rawValue: 1): .identifier(Data(value))])
    }

    private static func custom(
        dot: Dot = Dot(replica: LogKey.test(1).replica, counter: 1), sections: [SectionTag],
        body: Set<UInt32>, seen: [Reference] = []
    ) throws -> Edit {
        let header = EditHeader(
            dot: dot, record: key, area: .village, sections: sections, seen: seen,
            author: .surveyor, deviceTime: 0, formVersion: 1)
        let answers = Dictionary(
            uniqueKeysWithValues: body.map { (SectionTag(rawValue: $0), SectionAnswers()) })
        return try Edit(header: header, body: EditBody(sections: answers, salt: nil))
    }
}
