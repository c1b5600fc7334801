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
                没有正式户编号时使用自动生成的编号。

                示例：
                  lianhu household add --village 520402109201  # 在终端上逐项询问
                  lianhu household add --village 520402109201 \\
                      --set head_name=王小明 --set address=3组
                """,
            en: """
                Without an official number it gets one of its own.

                Examples:
                  lianhu household add --village 520402109201  # asks, on a terminal
                  lianhu household add --village 520402109201 \\
                      --set head_name=王小明 --set address=3组
                """))

    @Option(
        help: .init(
            localized(zh: "村代码或村名", en: "The village's code or name."), valueName: "village"))
    var village: String

    @Flag(
        help: .init(
            localized(zh: "有可能重复的也登记", en: "Add it although there are likely duplicates.")))
    var anyway = false

    @OptionGroup var entry: EntryOptions

    func run() throws {
        let store = try entry.home.open()
        let villages = try store.readable(try store.villages(village)).standing
        guard villages.count == 1, let village = villages.first else {
            let found = villages.map { "\($0.code) \($0.name)" }.joined(separator: ", ")
            throw villages.isEmpty
                ? Failure(.notPermitted, village) : Failure(.ambiguousSubject, found.printable)
        }
        guard entry.filling.set.isEmpty else {
            let open = try store.openNewHousehold(in: village)
            let result = try entry.filling.apply(to: open, store) { form in
                try refuseDuplicates(of: form, store)
            }
            return try reportEntry(
                result.saved, store, result.warnings, json: entry.output.json)
        }
        let round = try store.round(nil)
        let ending = try entry.filling.ask(json: entry.output.json) { terminal in
            try HouseholdAddition(store: store, terminal: terminal, round: round).run(in: village)
        }
        switch ending {
        case .saved(let saved)?: try reportEntry(saved, store, json: entry.output.json)
        case .known(let household)?: reportKnown(household)
        case nil: break
        }
    }

    private func refuseDuplicates(of form: OpenForm, _ store: FieldStore) throws {
        if !anyway, let village = try store.notHere().first(where: { $0.id == form.area }) {
            throw Failure(.villageNotHere, village.code)
        }
        let likely = try store.likelyDuplicates(of: form, round: try store.round(nil))
        guard !likely.isEmpty, !anyway else { return }
        for duplicate in likely {
            // By number alone: what goes to standard error is kept in logs.
            Console.note("\(duplicate.household.handle)  (\(duplicate.why))".printable)
        }
        throw Failure(.likelyDuplicate, "\(likely.count)")
    }

    /// Says that the household is in the register already.
    private func reportKnown(_ household: HouseholdRow) {
        let number = household.handle.printable
        guard !entry.output.json else {
            return JSONValue.object([
                "id": .string(household.subject.text),
                "household_no": .string(household.householdNo), "edit": .null,
            ]).print()
        }
        Console.print(
            Label(
                zh: "就是名册中的 \(number)，没有新增。\n  lianhu household show \(number)",
                en: "It is \(number) of the register: nothing was added.\n"
                    + "  lianhu household show \(number)"))
    }
}

struct HouseholdEditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit",
        abstract: localized(zh: "更正一户的名册信息", en: "Correct a household's register entry."),
        discussion: localized(
            zh: """
                示例：
                  lianhu household edit 520402109201-0012  # 在终端上逐项询问
                  lianhu household edit 520402109201-0012 --set members=5 --set visit_status=1
                """,
            en: """
                Examples:
                  lianhu household edit 520402109201-0012  # asks, on a terminal
                  lianhu household edit 520402109201-0012 --set members=5 --set visit_status=1
                """))

    @Argument(
        help: .init(
            localized(zh: "户编号、记录编号或其开头", en: "Its number, its id, or the start of it."),
            valueName: "subject"))
    var subject: String

    @OptionGroup var entry: EntryOptions

    func run() throws {
        try entry.write { store, resuming in
            try store.openHousehold(subject, resuming: resuming)
        }
    }
}

struct PersonAddCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: localized(zh: "登记一名家庭成员", en: "Add a member of a household."),
        discussion: localized(
            zh: """
                示例：
                  lianhu person add 520402109201-0012  # 在终端上逐项询问
                  lianhu person add 520402109201-0012 \\
                      --set name=王小芳 --set birth_date=2016-05-01
                """,
            en: """
                Examples:
                  lianhu person add 520402109201-0012  # asks, on a terminal
                  lianhu person add 520402109201-0012 \\
                      --set name=王小芳 --set birth_date=2016-05-01
                """))

    @Argument(
        help: .init(
            localized(zh: "户编号、记录编号或其开头", en: "The household's number or id."),
            valueName: "household"))
    var household: String

    @OptionGroup var entry: EntryOptions

    func run() throws {
        try entry.write { store, resuming in
            try store.openNewPerson(in: household, resuming: resuming)
        }
    }
}

struct PersonEditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit",
        abstract: localized(
            zh: "更正成员信息，或登记迁出、死亡", en: "Correct a member, or say that they moved out or died."),
        discussion: localized(
            zh: """
                示例：
                  lianhu person edit 520402109201-0012/3  # 在终端上逐项询问
                  lianhu person edit 520402109201-0012/3 --set presence=3 \\
                      --set presence_reason=外嫁 --set presence_date=2026-03-01
                """,
            en: """
                Examples:
                  lianhu person edit 520402109201-0012/3  # asks, on a terminal
                  lianhu person edit 520402109201-0012/3 --set presence=3 \\
                      --set presence_reason=married --set presence_date=2026-03-01
                """))

    @Argument(
        help: .init(
            localized(zh: "户编号/人员编号，或编号", en: "HOUSEHOLD/PERSON, or an id."), valueName: "person")
    )
    var person: String

    @OptionGroup var entry: EntryOptions
    @OptionGroup var confirmation: Confirmation

    func run() throws {
        try entry.write(confirm: isMeant) { store, resuming in
            try store.openPerson(person, resuming: resuming)
        }
    }

    private func isMeant(_ store: FieldStore, _ form: OpenForm) throws -> Bool {
        let person = try store.name(of: form.record.subject).whole
        return confirmation.isGiven(
            Label(zh: "更正 \(person.zh)", en: "Correct \(person.en)"))
    }
}

struct HouseholdSearchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: localized(
            zh: "按编号、姓名、拼音或首字母、住址、成员查找农户",
            en: "Find households by number, name, pinyin or its initials, address, member."),
        discussion: localized(
            zh: """
                示例：
                  lianhu household search wxm                      # 拼音首字母
                  lianhu household search 王小 3组                 # 每个词都要找到
                  lianhu household search wxm --area 520402109201  # 只在一个村
                """,
            en: """
                Examples:
                  lianhu household search wxm                      # the initials of pinyin
                  lianhu household search 王小 3组                 # every word must be found
                  lianhu household search wxm --area 520402109201  # in one village
                """))

    @Argument(
        help: .init(localized(zh: "要找的词", en: "Words that must all be found."), valueName: "word"))
    var words: [String]

    @Option(
        help: .init(
            localized(zh: "区域（可重复）", en: "An area. May be repeated."), valueName: "code"))
    var area: [String] = []

    @Flag(help: .init(localized(zh: "已移出名册的也查找", en: "Find those that are set aside too.")))
    var setAside = false

    @OptionGroup var round: RoundOption
    @OptionGroup var home: HomeOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let store = try home.open()
        let villages =
            area.isEmpty
            ? try store.readableVillages() : try area.flatMap { try store.villages($0) }
        let found = try store.search(
            words.joined(separator: " "), in: villages, round: try store.round(round.round),
            setAside: setAside)
        let rows = found.map(\.household)
        let tree = try store.areaTree()
        guard !output.json else { return JSONValue.array(rows.map { $0.json(tree) }).print() }
        try store.noteWhatIsNotHere(of: area.isEmpty ? nil : villages)
        guard !rows.isEmpty else {
            let here = villages.count - (try store.notHere(of: villages).count)
            let words = words.joined(separator: " ").printable
            return Console.print(
                Label(
                    zh: "没有找到“\(words)”：查找了 \(here) 个村。",
                    en: "No match for \"\(words)\" in \(counted(here, "village"))."))
        }
        HouseholdCommand.table(rows, tree).print()
    }
}
