import ArgumentParser
import FieldStore
import SurveyConsole
import SurveyCoverage
import SurveyLog
import SurveyModel
import SurveyStore

struct HouseholdAddCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: localized(
            zh: "登记名册中没有的一户（显示可能重复的）",
            en:
                "Add a household that the register does not have; likely duplicates are shown."
        ),
        discussion: localized(
            zh: """
                lianhu household add --village 520402109201
                lianhu household add --village 520402109201 --set head_name=王小明 --set address=3组
                没有正式户编号时使用自动生成的编号。
                """,
            en: """
                lianhu household add --village 520402109201
                lianhu household add --village 520402109201 --set head_name=王小明 --set address=3组
                Without an official number it gets one of its own.
                """))

    @Option(
        help: .init(
            localized(zh: "村代码或村名", en: "The village's code or name."), valueName: "village"))
    var village: String

    @Flag(
        help: .init(
            localized(zh: "有可能重复的也登记", en: "Add it although there are likely duplicates.")))
    var anyway = false

    @OptionGroup var filling: FillingOptions
    @OptionGroup var home: HomeOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let store = try home.open()
        let villages = try store.readable(try store.villages(village))
        guard villages.count == 1, let village = villages.first else {
            throw Failure(villages.isEmpty ? .notPermitted : .ambiguousSubject, village)
        }
        let open = try store.openNewHousehold(in: village)
        let title = village.name
        guard filling.set.isEmpty else {
            let result = try AnswerSetter(store: store).apply(
                try assignments(filling.set), to: open)
            try refuseDuplicates(of: result.form, store)
            let saved = try store.save(result.form, sections: result.sections)
            return reportEntry(saved, result.warnings, json: output.json)
        }
        guard let result = try filling.fill(open, title: title, store) else { return }
        reportEntry(result.saved, result.warnings, json: output.json)
        // Whoever is asked sees them at once, and can say that they are one household.
        var entry = open
        entry.answers = result.saved.answers
        let likely = try store.likelyDuplicates(of: entry, round: try store.round(nil))
        try joinOne(of: likely, with: result.saved.edit.header.record.subject, store)
    }

    private func refuseDuplicates(of form: OpenForm, _ store: FieldStore) throws {
        let likely = try store.likelyDuplicates(of: form, round: try store.round(nil))
        guard !likely.isEmpty, !anyway else { return }
        for duplicate in likely { Console.note(duplicate.text) }
        throw Failure(.likelyDuplicate, "\(likely.count)")
    }

    private func joinOne(of likely: [LikelyDuplicate], with subject: SubjectID, _ store: FieldStore)
        throws
    {
        for duplicate in likely.prefix(5) {
            print("  " + duplicate.text)
            let answer = Console.ask(
                localized(
                    zh: "是同一户吗？y=是  n=否（回车） > ", en: "The same household? y yes  n no (Enter) > "))
            guard ["y", "yes", "是"].contains(answer?.trimmed.halfWidth.lowercased() ?? "") else {
                continue
            }
            _ = try store.join(
                subject.text, duplicate.household.subject.text, same: true, reason: nil)
            return Console.print(
                Label(zh: "已登记：是同一户。", en: "Recorded: they are one household."))
        }
    }
}

struct HouseholdEditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit",
        abstract: localized(zh: "更正一户的名册信息", en: "Correct a household's register entry."),
        discussion: localized(
            zh: "lianhu household edit 520402109201-0012\n"
                + "lianhu household edit 520402109201-0012 --set members=5 --set visit_status=1",
            en: "lianhu household edit 520402109201-0012\n"
                + "lianhu household edit 520402109201-0012 --set members=5 --set visit_status=1"))

    @Argument(
        help: .init(
            localized(zh: "户编号、记录编号或其开头", en: "Its number, its id, or the start of it."),
            valueName: "subject"))
    var subject: String

    @OptionGroup var filling: FillingOptions
    @OptionGroup var home: HomeOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let store = try home.open()
        let open = try store.openHousehold(subject)
        guard let result = try filling.fill(open, title: subject, store) else { return }
        reportEntry(result.saved, result.warnings, json: output.json)
    }
}

struct PersonAddCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: localized(zh: "登记一名家庭成员", en: "Add a member of a household."),
        discussion: localized(
            zh: "lianhu person add 520402109201-0012 --set name=王小芳 --set birth_date=2016-05-01",
            en: "lianhu person add 520402109201-0012 --set name=王小芳 --set birth_date=2016-05-01"))

    @Argument(
        help: .init(
            localized(zh: "户编号、记录编号或其开头", en: "The household's number or id."),
            valueName: "household"))
    var household: String

    @OptionGroup var filling: FillingOptions
    @OptionGroup var home: HomeOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let store = try home.open()
        let open = try store.openNewPerson(in: household)
        guard let result = try filling.fill(open, title: household, store) else { return }
        reportEntry(result.saved, result.warnings, json: output.json)
    }
}

struct PersonEditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit",
        abstract: localized(
            zh: "更正成员信息，或登记迁出、死亡", en: "Correct a member, or say that they moved out or died."),
        discussion: localized(
            zh: "lianhu person edit 520402109201-0012/3 --set presence=3 "
                + "--set presence_reason=外嫁 --set presence_date=2026-03-01",
            en: "lianhu person edit 520402109201-0012/3 --set presence=3 "
                + "--set presence_reason=married --set presence_date=2026-03-01"))

    @Argument(
        help: .init(
            localized(zh: "户编号/人员编号，或编号", en: "HOUSEHOLD/PERSON, or an id."), valueName: "person")
    )
    var person: String

    @OptionGroup var filling: FillingOptions
    @OptionGroup var home: HomeOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let store = try home.open()
        let open = try store.openPerson(person)
        guard let result = try filling.fill(open, title: person, store) else { return }
        reportEntry(result.saved, result.warnings, json: output.json)
    }
}

struct HouseholdSearchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: localized(
            zh: "按编号、姓名、拼音或首字母、住址、成员查找农户",
            en: "Find households by number, name, pinyin or its initials, address, member."),
        discussion: localized(
            zh: "lianhu household search wxm\nlianhu household search 王小 3组",
            en: "lianhu household search wxm\nlianhu household search 王小 3组"))

    @Argument(
        help: .init(localized(zh: "要找的词", en: "Words that must all be found."), valueName: "word"))
    var words: [String]

    @Option(
        help: .init(
            localized(zh: "区域（可重复）", en: "An area. May be repeated."), valueName: "code"))
    var area: [String] = []

    @OptionGroup var round: RoundOption
    @OptionGroup var home: HomeOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let store = try home.open()
        let villages =
            area.isEmpty
            ? try store.readableVillages() : try area.flatMap { try store.villages($0) }
        let rows = try store.search(
            words.joined(separator: " "), in: villages, round: try store.round(round.round))
        let tree = try store.areaTree()
        guard !output.json else { return JSONValue.array(rows.map { $0.json(tree) }).print() }
        HouseholdCommand.table(rows, tree).print()
    }
}

/// Says what became of a register entry.
private func reportEntry(_ saved: SavedEdit, _ warnings: [Label], json: Bool) {
    let record = saved.edit.header.record
    guard !json else {
        return JSONValue.object([
            "record": .string(record.text), "id": .string(record.subject.text),
            "edit": .string(saved.edit.id.hex),
            "household_no": JSONValue(
                record.kind == .household ? saved.answers[Household.householdNo] : nil),
            "person_no": JSONValue(
                record.kind == .person ? saved.answers[Person.personNo] : nil),
            "warnings": .array(warnings.map { $0[Console.language] }),
        ]).print()
    }
    let number =
        (record.kind == .person
            ? saved.answers[Person.personNo] : saved.answers[Household.householdNo])
        ?? record.subject.text
    Console.print(Label(zh: "已保存：\(number.printable)", en: "Saved: \(number.printable)"))
    for warning in warnings { print("  ! \(warning[Console.language])") }
}

extension LikelyDuplicate {
    fileprivate var text: String {
        let why = reasons.map { $0.label[Console.language] }.joined(separator: ", ")
        return "\(household.householdNo)  \(household.headName)  \(household.address)  (\(why))"
            .printable
    }
}
