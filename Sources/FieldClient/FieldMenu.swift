import SurveyModel

extension FieldDefinition {
    /// Whether a person is asked; the program writes the others.
    var isAsked: Bool {
        switch type {
        case .identifier, .texts: false
        default: true
        }
    }

    /// The code list with the numbers to type: the codes themselves when they are numbers.
    var menu: [(number: String, entry: CodeList.Entry)] {
        guard let entries = codes?.entries else { return [] }
        let areNumbers = entries.allSatisfy { Int($0.code) != nil }
        return entries.enumerated().map { (areNumbers ? $1.code : "\($0 + 1)", $1) }
    }

    /// Numbers of the menu become codes.
    func codes(typed line: String) -> String {
        let menu = menu
        guard !menu.isEmpty else { return line }
        return line.halfWidth.split(whereSeparator: { " ,;、".contains($0) }).map { part in
            menu.first { $0.number == part }?.entry.code ?? String(part)
        }.joined(separator: " ")
    }

    /// What is asked, with its unit and how to write it: `人均日水量 (L/(人·d))`.
    func question(in language: Language) -> String {
        var notes: [String] = []
        if let unit { notes.append(unit) }
        switch type {
        case .boolean: notes.append(Label(zh: "是/否", en: "yes/no")[language])
        case .date: notes.append("YYYY-MM-DD")
        case .codes: notes.append(Label(zh: "可多选", en: "several allowed")[language])
        default: break
        }
        let label = label[language]
        return notes.isEmpty ? label : "\(label) (\(notes.joined(separator: ", ")))"
    }
}
