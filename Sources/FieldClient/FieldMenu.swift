import SurveyConsole
import SurveyModel

extension FieldDefinition {
    /// Whether a person is asked; the program writes the others.
    var isAsked: Bool {
        switch type {
        case .identifier, .texts: false
        default: true
        }
    }

    /// Whether its answer is as good in part: a note, a name.
    var isText: Bool { if case .text = type { true } else { false } }

    /// The last year that a year may be; nil for any other answer.
    func latestYear(_ validator: FormValidator) -> ScaledDecimal? {
        guard notInFuture, case .integer = type else { return nil }
        return ScaledDecimal(validator.year + yearsAhead)
    }

    // MARK: What there is to choose from

    /// The code list with the numbers to type: the codes themselves when they are numbers.
    var menu: [(number: String, entry: CodeList.Entry)] {
        guard let entries = codes?.entries else { return [] }
        let areNumbers = entries.allSatisfy { Int($0.code) != nil }
        return entries.enumerated().map { (areNumbers ? $1.code : "\($0 + 1)", $1) }
    }

    /// The menu as it is shown: `1) 丰水地区`, `3) C 局部危房`.
    ///
    /// - Parameter withheld: codes that are not to choose from here.
    func menuTexts(in language: Language, without withheld: Set<String> = []) -> [String] {
        let hasLetters = codes?.isOfLetters == true
        return menu.filter { !withheld.contains($0.entry.code) }.map { number, entry in
            let label = entry.label[language]
            return hasLetters ? "\(number)) \(entry.code) \(label)" : "\(number)) \(label)"
        }
    }

    // MARK: What somebody types

    /// What somebody typed as a value: a choice by its number, its code or its label.
    ///
    /// - Parameter language: in which the beginning of a label will do; nil where none does.
    func parse(typed line: String, completing language: Language? = nil) throws(AnswerProblem)
        -> FieldValue
    {
        do throws(AnswerProblem) {
            return try parse(codes(typed: line, completing: language))
        } catch {
            guard case .notACode = error.reason else { throw error }
            throw problem(
                .notACode(
                    allowed: Label(
                        zh: menuTexts(in: .zh).joined(separator: "  "),
                        en: menuTexts(in: .en).joined(separator: "  "))))
        }
    }

    /// Numbers of the menu and labels become codes.
    func codes(typed line: String, completing language: Language? = nil) -> String {
        switch type {
        case .code: return code(typed: line, completing: language) ?? line
        case .codes:
            // A label may have spaces in it.
            // Digits side by side are choices of one digit each.
            let keys = line.halfWidth.trimmed
            if keys.count > 1, keys.allSatisfy(\.isNumber),
                menu.allSatisfy({ $0.number.count == 1 })
            {
                return keys.map { code(typed: String($0), completing: language) ?? String($0) }
                    .joined(separator: " ")
            }
            let parts = line.halfWidth.split(whereSeparator: { ",;、".contains($0) })
            return parts.map { part -> String in
                if let known = code(typed: String(part), completing: language) { return known }
                return part.split(separator: " ").map { word in
                    code(typed: String(word), completing: language) ?? String(word)
                }.joined(separator: " ")
            }.joined(separator: " ")
        default: return line
        }
    }

    /// The code of a choice by its number in the menu, by itself, or by its label in either
    /// language; where somebody says that this is all, also by the beginning of a label that they
    /// see and that no other has. One character is a slip.
    private func code(typed text: String, completing language: Language?) -> String? {
        let typed = text.choiceText
        guard !typed.isEmpty else { return nil }
        if let numbered = menu.first(where: { $0.number == typed }) { return numbered.entry.code }
        let entries = codes?.entries ?? []
        let exact = entries.filter { $0.names.contains(typed) }
        if exact.count == 1 { return exact[0].code }
        // A number in part is another number.
        guard let language, exact.isEmpty, Int(typed) == nil, typed.count >= 2 else { return nil }
        let begun = entries.filter { $0.label[language].choiceText.hasPrefix(typed) }
        return begun.count == 1 ? begun[0].code : nil
    }

    /// The answer that one key gives at once: a number of the menu or a code of one letter, where no
    /// other begins with it; yes and no.
    func picked(by character: Character) -> String? {
        let key = String(character).halfWidth.lowercased()
        switch type {
        case .boolean: return ["y", "n", "是", "否", "1", "0"].contains(key) ? key : nil
        case .code(let list):
            let menu = menu
            if menu.count < 10, let entry = menu.first(where: { $0.number == key }) {
                return entry.entry.code
            }
            guard list.entries.allSatisfy({ $0.code.count == 1 }) else { return nil }
            return list.entries.first { $0.code.lowercased() == key }?.code
        default: return nil
        }
    }

    /// What to say of a line with which no choice begins; nil when it may become an answer.
    func refusal(of line: String) -> Label? {
        let typed = line.choiceText
        guard !typed.isEmpty, typed != "-" else { return nil }
        switch type {
        case .boolean:
            let words = ["yes", "no", "true", "false", "是", "否", "1", "0"]
            guard !words.contains(where: { $0.hasPrefix(typed) }) else { return nil }
            return Label(zh: "请按 y（是）或 n（否）。", en: "Press y for yes or n for no.")
        case .code:
            let begins = menu.contains { number, entry in
                ([number] + entry.names).contains { $0.hasPrefix(typed) }
            }
            guard !begins else { return nil }
            return Label(
                zh: "没有这样的选项。请按列出的编号，或输入选项的文字。",
                en: "There is no such choice. Press a number of the list, or type what it says.")
        default: return nil
        }
    }

    /// What is asked, with its unit and how to write it: `人均日水量 (L/(人·d))`.
    func question(in language: Language) -> String {
        var notes: [String] = []
        if let unitName { notes.append(unitName[Console.language]) }
        switch type {
        case .boolean: notes.append(Label(zh: "y 是，n 否", en: "y yes, n no")[language])
        case .date: notes.append("YYYY-MM-DD")
        case .codes: notes.append(Label(zh: "可多选，如 1 3", en: "several, such as 1 3")[language])
        default: break
        }
        let label = label[language]
        return notes.isEmpty ? label : "\(label) (\(notes.joined(separator: ", ")))"
    }
}

extension CodeList {
    /// Its codes are letters, by which people know what they stand for: the grade of a house.
    var isOfLetters: Bool {
        entries.allSatisfy { $0.code.count == 1 && $0.code.allSatisfy(\.isLetter) }
    }
}

extension CodeList.Entry {
    /// What somebody may type for it.
    fileprivate var names: [String] { [code, label.zh, label.en].map(\.choiceText) }
}

extension String {
    /// As it is compared when somebody chooses by a text.
    fileprivate var choiceText: String { halfWidth.trimmed.lowercased() }
}
