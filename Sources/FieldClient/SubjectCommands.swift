import ArgumentParser
import FieldStore
import SurveyConsole
import SurveyCoverage
import SurveyModel
import SurveyStore

struct HouseholdCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "household", abstract: localized(zh: "农户", en: "Households."),
        discussion: localized(
            zh: """
                示例：
                  lianhu household search wxm                  # 按拼音首字母查找
                  lianhu household show 520402109201-0012      # 一户和家庭成员
                  lianhu household list --area 520402109201    # 一个村的农户
                  lianhu household add --village 520402109201  # 名册中没有的一户
                """,
            en: """
                Examples:
                  lianhu household search wxm                  # by the initials of pinyin
                  lianhu household show 520402109201-0012      # one and its members
                  lianhu household list --area 520402109201    # those of a village
                  lianhu household add --village 520402109201  # one that the register lacks
                """),
        subcommands: [
            List.self, Show.self, HouseholdSearchCommand.self, HouseholdAddCommand.self,
            HouseholdEditCommand.self, HouseholdMoveCommand.self, HouseholdSameAsCommand.self,
            DuplicatesCommand.self, HouseholdSetAsideCommand.self,
        ])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: localized(zh: "列出农户和检查结果", en: "List households and their checks."),
            discussion: localized(
                zh: """
                    示例：
                      lianhu household list --area 520402109201      # 一个村
                      lianhu household list --area 520402109 --json  # 一个乡镇，供程序读取
                      lianhu household list --round 2026-autumn      # 该轮次的检查结果
                      lianhu household list --flagged                # 没有户编号或成员的
                    """,
                en: """
                    Examples:
                      lianhu household list --area 520402109201      # a village
                      lianhu household list --area 520402109 --json  # a township, for programs
                      lianhu household list --round 2026-autumn      # the checks of that round
                      lianhu household list --flagged                # no number, or nobody left
                    """))

        @Option(
            help: .init(
                localized(zh: "区域（可重复）", en: "An area. May be repeated."), valueName: "code"))
        var area: [String] = []

        @Flag(
            help: .init(
                localized(
                    zh: "只列没有户编号或没有成员的户",
                    en: "Only those without a number, or with nobody left in them.")))
        var flagged = false

        @Flag(help: .init(localized(zh: "已移出名册的也列出", en: "List those that are set aside too.")))
        var setAside = false

        @OptionGroup var round: RoundOption
        @OptionGroup var home: HomeOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            let store = try home.open()
            let villages = area.isEmpty ? nil : try area.flatMap { try store.villages($0) }
            let rows = try store.households(
                in: villages, round: try store.round(round.round), setAside: setAside
            ).filter { !flagged || !$0.flags.isEmpty }
            let tree = try store.areaTree()
            guard !output.json else {
                return JSONValue.array(rows.map { $0.json(tree) }).print()
            }
            HouseholdCommand.table(rows, tree).print()
            try store.noteWhatIsNotHere(of: villages)
        }
    }

    static func table(_ rows: [HouseholdRow], _ tree: AreaTree) -> TextTable {
        var table = TextTable(
            [
                (localized(zh: "户编号", en: "household"), .left),
                (localized(zh: "户主", en: "head"), .left),
                (localized(zh: "人口", en: "persons"), .right),
                (localized(zh: "村", en: "village"), .left),
            ] + Guarantee.allCases.map { ($0.label[Console.language], .left) } + [("", .left)])
        for row in rows {
            table.add(
                [row.handle, row.headName, "\(row.members)", tree[row.area]?.name ?? ""]
                    + Guarantee.allCases.map(row.text) + [row.standing])
        }
        return table
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: localized(zh: "一户和家庭成员", en: "One household and its members."),
            discussion: localized(
                zh: """
                    示例：
                      lianhu household show 520402109201-0012
                      lianhu household show 520402109201-0012 --round 2026-autumn
                    """,
                en: """
                    Examples:
                      lianhu household show 520402109201-0012
                      lianhu household show 520402109201-0012 --round 2026-autumn
                    """))

        @Argument(
            help: .init(
                localized(zh: "户编号、记录编号或其开头", en: "Its number, its id, or the start of it."),
                valueName: "subject"))
        var subject: String

        @Flag(
            help: .init(
                localized(zh: "已迁出、死亡的也列出", en: "Those who moved out or died, too.")))
        var all = false

        @OptionGroup var round: RoundOption
        @OptionGroup var home: HomeOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            let store = try home.open()
            let round = try store.round(round.round)
            let household = try store.household(subject, round: round)
            let members = try store.persons(
                in: nil, household: subject, round: round, setAside: true
            ).living(orAll: all)
            let departures = try store.departures(of: members)
            let tree = try store.areaTree()
            guard !output.json else {
                guard case .object(var object) = household.json(tree) else { return }
                object["persons"] = .array(PersonCommand.json(members, departures))
                object["address"] = .string(household.address)
                return JSONValue.object(object).print()
            }
            let path = tree.path(of: household.area).reversed().map(\.name).joined(separator: " ")
            print(
                "\(household.handle)  \(household.headName)  \(path) \(household.address)"
                    .printable)
            if !household.standing.isEmpty { print("  " + household.standing) }
            if !household.sameAs.isEmpty {
                let others = household.sameAs.joined(separator: ", ").printable
                print("  " + localized(zh: "同一户：\(others)", en: "same household: \(others)"))
            }
            for guarantee in Guarantee.allCases {
                print("  \(guarantee.label[Console.language]): \(household.text(guarantee))")
            }
            PersonCommand.table(members, departures).print()
        }
    }
}

struct PersonCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "person", abstract: localized(zh: "人员", en: "Members of households."),
        discussion: localized(
            zh: """
                示例：
                  lianhu person list --household 520402109201-0012  # 一户的成员
                  lianhu person add 520402109201-0012               # 增加一名成员
                  lianhu person edit 520402109201-0012/3            # 更正，或登记迁出、死亡
                """,
            en: """
                Examples:
                  lianhu person list --household 520402109201-0012  # those of a household
                  lianhu person add 520402109201-0012               # one more
                  lianhu person edit 520402109201-0012/3            # corrected, or moved out
                """),
        subcommands: [
            List.self, PersonAddCommand.self, PersonEditCommand.self, PersonMoveCommand.self,
            PersonSameAsCommand.self, PersonSetAsideCommand.self,
        ])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: localized(zh: "列出人员和医疗检查", en: "List persons and their checks."),
            discussion: localized(
                zh: """
                    示例：
                      lianhu person list --household 520402109201-0012  # 一户的成员
                      lianhu person list --area 520402109201 --json     # 一个村的，JSON
                    """,
                en: """
                    Examples:
                      lianhu person list --household 520402109201-0012  # those of a household
                      lianhu person list --area 520402109201 --json     # of a village, as JSON
                    """))

        @Option(
            help: .init(
                localized(zh: "某一户", en: "The members of one household."), valueName: "subject"))
        var household: String?

        @Option(
            help: .init(
                localized(zh: "区域（可重复）", en: "An area. May be repeated."), valueName: "code"))
        var area: [String] = []

        @Flag(
            help: .init(
                localized(
                    zh: "只列没有所属户的人", en: "Only those whose entry names no household any more.")))
        var flagged = false

        @Flag(help: .init(localized(zh: "已移出名册的也列出", en: "List those who are set aside too.")))
        var setAside = false
        @Flag(
            help: .init(
                localized(zh: "已迁出、死亡的也列出", en: "Those who moved out or died, too.")))
        var all = false

        @OptionGroup var round: RoundOption
        @OptionGroup var home: HomeOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            let store = try home.open()
            let villages = area.isEmpty ? nil : try area.flatMap { try store.villages($0) }
            let rows = try store.persons(
                in: villages, household: household, round: try store.round(round.round),
                setAside: setAside
            ).living(orAll: all || flagged).filter { !flagged || $0.isUnplaced }
            let departures = try store.departures(of: rows)
            guard !output.json else {
                return JSONValue.array(PersonCommand.json(rows, departures)).print()
            }
            PersonCommand.table(rows, departures).print()
        }
    }

    static func json(_ rows: [PersonRow], _ departures: [SubjectID: Departure]) -> [JSONValue] {
        rows.map { $0.json(departures[$0.subject]) }
    }

    static func table(_ rows: [PersonRow], _ departures: [SubjectID: Departure]) -> TextTable {
        var table = TextTable(
            [
                (localized(zh: "人员编号", en: "person"), .left),
                (localized(zh: "姓名", en: "name"), .left),
                (localized(zh: "出生日期", en: "born"), .left),
            ] + Guarantee.allCases.filter(\.isOfPersons).map { ($0.label[Console.language], .left) }
                + [("", .left)])
        for row in rows {
            table.add(
                [row.handle, row.name, row.birthDate?.iso ?? ""]
                    + Guarantee.allCases.filter(\.isOfPersons).map(row.text)
                    + [row.standing(departures[row.subject])])
        }
        return table
    }
}

extension [PersonRow] {
    /// Those who live there, or are away for a time; on demand everybody who ever did.
    func living(orAll showsAll: Bool) -> [PersonRow] {
        showsAll ? self : filter(\.isPresent)
    }
}

extension Departure? {
    /// `迁出 2026-03-01 外嫁`
    var text: String {
        guard let departure = self else { return localized(zh: "不在", en: "gone") }
        return [departure.presence.label[Console.language], departure.date?.iso, departure.reason]
            .compactMap { $0 }.joined(separator: " ").printable
    }
}

extension Outcome? {
    /// `unchecked` stands for a subject that nobody has checked.
    var publicName: String { self?.publicName ?? "unchecked" }

    var text: String { self?.label[Console.language] ?? localized(zh: "未查", en: "unchecked") }
}

extension HouseholdRow {
    /// Where it stands with a guarantee; a dash where nobody asks.
    func text(_ guarantee: Guarantee) -> String {
        isAsked(guarantee) ? checks[guarantee].text : "—"
    }

    /// What keeps it out of the counts, or may have to.
    var standing: String {
        guard !isSetAside else { return localized(zh: "已移出名册", en: "set aside") }
        return flags.map { $0.label[Console.language] }.joined(
            separator: localized(zh: "，", en: ", "))
    }

    func json(_ tree: AreaTree) -> JSONValue {
        [
            "id": .string(subject.text), "household_no": .string(householdNo),
            "village_code": JSONValue(tree[area]?.code), "head_name": .string(headName),
            "visit_status": JSONValue(visit?.rawValue),
            "members": JSONValue(members), "same_as": .array(sameAs.map(JSONValue.string)),
            "set_aside": .bool(isSetAside),
            "flags": .array(flags.map { .string($0.rawValue) }),
            "checks": .object(
                Dictionary(
                    uniqueKeysWithValues: Guarantee.allCases.map {
                        (
                            $0.rawValue,
                            isAsked($0) ? .string(checks[$0].publicName) : .null
                        )
                    })),
        ]
    }
}

extension PersonRow {
    /// Why the person does not count, or may not belong where they are.
    func standing(_ departure: Departure?) -> String {
        var parts: [String] = []
        if isSetAside { parts.append(localized(zh: "已移出名册", en: "set aside")) }
        if !isPresent { parts.append(departure.text) }
        if isUnplaced { parts.append(localized(zh: "没有所属户", en: "no household")) }
        if !sameAs.isEmpty {
            let others = sameAs.joined(separator: ", ").printable
            parts.append(localized(zh: "同一人：\(others)", en: "same person: \(others)"))
        }
        return parts.joined(separator: localized(zh: "，", en: ", "))
    }

    /// Where the person stands with a guarantee; a dash where nobody asks.
    func text(_ guarantee: Guarantee) -> String {
        guarantee != .schooling || isChild || checks[guarantee] != nil
            ? checks[guarantee].text : "—"
    }

    /// - Parameter departure: why they do not live there any more.
    func json(_ departure: Departure?) -> JSONValue {
        [
            "id": .string(subject.text), "household": .string(household.text),
            "household_no": .string(householdNo), "person_no": .string(personNo),
            "name": .string(name), "birth_date": JSONValue(birthDate?.iso),
            "same_as": .array(sameAs.map(JSONValue.string)), "set_aside": .bool(isSetAside),
            "flags": .array(isUnplaced ? ["no_household"] : []),
            "present": .bool(isPresent), "presence": JSONValue(departure?.presence.rawValue),
            "presence_date": JSONValue(departure?.date?.iso),
            "presence_reason": JSONValue(departure?.reason),
            "checks": [
                "medical": .string(checks[.medical].publicName),
                "schooling": isChild || checks[.schooling] != nil
                    ? .string(checks[.schooling].publicName) : .null,
            ],
        ]
    }
}
