import ArgumentParser
import FieldStore
import SurveyConsole
import SurveyLog
import SurveyMerge
import SurveyModel

struct HistoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: localized(
            zh: "一条记录的每次更改，以及彼此先后", en: "Every edit of a record and how it relates to the others."),
        discussion: localized(
            zh: """
                记录编号由 check 打印，conflicts list 和 export 也会列出。

                示例：
                  lianhu history 520402109201-0012  # 该户的全部记录
                  lianhu history housing-01jd4kq --json  # 供程序读取
                """,
            en: """
                "check" prints the id of what it saves; "conflicts list" and "export" name it too.

                Examples:
                  lianhu history 520402109201-0012  # all records of it
                  lianhu history housing-01jd4kq --json  # for programs
                """))

    @Argument(
        help: .init(
            localized(
                zh: "记录编号或其开头；或户编号、人员编号（其全部记录）",
                en: "A record id, the start of it, or a number: then all records about it."),
            valueName: "record"))
    var record: String

    @OptionGroup var home: HomeOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let store = try home.open()
        let histories = try store.records(record).map { ($0, try store.history($0)) }
        guard !histories.isEmpty else { throw Failure(.unknownRecord, record) }
        guard !output.json else {
            return JSONValue.array(
                histories.flatMap { key, history in
                    history.entries.indices.map { Self.json($0, of: key, in: history) }
                }
            ).print()
        }
        for (key, history) in histories { try Self.print(history, of: key, store) }
    }

    private static func print(
        _ history: RecordHistory, of key: RecordKey, _ store: FieldStore
    ) throws {
        let form = Form.form(of: key.kind)
        Swift.print(
            (form.map { "\($0.label[Console.language])  " } ?? "") + key.text
                + localized(zh: "  （时间按各设备自己的时钟）", en: "  (times by each device's own clock)")
        )
        for (position, entry) in history.entries.enumerated() {
            try print(entry, position + 1, form, history, store)
        }
    }

    private static func json(
        _ index: Int, of key: RecordKey, in history: RecordHistory
    ) -> JSONValue {
        let entry = history.entries[index]
        let header = entry.edit.header
        let form = Form.form(of: key.kind)
        return [
            "record": .string(key.text), "edit": .string(entry.edit.id.hex),
            "dot": json(header.dot),
            "author": .string(entry.author), "device_time": .time(header.deviceTime),
            "sections": .array(header.sections.map { name(of: $0, form) }),
            "values": .object(values(entry.edit, form)),
            "vector_clock": .array(runs(history.clock(of: entry.edit).references.map(\.dot))),
            // The others are in this edit's clock, or have it in theirs.
            "unaware_of": .array(
                runs(
                    zip(history.dots, history.relations(of: index))
                        .filter { $0.1 == .concurrent }.map(\.0))),
            "counts": .bool(entry.exclusion == nil),
        ]
    }

    private static func json(_ dot: Dot) -> JSONValue {
        [
            "replica": .string(Base32.encode(dot.replica.bytes)),
            "counter": .integer(Int64(clamping: dot.counter)),
        ]
    }

    /// Edits as runs that follow each other in a log.
    private static func runs(_ dots: [Dot]) -> [JSONValue] {
        var runs: [(replica: ReplicaID, first: UInt64, last: UInt64)] = []
        for dot in dots.sorted() {
            if let last = runs.last, last.replica == dot.replica, last.last + 1 >= dot.counter {
                runs[runs.count - 1].last = dot.counter
            } else {
                runs.append((dot.replica, dot.counter, dot.counter))
            }
        }
        return runs.map { run in
            [
                "replica": .string(Base32.encode(run.replica.bytes)),
                "first": .integer(Int64(clamping: run.first)),
                "last": .integer(Int64(clamping: run.last)),
            ]
        }
    }

    private static func name(of section: SectionTag, _ form: Form?) -> String {
        form?.section(section)?.key ?? "\(section.rawValue)"
    }

    private static func values(_ edit: Edit, _ form: Form?) -> [String: JSONValue] {
        var values: [String: JSONValue] = [:]
        for (tag, answers) in edit.body?.sections ?? [:] {
            values[name(of: tag, form)] =
                form?.section(tag)?.json(answers)
                ?? .object(
                    Dictionary(
                        uniqueKeysWithValues: answers.map { ("\($0.key.rawValue)", $0.value.json) })
                )
        }
        return values
    }

    private static func print(
        _ entry: HistoryEntry, _ position: Int, _ form: Form?, _ history: RecordHistory,
        _ store: FieldStore
    ) throws {
        let header = entry.edit.header
        let excluded: String =
            switch entry.exclusion {
            case nil, .included: ""
            case .held: localized(zh: "（待审，不计入）", en: " (held, not counted)")
            case .rejected: localized(zh: "（已驳回）", en: " (rejected)")
            }
        Swift.print(
            "#\(position)  \(entry.edit.id.hex.prefix(12))  \(entry.author.printable)  "
                + "\(clockText(header.deviceTime))  "
                + "\(Base32.encode(header.dot.replica.bytes)):\(header.dot.counter)\(excluded)")
        for tag in header.sections {
            guard let section = form?.section(tag), let answers = entry.edit.body?.sections[tag]
            else { continue }
            Swift.print("    \(section.label[Console.language])")
            for line in try section.lines(answers, store) { Swift.print("        \(line)") }
        }
        let relations = history.relations(of: position - 1)
        func those(_ causality: Causality) -> String? {
            let numbers = relations.indices.filter { relations[$0] == causality }.map { $0 + 1 }
            guard !numbers.isEmpty else { return nil }
            let list = Self.list(numbers)
            switch causality {
            case .after: return localized(zh: "看过 \(list)", en: "has seen \(list)")
            case .before: return localized(zh: "被 \(list) 看过", en: "was seen by \(list)")
            case .concurrent:
                return localized(zh: "与 \(list) 互不知情", en: "unaware of \(list), and they of it")
            case .same: return nil
            }
        }
        let lines = [Causality.after, .before, .concurrent].compactMap(those)
        if !lines.isEmpty {
            Swift.print("    → " + lines.joined(separator: localized(zh: "；", en: "; ")))
        }
    }

    /// `#1–#37 #40`: what follows each other as one.
    private static func list(_ numbers: [Int]) -> String {
        var runs: [ClosedRange<Int>] = []
        for number in numbers {
            if let last = runs.last, last.upperBound + 1 == number {
                runs[runs.count - 1] = last.lowerBound...number
            } else {
                runs.append(number...number)
            }
        }
        return runs.map { run in
            switch run.count {
            case 1: "#\(run.lowerBound)"
            case 2: "#\(run.lowerBound) #\(run.upperBound)"
            default: "#\(run.lowerBound)–#\(run.upperBound)"
            }
        }.joined(separator: " ")
    }
}
