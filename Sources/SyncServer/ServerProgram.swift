public import ArgumentParser
internal import SurveyConsole

/// `lianhu-server`: what an administrator types.
public struct ServerProgram: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "lianhu-server",
        abstract: localized(
            zh: "联户同步服务器：合并所有人的调查，不丢一个答案",
            en: "The Lianhu sync server: merges everybody's checks and loses no answer."),
        discussion: localized(
            zh: """
                数据目录：--data 或 LIANHU_DATA，默认 ./lianhu-data。serve 运行时其他命令照常可用。

                示例：
                  lianhu-server areas import areas.csv --city 5204 --name 安顺市
                  lianhu-server user add 王芳 --role surveyor --area 520402109
                  lianhu-server enrol 王芳  # 一台设备的登记码
                  lianhu-server serve       # 运行同步服务
                """,
            en: """
                Data folder: --data or LIANHU_DATA, by default ./lianhu-data. The other commands \
                work while "serve" runs.

                Examples:
                  lianhu-server areas import areas.csv --city 5204 --name 安顺市
                  lianhu-server user add 王芳 --role surveyor --area 520402109
                  lianhu-server enrol 王芳  # a code for one device
                  lianhu-server serve       # until SIGTERM or SIGINT
                """),
        version: "0.1.0",
        subcommands: [
            ServeCommand.self, AreasCommand.self, HouseholdsCommand.self, RoundCommand.self,
            UserCommand.self, EnrolCommand.self, DeviceCommand.self, CoverageCommand.self,
            ReviewCommand.self, BackupCommand.self, RestoreCommand.self, CheckCommand.self,
        ])

    public init() {}

    /// Runs the command line of this process.
    public static func run() -> Never { Program.run(ServerProgram.self) }
}
