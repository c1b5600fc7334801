import FieldStore
import SurveyConsole
import SurveyCoverage
import SurveyModel
import SurveyStore
import Testing

@testable import FieldClient

/// The worklist on terminals of every width.
@Suite struct WorklistLayoutTests {
    private func rows() async throws -> ([HouseholdRow], [String]) {
        let wang = try await World().device("wang", ["5204"])
        try await wang.sync()
        try wang.check("housing", "\(World.villages[0])-1", .graded("A"))
        try wang.check("housing", "\(World.villages[0])-2", .graded("D"))
        let (rows, tree) = (try wang.households(), try wang.store.areaTree())
        return (rows, rows.map { tree[$0.area]?.name ?? "" })
    }

    @Test(arguments: [40, 60, 80, 100, 120], Language.allCases)
    func `every check stands on the line`(width: Int, language: Language) async throws {
        let (rows, villages) = try await rows()
        let layout = WorklistLayout(rows, villages: villages, width: width, in: language)
        for (row, village) in zip(rows, villages) {
            let line = layout.line(row, village: village).text
            // The list puts three columns before it, and the last one stays free.
            if width >= 60 { #expect(line.displayWidth <= width - 4, "\(line)") }
            let last = language == .zh ? "教" : "S"
            if layout.legend().isEmpty {
                #expect(line.contains(Guarantee.medical.label[language]))
            } else {
                #expect(line.contains(last), "\(line)")
            }
        }
        for line in layout.legend() { #expect(line.text.displayWidth < 60) }
    }

    @Test func `marks say what words say`() async throws {
        let (rows, villages) = try await rows()
        func line(_ number: Int, _ width: Int) -> String {
            WorklistLayout(rows, villages: villages, width: width, in: .zh)
                .line(rows[number], village: villages[number]).text
        }
        #expect(line(0, 60).contains("住√ 水· 医· 教-"))
        #expect(line(1, 60).contains("住! 水· 医· 教-"))
        #expect(line(0, 60).contains("\(World.villages[0])-1"))
        #expect(!line(0, 120).contains("住√"))
    }

    @Test func `the legend tells every mark, and fits a narrow line`() async throws {
        let (rows, villages) = try await rows()
        for (language, safe, notAsked) in [
            (Language.zh, "√安全/基本安全", "-无需检查"), (.en, "√(basically) safe", "-not asked"),
        ] {
            let layout = WorklistLayout(rows, villages: villages, width: 60, in: language)
            let legend = layout.legend().map(\.text)
            #expect(legend.count == 2 && legend.allSatisfy { $0.displayWidth < 60 })
            let text = legend.joined(separator: " ")
            #expect(text.contains(safe) && text.contains(notAsked), "\(text)")
        }
    }

    @Test(arguments: [40, 60, 80])
    func `what stands above the list is not cut off`(width: Int) async throws {
        let wang = try await World().device("wang", ["5204"])
        try await wang.sync()
        let today = try Today(wang.store, round: try wang.store.round(nil))
        let lines = today.heading(width: width).map(\.text)
        #expect(lines.allSatisfy { $0.displayWidth < width }, "\(lines)")
        let all = (today.titleLines(width: width) + lines).joined(separator: " ")
        #expect(all.contains("/"), "how far a village is")
    }
}
