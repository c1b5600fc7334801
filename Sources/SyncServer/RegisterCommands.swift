import ArgumentParser
import ServerStore
import SurveyConsole
import SurveyLog
import SurveyModel
import SurveyStore

struct RoundCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "round", abstract: localized(zh: "检查轮次", en: "Rounds of checks."),
        subcommands: [Open.self, Close.self, List.self])

    struct Open: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: localized(zh: "开始一轮", en: "Open a round."))

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
            abstract: localized(zh: "结束一轮", en: "Close a round."))

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
            abstract: localized(zh: "列出轮次", en: "List rounds, the newest first."))

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

struct UserCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: localized(zh: "用户", en: "Users and their areas."),
        subcommands: [Add.self, Assign.self, Unassign.self, Revoke.self, List.self])

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: localized(zh: "新增用户", en: "Add a user."))

        @Argument(help: .init(localized(zh: "姓名", en: "The user's name."), valueName: "name"))
        var name: String

        @Option(
            help: .init(
                localized(zh: "角色", en: "What the user may do."),
                valueName: Role.allCases.map(\.rawValue).joined(separator: "|")))
        var role: String

        @Option(
            help: .init(
                localized(
                    zh: "负责区域（任一级代码或管理单位，可重复）",
                    en: "An area: a code of any level or a managing unit. May be repeated."),
                valueName: "code"))
        var area: [String] = []

        @OptionGroup var data: DataOptions
        @OptionGroup var language: LanguageOption

        func run() throws {
            guard let role = Role(rawValue: role) else { throw Failure(.usage, "--role") }
            guard !area.isEmpty || role == .administrator else {
                throw Failure(.usage, "--area CODE")
            }
            let store = try data.open()
            try store.addUser(name, role: role, areas: try store.areas(area))
            Console.print(
                Label(
                    zh: "已新增\(role.label.zh)。下一步：lianhu-server enrol",
                    en: "The \(role.label.en) is added. Next: lianhu-server enrol"))
        }
    }

    struct AreaArguments: ParsableArguments {
        @Argument(help: .init(localized(zh: "姓名", en: "The user's name."), valueName: "name"))
        var name: String

        @Option(
            help: .init(
                localized(zh: "区域（可重复）", en: "An area. May be repeated."),
                valueName: "code"))
        var area: [String]

        @OptionGroup var data: DataOptions
        @OptionGroup var language: LanguageOption
    }

    struct Assign: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: localized(
                zh: "增加负责区域；因越界而待审的修改随之生效",
                en: "Add areas. Edits that were held for being outside then count."))

        @OptionGroup var arguments: AreaArguments

        func run() throws {
            let store = try arguments.data.open()
            say(
                try store.assign(
                    arguments.name, adding: try store.areas(arguments.area), removing: []))
        }
    }

    struct Unassign: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: localized(zh: "减少负责区域", en: "Take areas away."))

        @OptionGroup var arguments: AreaArguments

        func run() throws {
            let store = try arguments.data.open()
            say(
                try store.assign(
                    arguments.name, adding: [], removing: try store.areas(arguments.area)))
        }
    }

    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: localized(
                zh: "停用用户，立即生效", en: "Revoke a user at once. What still arrives is held."))

        @Argument(help: .init(localized(zh: "姓名", en: "The user's name."), valueName: "name"))
        var name: String

        @OptionGroup var data: DataOptions
        @OptionGroup var language: LanguageOption

        func run() throws { say(try data.open().revokeUser(name)) }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: localized(zh: "列出用户", en: "List users."))

        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            let store = try data.open()
            let (users, tree) = (try store.users(), try store.areaTree())
            guard !output.json else {
                return JSONValue.array(
                    users.map { user in
                        [
                            "name": .string(user.name), "role": .string(user.role.rawValue),
                            "areas": .array(user.areas.compactMap { tree[$0]?.code }.sorted()),
                            "revoked": .bool(user.isRevoked),
                        ]
                    }
                ).print()
            }
            var table = TextTable([
                (localized(zh: "姓名", en: "name"), .left),
                (localized(zh: "角色", en: "role"), .left),
                (localized(zh: "区域", en: "areas"), .left), ("", .left),
            ])
            for user in users {
                let areas = user.areas.compactMap { tree[$0] }.sorted { $0.code < $1.code }
                table.add([
                    user.name, user.role.label[Console.language],
                    areas.map { "\($0.name) \($0.code)" }.joined(separator: ", "),
                    user.isRevoked ? localized(zh: "已停用", en: "revoked") : "",
                ])
            }
            table.print()
        }
    }
}

/// Says whether a command changed anything.
func say(_ changed: Bool) {
    Console.print(
        changed
            ? Label(zh: "已生效", en: "Done.") : Label(zh: "没有变化", en: "Nothing to change."))
}

struct Enrol: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: localized(
            zh: "发放登记码：一台设备，24 小时内，用一次",
            en: "Issue a code that enrols one device, once, within 24 hours."))

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

struct DeviceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "device", abstract: localized(zh: "设备", en: "Enrolled devices."),
        subcommands: [List.self, Revoke.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: localized(zh: "列出设备", en: "List devices."))

        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            let store = try data.open()
            let names = Dictionary(try store.users().map { ($0.id, $0.name) }) { a, _ in a }
            let devices = try store.devices()
            guard !output.json else {
                return JSONValue.array(
                    devices.map {
                        [
                            "device": .string(Base32.encode($0.replica.bytes)),
                            "user": JSONValue(names[$0.user]), "revoked": .bool($0.isRevoked),
                            "enrolled_on": JSONValue($0.enrolledOn?.iso),
                        ]
                    }
                ).print()
            }
            var table = TextTable([
                (localized(zh: "设备", en: "device"), .left),
                (localized(zh: "用户", en: "user"), .left),
                (localized(zh: "登记日期", en: "enrolled on"), .left), ("", .left),
            ])
            for device in devices {
                table.add([
                    Base32.encode(device.replica.bytes), names[device.user] ?? "?",
                    device.enrolledOn?.iso ?? "",
                    device.isRevoked ? localized(zh: "已停用", en: "revoked") : "",
                ])
            }
            table.print()
        }
    }

    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: localized(
                zh: "停用设备，立即生效", en: "Revoke a device at once. What still arrives is held."))

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
