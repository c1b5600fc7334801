import Foundation
import SurveyLog
import SurveyMerge
import SurveyModel
import TestSupport
import Testing

/// Rule 13 of the handshake: decisions that have not seen each other, and those that have.
@Suite struct DecisionsTests {
    private struct Decisions {
        let key: RecordKey
        let edit: EditID
        var edits: [Edit] = []

        init() throws {
            var log = TestLog(1)
            edit = try log.write(.test(.housing), [SectionTag(rawValue: 1): [:]]).id
            key = .decision(about: edit)
        }

        /// Each decision in a log of its own, as after restarts of the server.
        mutating func decide(_ verdict: Verdict, _ reason: HoldReason? = nil, sees: [Edit] = [])
            throws
        {
            var log = TestLog(UInt8(100 + edits.count))
            var answers = Answers()
            answers[DecisionForm.edit] = edit.bytes
            answers[DecisionForm.verdict] = verdict
            answers[DecisionForm.reason] = reason
            edits.append(
                try log.write(
                    key, DecisionForm.form.tag("verdict"), answers, seen: sees.map(\.reference),
                    area: .reserved))
        }

        func inclusion() throws -> Inclusion {
            let forth = SurveyMerge.inclusion(by: try fold(key, edits, excluding: []))
            let back = SurveyMerge.inclusion(by: try fold(key, edits.reversed(), excluding: []))
            #expect(forth == back)
            return forth
        }
    }

    static let subsets: [[Verdict]] = (0..<16).map { bits in
        Verdict.allCases.enumerated().filter { bits & (1 << $0.offset) != 0 }.map(\.element)
    }

    @Test(arguments: subsets)
    func `decisions that have not seen each other go by strength`(verdicts: [Verdict]) throws {
        var decisions = try Decisions()
        for verdict in verdicts {
            try decisions.decide(verdict, verdict == .hold ? .outsideArea : nil)
        }
        let expected: Inclusion =
            if verdicts.contains(.accept), verdicts.contains(.reject) {
                .held(verdicts.contains(.hold) ? .outsideArea : nil)
            } else if verdicts.contains(.reject) {
                .rejected
            } else if verdicts.contains(.accept) || verdicts.contains(.lift) {
                .included
            } else {
                verdicts.contains(.hold) ? .held(.outsideArea) : .included
            }
        #expect(try decisions.inclusion() == expected)
    }

    @Test(arguments: Verdict.allCases, Verdict.allCases)
    func `a decision that saw another replaces it, whatever its strength`(
        first: Verdict, second: Verdict
    ) throws {
        var decisions = try Decisions()
        try decisions.decide(first, .revokedUser)
        try decisions.decide(second, .revokedDevice, sees: decisions.edits)
        let expected: Inclusion =
            switch second {
            case .hold: .held(.revokedDevice)
            case .lift, .accept: .included
            case .reject: .rejected
            }
        #expect(try decisions.inclusion() == expected)
    }

    @Test func `accepted beside rejected is held until a decision that saw both`() throws {
        var decisions = try Decisions()
        try decisions.decide(.accept)
        try decisions.decide(.reject)
        #expect(try decisions.inclusion() == .held(nil))
        try decisions.decide(.accept, sees: decisions.edits)
        #expect(try decisions.inclusion() == .included)
    }

    @Test func `two holds for two reasons are one hold`() throws {
        var decisions = try Decisions()
        try decisions.decide(.hold, .outsideArea)
        try decisions.decide(.hold, .revokedUser)
        guard case .held(let reason) = try decisions.inclusion() else {
            Issue.record("not held")
            return
        }
        #expect(reason == .outsideArea || reason == .revokedUser)
    }

    @Test func `no decision means included`() throws {
        let decisions = try Decisions()
        #expect(try decisions.inclusion() == .included)
    }

    @Test func `decisions about two edits are two records`() throws {
        let a = try #require(EditID(Data(repeating: 1, count: 32)))
        let b = try #require(EditID(Data(repeating: 1, count: 15) + Data(repeating: 2, count: 17)))
        #expect(RecordKey.decision(about: a) != RecordKey.decision(about: b))
        #expect(RecordKey.decision(about: a).kind == .decision)
        #expect(RecordKey.decision(about: a).round == .register)
    }
}
