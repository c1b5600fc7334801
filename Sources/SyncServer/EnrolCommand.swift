import ArgumentParser
import ServerStore
import SurveyConsole
import SurveyLog
import SurveyModel

struct EnrolCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enrol",
        abstract: localized(
            zh: "发放登记码：一台设备，24 小时内，用一次",
            en: "Issue a code that enrols one device, once, within 24 hours."),
        discussion: localized(
            zh: """
                示例：
                  lianhu-server enrol 王芳
                  lianhu-server enrol 王芳 --json  # 供程序读取
                """,
            en: """
                Examples:
                  lianhu-server enrol 王芳
                  lianhu-server enrol 王芳 --json  # for programs
                """))

    @Argument(help: .init(localized(zh: "姓名", en: "The user's name."), valueName: "name"))
    var name: String

    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let store = try data.open()
        let (code, expires) = try store.issueCode(for: name)
        guard !output.json else {
            return JSONValue.object([
                "code": .string(code.text),
                "server_key": .string(Base32.encode(store.key.publicKey)),
                "expires": .time(expires),
            ]).print()
        }
        print(code.text)
        Console.note(
            Label(
                zh:
                    "在设备上运行：lianhu init --server 地址 --code \(code.text)（\(clockText(expires)) 前有效，一次）",
                en: "On the device: lianhu init --server URL --code \(code.text) "
                    + "(once, until \(clockText(expires)))"))
    }
}
