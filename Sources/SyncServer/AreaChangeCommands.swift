import ArgumentParser
import ServerStore
import SurveyConsole
import SurveyModel

extension AreasCommand {
    struct Withdraw: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "withdraw",
            abstract: localized(
                zh: "撤销区域；其中登记的农户保留（可用 --undo 恢复）",
                en: "Withdraw areas; what is registered in them stays. --undo takes it back."),
            discussion: localized(
                zh: """
                    已开始的轮次不变；以后的轮次不再计入没有登记的已撤销村。

                    示例：
                      lianhu-server areas withdraw 520402103202
                      lianhu-server areas withdraw 520402103202 --undo
                    """,
                en: """
                    Rounds that were opened before stay as they are. In later ones a withdrawn \
                    village counts only while something is registered in it.

                    Examples:
                      lianhu-server areas withdraw 520402103202
                      lianhu-server areas withdraw 520402103202 --undo
                    """))

        @Argument(help: .init(localized(zh: "代码", en: "Their codes."), valueName: "code"))
        var areas: [String]

        @Flag(help: .init(localized(zh: "恢复已撤销的区域", en: "Reinstate withdrawn areas.")))
        var undo = false

        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            let store = try data.open()
            try store.withdrawAreas(areas, undo: undo).finish(store, json: output.json)
        }
    }

    struct Merge: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "merge",
            abstract: localized(
                zh: "把区域并入另一个同级区域（可用 --undo 恢复）",
                en: "Merge areas into another of their level. --undo takes it back."),
            discussion: localized(
                zh: """
                    农户仍登记在原村，随并入后的村一起列出和统计。各用户仍只负责原来的村；需要扩大时用
                    user assign。

                    示例：
                      lianhu-server areas merge 520402103202 520402103203 --into 520402103201
                      lianhu-server areas merge 520402103202 --into 520402103201 --undo
                    """,
                en: """
                    Households stay registered in their village, and are listed and counted with \
                    the other. Every user keeps the villages that they have; "user assign" gives \
                    more.

                    Examples:
                      lianhu-server areas merge 520402103202 520402103203 --into 520402103201
                      lianhu-server areas merge 520402103202 --into 520402103201 --undo
                    """))

        @Argument(help: .init(localized(zh: "代码", en: "Their codes."), valueName: "code"))
        var areas: [String]

        @Option(
            help: .init(
                localized(zh: "并入的区域的代码", en: "The code of the area that takes them in."),
                valueName: "code"))
        var into: String

        @Flag(help: .init(localized(zh: "取消合并", en: "Take the merge back.")))
        var undo = false

        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            let store = try data.open()
            try store.mergeAreas(areas, into: into, undo: undo).finish(store, json: output.json)
        }
    }

    struct Renumber: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "renumber",
            abstract: localized(
                zh: "改区域代码，下级代码随之改变；反向再改一次即恢复",
                en: "Give areas other codes, and those below with them. The reverse takes it back."),
            discussion: localized(
                zh: """
                    每项写作 原代码:新代码；互换代码时两项一起写。

                    示例：
                      lianhu-server areas renumber 520402103202:520402103301
                      lianhu-server areas renumber 520403001:520403002 520403002:520403001
                    """,
                en: """
                    Each is OLD:NEW. To exchange two codes, name both at once.

                    Examples:
                      lianhu-server areas renumber 520402103202:520402103301
                      lianhu-server areas renumber 520403001:520403002 520403002:520403001
                    """))

        @Argument(
            help: .init(localized(zh: "原代码:新代码", en: "OLD:NEW."), valueName: "old:new"))
        var codes: [String]

        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            let pairs = try codes.map { text in
                let parts = text.split(separator: ":").map(String.init)
                guard parts.count == 2 else {
                    throw Failure(
                        .usage,
                        Label(zh: "每项写作 原代码:新代码", en: "write each as OLD:NEW"))
                }
                return (old: parts[0], new: parts[1])
            }
            let store = try data.open()
            try store.renumberAreas(pairs).finish(store, json: output.json)
        }
    }
}

extension AreaPlan {
    /// Says what was changed.
    fileprivate func finish(_ store: ServerStore, json: Bool) throws {
        if json { return self.json.print() }
        printText(try store.areaTree())
        Console.print(
            Label(
                zh: "已修改 \(changes.count) 个区域；已开始的轮次保留原名册",
                en: "\(changes.count) areas changed; rounds that were opened before keep the "
                    + "register as it was"))
    }
}
