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
        if let closed = open.closedWarning { print("! \(closed[Console.language])") }
        Console.print(
            Label(
                zh: "回车=保留  -=清除  <=上一题  s=跳过本栏目  q=离开并保留草稿",
                en: "Enter keeps   - clears   < back   s skips this section   q leaves, draft kept"
            ))
        var start = 0
        while true {
            guard try askSections(from: start) else { return try leave() }
            if let wrong = firstProblem() {
                print("\n  " + wrong.problem.message[Console.language])
                start = wrong.section
                continue
            }
            start = 0
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

    /// Keeps what was answered so far; a form that nobody answered anything in leaves no draft.
    private func keepDraft() throws {
        if open.touched.isEmpty {
            try store.discardDraft(open)
        } else {
            try store.saveDraft(open)
        }
    }

    private func leave() throws -> SavedEdit? {
        try keepDraft()
        guard !open.touched.isEmpty else { return nil }
        Console.print(Label(zh: "草稿已保留。", en: "The draft is kept."))
        return nil
    }

    // MARK: Sections

    /// - Returns: false to leave the form.
    private mutating func askSections(from start: Int) throws -> Bool {
        var position = start
        var atEnd = false
        while position < open.form.sections.count {
            switch try ask(open.form.sections[position], number: position + 1, atEnd: atEnd) {
            case .next:
                position += 1
                atEnd = false
            case .back:
                atEnd = position > 0
                position = max(0, position - 1)
            case .leave: return false
            }
        }
        return true
    }

    /// What forbids saving, and in which section.
    private func firstProblem() -> (section: Int, problem: AnswerProblem)? {
        for (number, section) in open.form.sections.enumerated()
        where open.answered.contains(section.tag) {
            let problems = validator.problems(in: open.answers, sections: [section.tag])
            if let problem = problems.first { return (number, problem) }
        }
        return nil
    }

    /// - Parameter atEnd: begins with the last question, for somebody who comes back.
    private mutating func ask(_ section: Section, number: Int, atEnd: Bool) throws -> Step {
        let count = open.form.sections.count
        let before = open
        print("\n— \(section.label[Console.language]) (\(number)/\(count)) —")
        try showNews(of: section)
        var asked = section.fields.indices.filter {
            section.fields[$0].isAsked
                && validator.isRelevant(section.fields[$0], in: open.answers)
        }
        var position = atEnd ? asked.popLast() ?? 0 : 0
        if !atEnd { asked = [] }
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
                open = before
                try keepDraft()
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
        try keepDraft()
        return .next
    }

    private func isGiven(_ section: Section) -> Bool {
        section.fields.contains { open.answers.values[$0.tag] != nil }
    }

    /// What others said of this section: what arrived since the draft was begun, or both answers
    /// of a contested one. Having been shown, they are settled by what is answered now.
    private mutating func showNews(of section: Section) throws {
        let news = open.news(in: section.tag)
        let siblings = open.state.sections[section.tag]?.siblings ?? []
        if !news.isEmpty {
            Console.print(
                Label(
                    zh: "草稿之后，别人对本栏目的回答（您现在的回答将取代它们）：",
                    en: "Answered by others since this draft was begun (what you answer now "
                        + "replaces it):"))
            for edit in news {
                try show(edit, edit.body?.sections[section.tag] ?? [:], section)
            }
        } else if siblings.count > 1 {
            Console.print(
                Label(
                    zh: "有争议，以下答案都保留着；现在的回答将作为结论：",
                    en: "Contested: these answers are all kept; what you answer now settles it:"))
            for sibling in siblings { try show(sibling.edits[0], sibling.answers, section) }
        }
        open.show(section.tag)
    }

    private func show(_ edit: Edit, _ answers: SectionAnswers, _ section: Section) throws {
        let author = try store.authorName(edit.header.author).printable
        print("  \(author)  \(clockText(edit.header.deviceTime))")
        for line in section.lines(answers) { print("      \(line)") }
    }

    // MARK: The end

    private enum Conclusion {
        case save
        case edit
        case keep
        case discard
    }

    private func conclude() throws -> Conclusion {
        if let assessment = open.context?.assess(open.record.kind, open.answers) {
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
            default: Console.print(Label(zh: "请输入 y、e、q 或 d。", en: "Type y, e, q or d."))
            }
        }
    }

    // MARK: One question

    private mutating func ask(_ field: FieldDefinition, in section: Section) throws -> Reply {
        show(field)
        while true {
            let shown = open.answers[field.tag].map { " [\(field.display($0))]" } ?? ""
            guard let line = Console.ask("\(shown)> ")?.trimmed else { return .leave }
            switch line.halfWidth {
            case "q": return .leave
            case "<": return .back
            case "s": return .skipSection
            case "-": if open.answers[field.tag] != nil { open.answers[field.tag] = .null }
            case "": break
            default:
                do throws(AnswerProblem) {
                    open.answers[field.tag] = try field.parse(field.codes(typed: line))
                } catch {
                    print("  " + error.message[Console.language])
                    continue
                }
            }
            if open.answers.values[field.tag] != nil { open.touched.insert(field.tag) }
            open.answers = validator.clearingIrrelevant(open.answers, named: [field.tag])
            let problems = validator.problems(in: open.answers, sections: [section.tag])
            if let problem = problems.first(where: { $0.field == field.key }),
                problem.reason != .missing || isGiven(section) || field.required.isAlways
            {
                print("  " + problem.message[Console.language])
                continue
            }
            try keepDraft()
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
