import ArgumentParser
import FieldStore
import SurveyConsole
import SurveyLog
import SurveyModel

/// The options of `household same-as` and `person same-as`.
struct SameAsOptions: ParsableArguments {
    @Option(help: .init(localized(zh: "理由", en: "Why.")))
    var reason: String?

    @Flag(
        name: [.long, .customLong("undo")],
        help: .init(
            localized(
                zh: "不是同一个：记住，不再提示；也用于撤回",
                en: "They are two different ones: remembered. Takes back what was said, too.")))
    var different = false

    @OptionGroup var confirmation: Confirmation
    @OptionGroup var home: HomeOptions
    @OptionGroup var output: OutputOptions

    func run(_ form: Form, _ entries: [String]) throws {
        let store = try home.open()
        // The entries themselves: joined ones would all be called by one of them.
        let names = try entries.map { try store.entryName($0, of: form) }
        // Two entries may have one number.
        let isAmbiguous = Set(names.map(\.number)).count < names.count
        let texts = names.map { name in
            let id = isAmbiguous ? " [\(name.subject.text.prefix(10))]" : ""
            return Label(zh: name.whole.zh + id, en: name.whole.en + id)
        }
        let both = Label(
            zh: texts.map(\.zh).joined(separator: " 与 "),
            en: texts.map(\.en).joined(separator: " and "))
        let isOfPersons = form.kind == .person
        let what =
            switch (different, isOfPersons) {
            case (true, false): Label(zh: "\(both.zh)不是同一户", en: "\(both.en) are two households")
            case (false, false): Label(zh: "\(both.zh)是同一户", en: "\(both.en) are one household")
            case (true, true): Label(zh: "\(both.zh)不是同一人", en: "\(both.en) are two persons")
            case (false, true): Label(zh: "\(both.zh)是同一人", en: "\(both.en) are one person")
            }
        guard confirmation.isGiven(what) else { return }
        let saved = try store.join(
            entries[0], entries[1], of: form, same: !different, reason: reason)
        guard !output.json else {
            return JSONValue.object([
                "record": .string(saved.edit.header.record.text),
                "edit": .string(saved.edit.id.bytes.hex), "same": .bool(!different),
            ]).print()
        }
        Console.print(Label(zh: "已登记：\(what.zh)。", en: "Recorded: \(what.en)."))
    }
}

struct HouseholdSameAsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "same-as",
        abstract: localized(
            zh: "两条名册记录是（或不是）同一户",
            en: "Say that two register entries are one household, or two different ones."),
        discussion: localized(
            zh: """
                两条记录都保留，统计时算一户；随时可用 --different 改为两户。

                示例：
                  lianhu household duplicates  # 哪些可能重复
                  lianhu household same-as 520402109201-0012 520402109201-0019
                  lianhu household same-as 520402109201-0012 520402109201-0019 --different
                """,
            en: """
                Both entries are kept and count as one. Take it back with --different at any time.

                Examples:
                  lianhu household duplicates  # which ones may be the same
                  lianhu household same-as 520402109201-0012 520402109201-0019
                  lianhu household same-as 520402109201-0012 520402109201-0019 --different
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

    @OptionGroup var options: SameAsOptions

    func run() throws { try options.run(Household.form, [subject, other]) }
}

struct PersonSameAsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "same-as",
        abstract: localized(
            zh: "两条名册记录是（或不是）同一人",
            en: "Say that two register entries are one person, or two different ones."),
        discussion: localized(
            zh: """
                两人须在同一个村。两条记录都保留，统计时算一人；随时可用 --different 改为两人。

                示例：
                  lianhu person same-as 520402109201-0012/3 520402109201-0012/5
                  lianhu person same-as 520402109201-0012/3 520402109201-0012/5 --different
                """,
            en: """
                Both must be in one village. Both entries are kept and count as one. Take it back \
                with --different at any time.

                Examples:
                  lianhu person same-as 520402109201-0012/3 520402109201-0012/5
                  lianhu person same-as 520402109201-0012/3 520402109201-0012/5 --different
                """))

    @Argument(
        help: .init(
            localized(zh: "户编号/人员编号，或编号", en: "HOUSEHOLD/PERSON, or an id."), valueName: "person")
    )
    var person: String

    @Argument(
        help: .init(
            localized(zh: "另一条记录", en: "The other entry, in the same way."), valueName: "other"))
    var other: String

    @OptionGroup var options: SameAsOptions

    func run() throws { try options.run(Person.form, [person, other]) }
}
