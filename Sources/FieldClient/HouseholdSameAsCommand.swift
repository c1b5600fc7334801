import ArgumentParser
import FieldStore
import SurveyConsole
import SurveyLog
import SurveyModel

struct HouseholdSameAsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "same-as",
        abstract: localized(
            zh: "两条名册记录是同一户", en: "Say that two register entries are one household."),
        discussion: localized(
            zh: """
                两条记录都保留，统计时算一户；--undo 可随时撤回。

                示例：
                  lianhu household same-as 520402109201-0012 520402109201-0019
                  lianhu household same-as 520402109201-0012 520402109201-0019 --undo
                """,
            en: """
                Both entries are kept and count as one. Take it back with --undo at any time.

                Examples:
                  lianhu household same-as 520402109201-0012 520402109201-0019
                  lianhu household same-as 520402109201-0012 520402109201-0019 --undo
                """))

    @Argument(
        help: .init(
            localized(zh: "户编号、记录编号或其开头", en: "Its number, its id, or the start of it."),
            valueName: "subject"))
    var subject: String

    @Argument(
        help: .init(
            localized(zh: "另一条记录", en: "The other entry, in the same way."), valueName: "other"))
    var other: String

    @Option(help: .init(localized(zh: "理由", en: "Why.")))
    var reason: String?

    @Flag(help: .init(localized(zh: "撤回：不是同一户", en: "Take it back: they are not the same.")))
    var undo = false

    @OptionGroup var confirmation: Confirmation
    @OptionGroup var home: HomeOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let store = try home.open()
        // The entries themselves: joined ones would all be called by one of them.
        let names = try [subject, other].map { try store.entryName($0).whole }
        let both = Label(
            zh: names.map(\.zh).joined(separator: " 与 "),
            en: names.map(\.en).joined(separator: " and "))
        let what =
            undo
            ? Label(zh: "\(both.zh)不是同一户", en: "\(both.en) are two households")
            : Label(zh: "\(both.zh)是同一户", en: "\(both.en) are one household")
        guard confirmation.isGiven(what) else { return }
        let saved = try store.join(subject, other, same: !undo, reason: reason)
        guard !output.json else {
            return JSONValue.object([
                "record": .string(saved.edit.header.record.text),
                "edit": .string(saved.edit.id.bytes.hex), "same": .bool(!undo),
            ]).print()
        }
        Console.print(Label(zh: "已登记：\(what.zh)。", en: "Recorded: \(what.en)."))
    }
}
