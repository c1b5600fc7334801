import ArgumentParser
import FieldStore
import SurveyConsole
import SurveyModel
import SurveyStore

struct DuplicatesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "duplicates",
        abstract: localized(
            zh: "可能重复的户和人：等人确认是否同一个",
            en: "Entries that are probably one household or person, until somebody says whether."),
        discussion: localized(
            zh: """
                同村户编号相同，或户主和住址相同；同户成员姓名和出生日期相同。

                示例：
                  lianhu household duplicates
                  lianhu household duplicates --area 520402109201 --json
                """,
            en: """
                One number, or one head and address, in a village; one name and date of birth in a
                household.

                Examples:
                  lianhu household duplicates
                  lianhu household duplicates --area 520402109201 --json
                """))

    @Option(
        help: .init(
            localized(zh: "区域（可重复）", en: "An area. May be repeated."), valueName: "code"))
    var area: [String] = []

    @OptionGroup var home: HomeOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let store = try home.open()
        let villages = area.isEmpty ? nil : try area.flatMap { try store.villages($0) }
        let pairs = try store.probableDuplicates(in: villages)
        let tree = try store.areaTree()
        guard !output.json else {
            return JSONValue.array(pairs.map { $0.json(tree) }).print()
        }
        try store.noteWhatIsNotHere(of: villages)
        guard !pairs.isEmpty else {
            return Console.print(
                Label(zh: "没有待核对的可能重复记录。", en: "No probable duplicates are open."))
        }
        for pair in pairs { for line in pair.lines { Console.print(line) } }
    }
}

extension ProbableDuplicate {
    /// The pair, why it is one, and what to do about it.
    fileprivate var lines: [Label] {
        let why = Label(
            zh: reasons.map(\.label.zh).joined(separator: "，"),
            en: reasons.map(\.label.en).joined(separator: ", "))
        // By number where that tells them apart, else by id.
        let ids = [first, second].map { hasNumbers ? $0.number : $0.subject.text }
            .joined(separator: " ").printable
        let command = "lianhu \(isOfPersons ? "person" : "household") same-as \(ids)"
        return [
            Label(
                zh: "\(first.whole.zh) 与 \(second.whole.zh)：\(why.zh)",
                en: "\(first.whole.en) and \(second.whole.en): \(why.en)"),
            Label(zh: "  是同一个：\(command)", en: "  the same:   \(command)"),
            Label(
                zh: "  不是：    \(command) --different", en: "  different:  \(command) --different"),
        ]
    }

    fileprivate func json(_ tree: AreaTree) -> JSONValue {
        func json(_ name: SubjectName) -> JSONValue {
            [
                "id": .string(name.subject.text), "number": .string(name.number),
                "name": .string(name.name),
            ]
        }
        return [
            "kind": .string(isOfPersons ? "person" : "household"), "first": json(first),
            "second": json(second),
            "reasons": .array(reasons.map { .string($0.rawValue) }),
            "village_code": JSONValue(tree[area]?.code),
        ]
    }
}
