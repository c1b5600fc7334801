import ArgumentParser
import FieldStore
import Foundation
import SurveyConsole
import SurveyCoverage
import SurveyLog
import SurveyModel

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: localized(
            zh: "检查：住房 housing、饮水 water、医疗 medical", en: "Check housing, water or medical."),
        discussion: localized(
            zh: """
                lianhu check housing 户编号                       逐项提问（终端）
                lianhu check water 户编号 --set litres_pcd=45 …   不提问
                lianhu check --from 文件                          每行 {"kind","subject","set":{}}
                字段见 lianhu forms show。
                """,
            en: """
                lianhu check housing NUMBER                       asks, on a terminal
                lianhu check water NUMBER --set litres_pcd=45 …   asks nothing
                lianhu check --from FILE                          {"kind","subject","set":{}} per line
                Fields: lianhu forms show.
                """))

    @Argument(
        help: .init(
            localized(zh: "housing、water 或 medical", en: "housing, water or medical."),
            valueName: "form"))
    var form: String?

    @Argument(
        help: .init(
            localized(
                zh: "户编号；医疗用 户编号/人员编号；或记录编号",
                en: "A household's number, for medical HOUSEHOLD/PERSON, or an id."),
            valueName: "subject"))
    var subject: String?

    @Option(
        help: .init(
            localized(zh: "字段=答案（可重复；空值清除）", en: "An answer. May be repeated; empty clears."),
            valueName: "field=value"))
    var set: [String] = []

    @Option(
        help: .init(
            localized(
                zh: "JSON 行文件（- 为标准输入）；全部有效才保存",
                en: "A file of JSON lines (- is standard input); saved only if all are valid."),
            valueName: "file"))
    var from: String?

    @OptionGroup var round: RoundOption
    @OptionGroup var home: HomeOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let store = try home.open()
        if let from {
            guard form == nil, subject == nil, set.isEmpty else {
                throw Failure(.usage, "--from stands alone")
            }
            return try CheckBatch(store: store, round: round.round).run(from) { saved, warnings in
                report(saved, warnings, json: output.json)
            }
        }
        guard let form, let subject else { throw Failure(.usage, "check FORM SUBJECT") }
        let definition = try Form.check(form)
        guard !set.isEmpty else {
            return try ask(definition, subject, store)
        }
        let open = try store.openCheck(
            definition, subject: subject, round: round.round, resuming: false)
        let result = try AnswerSetter(store: store).apply(try assignments(set), to: open)
        let saved = try store.save(result.form, sections: result.sections)
        report(saved, result.warnings, json: output.json)
    }

    private func ask(_ form: Form, _ subject: String, _ store: FieldStore) throws {
        guard Console.isInteractive else { throw Failure(.noTerminal) }
        let open = try store.openCheck(
            form, subject: subject, round: round.round, resuming: true)
        var prompter = FormPrompter(store: store, open: open, title: subject)
        if let saved = try prompter.run() { report(saved, [], json: output.json) }
    }
}

/// `field=value` texts by field.
func assignments(_ texts: [String]) throws(Failure) -> [String: String] {
    var answers: [String: String] = [:]
    for text in texts {
        guard let equals = text.firstIndex(of: "=") else {
            throw Failure(.usage, "--set field=value")
        }
        let key = String(text[..<equals]).trimmed
        let value = String(text[text.index(after: equals)...])
        guard answers.updateValue(value, forKey: key) == nil else {
            throw Failure(.usage, "--set \(key) --set \(key)")
        }
    }
    return answers
}

/// Says what was saved and what it comes to.
func report(_ saved: SavedEdit, _ warnings: [Label], json: Bool) {
    let record = saved.edit.header.record.text
    let assessment = saved.assessment
    let contested = saved.contestedSections.map { section in
        Label(zh: "有争议的栏目：\(section.label.zh)", en: "contested section: \(section.key)")
    }
    let because = contested.isEmpty ? assessment.map { [$0.because] } ?? [] : contested
    let why = because.map { $0[Console.language] }.joined(separator: localized(zh: "；", en: "; "))
    guard !json else {
        return JSONValue.object([
            "record": .string(record), "edit": .string(saved.edit.id.hex),
            "assessment": JSONValue(saved.outcome?.publicName),
            "because": why.isEmpty ? .null : .string(why),
            "warnings": .array(warnings.map { $0[Console.language] }),
        ]).print()
    }
    let result = saved.outcome?.label[Console.language] ?? "—"
    Console.print(Label(zh: "已保存 \(record)：\(result)", en: "Saved \(record): \(result)"))
    if !why.isEmpty { print("  \(why)") }
    for warning in warnings { print("  ! \(warning[Console.language])") }
}

extension Form {
    /// The form of a check by its name.
    static func check(_ key: String) throws(Failure) -> Form {
        guard let form = checks.first(where: { $0.key == key }) else {
            throw Failure(.unknownForm, key)
        }
        return form
    }
}
