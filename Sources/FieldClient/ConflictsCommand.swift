import ArgumentParser
import FieldStore
import SurveyConsole
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore

struct ConflictsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conflicts",
        abstract: localized(
            zh: "有争议的答案：两人同时给出不同答案，都保留",
            en: "Contested answers: given differently at the same time, both kept."),
        discussion: localized(
            zh: """
                示例：
                  lianhu conflicts list                       # 全部争议和各个答案
                  lianhu conflicts show 520402109201-0012     # 一户的
                  lianhu conflicts resolve 520402109201-0012  # 询问哪个正确
                """,
            en: """
                Examples:
                  lianhu conflicts list                       # all of them, with the answers
                  lianhu conflicts show 520402109201-0012     # those of a household
                  lianhu conflicts resolve 520402109201-0012  # asks which one holds
                """),
        subcommands: [List.self, Show.self, Resolve.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: localized(zh: "列出争议", en: "List what is contested."),
            discussion: localized(
                zh: """
                    示例：
                      lianhu conflicts list
                      lianhu conflicts list --json  # 供程序读取
                    """,
                en: """
                    Examples:
                      lianhu conflicts list
                      lianhu conflicts list --json  # for programs
                    """))

        @OptionGroup var home: HomeOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            let store = try home.open()
            try show(try store.conflicts(), store, json: output.json)
            if !output.json { try store.noteWhatIsNotHere() }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: localized(zh: "一条记录的争议", en: "What is contested in one record."),
            discussion: localized(
                zh: """
                    示例：
                      lianhu conflicts show 520402109201-0012  # 一户的
                      lianhu conflicts show housing-01jd4kq    # 一条记录的
                    """,
                en: """
                    Examples:
                      lianhu conflicts show 520402109201-0012  # those of a household
                      lianhu conflicts show housing-01jd4kq    # those of a record
                    """))

        @Argument(
            help: .init(
                localized(zh: "记录编号或其开头，或户编号", en: "A record id, the start of it, or a number."),
                valueName: "record"))
        var record: String

        @OptionGroup var home: HomeOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            let store = try home.open()
            try show(try store.conflicts(of: record), store, json: output.json)
        }
    }

    struct Resolve: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "resolve",
            abstract: localized(
                zh: "选定一个答案，或给出第三个", en: "Choose an answer, or give a third."),
            discussion: localized(
                zh: """
                    不带 --choose 和 --set 时，在终端上显示各个答案并询问。

                    示例：
                      lianhu conflicts resolve 520402109201-0012
                      lianhu conflicts resolve 520402109201-0012 --choose 3f9a2c41b07d
                      lianhu conflicts resolve 520402109201-0012 --section safety --set grade=B
                    """,
                en: """
                    Without --choose and --set it shows the answers and asks, on a terminal.

                    Examples:
                      lianhu conflicts resolve 520402109201-0012
                      lianhu conflicts resolve 520402109201-0012 --choose 3f9a2c41b07d
                      lianhu conflicts resolve 520402109201-0012 --section safety --set grade=B
                    """))

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

        @Option(
            help: .init(
                localized(
                    zh: "选用较好的等级时，写明原因（记入备注）",
                    en: "Why the better grade holds; it goes into the note."),
                valueName: "text"))
        var reason: String?

        @OptionGroup var home: HomeOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            let store = try home.open()
            let key = try store.record(record, contested: true, section: section)
            let resolution: FieldStore.Resolution
            if choose == nil, set.isEmpty, Console.isInteractive {
                return try ask(key, store)
            }
            switch (choose, set.isEmpty) {
            case (let edit?, true): resolution = .choose(edit)
            case (nil, false): resolution = .set(try assignments(set))
            default:
                throw Failure(
                    .usage,
                    Label(
                        zh: "用 --choose 选定一个答案，或用 --set 字段=值 另填一个，二者取一",
                        en: "choose an answer with --choose, or give another with --set"))
            }
            try report(
                try store.resolve(key, section: section, resolution, reason: reason),
                [store.clock().warning].compactMap { $0 }, store,
                json: output.json)
        }

        /// Shows the answers and asks which one holds; none of them opens the form for a third.
        private func ask(_ key: RecordKey, _ store: FieldStore) throws {
            let found = try store.conflicts().filter {
                $0.record == key && (section == nil || $0.section.key == section)
            }
            if found.isEmpty, let section {
                let known = Form.form(of: key.kind)?.section(key: section)
                throw known.map { Failure(.notContested, $0.label) }
                    ?? Failure(.unknownSection, section)
            }
            for conflict in found {
                var shown: Conflict? = conflict
                while let conflict = shown {
                    try ConflictsCommand.print(conflict, store)
                    shown = try settle(conflict, store)
                }
            }
        }

        /// - Returns: the section as it is now when another answer arrived meanwhile: what nobody
        ///   has looked at is not decided about. nil when it is settled or left for later.
        private func settle(_ conflict: Conflict, _ store: FieldStore) throws -> Conflict? {
            do {
                switch Self.choice(of: conflict.siblings.count) {
                case .later: return nil
                case .third: try fillAgain(conflict, store)
                case .one(let position):
                    let chosen = conflict.siblings[position]
                    var reason = reason
                    if reason == nil, conflict.takesReason(chosen) {
                        reason = Self.askReason()
                        guard reason != nil else { return nil }
                    }
                    let saved = try store.resolve(
                        conflict.record, section: conflict.section.key, .choose(chosen.id.hex),
                        shown: conflict.state, reason: reason)
                    try report(
                        saved, [store.clock().warning].compactMap { $0 }, store,
                        json: output.json)
                }
                return nil
            } catch let failure as Failure
                where [.newAnswers, .notContested].contains(failure.problem)
            {
                Console.note(failure.text(Console.language))
                return try store.conflicts().first {
                    $0.record == conflict.record && $0.section.tag == conflict.section.tag
                }
            }
        }

        /// Why the better of two answers holds; nil decides nothing.
        private static func askReason() -> String? {
            let answer = Console.ask(
                localized(
                    zh: "它比另一个答案好，请写明原因（回车=以后再说）> ",
                    en: "It is better than another answer. Why? (Enter: later) > "))
            return answer?.trimmed.isEmpty == false ? answer : nil
        }

        private enum Choice {
            /// The one at this position.
            case one(Int)
            case third
            case later
        }

        /// Asks until the answer means something. An input that ends decides nothing.
        private static func choice(of count: Int) -> Choice {
            let question = localized(
                zh: "哪个正确？1–\(count)，t=都不对，重新填写，回车=以后再说 > ",
                en: "Which is correct? 1–\(count), t = neither, Enter = later > ")
            while let answer = Console.ask(question) {
                switch answer.trimmed.halfWidth.lowercased() {
                case "", "q": return .later
                case "t": return .third
                case let text:
                    if let number = Int(text), (1...count).contains(number) {
                        return .one(number - 1)
                    }
                    Console.print(
                        Label(
                            zh: "请输入 1–\(count)、t，或按回车。",
                            en: "Type 1–\(count) or t, or press Enter."))
                }
            }
            return .later
        }

        private func fillAgain(_ conflict: Conflict, _ store: FieldStore) throws {
            guard Form.checks.contains(where: { $0.kind == conflict.form.kind }) else {
                throw Failure(
                    .usage,
                    Label(
                        zh: "这个表单的第三个答案请用 --set 字段=值 给出",
                        en: "give the third answer of this form with --set field=value"))
            }
            let round = try store.read { db in try Rounds.find(conflict.record.round, in: db) }
            let terminal = Terminal()
            defer { terminal?.close() }
            var visit = Visit(store: store, terminal: terminal, round: round?.code)
            _ = try visit.show(
                conflict.form, conflict.record.subject.text, title: conflict.name.brief,
                at: conflict.section.tag)
            terminal?.pause()
            for note in visit.notes { Console.print(note) }
        }
    }

    /// Both answers one after the other, in words.
    fileprivate static func print(_ conflict: Conflict, _ store: FieldStore) throws {
        let text = try ConflictText(conflict, store)
        Swift.print(
            "\(text.what) (\(conflict.section.key))  \(conflict.title.printable)  "
                + conflict.record.text)
        for (number, sibling) in text.siblings.enumerated() {
            for author in sibling.authors {
                Swift.print(
                    "  \(number + 1)) \(author.name)  \(author.time)  "
                        + author.edit.hex.prefix(12))
                Swift.print("      " + author.shown)
            }
            for line in try conflict.section.lines(sibling.answers, store) {
                Swift.print("      \(line)")
            }
        }
    }

    static func json(_ conflict: Conflict, _ store: FieldStore) throws -> JSONValue {
        [
            "record": .string(conflict.record.text), "section": .string(conflict.section.key),
            "subject": .string(conflict.subjectNo),
            "siblings": .array(
                try conflict.siblings.map { sibling in
                    let edit = sibling.edits[0]
                    return [
                        "edit": .string(sibling.id.hex),
                        "author": .string(try store.authorName(edit.header.author)),
                        "device_time": .time(edit.header.deviceTime),
                        "shown": .array(
                            (conflict.shown[edit.id] ?? []).map { .string($0.id.hex) }),
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
        for conflict in conflicts { try print(conflict, store) }
    }
}
