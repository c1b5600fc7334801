import SurveyModel
import Testing

@Suite struct ProblemTests {
    @Test func `codes are unique and look alike`() {
        let codes = Problem.allCases.map(\.rawValue)
        #expect(Set(codes).count == codes.count)
        for code in codes {
            let parts = code.split(separator: "-")
            #expect(
                parts.count == 2 && parts[1].count == 2 && parts[1].allSatisfy(\.isNumber),
                "\(code)")
        }
    }

    @Test(arguments: Problem.allCases)
    func `a problem says what happened and what to do, in both languages`(problem: Problem) {
        let (what, remedy) = problem.sentences
        for language in Language.allCases {
            let end: Character = language == .zh ? "。" : "."
            #expect(what[language].trimmed.last == end, "\(what[language])")
            #expect(remedy[language].trimmed.last == end, "\(remedy[language])")
            #expect(what[language].count > 2 && remedy[language].count > 2)
            #expect(!remedy[language].contains("{}"), "the detail belongs to what happened")
        }
        let holes = Language.allCases.map {
            what[$0].split(separator: "{}", omittingEmptySubsequences: false).count
        }
        #expect(holes[0] == holes[1], "both languages tell the same detail")
    }

    @Test(arguments: Problem.allCases)
    func `a failure prints its code, its detail and no hole`(problem: Problem) {
        let failure = Failure(problem, "detail-7")
        for language in Language.allCases {
            let text = failure.text(language)
            #expect(text.hasPrefix(problem.rawValue + " "))
            #expect(!text.contains("{}"))
            #expect(text.contains("detail-7") == problem.sentences.what[language].contains("{}"))
        }
    }

    @Test(arguments: Problem.allCases)
    func `the exit status is one of the five that are promised`(problem: Problem) {
        #expect([1, 64, 65, 69, 77].contains(problem.exitStatus))
    }

    @Test func `an unreachable server says that everything is kept`() {
        #expect(Problem.unreachable.exitStatus == 69)
        #expect(Failure(.unreachable, "timeout").text(.en).contains("Everything is kept"))
        #expect(Failure(.unreachable, "timeout").text(.zh).contains("保存在本机"))
    }

    @Test(arguments: [
        "11010519491231002X", "520402109201-0012/11010519491231002x", "a11010519491231002Xb",
    ])
    func `no resident identity number is repeated`(text: String) {
        for language in Language.allCases {
            let said = Failure(.unknownSubject, text).text(language)
            #expect(!said.contains("1949") && said.contains("…"), "\(said)")
        }
        #expect(Failure(.unknownSubject, "520402109201-0012").text(.zh).contains("-0012"))
    }

    @Test func `a wrong answer is told by its own problem, with its place`() {
        let problem = Water.litresPerPersonDay.definition.problem(.notANumber)
        let failure = Failure(problem, at: "line 3:")
        #expect(
            failure.text(.en)
                == "FORM-01 line 3: litres per person per day (litres_pcd): is not a number. Write it "
                + "like 12.5.")
        #expect(failure.problem.exitStatus == 65)
    }
}
