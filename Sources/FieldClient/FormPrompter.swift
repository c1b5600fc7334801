import FieldStore
import SurveyConsole
import SurveyLog
import SurveyMerge
import SurveyModel

/// Asks a form question by question on a terminal, in plain lines.
///
/// Every answer is kept in a draft at once, so that leaving, or being killed, loses nothing.
struct FormPrompter {
    private let store: FieldStore
    private var open: OpenForm
    private let title: String
    private let validator: FormValidator

    private enum Reply {
        case answered
        case back
        case nextSection
        case leave
    }

    init(store: FieldStore, open: OpenForm, title: String) {
        self.store = store
        self.open = open
        self.title = title
        validator = FormValidator(form: open.form, today: store.environment.today)
    }

    /// - Returns: what was saved; nil when the form was left and its draft kept.
    mutating func run() throws -> SavedEdit? {
        print("\(open.form.label[Console.language])  \(title)")
        if open.isResumed {
            Console.print(Label(zh: "继续上次的草稿。", en: "Going on with the draft that was left."))
        }
        Console.print(
            Label(
                zh: "回车=保留  -=清除  <=上一题  s=跳过本栏目  q=离开并保留草稿",
                en: "Enter keeps   - clears   < back   s skips this section   q leaves, draft kept")
        )
        for section in open.form.sections {
            if open.isResumed, open.answered.contains(section.tag) { continue }
            guard try ask(section) else {
                Console.print(
                    Label(zh: "草稿已保留。", en: "The draft is kept."))
                return nil
            }
        }
        return try finish()
    }

    private func finish() throws -> SavedEdit? {
        guard !open.answered.isEmpty else {
            try store.discardDraft(open)
            throw Failure(.nothingToSave)
        }
        let assessment = open.context.assess(open.record.kind, open.answers)
        if let assessment {
            print("→ \(assessment.result.label[Console.language])")
            print("  \(assessment.because[Console.language])")
        }
        for warning in validator.warnings(in: open.answers, sections: open.answered) {
            print("  ! \(warning[Console.language])")
        }
        let reply = prompt(localized(zh: "保存?[Y/n] ", en: "Save? [Y/n] "))
        guard let reply, !["n", "no", "否"].contains(reply.lowercased()) else {
            Console.print(Label(zh: "草稿已保留。", en: "The draft is kept."))
            return nil
        }
        return try store.save(open, sections: open.answered)
    }

    /// - Returns: false to leave the form.
    private mutating func ask(_ section: Section) throws -> Bool {
        print("\n— \(section.label[Console.language]) —")
        try showSiblings(of: section)
        var position = 0
        var history: [Int] = []
        while position < section.fields.count {
            let field = section.fields[position]
            guard validator.isRelevant(field, in: open.answers), field.isAsked else {
                position += 1
                continue
            }
            switch try ask(field, in: section) {
            case .answered:
                history.append(position)
                position += 1
            case .back: position = history.popLast() ?? 0
            case .nextSection:
                restore(section)
                try store.saveDraft(open)
                return true
            case .leave: return false
            }
            if position == section.fields.count,
                let wrong = validator.problems(in: open.answers, sections: [section.tag]).first
            {
                print("  " + wrong.message[Console.language])
                position = section.fields.firstIndex { $0.key == wrong.field } ?? 0
            }
        }
        open.answered.insert(section.tag)
        try store.saveDraft(open)
        return true
    }

    /// A skipped section goes back to what the record says.
    private mutating func restore(_ section: Section) {
        let before = open.state.answers
        for field in section.fields { open.answers[field.tag] = before[field.tag] }
        open.answered.remove(section.tag)
    }

    /// Both answers of a contested section, because what is saved now settles it.
    private func showSiblings(of section: Section) throws {
        guard let state = open.state.sections[section.tag], state.isContested else { return }
        Console.print(
            Label(
                zh: "有争议,以下答案都保留着;现在的回答将作为结论:",
                en: "Contested: these answers are all kept; what you answer now settles it:"))
        for sibling in state.siblings {
            let author = try store.authorName(sibling.edits[0].header.author)
            print("  \(author)  \(clockText(sibling.edits[0].header.deviceTime))")
            for line in section.lines(sibling.answers) { print("      \(line)") }
        }
    }

    private mutating func ask(_ field: FieldDefinition, in section: Section) throws -> Reply {
        let unit = field.unit.map { " (\($0))" } ?? ""
        let last = open.answers[field.tag]
        print(field.label[Console.language] + unit)
        for (number, entry) in (field.codes?.entries ?? []).enumerated() {
            print("  \(number + 1)) \(entry.label[Console.language]) [\(entry.code)]")
        }
        while true {
            let shown = last.map { " [\(field.display($0))]" } ?? ""
            guard let line = prompt("\(shown)> ") else { return .leave }
            switch line {
            case "q": return .leave
            case "<": return .back
            case "s": return .nextSection
            case "-": open.answers[field.tag] = .null
            case "": break
            default:
                do throws(AnswerProblem) {
                    open.answers[field.tag] = try field.parse(codes(line, of: field))
                } catch {
                    print("  " + error.message[Console.language])
                    continue
                }
            }
            open.answers = validator.clearingIrrelevant(open.answers, named: [field.tag])
            let problems = validator.problems(in: open.answers, sections: [section.tag])
            if let problem = problems.first(where: { $0.field == field.key }) {
                print("  " + problem.message[Console.language])
                continue
            }
            try store.saveDraft(open)
            return .answered
        }
    }

    /// Numbers of a code list become codes.
    private func codes(_ line: String, of field: FieldDefinition) -> String {
        guard let entries = field.codes?.entries else { return line }
        return line.split(whereSeparator: { " ,;,、".contains($0) }).map { part in
            guard let number = Int(part), entries.indices.contains(number - 1),
                !entries.contains(where: { $0.code == part })
            else { return String(part) }
            return entries[number - 1].code
        }.joined(separator: " ")
    }

    /// A line without the white space at its ends; nil when the input ends.
    private func prompt(_ text: String) -> String? {
        Console.ask(text)?.trimmed
    }
}

extension FieldDefinition {
    fileprivate var isAsked: Bool {
        switch type {
        case .identifier, .texts: false
        default: true
        }
    }
}
