import ArgumentParser
import FieldStore
import Foundation
import SurveyConsole
import SurveyModel
import SurveyStore

struct RecoverCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recover",
        abstract: localized(
            zh: "从损坏的数据目录取回未同步的更改",
            en: "Take from a damaged home what was not synchronized yet."),
        discussion: localized(
            zh: """
                先用新的登记码登记一个新目录，再运行本命令，然后同步。旧目录不会被改动。
                取回本人的更改和草稿；他人的更改由服务器补回。

                示例：
                  lianhu init --home 新目录 --server https://server:8370 --code XXXX-XXXX-…
                  lianhu recover 旧目录 --home 新目录
                  lianhu sync --home 新目录
                """,
            en: """
                Enrol a new home with a new code, run this, then synchronize. The damaged home is \
                not changed. Own edits and drafts are taken; the server has those of others.

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
        let lock = try FileLock.exchange(in: home.folder)
        defer { withExtendedLifetime(lock) {} }
        let found = try store.recover(from: URL(filePath: damaged, directoryHint: .isDirectory))
        guard !output.json else {
            return JSONValue.object([
                "edits": JSONValue(found.edits), "new": JSONValue(found.new),
                "damaged": JSONValue(found.damaged),
                "acknowledged": JSONValue(found.acknowledged),
                "unreadable": JSONValue(found.others), "drafts": JSONValue(found.drafts),
                "lost_drafts": JSONValue(found.lostDrafts),
            ]).print()
        }
        say(found)
    }

    private func say(_ found: Recovered) {
        Console.print(
            Label(
                zh: "已取回本人更改 \(found.edits) 条（其中 \(found.new) 条是这里没有的），草稿 \(found.drafts) 份。",
                en:
                    "Recovered \(counted(found.edits, "edit")) of your own, \(found.new) of them new here, "
                    + "and \(counted(found.drafts, "draft"))."))
        if found.damaged > 0 {
            Console.print(
                Label(
                    zh: "本人更改中 \(found.damaged) 条无法读取，其中 \(found.acknowledged) 条服务器已确认收到。",
                    en:
                        "Cannot read \(counted(found.damaged, "edit")) of your own; the server has acknowledged "
                        + "\(found.acknowledged) of them."))
        }
        if found.others > 0 {
            Console.print(
                Label(
                    zh: "他人更改中 \(found.others) 条无法读取，同步时由服务器补回。",
                    en:
                        "Cannot read \(counted(found.others, "edit")) of others; the server brings them "
                        + "with the next sync."))
        }
        if found.lostDrafts > 0 {
            Console.print(
                Label(
                    zh: "有 \(found.lostDrafts) 份草稿没有取回（无法读取，或这里已有同一表单的草稿）。",
                    en:
                        "Not recovered: \(counted(found.lostDrafts, "draft")), unreadable or with another "
                        + "of the same form here."))
        }
        Console.print(Label(zh: "下一步：lianhu sync", en: "Next: lianhu sync"))
    }
}
