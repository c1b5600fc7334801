import ArgumentParser
import ServerStore
import SurveyConsole
import SurveyLog
import SurveyMerge
import SurveyModel

struct ReviewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "review",
        abstract: localized(
            zh: "待审的更改：越界、停用后到达等", en: "Edits that are held: outside areas, after a revocation."),
        discussion: localized(
            zh: """
                任何设备的任一更改都可驳回，编号见 lianhu history；accept 可撤销驳回。

                示例：
                  lianhu-server review list
                  lianhu-server review accept 3f9a2c41b07d  # 计入统计
                  lianhu-server review reject 3f9a2c41b07d  # 保留但不计入
                """,
            en: """
                Any edit of any device can be rejected, by its id in "lianhu history"; "accept" takes \
                that back.

                Examples:
                  lianhu-server review list
                  lianhu-server review accept 3f9a2c41b07d  # it counts
                  lianhu-server review reject 3f9a2c41b07d  # kept, not counted
                """),
        subcommands: [List.self, Accept.self, Reject.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: localized(
                zh: "列出待审和已驳回的更改：改了什么，谁改的，何时，为何待审",
                en: "List held and rejected edits: what they change, whose, when, and why held."),
            discussion: localized(
                zh: """
                    示例：
                      lianhu-server review list
                      lianhu-server review list --all   # 也列出已计入的
                      lianhu-server review list --json  # 供程序读取
                    """,
                en: """
                    Examples:
                      lianhu-server review list
                      lianhu-server review list --all   # those that count now too
                      lianhu-server review list --json  # for programs
                    """))

        @Flag(
            help: .init(
                localized(
                    zh: "也列出审核后计入的（决定可以更改）",
                    en: "Also those that count now: a decision can be changed.")))
        var all = false

        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            let store = try data.open()
            let edits = try all ? store.decidedEdits() : store.excludedEdits()
            let tree = try store.areaTree()
            guard !output.json else {
                return JSONValue.array(
                    edits.map { entry in
                        let header = entry.edit.header
                        return [
                            "edit": .string(entry.edit.id.bytes.hex),
                            "record": .string(header.record.text),
                            "subject_no": JSONValue(entry.subjectNo),
                            "sections": .array(Self.sections(header)),
                            "author": .string(entry.author),
                            "village_code": JSONValue(tree[header.area]?.code),
                            "device_time": .time(header.deviceTime),
                            "state": .string(entry.inclusion.name),
                            "reason": JSONValue(entry.inclusion.reason?.rawValue),
                        ]
                    }
                ).print()
            }
            guard !edits.isEmpty else {
                return Console.print(Label(zh: "没有待审的更改", en: "No edit waits for review."))
            }
            var table = TextTable([
                (localized(zh: "更改", en: "edit"), .left),
                (localized(zh: "状态", en: "state"), .left),
                (localized(zh: "原因", en: "reason"), .left),
                (localized(zh: "内容", en: "changes"), .left),
                (localized(zh: "编号", en: "of"), .left),
                (localized(zh: "村", en: "village"), .left),
                (localized(zh: "作者", en: "author"), .left),
                (localized(zh: "时间", en: "when"), .left),
            ])
            for entry in edits {
                let header = entry.edit.header
                table.add([
                    String(entry.edit.id.bytes.hex.prefix(12)), entry.inclusion.label,
                    entry.inclusion.reason?.label[Console.language] ?? "",
                    entry.changes[Console.language], entry.subjectNo ?? header.record.text,
                    tree[header.area]?.name ?? "", entry.author, clockText(header.deviceTime),
                ])
            }
            table.print()
        }

        private static func sections(_ header: EditHeader) -> [String] {
            let form = Form.form(of: header.record.kind)
            return header.sections.compactMap { form?.section($0)?.key }
        }
    }

    struct EditArguments: ParsableArguments {
        @Argument(
            help: .init(
                localized(zh: "更改编号或其开头", en: "Edit ids, or the start of each."),
                valueName: "edit"))
        var edits: [String]

        @OptionGroup var data: DataOptions
        @OptionGroup var language: LanguageOption

        func decide(_ verdict: Verdict) throws {
            let store = try data.open()
            for text in edits {
                let id = try store.review(text, verdict)
                print("\(id.bytes.hex.prefix(12))  \(verdict.label[Console.language])")
            }
        }
    }

    struct Accept: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "accept",
            abstract: localized(zh: "采纳：计入统计", en: "Accept: they count from now on."),
            discussion: localized(
                zh: """
                    示例：
                      lianhu-server review accept 3f9a2c41b07d
                      lianhu-server review accept 3f9a2c41b07d 8d02e6b71c55  # 几条一起
                    """,
                en: """
                    Examples:
                      lianhu-server review accept 3f9a2c41b07d
                      lianhu-server review accept 3f9a2c41b07d 8d02e6b71c55  # several at once
                    """))

        @OptionGroup var arguments: EditArguments

        func run() throws { try arguments.decide(.accept) }
    }

    struct Reject: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "reject",
            abstract: localized(
                zh: "驳回：保留但不计入；可再采纳", en: "Reject: kept and not counted. Can be accepted later."),
            discussion: localized(
                zh: """
                    示例：
                      lianhu-server review reject 3f9a2c41b07d
                      lianhu-server review reject 3f9a2c41b07d 8d02e6b71c55  # 几条一起
                    """,
                en: """
                    Examples:
                      lianhu-server review reject 3f9a2c41b07d
                      lianhu-server review reject 3f9a2c41b07d 8d02e6b71c55  # several at once
                    """))

        @OptionGroup var arguments: EditArguments

        func run() throws { try arguments.decide(.reject) }
    }
}

extension Inclusion {
    fileprivate var name: String {
        switch self {
        case .included: "included"
        case .held: "held"
        case .rejected: "rejected"
        }
    }

    fileprivate var label: String {
        switch self {
        case .included: localized(zh: "计入", en: "counts")
        case .held: localized(zh: "待审", en: "held")
        case .rejected: localized(zh: "已驳回", en: "rejected")
        }
    }

    fileprivate var reason: HoldReason? {
        if case .held(let reason) = self { reason } else { nil }
    }
}
