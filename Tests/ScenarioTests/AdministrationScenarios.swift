import FieldStore
import Foundation
import ServerStore
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore
import SurveySync
import Testing

@testable import FieldClient
@testable import SyncServer

/// Rounds and reviews, as an administrator has them.
@Suite struct AdministrationScenarios {
    private func open(_ code: String, _ world: World, besideOthers: Bool = false) throws {
        try world.server.openRound(
            code: code, title: "秋", year: 2026, waterStandard: .tches2018,
            besideOthers: besideOthers)
    }

    @Test func `a second round is opened on purpose only, and a close can be taken back`()
        async throws
    {
        let world = try World(households: 1)
        let wang = try await world.device("wang", ["5204"])
        func current() async throws -> String? {
            try await wang.sync()
            let round = try wang.store.status().round
            #expect(round == (try wang.store.round(nil)), "status and today agree")
            return round.map { $0.isOpen ? $0.code : "\($0.code) closed" }
        }
        #expect(throws: Failure(.otherRound, "spring")) { try open("autumn", world) }
        #expect(try await current() == "spring")
        try open("autumn", world, besideOthers: true)
        #expect(try await current() == "autumn")
        #expect(try world.server.closeRound(code: "autumn"))
        #expect(!(try world.server.closeRound(code: "autumn")))
        #expect(try await current() == "spring")
        #expect(throws: Failure(.otherRound, "spring")) {
            try world.server.reopenRound(code: "autumn")
        }
        #expect(try world.server.closeRound(code: "spring"))
        #expect(try await current() == "autumn closed")
        #expect(try world.server.reopenRound(code: "spring"))
        #expect(!(try world.server.reopenRound(code: "spring")))
        #expect(try await current() == "spring")
        #expect(throws: Failure(.unknownRound, "winter")) {
            try world.server.reopenRound(code: "winter")
        }
        #expect(try world.server.check(in: world.folder).isSound)
    }

    @Test(arguments: ["", "x y z", "2026/autumn", "-x", "a,b", String(repeating: "a", count: 33)])
    func `a round's code is one word`(code: String) throws {
        let world = try World(households: 1)
        #expect(throws: Failure(.badRoundCode, code)) {
            try open(code, world, besideOthers: true)
        }
    }

    @Test func `a review says what an edit changes, and lists what was decided`() async throws {
        let world = try World(households: 2)
        let wang = try await world.device("wang", ["520402109"])
        try await wang.sync()
        _ = try world.server.assign(
            "wang", adding: [], removing: try world.server.areas(["520402109"]))
        let edit = try wang.check("housing", "520402109201-1", .graded("A")).edit
        try await wang.sync()
        let held = try #require(try world.server.excludedEdits().first)
        #expect(held.subjectNo == "520402109201-1" && held.author == "wang")
        #expect(held.changes.zh.hasPrefix(Housing.form.label.zh + "："))
        #expect(held.changes.en.hasPrefix(Housing.form.label.en + ": "))
        #expect(try world.server.decidedEdits().map(\.edit.id) == [edit.id])
        try world.server.review(edit.id.hex, .accept)
        #expect(try world.server.excludedEdits().isEmpty)
        let decided = try #require(try world.server.decidedEdits().first)
        #expect(decided.edit.id == edit.id && decided.inclusion == .included)
    }

    @Test(arguments: ["server:8370", "192.168.1.5:8370", "lianhu.example.org"])
    func `an address without a scheme is told with one`(text: String) {
        let failure = #expect(throws: Failure.self) {
            try ServerURL(text, allowsPlainHTTP: false)
        }
        for language in Language.allCases {
            #expect(failure?.text(language).contains("https://\(text)") == true)
        }
    }

    @Test func `why a server cannot be reached is said in both languages`() {
        for problem in [LinkProblem.unknownHost, .noConnection, .timeout, .noTLS, .noHTTP] {
            let failure = Failure(TransportError.unreachable(problem.rawValue))
            #expect(failure.problem == .unreachable)
            #expect(failure.text(.zh).contains(problem.label.zh))
            #expect(failure.text(.en).contains(problem.label.en))
        }
    }
}
