public import ArgumentParser
internal import SurveyConsole

/// `lianhu`: what a surveyor or a supervisor types.
public struct FieldProgram: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "lianhu",
        abstract: localized(
            zh: "联户：离线入户调查，有网络时同步",
            en: "Lianhu: household checks without a network, synchronized when there is one."),
        discussion: localized(
            zh: """
                数据目录：--home 或 LIANHU_HOME，默认 ~/.lianhu。所有读取命令支持 --json。
                退出码：0 完成；1 失败；64 用法；65 数据有误；
                69 连不上服务器（内容都已保存）；77 无权限。

                示例：
                  lianhu                                  # 进度、待查农户
                  lianhu sync                             # 接收和发送
                  lianhu check housing 520402109201-0012  # 填一张表，不需要网络
                  lianhu coverage --by township           # 各乡镇的覆盖情况
                """,
            en: """
                Home: --home or LIANHU_HOME, by default ~/.lianhu. Every read command takes \
                --json.
                Exit status: 0 done; 1 failed; 64 wrong usage; 65 bad input; 69 server unreachable \
                (everything is kept); 77 not permitted.

                Examples:
                  lianhu                                  # progress, whom to visit
                  lianhu sync                             # receives and sends
                  lianhu check housing 520402109201-0012  # a form; needs no network
                  lianhu coverage --by township           # how far each township is
                """),
        version: "0.1.0",
        subcommands: [
            InitCommand.self, TodayCommand.self, HouseholdCommand.self, PersonCommand.self,
            CheckCommand.self, FindingCommand.self, ConflictsCommand.self, HistoryCommand.self,
            SyncCommand.self,
            StatusCommand.self, VerifyCommand.self, PullCommand.self, CoverageCommand.self,
            ExportCommand.self, ImportCommand.self, FormsCommand.self, RecoverCommand.self,
        ],
        defaultSubcommand: TodayCommand.self)

    public init() {}

    /// Runs the command line of this process.
    public static func run() -> Never {
        Console.adaptTerminal()
        Program.run(FieldProgram.self)
    }
}
