import FieldStore
import SurveyConsole
import SurveyLog
import SurveyModel
import SurveyStore

extension FieldDefinition {
    /// `grade  safety grade [A|B|C|D]`: what a person needs to answer it.
    var typeText: String {
        switch type {
        case .text(let limit): localized(zh: "文字，≤\(limit)", en: "text, ≤\(limit)")
        case .integer: localized(zh: "整数", en: "whole number")
        case .decimal: localized(zh: "数字", en: "number")
        case .boolean: localized(zh: "是|否", en: "yes|no")
        case .date: "YYYY-MM-DD"
        case .code: localized(zh: "单选", en: "one of")
        case .codes: localized(zh: "多选", en: "some of")
        case .identifier, .texts: localized(zh: "程序填写", en: "set by the program")
        }
    }

    var codes: CodeList? {
        switch type {
        case .code(let list), .codes(let list): list
        default: nil
        }
    }

    /// An answer as people read it: codes by their labels, numbers with their unit.
    func display(_ value: FieldValue) -> String { text(of: value).printable }

    /// The same in a width: a grade that does not fit is its letter.
    func shortDisplay(_ value: FieldValue, in width: Int) -> String {
        let text = display(value)
        guard text.displayWidth > width, case .code(let code) = value, codes?.isOfLetters == true
        else { return text }
        return code.printable
    }

    /// A code by its label; where people know it by its letter, with that.
    private func name(of code: String) -> String {
        guard let list = codes, let label = list.label(of: code) else { return code }
        let text = label[Console.language]
        return list.isOfLetters ? "\(text) (\(code))" : text
    }

    /// Sections that were left out, with their reasons.
    private static func skipped(_ texts: [String]) -> String {
        SkipReason.parse(TextSet(Set(texts))).map { section, reason in
            let label = Form.checks.lazy.flatMap(\.sections).first { $0.key == section }?.label
            return "\(label?[Console.language] ?? section) (\(reason.label[Console.language]))"
        }.joined(separator: localized(zh: "、", en: ", "))
    }

    private func text(of value: FieldValue) -> String {
        switch value {
        case .null: return "—"
        case .boolean(let boolean):
            return boolean ? localized(zh: "是", en: "yes") : localized(zh: "否", en: "no")
        case .code(let code): return name(of: code)
        case .codes(let all) where tag == Remarks.skipped.definition.tag:
            return Self.skipped(all)
        case .codes(let all):
            let listed = codes?.entries.map(\.code).filter(all.contains) ?? []
            return (listed + all.filter { !listed.contains($0) }).map(name(of:))
                .joined(separator: localized(zh: "、", en: ", "))
        case .integer, .decimal:
            return value.plainText + (unitName.map { " \($0[Console.language])" } ?? "")
        default: return value.plainText
        }
    }
}

extension FieldValue {
    /// The answer as programs read it.
    var json: JSONValue {
        switch self {
        case .null: .null
        case .integer(let integer): .integer(integer)
        case .boolean(let boolean): .bool(boolean)
        case .decimal(let decimal): .number(decimal.text)
        case .codes(let codes): .array(codes)
        default: .string(plainText)
        }
    }
}

extension FieldStore {
    /// Whom, or which round, an identifier stands for.
    func text(of subject: SubjectID, as field: FieldDefinition) throws -> String {
        guard field.key == Household.visitRound.key else {
            return try name(of: subject).brief.printable
        }
        let round = try read { db in try Rounds.find(RoundID(subject), in: db) }
        return round?.code.printable ?? "—"
    }
}

extension Section {
    /// The section's answers by key; a cleared one is null.
    func json(_ answers: SectionAnswers) -> JSONValue {
        .object(
            Dictionary(
                uniqueKeysWithValues: fields.compactMap { field in
                    answers[field.tag].map { (field.key, $0.json) }
                }))
    }

    /// The section's answers as people read them; whom or what an identifier stands for by name.
    func lines(_ answers: SectionAnswers, _ store: FieldStore) throws -> [String] {
        try fields.compactMap { field in
            guard let value = answers[field.tag] else { return nil }
            var text = field.display(value)
            if case .identifier(let bytes) = value, let subject = SubjectID(bytes) {
                text = try store.text(of: subject, as: field)
            }
            return "\(field.label[Console.language]): \(text)"
        }
    }
}
