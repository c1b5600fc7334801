import Foundation
import SurveyModel
import TestSupport
import Testing

@Suite struct EnrolmentCodeTests {
    private func code(_ seed: UInt64) -> EnrolmentCode {
        var random = SplitMix64(seed)
        let bytes = (0..<20).map { _ in UInt8.random(in: 0...255, using: &random) }
        return EnrolmentCode(secret: Data(bytes[..<10]), fingerprint: Data(bytes[10...]))
    }

    @Test(arguments: 0..<100 as Range<UInt64>)
    func `a code survives print, dictation and typing`(seed: UInt64) {
        let code = code(seed)
        let text = code.text
        #expect(text.count == 39)
        #expect(EnrolmentCode(text: text) == code)
        #expect(EnrolmentCode(text: text.lowercased()) == code)
        #expect(EnrolmentCode(text: text.filter { $0 != "-" }) == code)
        #expect(
            EnrolmentCode(text: "  " + text.split(separator: "-").joined(separator: " ") + "\n")
                == code)
        let dictated = String(text.map { $0 == "0" ? "o" : $0 == "1" ? "l" : $0 })
        #expect(EnrolmentCode(text: dictated) == code)
    }

    @Test func `a missing, added or foreign character is noticed`() {
        let text = code(7).text
        #expect(EnrolmentCode(text: "") == nil)
        #expect(EnrolmentCode(text: String(text.dropLast())) == nil)
        #expect(EnrolmentCode(text: text + "0") == nil)
        #expect(EnrolmentCode(text: "U" + text.dropFirst()) == nil)
        #expect(EnrolmentCode(text: "*" + text.dropFirst()) == nil)
    }

    @Test func `any mistyped character gives another code, never the same`() {
        let code = code(9)
        let plain = Array(code.text.filter { $0 != "-" })
        for position in plain.indices {
            var typed = plain
            typed[position] = typed[position] == "7" ? "8" : "7"
            #expect(EnrolmentCode(text: String(typed)) != code)
        }
    }
}
