import ArgumentParser
import ServerStore
import SurveyConsole
import SurveyModel
import SurveyStore

struct UserCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: localized(zh: "用户", en: "Users and their areas."),
        discussion: localized(
            zh: """
                示例：
                  lianhu-server user add 王芳 --role surveyor --area 520402109
                  lianhu-server user assign 王芳 --area 520423102  # 增加一个乡镇
                  lianhu-server user list
                  lianhu-server user revoke 王芳                   # 立即停用
                """,
            en: """
                Examples:
                  lianhu-server user add 王芳 --role surveyor --area 520402109
                  lianhu-server user assign 王芳 --area 520423102  # one more township
                  lianhu-server user list
                  lianhu-server user revoke 王芳                   # at once
                """),
        subcommands: [Add.self, Assign.self, Unassign.self, Revoke.self, List.self])

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add",
            abstract: localized(zh: "新增用户", en: "Add a user."),
            discussion: localized(
                zh: """
                    示例：
                      lianhu-server user add 王芳 --role surveyor --area 520402109  # 一个乡镇
                      lianhu-server user add 陈静 --role supervisor --area 5204     # 全市
                      lianhu-server user add 赵强 --role administrator
                    """,
                en: """
                    Examples:
                      lianhu-server user add 王芳 --role surveyor --area 520402109  # a township
                      lianhu-server user add 陈静 --role supervisor --area 5204     # the city
                      lianhu-server user add 赵强 --role administrator
                    """))

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
            guard let role = Role(rawValue: role) else {
                let roles = Role.allCases.map(\.rawValue)
                throw Failure(
                    .usage,
                    Label(
                        zh: "--role 可选 \(roles.joined(separator: "、"))",
                        en: "--role takes \(roles.joined(separator: ", "))"))
            }
            guard !area.isEmpty || role == .administrator else {
                throw Failure(
                    .usage,
                    Label(
                        zh: "\(role.label.zh)要用 --area 指定负责区域",
                        en: "a \(role.label.en) needs an area: --area CODE"))
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
            commandName: "assign",
            abstract: localized(
                zh: "增加负责区域；因越界而待审的修改随之生效",
                en: "Add areas. Edits that were held for being outside then count."),
            discussion: localized(
                zh: """
                    示例：
                      lianhu-server user assign 王芳 --area 520423102     # 一个乡镇
                      lianhu-server user assign 王芳 --area 黄果树旅游区  # 一个管理单位
                    """,
                en: """
                    Examples:
                      lianhu-server user assign 王芳 --area 520423102     # a township
                      lianhu-server user assign 王芳 --area 黄果树旅游区  # a managing unit
                    """))

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
            commandName: "unassign",
            abstract: localized(zh: "减少负责区域", en: "Take areas away."),
            discussion: localized(
                zh: """
                    示例：
                      lianhu-server user unassign 王芳 --area 520423102
                    """,
                en: """
                    Examples:
                      lianhu-server user unassign 王芳 --area 520423102
                    """))

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
            commandName: "revoke",
            abstract: localized(
                zh: "停用用户，立即生效", en: "Revoke a user at once. What still arrives is held."),
            discussion: localized(
                zh: """
                    示例：
                      lianhu-server user revoke 王芳
                    """,
                en: """
                    Examples:
                      lianhu-server user revoke 王芳
                    """))

        @Argument(help: .init(localized(zh: "姓名", en: "The user's name."), valueName: "name"))
        var name: String

        @OptionGroup var data: DataOptions
        @OptionGroup var language: LanguageOption

        func run() throws { say(try data.open().revokeUser(name)) }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: localized(zh: "列出用户", en: "List users."),
            discussion: localized(
                zh: """
                    示例：
                      lianhu-server user list
                      lianhu-server user list --json  # 供程序读取
                    """,
                en: """
                    Examples:
                      lianhu-server user list
                      lianhu-server user list --json  # for programs
                    """))

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
