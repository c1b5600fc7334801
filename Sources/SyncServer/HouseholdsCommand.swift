import ArgumentParser
import Foundation
import ServerStore
import SurveyConsole
import SurveyModel

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
                      lianhu-server households import households.csv --missing missing.csv
                    """,
                en: """
                    Households: household_no, village_code, head_name, household_type, address.
                    Persons: household_no, person_no, name, birth_date, sex, relation.

                    Examples:
                      lianhu-server households import households.csv --persons persons.csv
                      lianhu-server households import households.csv --strict  # all or nothing
                      lianhu-server households import households.csv --missing missing.csv
                    """))

        @Argument(
            help: .init(localized(zh: "农户 CSV", en: "CSV of households."), valueName: "file"))
        var file: String

        @Option(help: .init(localized(zh: "人员 CSV", en: "CSV of persons."), valueName: "file"))
        var persons: String?

        @Flag(
            help: .init(localized(zh: "有一行有误则全部不导入", en: "Import nothing while any row is wrong.")))
        var strict = false

        @Flag(
            help: .init(
                localized(
                    zh: "确认：名册会迁移许多农户，或户编号以旧村代码开头",
                    en: "Import although many households would move or have old codes in their "
                        + "numbers.")))
        var allowMoves = false

        @Option(
            help: .init(
                localized(
                    zh: "把上次名册有、本次没有的农户和人员写入此 CSV",
                    en: "Write the entries that an earlier roster had and this one has not."),
                valueName: "file"))
        var missing: String?

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
                    strict: strict, allowMoves: allowMoves)
            } catch {
                line.finish()
                throw error
            }
            line.finish()
            if let missing { try report.writeMissing(to: missing) }
            try report.finish(json: output.json)
        }
    }
}
