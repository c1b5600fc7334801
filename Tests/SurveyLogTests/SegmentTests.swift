import Foundation
import SurveyLog
import SurveyModel
import TestSupport
import Testing

@Suite struct SegmentTests {
    private static let server = LogKey.test(200)
    private static let section = SectionTag(rawValue: 1)

    private static func log(_ seed: UInt8 = 1, edits: Int = 3) throws -> TestLog {
        var log = TestLog(seed)
        for number in 0..<edits {
            try log.write(
                .test(.housing, subject: UInt64(number)),
                [section: [FieldTag(rawValue: 1): .integer(Int64(number))]])
        }
        return log
    }

    @Test func `a segment is read back byte for byte and verifies alone`() throws {
        let log = try Self.log(edits: 5)
        for counters in [1...5, 1...1, 3...4, 5...5] {
            let segment = try log.segment(counters)
            let bytes = segment.encoded()
            let again = try Segment(bytes: bytes)
            #expect(again.encoded() == bytes)
            #expect(again.id == segment.id)
            #expect(again.edits == segment.edits)
            #expect(again.frame == segment.frame)
            #expect(again.frame.last == UInt64(counters.upperBound))
            #expect(again.frame.tip.chain == log.chain(counters.upperBound))
            try again.verify(publicKey: log.key.publicKey, serverKey: Self.server.publicKey)
        }
    }

    @Test func `another device's key does not verify it, nor does none`() throws {
        let segment = try Self.log().segment(1...3)
        #expect(throws: LogError.forged) {
            try segment.verify(
                publicKey: LogKey.test(2).publicKey, serverKey: Self.server.publicKey)
        }
        #expect(throws: LogError.forged) {
            try segment.verify(publicKey: nil, serverKey: Self.server.publicKey)
        }
        #expect(throws: LogError.forged) {
            try segment.verify(publicKey: Data(count: 5), serverKey: Self.server.publicKey)
        }
    }

    @Test func `a log sealed by another's key is forged`() throws {
        let log = try Self.log()
        let mallory = LogKey.test(66)
        #expect(throws: LogError.malformed("edit.dot")) {
            try Segment.seal(log.edits, after: log.chain(0), key: mallory)
        }
        let honest = try log.segment(1...3)
        let forged = try Segment(
            frameBytes: honest.frameBytes, edits: honest.edits,
            signature: try mallory.sign(Data("lianhu-segment-1".utf8) + honest.frameBytes))
        #expect(throws: LogError.forged) {
            try forged.verify(publicKey: log.key.publicKey, serverKey: Self.server.publicKey)
        }
    }

    @Test func `no flipped bit anywhere is believed`() throws {
        let log = try Self.log(edits: 2)
        let bytes = try log.segment(1...2).encoded()
        for position in bytes.indices {
            for bit in [0, 3, 7] {
                var flipped = bytes
                flipped[position] ^= 1 << bit
                let isBelieved: Bool
                do {
                    let segment = try Segment(bytes: flipped)
                    try segment.verify(
                        publicKey: log.key.publicKey, serverKey: Self.server.publicKey)
                    // An unknown field around the parts may change; the parts may not.
                    isBelieved = segment.encoded() != bytes
                } catch {
                    isBelieved = false
                }
                #expect(!isBelieved, "byte \(position), bit \(bit)")
            }
        }
    }

    @Test func `no cut segment is believed`() throws {
        let log = try Self.log(edits: 2)
        let bytes = try log.segment(1...2).encoded()
        for length in 0..<bytes.count {
            #expect(throws: LogError.self) {
                let segment = try Segment(bytes: bytes.prefix(length))
                try segment.verify(publicKey: log.key.publicKey, serverKey: Self.server.publicKey)
            }
        }
    }

    @Test func `edits that were swapped, left out or added are refused`() throws {
        let log = try Self.log(edits: 4)
        let segment = try log.segment(1...3)
        func assemble(_ edits: [Edit]) throws {
            _ = try Segment(
                frameBytes: segment.frameBytes, edits: edits, signature: segment.signature)
        }
        try assemble(segment.edits)
        #expect(throws: LogError.malformed("edit.dot")) { try assemble(segment.edits.reversed()) }
        #expect(throws: LogError.malformed("frame.count")) {
            try assemble(Array(segment.edits.dropLast()))
        }
        #expect(throws: LogError.malformed("frame.count")) { try assemble(log.edits) }
        #expect(throws: LogError.malformed("frame.count")) { try assemble([]) }
        var clone = try Self.log(edits: 2)
        try clone.write(.test(.water), [Self.section: [:]])
        #expect(throws: LogError.malformed("frame.resulting")) {
            try assemble(Array(log.edits[..<2]) + [clone.edits[2]])
        }
    }

    @Test func `edits of two areas make no segment`() throws {
        var log = try Self.log(edits: 1)
        try log.write(.test(.housing), [Self.section: [:]], area: AreaID(rawValue: 8))
        #expect(throws: LogError.malformed("edit.area")) { try log.segment(1...2) }
        #expect(throws: LogError.malformed("segment.edits")) {
            try Segment.seal([], after: log.chain(0), key: log.key)
        }
    }

    @Test func `the first segment of a log begins at its key's own chain value`() throws {
        let log = try Self.log()
        let elsewhere = try Segment.seal(log.edits, after: log.chain(2), key: log.key)
        #expect(throws: LogError.forged) {
            try elsewhere.verify(publicKey: log.key.publicKey, serverKey: Self.server.publicKey)
        }
    }

    @Test func `a segment still verifies when a body was erased by law`() throws {
        let log = try Self.log()
        let segment = try log.segment(1...3)
        var edits = segment.edits
        edits[1] = try Edit(edits[1].erased)
        let erased = try Segment(
            frameBytes: segment.frameBytes, edits: edits, signature: segment.signature)
        let again = try Segment(bytes: erased.encoded())
        try again.verify(publicKey: log.key.publicKey, serverKey: Self.server.publicKey)
        #expect(again.id == segment.id)
        #expect(again.edits.map { $0.body == nil } == [false, true, false])
        #expect(again.edits.map(\.id) == segment.edits.map(\.id))
    }

    @Test func `another hash in place of an erased body is refused`() throws {
        let log = try Self.log()
        let segment = try log.segment(1...3)
        var edits = segment.edits
        edits[1] = try Edit(
            EncodedEdit(header: edits[1].encoded.header, content: .erased(hash: Data(count: 32))))
        #expect(throws: LogError.malformed("frame.resulting")) {
            try Segment(frameBytes: segment.frameBytes, edits: edits, signature: segment.signature)
        }
    }

    @Test func `a device's frame has neither an endorsement nor another log to speak of`() throws {
        let segment = try Self.log().segment(1...3)
        for (field, name) in [(UInt8(8), "endorsement"), (9, "about")] {
            let bytes = Data([field << 3 | 2, 8, 1, 2, 3, 4, 5, 6, 7, 8])
            #expect(throws: LogError.malformed("frame.\(name)")) {
                try Segment(
                    frameBytes: segment.frameBytes + bytes, edits: segment.edits,
                    signature: segment.signature)
            }
        }
    }

    @Test func `only a server's log may have edits as large as an excerpt`() throws {
        var log = TestLog(30)
        var answers = Answers()
        answers[ExcerptForm.edit] = Data(count: 66_000)
        try log.write(
            RecordKey(kind: .excerpt, subject: SubjectID(1)), ExcerptForm.form.sections[0].tag,
            answers)
        #expect(throws: LogError.oversized) { try log.segment(1...1) }
        let segment = try Segment.seal(
            log.edits, after: log.chain(0), key: log.key,
            endorsement: try Endorsement(of: log.key, by: Self.server))
        #expect(segment.edits.count == 1)
    }

    @Test func `a log of the server carries its endorsement and needs no enrolment`() throws {
        let log = try Self.log(30)
        let endorsement = try Endorsement(of: log.key, by: Self.server)
        let about = LogKey.test(1).replica
        let segment = try Segment.seal(
            log.edits, after: log.chain(0), key: log.key, endorsement: endorsement, about: about)
        let again = try Segment(bytes: segment.encoded())
        try again.verify(publicKey: nil, serverKey: Self.server.publicKey)
        #expect(again.frame.endorsement == endorsement)
        #expect(again.frame.about == about)
        #expect(throws: LogError.forged) {
            try again.verify(publicKey: nil, serverKey: LogKey.test(201).publicKey)
        }
    }

    @Test func `a device does not endorse itself into the server's logs`() throws {
        let log = try Self.log(31)
        let own = try Endorsement(of: log.key, by: log.key)
        let forged = try Segment.seal(
            log.edits, after: log.chain(0), key: log.key, endorsement: own)
        for key in [nil, log.key.publicKey] {
            #expect(throws: LogError.forged) {
                try forged.verify(publicKey: key, serverKey: Self.server.publicKey)
            }
        }
        // Nor with an endorsement that the server gave to another log.
        let stolen = try Endorsement(of: LogKey.test(30), by: Self.server)
        let borrowed = try Segment.seal(
            log.edits, after: log.chain(0), key: log.key, endorsement: stolen)
        #expect(throws: LogError.forged) {
            try borrowed.verify(publicKey: log.key.publicKey, serverKey: Self.server.publicKey)
        }
    }

    @Test func `a segment of too many edits is refused`() throws {
        let log = try Self.log(edits: LogLimits.segmentEdits + 1)
        let full = try log.segment(1...LogLimits.segmentEdits)
        #expect(try Segment(bytes: full.encoded()).edits.count == LogLimits.segmentEdits)
        #expect(throws: LogError.oversized) {
            try Segment(bytes: try log.segment(1...(LogLimits.segmentEdits + 1)).encoded())
        }
        #expect(throws: LogError.oversized) {
            try Segment(bytes: Data(count: LogLimits.encodedSegmentBytes + 1))
        }
    }

    @Test func `a segment of the largest edits fits in its limit and in any request`() throws {
        var log = TestLog(5)
        func write(_ bytes: Int) throws {
            try log.write(
                .test(.housing),
                [Self.section: [FieldTag(rawValue: 1): .text(String(repeating: "x", count: bytes))]]
            )
        }
        try write(LogLimits.editBytes - 300)
        try write(LogLimits.segmentBytes - LogLimits.editBytes)
        try write(LogLimits.editBytes - 300)
        let bytes = try log.segment(1...3).encoded()
        #expect(bytes.count > LogLimits.segmentBytes)
        #expect(try Segment(bytes: bytes).edits.count == 3)
    }
}
