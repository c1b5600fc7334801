import ArgumentParser
import ServerStore
import SurveyConsole
import SurveyModel
import SurveyStore

struct RoundCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "round", abstract: localized(zh: "检查轮次", en: "Rounds of checks."),
        discussion: localized(
            zh: """
                示例：
                  lianhu-server round open 2026-autumn --title "2026 秋季排查"
                  lianhu-server round list
                  lianhu-server round close 2026-autumn
                  lianhu-server round reopen 2026-autumn  # 结束得早了
                """,
            en: """
                Examples:
                  lianhu-server round open 2026-autumn --title "2026 秋季排查"
                  lianhu-server round list
                  lianhu-server round close 2026-autumn
                  lianhu-server round reopen 2026-autumn  # it was closed too early
                """),
        subcommands: [Open.self, Close.self, Reopen.self, List.self])

    struct Open: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "open",
            abstract: localized(zh: "开始一轮", en: "Open a round."),
            discussion: localized(
                zh: """
                    各设备以最新的进行中的轮次为当前轮次。

                    示例：
                      lianhu-server round open 2026-autumn --title "2026 秋季排查"
                      lianhu-server round open 2027-spring --title "2027 春季排查" \\
                          --year 2027 --water guizhou-2021
                    """,
                en: """
                    Devices take the newest open round as the current one.

                    Examples:
                      lianhu-server round open 2026-autumn --title "2026 秋季排查"
                      lianhu-server round open 2027-spring --title "2027 春季排查" \\
                          --year 2027 --water guizhou-2021
                    """))

        @Argument(
            help: .init(
                localized(
                    zh: "轮次代码：字母、数字、- 和 _，最多 32 个",
                    en: "The round's code: letters, digits, - and _, at most 32."),
                valueName: "code"))
        var code: String

        @Option(help: .init(localized(zh: "标题", en: "Its title."), valueName: "text"))
        var title: String

        @Option(
            help: .init(
                localized(
                    zh: "参保年度（默认今年）", en: "The year whose insurance counts (default: this)."),
                valueName: "year"))
        var year: Int64?

        @Option(
            help: .init(
                localized(
                    zh: "饮水标准：tches18-2018 或 guizhou-2021",
                    en: "The drinking-water standard: tches18-2018 or guizhou-2021."),
                valueName: WaterStandard.allCases.map(\.rawValue).joined(separator: "|")))
        var water = WaterStandard.tches2018.rawValue

        @OptionGroup var beside: BesideOption
        @OptionGroup var data: DataOptions
        @OptionGroup var language: LanguageOption

        func run() throws {
            guard let standard = WaterStandard(rawValue: water) else {
                throw Failure(
                    .usage,
                    Label(
                        zh: "--water 可选 tches18-2018 或 guizhou-2021",
                        en: "--water takes tches18-2018 or guizhou-2021"))
            }
            let store = try data.open()
            try store.openRound(
                code: code, title: title,
                year: year ?? Int64(store.environment.today.components.year),
                waterStandard: standard, besideOthers: beside.anyway)
            Console.print(Label(zh: "已开始轮次 \(code)", en: "Round \(code) is open."))
        }
    }

    struct Close: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "close",
            abstract: localized(
                zh: "结束一轮（可用 reopen 恢复）", en: "Close a round. It can be reopened."),
            discussion: localized(
                zh: """
                    示例：
                      lianhu-server round close 2026-autumn
                    """,
                en: """
                    Examples:
                      lianhu-server round close 2026-autumn
                    """))

        @Argument(help: .init(localized(zh: "轮次代码", en: "The round's code."), valueName: "code"))
        var code: String

        @OptionGroup var data: DataOptions
        @OptionGroup var language: LanguageOption

        func run() throws {
            guard try data.open().closeRound(code: code) else { return say(false) }
            Console.print(
                Label(
                    zh: "已结束轮次 \(code)。恢复：lianhu-server round reopen \(code)",
                    en: "Round \(code) is closed. To take that back: "
                        + "lianhu-server round reopen \(code)"))
        }
    }

    struct Reopen: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "reopen",
            abstract: localized(zh: "恢复已结束的轮次", en: "Open a closed round again."),
            discussion: localized(
                zh: """
                    示例：
                      lianhu-server round reopen 2026-autumn
                    """,
                en: """
                    Examples:
                      lianhu-server round reopen 2026-autumn
                    """))

        @Argument(help: .init(localized(zh: "轮次代码", en: "The round's code."), valueName: "code"))
        var code: String

        @OptionGroup var beside: BesideOption
        @OptionGroup var data: DataOptions
        @OptionGroup var language: LanguageOption

        func run() throws {
            let store = try data.open()
            guard try store.reopenRound(code: code, besideOthers: beside.anyway) else {
                return say(false)
            }
            Console.print(Label(zh: "轮次 \(code) 已恢复", en: "Round \(code) is open again."))
        }
    }

    /// `--anyway`: two rounds at a time.
    struct BesideOption: ParsableArguments {
        @Flag(
            help: .init(
                localized(
                    zh: "有别的轮次在进行也继续", en: "Go on although another round is open.")))
        var anyway = false
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: localized(zh: "列出轮次", en: "List rounds, the newest first."),
            discussion: localized(
                zh: """
                    示例：
                      lianhu-server round list
                      lianhu-server round list --json  # 供程序读取
                    """,
                en: """
                    Examples:
                      lianhu-server round list
                      lianhu-server round list --json  # for programs
                    """))

        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            let rounds = try data.open().rounds()
            guard !output.json else {
                return JSONValue.array(
                    rounds.map {
                        [
                            "code": .string($0.code), "title": .string($0.title),
                            "open": .bool($0.isOpen), "year": .integer($0.context.year),
                            "water_standard": .string($0.context.waterStandard.rawValue),
                        ]
                    }
                ).print()
            }
            var table = TextTable([
                (localized(zh: "轮次", en: "round"), .left),
                (localized(zh: "状态", en: "state"), .left),
                (localized(zh: "标题", en: "title"), .left),
            ])
            for round in rounds {
                let state = round.isOpen ? RoundState.open : .closed
                table.add([round.code, state.label[Console.language], round.title])
            }
            table.print()
        }
    }
}
