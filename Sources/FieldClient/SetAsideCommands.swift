import ArgumentParser
import FieldStore
import SurveyConsole
import SurveyLog
import SurveyModel
import SurveyStore

/// What `household set-aside` and `person set-aside` take.
struct SetAsideOptions: ParsableArguments {
    @Option(
        help: .init(
            localized(zh: "理由：移出时必填", en: "Why. Required to set something aside."),
            valueName: "text"))
    var reason: String?

    @Flag(help: .init(localized(zh: "恢复：重新列入统计", en: "Take it back: it counts again.")))
    var undo = false

    @OptionGroup var confirmation: Confirmation
    @OptionGroup var home: HomeOptions
    @OptionGroup var output: OutputOptions

    func run(_ store: FieldStore, _ name: SubjectName, _ write: () throws -> [SavedEdit]) throws {
        guard undo || reason?.trimmed.isEmpty == false else {
            throw Failure(
                .usage, Label(zh: "移出时请用 --reason 写明理由", en: "say why, with --reason"))
        }
        let whom = name.whole
        let what =
            undo
            ? Label(zh: "恢复入册：\(whom.zh)", en: "Count \(whom.en) again")
            : Label(zh: "移出名册：\(whom.zh)", en: "Set \(whom.en) aside")
        guard confirmation.isGiven(what) else { return }
        let saved = try write()
        guard !output.json else {
            return JSONValue.object([
                "id": .string(name.subject.text), "set_aside": .bool(!undo),
                "edits": .array(saved.map { .string($0.edit.id.hex) }),
            ]).print()
        }
        Console.print(
            undo
                ? Label(
                    zh: "已恢复入册，重新列入统计：\(whom.zh)", en: "Counted again: \(whom.en)")
                : Label(
                    zh: "已移出名册，另计，记录保留，可用 --undo 恢复：\(whom.zh)",
                    en:
                        "Set aside: \(whom.en). It is counted apart and kept; take it back with --undo."
                ))
    }
}

struct HouseholdSetAsideCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set-aside",
        abstract: localized(
            zh: "把一户移出名册（不存在、重复、误登），可恢复",
            en: "Take a household out of the counts: gone, entered twice, a mistake. Reversible."),
        discussion: localized(
            zh: """
                该户和成员不再列入应查对象和名单，另行计数；记录和检查都保留。

                示例：
                  lianhu household set-aside 520402109201-0012 --reason 全家外迁，房屋已拆
                  lianhu household set-aside 520402109201-0012 --undo
                  lianhu household set-aside 520402109201-0031 520402109201-0032 \\
                      --reason 名册导错
                  lianhu household list --set-aside  # 已移出的也列出
                """,
            en: """
                The household and its members leave lists and denominators and are counted apart. \
                Its entry and checks stay.

                Examples:
                  lianhu household set-aside 520402109201-0012 --reason "all moved away"
                  lianhu household set-aside 520402109201-0012 --undo
                  lianhu household set-aside 520402109201-0031 520402109201-0032 \\
                      --reason "wrong roster"
                  lianhu household list --set-aside  # lists those too
                """))

    @Argument(
        help: .init(
            localized(
                zh: "户编号、记录编号或其开头（可多个）",
                en: "Its number, its id, or the start of it. May be several."),
            valueName: "subject"))
    var subjects: [String]

    @OptionGroup var options: SetAsideOptions

    func run() throws {
        let store = try options.home.open()
        for subject in subjects {
            try options.run(store, try store.entryName(subject)) {
                try store.setAside(household: subject, !options.undo, reason: options.reason)
            }
        }
    }
}

struct PersonSetAsideCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set-aside",
        abstract: localized(
            zh: "把一个人移出名册（重复、误登），可恢复",
            en: "Take a person out of the counts: entered twice, a mistake. Reversible."),
        discussion: localized(
            zh: """
                迁出或死亡请用 lianhu person edit 登记。

                示例：
                  lianhu person set-aside 520402109201-0012/3 --reason 重复登记
                  lianhu person set-aside 520402109201-0012/3 --undo
                """,
            en: """
                For somebody who moved out or died use "lianhu person edit".

                Examples:
                  lianhu person set-aside 520402109201-0012/3 --reason "entered twice"
                  lianhu person set-aside 520402109201-0012/3 --undo
                """))

    @Argument(
        help: .init(
            localized(
                zh: "户编号/人员编号，或编号（可多个）", en: "HOUSEHOLD/PERSON, or an id. May be several."),
            valueName: "person"))
    var persons: [String]

    @OptionGroup var options: SetAsideOptions

    func run() throws {
        let store = try options.home.open()
        for person in persons {
            try options.run(store, try store.entryName(person, of: Person.form)) {
                try store.setAside(person: person, !options.undo, reason: options.reason)
            }
        }
    }
}

struct PersonMoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "move",
        abstract: localized(
            zh: "把一个人转到另一户", en: "Record that a person belongs to another household now."),
        discussion: localized(
            zh: """
                示例：
                  lianhu person move 520402109201-0012/3 520402109201-0030
                """,
            en: """
                Examples:
                  lianhu person move 520402109201-0012/3 520402109201-0030
                """))

    @Argument(
        help: .init(
            localized(zh: "户编号/人员编号，或编号", en: "HOUSEHOLD/PERSON, or an id."), valueName: "person")
    )
    var person: String

    @Argument(
        help: .init(
            localized(zh: "转入的户", en: "The household that they belong to now."),
            valueName: "household"))
    var household: String

    @OptionGroup var confirmation: Confirmation
    @OptionGroup var home: HomeOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let store = try home.open()
        let who = try store.entryName(person, of: Person.form).whole
        let target = try store.entryName(household).whole
        let what = Label(
            zh: "\(who.zh)转到 \(target.zh)", en: "\(who.en) belongs to \(target.en) now")
        guard confirmation.isGiven(what) else { return }
        let saved = try store.move(person: person, to: household)
        guard !output.json else {
            return JSONValue.object([
                "id": .string(saved.edit.header.record.subject.text),
                "edit": .string(saved.edit.id.hex),
            ]).print()
        }
        Console.print(Label(zh: "已登记：\(what.zh)。", en: "Recorded: \(what.en)."))
    }
}
