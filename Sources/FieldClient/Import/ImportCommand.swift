import ArgumentParser
import FieldStore
import Foundation
import SurveyConsole
import SurveyModel
import SurveyStore

struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: localized(
            zh: "按映射把外来 CSV 导入为农户、成员和检查；以最新的文件为准",
            en: "Import foreign CSV as households, members and checks. The newest file counts."),
        discussion: localized(
            zh: """
                先检查全部行，再保存有效的行；被拒绝的逐一说明文件、行、列和原因。

                映射（TOML；字段和代码见 lianhu forms show 表单）：
                  namespace = "编号由谁发放"，missing = ["NA", 888]
                  [subject]：village = "村代码"、"option" 或 { column = "列" }；
                    key = "列" 或 ["列", "列"]（哪一户），prefix，create = true（可新增）；
                    person = "列"（每行是一名成员），name = "列"（姓名须与名册一致）；
                    of = "village"（每行是一个村）
                  [表单] 字段 = "列" 或 { column = "列" } 或 { constant = 值 }，可加：
                    codes."原值" = "代码"，otherwise（其余），absent（空时），missing，
                    empty = "clear"（空时清除原答案；否则保留）；
                    split = ","（多选）；factor、offset、decimals（数 × factor + offset）；
                    date = "DD/MM/YYYY"（MMM 英文月份，末尾 * 略去其后）

                示例：
                  lianhu import --mapping points.toml points.csv --dry-run
                  lianhu import --mapping points.toml points.csv --village 520402109201 \\
                      --report report.csv
                """,
            en: """
                All rows are checked, then the sound ones are saved; what is rejected is told by \
                file, line, column and reason.

                The mapping (TOML; fields and codes: lianhu forms show FORM):
                  namespace = "who gave out the keys", missing = ["NA", 888]
                  [subject]: village = "CODE", "option" or { column = "c" };
                    key = "c" or ["c", "d"] (which household), prefix, create = true;
                    person = "c" (each row is a member), name = "c" (has to be the
                    register's); of = "village" (a village)
                  [FORM] field = "c" or { column = "c" } or { constant = value }, with
                    codes."value" = "code", otherwise (others), absent (none), missing,
                    empty = "clear" (takes the answer away; else it stays);
                    split = "," (several); factor, offset, decimals (n × factor + offset);
                    date = "DD/MM/YYYY" (MMM an English month, * ends it early)

                Examples:
                  lianhu import --mapping points.toml points.csv --dry-run
                  lianhu import --mapping points.toml points.csv --village 520402109201 \\
                      --report report.csv
                """))

    @Option(
        help: .init(
            localized(zh: "映射（TOML）", en: "How columns become answers (TOML)."),
            valueName: "file"))
    var mapping: String

    @Argument(help: .init(localized(zh: "CSV 文件", en: "The CSV file."), valueName: "file"))
    var file: String

    @Option(
        help: .init(
            localized(
                zh: "全部行所在的村（映射中 village = \"option\" 时）",
                en: "The village of all rows, when the mapping says village = \"option\"."),
            valueName: "village"))
    var village: String?

    @Flag(help: .init(localized(zh: "只检查，不保存", en: "Check only; save nothing.")))
    var dryRun = false

    @Flag(
        help: .init(
            localized(
                zh: "上次导入之后有人改过的，也以文件为准",
                en: "Replace what somebody changed since the last import, too.")))
    var overwrite = false

    @Option(
        help: .init(
            localized(
                zh: "把拒绝、重复和提醒写入此文件（CSV）",
                en: "Write what is rejected, repeated or unusual to this file (CSV)."),
            valueName: "file"))
    var report: String?

    @OptionGroup var round: RoundOption
    @OptionGroup var home: HomeOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let store = try home.open()
        try refuseOverwriting()
        let document = try MappingDocument(URL(filePath: mapping))
        var table = try TableImport(
            URL(filePath: file), try Mapping(document), village: village, round: round.round,
            overwriting: overwrite, store)
        if let round = table.round, !round.isOpen {
            Console.note(
                Label(
                    zh: "轮次 \(round.code) 已结束；仍计入该轮次",
                    en: "the round \(round.code) is closed; this still counts in it"))
        }
        if let warning = table.clock.warning { Console.note(warning) }
        try check(&table)
        if !output.json { table.report.printPreview() }
        if let report {
            // The file is made first: nothing is saved of which nobody would be told.
            try ExportOutput.to(report) { file in
                if !dryRun { try save(&table) }
                try file.write(table.report.csv)
            }
        } else if !dryRun {
            try save(&table)
        }
        let result = table.report
        if output.json {
            result.json(isDryRun: dryRun).print()
        } else {
            if !dryRun { result.printResult() }
            result.noteRejections()
        }
        try result.conclude()
    }

    private func check(_ table: inout TableImport) throws {
        let line = ProgressLine()
        defer { line.finish() }
        try table.check { done in
            line.show(localized(zh: "检查", en: "checking"), done: done, total: nil)
        }
    }

    private func save(_ table: inout TableImport) throws {
        let line = ProgressLine()
        defer { line.finish() }
        try table.save { done, total in
            line.show(localized(zh: "保存", en: "saving"), done: done, total: total)
        }
    }

    /// A slip of the hand must not put the report in the place of what is read.
    private func refuseOverwriting() throws {
        guard let report else { return }
        func resolved(_ path: String) -> String {
            URL(filePath: path).resolvingSymlinksInPath().standardizedFileURL.path
        }
        guard ![file, mapping].map(resolved).contains(resolved(report)) else {
            throw Failure(
                .usage,
                Label(
                    zh: "--report 不能写入正在读取的文件",
                    en: "--report must not be a file that is read"))
        }
    }
}
