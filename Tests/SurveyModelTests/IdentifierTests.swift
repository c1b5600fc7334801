import Foundation
import SurveyModel
import TestSupport
import Testing

@Suite struct IdentifierTests {
    @Test(arguments: 0..<50 as Range<UInt64>)
    func `stable ids survive text and subject`(seed: UInt64) {
        var random = SplitMix64(seed)
        let id = AreaID(rawValue: random.next())
        #expect(id.text.count == 13)
        #expect(AreaID(text: id.text) == id)
        #expect(AreaID(id.subject) == id)
        #expect(SubjectID(text: id.subject.text) == id.subject)
    }

    @Test func `subjects sort by age, also in their text`() {
        var random = SplitMix64(1)
        let times: [Int64] = [0, 1, 1_767_225_600_000, 1_767_225_600_001, 1 << 47]
        let subjects = times.map { time in
            SubjectID(
                milliseconds: time,
                random: (0..<10).map { _ in UInt8.random(in: 0...255, using: &random) })
        }
        #expect(subjects == subjects.sorted())
        #expect(subjects.map(\.text) == subjects.map(\.text).sorted())
        #expect(subjects.allSatisfy { $0.bytes.count == 16 && $0.text.count == 26 })
    }

    @Test(arguments: [0, 15, 17])
    func `a subject of another length is refused`(count: Int) {
        #expect(SubjectID(Data(count: count)) == nil)
        #expect(SubjectID(text: Base32.encode(Data(count: count))) == nil)
    }

    @Test func `a slice of bytes makes the same subject as a copy`() throws {
        let bytes = Data((0..<32).map { UInt8($0) })
        let slice = try #require(SubjectID(bytes[8..<24]))
        let copy = try #require(SubjectID(Data(bytes[8..<24])))
        #expect(slice == copy)
        #expect(slice.shortID == copy.shortID)
        #expect(slice.text == copy.text)
    }

    @Test func `a new id is never the reserved one`() {
        let zeros = SystemEnvironment(now: { 0 }, random: { Data(count: $0) })
        #expect(zeros.newID(AreaID.self) != .reserved)
        #expect(zeros.newID(UserID.self) != .server)
    }
}
