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

    private enum Step {
        case next
        case back
        case leave
    }

    private enum Reply {
        case answered
        case back
        case skipSection
        case leave
    }

    init(store: FieldStore, open: OpenForm, title: String) {
        self.store = store
        self.open = open
        self.title = title
        validator = FormValidator(form: open.form, today: store.environment.today)
    }

    /// - Returns: what was saved; nil when the form was left.
    mutating func run() throws -> SavedEdit? {
        print("\(open.form.label[Console.language])  \(title)")
        if open.isResumed {
            Console.print(Label(zh: "继续上次的草稿。", en: "Going on with the draft that was left."))
        }
        Console.print(
            Label(
                zh: "回车=保留  -=清除  <=上一题  s=跳过本栏目  q=离开并保留草稿",
                en: "Enter keeps   - clears   < back   s skips this section   q leaves, draft kept"
            ))
        while true {
            guard try askSections() else { return try leave() }
            switch try conclude() {
            case .save: return try store.save(open, sections: open.answered)
            case .keep: return try leave()
            case .edit: continue
            case .discard:
                try store.discardDraft(open)
                Console.print(Label(zh: "草稿已放弃。", en: "The draft is gone."))
                return nil
            }
        }
    }

    private func leave() throws -> SavedEdit? {
        try store.saveDraft(open)
        Console.print(Label(zh: "草稿已保留。", en: "The draft is kept."))
        return nil
    }

    // MARK: Sections

    /// - Returns: false to leave the form.
    private mutating func askSections() throws -> Bool {
        var position = 0
        while position < open.form.sections.count {
            switch try ask(open.form.sections[position], number: position + 1) {
            case .next: position += 1
            case .back: position = max(0, position - 1)
            case .leave: return false
            }
        }
        return true
    }

    private mutating func ask(_ section: Section, number: Int) throws -> Step {
        let count = open.form.sections.count
        print("\n— \(section.label[Console.language]) (\(number)/\(count)) —")
        try showSiblings(of: section)
        var position = 0
        var asked: [Int] = []
        while position < section.fields.count {
            let field = section.fields[position]
            guard validator.isRelevant(field, in: open.answers), field.isAsked else {
                position += 1
                continue
            }
            switch try ask(field, in: section) {
            case .answered:
                asked.append(position)
                position += 1
            case .back:
                guard let last = asked.popLast() else { return .back }
                position = last
            case .skipSection:
                restore(section)
                try store.saveDraft(open)
                return .next
            case .leave: return .leave
            }
            if position == section.fields.count, isGiven(section),
                let wrong = validator.problems(in: open.answers, sections: [section.tag]).first
            {
                print("  " + wrong.message[Console.language])
                position = section.fields.firstIndex { $0.key == wrong.field } ?? 0
            }
        }
        // A section that says nothing, and said nothing before, is not written.
        if isGiven(section) {
            open.answered.insert(section.tag)
        } else {
            open.answered.remove(section.tag)
        }
        try store.saveDraft(open)
        return .next
    }

    private func isGiven(_ section: Section) -> Bool {
        section.fields.contains { open.answers.values[$0.tag] != nil }
    }

    /// A skipped section stays as the draft had it, or goes back to what the record says.
    private mutating func restore(_ section: Section) {
        guard !open.answered.contains(section.tag) else { return }
        let before = open.state.answers
        open.answers = open.answers.replacing(section, by: before)
    }

    /// Both answers of a contested section, because what is saved now settles it.
    private func showSiblings(of section: Section) throws {
        guard let state = open.state.sections[section.tag], state.isContested else { return }
        let shown = Set(open.shown.map(\.reference))
        let wereShown = state.siblings.flatMap(\.edits).allSatisfy { shown.contains($0.reference) }
        Console.print(
            wereShown
                ? Label(
                    zh: "有争议，以下答案都保留着；现在的回答将作为结论：",
                    en: "Contested: these answers are all kept; what you answer now settles it:")
                : Label(
                    zh: "草稿之后又有新的答案；保存后仍为有争议，请再用 conflicts resolve 选定：",
                    en: "Answers arrived after this draft was begun; saved, it stays contested "
                        + "until \"conflicts resolve\":"))
        for sibling in state.siblings {
            let author = try store.authorName(sibling.edits[0].header.author)
            print("  \(author)  \(clockText(sibling.edits[0].header.deviceTime))")
            for line in section.lines(sibling.answers) { print("      \(line)") }
        }
    }

    // MARK: The end

    private enum Conclusion {
        case save
        case edit
        case keep
        case discard
    }

    private func conclude() throws -> Conclusion {
        if let assessment = open.context.assess(open.record.kind, open.answers) {
            print("\n→ \(assessment.result.label[Console.language])")
            print("  \(assessment.because[Console.language])")
        }
        for warning in validator.warnings(in: open.answers, sections: open.answered) {
            print("  ! \(warning[Console.language])")
        }
        let nothing = open.answered.isEmpty
        if nothing { Console.print(Label(zh: "还没有任何答案。", en: "Nothing is answered yet.")) }
        while true {
            let question = localized(
                zh: "保存？ y=保存（回车）  e=修改  q=保留草稿  d=放弃草稿 > ",
                en: "Save? y saves (Enter)  e edits  q keeps the draft  d discards it > ")
            switch Console.ask(question)?.trimmed.lowercased() {
            case nil, "q", "n", "no", "否": return .keep
            case "e", "<": return .edit
            case "d": return .discard
            case "", "y", "yes", "是":
                if nothing { return .discard }
                return .save
            default: continue
            }
        }
    }

    // MARK: One question

    private mutating func ask(_ field: FieldDefinition, in section: Section) throws -> Reply {
        show(field)
        while true {
            let shown = open.answers[field.tag].map { " [\(field.display($0))]" } ?? ""
            guard let line = Console.ask("\(shown)> ")?.trimmed else { return .leave }
            switch line {
            case "q": return .leave
            case "<": return .back
            case "s": return .skipSection
            case "-": open.answers[field.tag] = .null
            case "": break
            default:
                do throws(AnswerProblem) {
                    open.answers[field.tag] = try field.parse(field.codes(typed: line))
                } catch {
                    print("  " + error.message[Console.language])
                    continue
                }
            }
            open.answers = validator.clearingIrrelevant(open.answers, named: [field.tag])
            let problems = validator.problems(in: open.answers, sections: [section.tag])
            if let problem = problems.first(where: { $0.field == field.key }),
                problem.reason != .missing || isGiven(section) || field.required.isAlways
            {
                print("  " + problem.message[Console.language])
                continue
            }
            try store.saveDraft(open)
            return .answered
        }
    }

    private func show(_ field: FieldDefinition) {
        var notes: [String] = []
        if let unit = field.unit { notes.append(unit) }
        switch field.type {
        case .boolean: notes.append(localized(zh: "是/否", en: "yes/no"))
        case .date: notes.append("YYYY-MM-DD")
        case .codes: notes.append(localized(zh: "可多选", en: "several allowed"))
        default: break
        }
        let mark = field.required.holds(in: open.answers) ? " *" : ""
        print(
            field.label[Console.language]
                + (notes.isEmpty ? "" : " (\(notes.joined(separator: ", ")))") + mark)
        for (number, entry) in field.menu {
            let label = entry.label[Console.language]
            print(
                number == entry.code
                    ? "  \(number)) \(label)" : "  \(number)) \(label) [\(entry.code)]")
        }
    }
}

extension FieldDefinition {
    fileprivate var isAsked: Bool {
        switch type {
        case .identifier, .texts: false
        default: true
        }
    }

    /// The code list with the numbers to type: the codes themselves when they are numbers.
    fileprivate var menu: [(number: String, entry: CodeList.Entry)] {
        guard let entries = codes?.entries else { return [] }
        let areNumbers = entries.allSatisfy { Int($0.code) != nil }
        return entries.enumerated().map { (areNumbers ? $1.code : "\($0 + 1)", $1) }
    }

    /// Numbers of the menu become codes.
    fileprivate func codes(typed line: String) -> String {
        let menu = menu
        guard !menu.isEmpty else { return line }
        return line.halfWidth.split(whereSeparator: { " ,;、".contains($0) }).map { part in
            menu.first { $0.number == part }?.entry.code ?? String(part)
        }.joined(separator: " ")
    }
}

extension Condition {
    fileprivate var isAlways: Bool { if case .always = self { true } else { false } }
}

extension Answers {
    /// These answers with one section's fields as another set has them.
    fileprivate func replacing(_ section: Section, by other: Answers) -> Answers {
        var values = values
        for field in section.fields { values[field.tag] = other.values[field.tag] }
        return Answers(values)
    }
}
