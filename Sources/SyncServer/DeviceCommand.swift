import ArgumentParser
import ServerStore
import SurveyConsole
import SurveyLog
import SurveyModel
import SurveyStore

struct DeviceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "device", abstract: localized(zh: "设备", en: "Enrolled devices."),
        discussion: localized(
            zh: """
                示例：
                  lianhu-server device list
                  lianhu-server device revoke wkx5hqc3  # 编号的开头即可
                """,
            en: """
                Examples:
                  lianhu-server device list
                  lianhu-server device revoke wkx5hqc3  # the start of its id will do
                """),
        subcommands: [List.self, Revoke.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: localized(zh: "列出设备", en: "List devices."),
            discussion: localized(
                zh: """
                    示例：
                      lianhu-server device list
                      lianhu-server device list --json  # 供程序读取
                    """,
                en: """
                    Examples:
                      lianhu-server device list
                      lianhu-server device list --json  # for programs
                    """))

        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            let store = try data.open()
            let names = Dictionary(try store.users().map { ($0.id, $0.name) }) { a, _ in a }
            let (devices, forked) = (try store.devices(), try store.forkedLogs())
            guard !output.json else {
                return JSONValue.array(
                    devices.map {
                        [
                            "device": .string(Base32.encode($0.replica.bytes)),
                            "user": JSONValue(names[$0.user]), "revoked": .bool($0.isRevoked),
                            "forked": .bool(forked.contains($0.replica)),
                            "enrolled_on": JSONValue($0.enrolledOn?.iso),
                        ]
                    }
                ).print()
            }
            var table = TextTable([
                (localized(zh: "设备", en: "device"), .left),
                (localized(zh: "用户", en: "user"), .left),
                (localized(zh: "登记日期", en: "enrolled on"), .left), ("", .left), ("", .left),
            ])
            for device in devices {
                table.add([
                    Base32.encode(device.replica.bytes), names[device.user] ?? "?",
                    device.enrolledOn?.iso ?? "",
                    device.isRevoked ? localized(zh: "已停用", en: "revoked") : "",
                    forked.contains(device.replica)
                        ? localized(zh: "曾被复制或恢复", en: "was copied or restored") : "",
                ])
            }
            table.print()
        }
    }

    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "revoke",
            abstract: localized(
                zh: "停用设备，立即生效", en: "Revoke a device at once. What still arrives is held."),
            discussion: localized(
                zh: """
                    示例：
                      lianhu-server device revoke wkx5hqc3
                    """,
                en: """
                    Examples:
                      lianhu-server device revoke wkx5hqc3
                    """))

        @Argument(
            help: .init(
                localized(zh: "设备编号或其开头", en: "The device's id, or the start of it."),
                valueName: "device"))
        var device: String

        @OptionGroup var data: DataOptions
        @OptionGroup var language: LanguageOption

        func run() throws { say(try data.open().revokeDevice(device)) }
    }
}
