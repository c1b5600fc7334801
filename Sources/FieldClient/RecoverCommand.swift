import ArgumentParser
import FieldStore
import Foundation
import SurveyConsole
import SurveyModel

struct RecoverCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recover",
        abstract: localized(
            zh: "从损坏的数据目录取回未同步的更改",
            en: "Take from a damaged home what was not synchronized yet."),
        discussion: localized(
            zh: """
                先用新的登记码登记一个新目录，再运行本命令，然后同步。旧目录不会被改动。

                示例：
                  lianhu init --home 新目录 --server https://server:8370 --code XXXX-XXXX-…
                  lianhu recover 旧目录 --home 新目录
                  lianhu sync --home 新目录
                """,
            en: """
                Enrol a new home with a new code, run this, then synchronize. The damaged home is \
                not changed.

                Examples:
                  lianhu init --home NEW --server https://server:8370 --code XXXX-XXXX-…
                  lianhu recover OLD --home NEW
                  lianhu sync --home NEW
                """))

    @Argument(
        help: .init(localized(zh: "损坏的数据目录", en: "The damaged home folder."), valueName: "home"))
    var damaged: String

    @OptionGroup var home: HomeOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let store = try home.open()
        let lock = try HomeLock(home.folder)
        defer { withExtendedLifetime(lock) {} }
        let found = try store.recover(from: URL(filePath: damaged, directoryHint: .isDirectory))
        if output.json {
            return JSONValue.object([
                "edits": JSONValue(found.edits), "new": JSONValue(found.new),
                "damaged": JSONValue(found.damaged), "unreadable": JSONValue(found.unreadable),
            ]).print()
        }
        Console.print(
            Label(
                zh: "可读的本人更改 \(found.edits) 条，其中 \(found.new) 条已取回，下次同步时发送；"
                    + "本人更改中 \(found.damaged) 条已损坏，无法读取的段 \(found.unreadable) 个。",
                en: "\(found.edits) own edit(s) can be read; \(found.new) are here now and go out "
                    + "with the next sync. \(found.damaged) own edit(s) are damaged; "
                    + "\(found.unreadable) segment(s) cannot be read."))
    }
}
