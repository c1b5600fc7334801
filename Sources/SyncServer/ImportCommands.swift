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
                """,
            en: """
                Examples:
                  lianhu-server areas import areas.csv --city 5204 --name 安顺市
                """),
        subcommands: [Import.self])

    struct Import: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "import",
            abstract: localized(
                zh: "导入县、乡、村三级区划（CSV）；重复导入不产生变化",
                en: "Import counties, townships and villages (CSV). Repeating it changes nothing."),
            discussion: localized(
                zh: """
                    列：county_code、county、township_code、township、village_code、village、
                    managing_unit。
                    次序不限，其他列忽略。

                    示例：
                      lianhu-server areas import areas.csv --city 5204 --name 安顺市
                      lianhu-server areas import areas.csv --city 5204 --name 安顺市 --strict
                    """,
                en: """
                    Columns: county_code, county, township_code, township, village_code, village, \
                    managing_unit. Order free, others ignored.

                    Examples:
                      lianhu-server areas import areas.csv --city 5204 --name 安顺市
                      lianhu-server areas import areas.csv --city 5204 --name 安顺市 --strict
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

        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            guard FileManager.default.isReadableFile(atPath: file) else {
                throw Failure(.badFile, file)
            }
            let report = try data.open(creating: true).importAreas(
                URL(filePath: file), cityCode: city, cityName: name, strict: strict)
            try report.finish(strict: strict, json: output.json)
        }
    }
}
