import ArgumentParser
import Foundation
import ServerStore
import SurveyConsole
import SurveyModel

struct AreasCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "areas",
        abstract: localized(zh: "区域名册", en: "The register of areas."),
        discussion: localized(
            zh: """
                示例：
                  lianhu-server areas import areas.csv --city 5204 --name 安顺市
                  lianhu-server areas list 520402
                  lianhu-server areas merge 520402103202 --into 520402103201
                """,
            en: """
                Examples:
                  lianhu-server areas import areas.csv --city 5204 --name 安顺市
                  lianhu-server areas list 520402
                  lianhu-server areas merge 520402103202 --into 520402103201
                """),
        subcommands: [
            Import.self, List.self, Renumber.self, Merge.self, Withdraw.self,
        ])

    struct Import: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "import",
            abstract: localized(
                zh: "导入县、乡、村三级区划（CSV）；重复导入不产生变化",
                en: "Import counties, townships and villages (CSV). Repeating it changes nothing."),
            discussion: localized(
                zh: """
                    列：county_code、county、township_code、township、village_code、village、
                    managing_unit；可另加 former_code（原村代码）、status（withdrawn 为已撤销）、
                    merged_into（并入的村代码）。次序不限，其他列忽略。

                    代码、名称、隶属都一致的直接导入，新增的也直接导入。其余变动（改名、改代码、合并、
                    撤销等）先列出方案，什么也不改；确认后加 --accept-plan。已开始的轮次保留原名册。

                    示例：
                      lianhu-server areas import areas.csv --city 5204 --name 安顺市
                      lianhu-server areas import areas.csv --city 5204 --name 安顺市 --accept-plan
                      lianhu-server areas import more.csv --city 5204 --name 安顺市 --partial
                    """,
                en: """
                    Columns: county_code, county, township_code, township, village_code, village, \
                    managing_unit; also former_code (of the village), status (withdrawn) and \
                    merged_into (a village's code). Order free, others ignored.

                    What agrees in code, name and parent is imported at once, and so is what is \
                    new. Everything else (renamed, renumbered, merged, withdrawn …) is shown as a \
                    plan and nothing changes until you add --accept-plan. Rounds that were opened \
                    before keep the register as it was.

                    Examples:
                      lianhu-server areas import areas.csv --city 5204 --name 安顺市
                      lianhu-server areas import areas.csv --city 5204 --name 安顺市 --accept-plan
                      lianhu-server areas import more.csv --city 5204 --name 安顺市 --partial
                    """))

        @Argument(help: .init(localized(zh: "CSV 文件", en: "The CSV file."), valueName: "file"))
        var file: String

        @Option(
            help: .init(
                localized(zh: "市的四位代码", en: "The city's code, 4 digits."), valueName: "code"))
        var city: String

        @Option(help: .init(localized(zh: "市的名称", en: "The city's name."), valueName: "name"))
        var name: String

        @Flag(help: .init(localized(zh: "有一行有误则全部不导入", en: "All or nothing.")))
        var strict = false

        @Flag(
            help: .init(
                localized(
                    zh: "文件没有列出所在乡镇的全部村：缺少的不算撤销",
                    en: "The file does not list every village of its townships: the others stay.")))
        var partial = false

        @Flag(
            help: .init(
                localized(
                    zh: "按列出的方案修改名册", en: "Change the register as the plan says.")))
        var acceptPlan = false

        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            guard FileManager.default.isReadableFile(atPath: file) else {
                throw Failure(.badFile, file)
            }
            let store = try data.open(creating: true)
            let report = try store.importAreas(
                URL(filePath: file), cityCode: city, cityName: name, strict: strict,
                isPartial: partial, acceptPlan: acceptPlan)
            try report.finish(json: output.json, tree: store.areaTree())
        }
    }
}
