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

struct HouseholdsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "households",
        abstract: localized(zh: "农户和人员名册", en: "The register of households and persons."),
        discussion: localized(
            zh: """
                示例：
                  lianhu-server households import households.csv --persons persons.csv
                """,
            en: """
                Examples:
                  lianhu-server households import households.csv --persons persons.csv
                """),
        subcommands: [Import.self])

    struct Import: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "import",
            abstract: localized(
                zh: "导入农户和人员（CSV）；有变化的行成为一次修改",
                en: "Import households and persons (CSV). A changed row becomes an edit."),
            discussion: localized(
                zh: """
                    农户：household_no、village_code、head_name、household_type、address。
                    人员：household_no、person_no、name、birth_date、sex、relation。

                    示例：
                      lianhu-server households import households.csv --persons persons.csv
                      lianhu-server households import households.csv --strict  # 全部无误才导入
                    """,
                en: """
                    Households: household_no, village_code, head_name, household_type, address.
                    Persons: household_no, person_no, name, birth_date, sex, relation.

                    Examples:
                      lianhu-server households import households.csv --persons persons.csv
                      lianhu-server households import households.csv --strict  # all or nothing
                    """))

        @Argument(
            help: .init(localized(zh: "农户 CSV", en: "CSV of households."), valueName: "file"))
        var file: String

        @Option(help: .init(localized(zh: "人员 CSV", en: "CSV of persons."), valueName: "file"))
        var persons: String?

        @Flag(help: .init(localized(zh: "有一行有误则全部不导入", en: "All or nothing.")))
        var strict = false

        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            let line = ProgressLine()
            var roster = try RosterImport(data.open(), folder: data.folder) { progress in
                let what =
                    switch progress.phase {
                    case .reading: localized(zh: "检查", en: "checking")
                    case .writing: localized(zh: "写入", en: "writing")
                    }
                line.show(what, done: progress.done, total: progress.total)
            }
            let report: ImportReport
            do {
                report = try roster.run(
                    households: URL(filePath: file), persons: persons.map { URL(filePath: $0) },
                    strict: strict)
            } catch {
                line.finish()
                throw error
            }
            line.finish()
            try report.finish(strict: strict, json: output.json)
        }
    }
}

extension ImportReport {
    /// Says what was done; wrong rows go to standard error and into the exit status.
    func finish(strict: Bool, json: Bool) throws {
        let isRefused = strict && wrong > 0
        if json {
            JSONValue.object([
                "rows": JSONValue(rows), "added": JSONValue(added), "changed": JSONValue(changed),
                "unchanged": JSONValue(unchanged), "wrong": JSONValue(wrong),
                "problems": .array(
                    problems.map {
                        [
                            "file": .string($0.file), "line": JSONValue($0.line),
                            "column": .string($0.column), "message": .string($0.message.en),
                        ]
                    }),
            ]).print()
        } else {
            for problem in problems { Console.note(problem.text(Console.language)) }
            if wrong > problems.count { Console.note("… \(wrong - problems.count)") }
            if !isRefused {
                Console.print(
                    Label(
                        zh: "新增 \(added)，修改 \(changed)，未变 \(unchanged)，有误 \(wrong)",
                        en: "\(added) added, \(changed) changed, \(unchanged) unchanged, "
                            + "\(wrong) wrong"))
            }
        }
        guard wrong > 0 else { return }
        throw Failure(isRefused ? .nothingImported : .badRows, "\(wrong)")
    }
}
