import ArgumentParser
import FieldStore
import SurveyConsole
import SurveyLog
import SurveyMerge
import SurveyModel

struct ConflictsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conflicts",
        abstract: localized(
            zh: "有争议的答案：两人同时给出不同答案，都保留",
            en: "Contested answers: given differently at the same time, both kept."),
        subcommands: [List.self, Show.self, Resolve.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: localized(zh: "列出争议", en: "List what is contested."))

        @OptionGroup var home: HomeOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            let store = try home.open()
            try show(try store.conflicts(), store, json: output.json)
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: localized(zh: "一条记录的争议", en: "What is contested in one record."))

        @Argument(
            help: .init(
                localized(zh: "记录编号或其开头，或户编号", en: "A record id, the start of it, or a number."),
                valueName: "record"))
        var record: String

        @OptionGroup var home: HomeOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            let store = try home.open()
            let keys = try store.records(record)
            guard !keys.isEmpty else { throw Failure(.unknownRecord, record) }
            let found = try store.conflicts().filter { keys.contains($0.record) }
            guard !found.isEmpty else {
                throw Failure(.notContested, keys.map(\.text).joined(separator: ", "))
            }
            try show(found, store, json: output.json)
        }
    }

    struct Resolve: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: localized(
                zh: "选定一个答案，或给出第三个", en: "Choose an answer, or give a third."))

        @Argument(
            help: .init(
                localized(zh: "记录编号或其开头，或户编号", en: "A record id, the start of it, or a number."),
                valueName: "record"))
        var record: String

        @Option(
            help: .init(
                localized(
                    zh: "栏目（只有一个争议时可省）", en: "The section; not needed when it is the only one."),
                valueName: "section"))
        var section: String?

        @Option(
            help: .init(
                localized(zh: "选用的更改（编号开头即可）", en: "The edit to choose, or the start of its id."),
                valueName: "edit"))
        var choose: String?

        @Option(
            help: .init(
                localized(zh: "第三个答案（可重复）", en: "A third answer. May be repeated."),
                valueName: "field=value"))
        var set: [String] = []

        @OptionGroup var home: HomeOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            let store = try home.open()
            let key = try store.record(record, contested: true)
            let resolution: FieldStore.Resolution
            switch (choose, set.isEmpty) {
            case (let edit?, true): resolution = .choose(edit)
            case (nil, false): resolution = .set(try assignments(set))
            default: throw Failure(.usage, "--choose EDIT | --set field=value")
            }
            report(try store.resolve(key, section: section, resolution), [], json: output.json)
        }
    }

    static func json(_ conflict: Conflict, _ store: FieldStore) throws -> JSONValue {
        [
            "record": .string(conflict.record.text), "section": .string(conflict.section.key),
            "subject": .string(conflict.subjectNo),
            "siblings": .array(
                try conflict.state.siblings.map { sibling in
                    let edit = sibling.edits[0]
                    return [
                        "edit": .string(sibling.id.hex),
                        "author": .string(try store.authorName(edit.header.author)),
                        "device_time": .time(edit.header.deviceTime),
                        "values": conflict.section.json(sibling.answers),
                    ]
                }),
        ]
    }

    private static func show(_ conflicts: [Conflict], _ store: FieldStore, json: Bool) throws {
        guard !json else {
            return JSONValue.array(try conflicts.map { try self.json($0, store) }).print()
        }
        if conflicts.isEmpty { Console.print(Label(zh: "没有争议", en: "Nothing is contested.")) }
        for conflict in conflicts {
            let language = Console.language
            print(
                "\(conflict.form.label[language]) · \(conflict.section.label[language]) "
                    + "(\(conflict.section.key))  \(conflict.subjectNo.printable)  \(conflict.record.text)"
            )
            for sibling in conflict.state.siblings {
                for edit in sibling.edits {
                    let author = try store.authorName(edit.header.author).printable
                    print(
                        "  \(edit.id.hex.prefix(12))  \(author)  "
                            + clockText(edit.header.deviceTime))
                }
                for line in conflict.section.lines(sibling.answers) { print("      \(line)") }
            }
        }
    }
}
