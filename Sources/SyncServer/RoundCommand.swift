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
                """,
            en: """
                Examples:
                  lianhu-server round open 2026-autumn --title "2026 秋季排查"
                  lianhu-server round list
                  lianhu-server round close 2026-autumn
                """),
        subcommands: [Open.self, Close.self, List.self])

    struct Open: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "open",
            abstract: localized(zh: "开始一轮", en: "Open a round."),
            discussion: localized(
                zh: """
                    示例：
                      lianhu-server round open 2026-autumn --title "2026 秋季排查"
                      lianhu-server round open 2027-spring --title "2027 春季排查" \\
                          --year 2027 --water guizhou-2021
                    """,
                en: """
                    Examples:
                      lianhu-server round open 2026-autumn --title "2026 秋季排查"
                      lianhu-server round open 2027-spring --title "2027 春季排查" \\
                          --year 2027 --water guizhou-2021
                    """))

        @Argument(help: .init(localized(zh: "轮次代码", en: "The round's code."), valueName: "code"))
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
                    en: "The drinking-water standard."),
                valueName: WaterStandard.allCases.map(\.rawValue).joined(separator: "|")))
        var water = WaterStandard.tches2018.rawValue

        @OptionGroup var data: DataOptions
        @OptionGroup var language: LanguageOption

        func run() throws {
            guard let standard = WaterStandard(rawValue: water) else {
                throw Failure(.usage, "--water \(water)")
            }
            let store = try data.open()
            try store.openRound(
                code: code, title: title,
                year: year ?? Int64(store.environment.today.components.year),
                waterStandard: standard)
            Console.print(Label(zh: "已开始轮次 \(code)", en: "Round \(code) is open."))
        }
    }

    struct Close: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "close",
            abstract: localized(zh: "结束一轮", en: "Close a round."),
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
            try data.open().closeRound(code: code)
            Console.print(Label(zh: "已结束轮次 \(code)", en: "Round \(code) is closed."))
        }
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
