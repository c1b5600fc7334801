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
            zh: "数据目录：--data 或 LIANHU_DATA，默认 ./lianhu-data。serve 运行时其他命令照常可用。",
            en: "Data folder: --data or LIANHU_DATA, by default ./lianhu-data. "
                + "The other commands work while \"serve\" runs."),
        version: "0.1.0",
        subcommands: [
            ServeCommand.self, AreasCommand.self, HouseholdsCommand.self, RoundCommand.self,
            UserCommand.self, EnrolCommand.self, DeviceCommand.self, CoverageCommand.self,
            ReviewCommand.self, BackupCommand.self, RestoreCommand.self, CheckCommand.self,
        ])

    public init() {}

    /// Runs the command line of this process.
    public static func run() async -> Never { await Program.run(ServerProgram.self) }
}
