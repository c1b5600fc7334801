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
            zh: "检查：住房、饮水、医疗、教育、村卫生室、监测对象",
            en: "Check housing, water, medical, schooling, clinic or monitored."),
        discussion: localized(
            zh: """
                medical、schooling 只给户编号时，逐个成员填写；clinic 给村代码。
                --from 文件的每一行：{"kind","subject","set":{}}。字段见 lianhu forms show water。

                示例：
                  lianhu check housing 520402109201-0012      # 在终端上全屏填写
                  lianhu check schooling 520402109201-0012/3  # 某个成员
                  lianhu check water 520402109201-0012 --set litres_pcd=45 --set to_home=是
                  lianhu check --from checks.jsonl            # 全部有效才保存
                """,
            en: """
                With a household's number medical and schooling ask one member after another; \
                clinic takes a village's code. A line of --from is {"kind","subject","set":{}}. \
                Fields: lianhu forms show water.

                Examples:
                  lianhu check housing 520402109201-0012      # a form, on a terminal
                  lianhu check schooling 520402109201-0012/3  # one member
                  lianhu check water 520402109201-0012 --set litres_pcd=45 --set to_home=yes
                  lianhu check --from checks.jsonl            # saved only if all are valid
                """))

    @Argument(
        help: .init(
            localized(
                zh: "housing、water、medical、schooling、clinic 或 monitored",
                en: "housing, water, medical, schooling, clinic or monitored."),
            valueName: "form"), completion: .list(Form.checks.map(\.key)))
    var form: String?

    @Argument(
        help: .init(
            localized(
                zh: "户编号；人员用 户编号/人员编号；村用村代码；或记录编号",
                en: "A household's number, HOUSEHOLD/PERSON, a village's code, or an id."),
            valueName: "subject"))
    var subject: String?

    @Option(
        help: .init(
            localized(
                zh: "JSON 行文件（- 为标准输入）；全部有效才保存",
                en: "A file of JSON lines (- is standard input); saved only if all are valid."),
            valueName: "file"))
    var from: String?

    @OptionGroup var filling: FillingOptions
    @OptionGroup var round: RoundOption
    @OptionGroup var home: HomeOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let store = try home.open()
        if let from {
            guard form == nil, subject == nil, filling.set.isEmpty else {
                throw Failure(
                    .usage,
                    Label(
                        zh: "--from 不能与表单、对象或 --set 同用",
                        en: "--from goes without a form, a subject or --set"))
            }
            return try CheckBatch(store: store, round: round.round).run(from) { saved, warnings in
                try report(saved, warnings, store, json: output.json)
            }
        }
        guard let form, let subject else {
            throw Failure(
                .usage,
                Label(
                    zh: "check 后面要有表单和对象，例如 check housing 520402109201-0012",
                    en: "check takes a form and a subject: check housing 520402109201-0012"))
        }
        let definition = try Form.check(form)
        guard filling.set.isEmpty else {
            let open = try store.openCheck(
                definition, subject: subject, round: round.round, resuming: false)
            let result = try filling.apply(to: open, store)
            return try report(result.saved, result.warnings, store, json: output.json)
        }
        let (saved, notes) = try filling.ask(json: output.json) { terminal in
            var visit = Visit(store: store, terminal: terminal, round: round.round)
            return (try visit.check(definition, subject), visit.notes)
        }
        for saved in saved { try report(saved, [], store, json: output.json) }
        guard !output.json else { return }
        for note in notes { Console.print(note) }
    }
}

/// `field=value` texts by field.
func assignments(_ texts: [String]) throws(Failure) -> [String: String] {
    var answers: [String: String] = [:]
    for text in texts {
        guard let equals = text.firstIndex(of: "=") else {
            throw Failure(
                .usage,
                Label(
                    zh: "--set 写成 字段=值，例如 --set grade=A",
                    en: "--set takes field=value, such as --set grade=A"))
        }
        let key = String(text[..<equals]).trimmed
        let value = String(text[text.index(after: equals)...])
        guard answers.updateValue(value, forKey: key) == nil else {
            throw Failure(
                .usage,
                Label(zh: "--set 给了 \(key.printable) 两次", en: "--set names \(key.printable) twice"))
        }
    }
    return answers
}

/// Says what was saved and what it comes to.
func report(_ saved: SavedEdit, _ warnings: [Label], _ store: FieldStore, json: Bool) throws {
    let record = saved.edit.header.record.text
    let assessment = saved.assessment
    let contested = saved.contestedSections.map { section in
        Label(zh: "有争议的栏目：\(section.label.zh)", en: "contested section: \(section.key)")
    }
    let because = contested.isEmpty ? assessment.map { [$0.because] } ?? [] : contested
    let why = because.map { $0[Console.language] }.joined(separator: localized(zh: "；", en: "; "))
    let kind = saved.edit.header.record.kind
    let ladder = kind == .water ? DrinkingWaterLadder.rung(saved.answers) : nil
    let proposal = saved.proposal
    guard !json else {
        return JSONValue.object([
            "record": .string(record), "edit": .string(saved.edit.id.hex),
            "assessment": JSONValue(saved.outcome?.publicName),
            "standard": JSONValue(assessment?.standard),
            "because": why.isEmpty ? .null : .string(why),
            "jmp": JSONValue(ladder?.rung.rawValue),
            "finding": proposal.map {
                [
                    "category": .string($0.category.rawValue),
                    "severity": .string($0.severity.rawValue),
                    "description": .string($0.summary[Console.language]),
                ]
            } ?? .null,
            "warnings": .array(warnings.map { $0[Console.language] }),
        ]).print()
    }
    let said =
        kind == .finding ? saved.answers[Finding.state]?.label : saved.outcome?.label
    let result = said?[Console.language] ?? "—"
    Console.print(Label(zh: "已保存 \(record)：\(result)", en: "Saved \(record): \(result)"))
    if !why.isEmpty { print("  \(why)") }
    if let ladder, ladder.rung != .unknown {
        let name = DrinkingWaterLadder.name
        print(
            "  \(name): \(ladder.rung.label[Console.language])  \(ladder.because[Console.language])"
        )
    }
    for warning in warnings { print("  ! \(warning[Console.language])") }
    let key = saved.edit.header.record
    if proposal != nil, try store.proposeFinding(after: key, in: Console.language) != nil {
        Console.print(
            Label(
                zh: "  登记问题：lianhu finding add --after \(record)",
                en: "  A finding: lianhu finding add --after \(record)"))
    }
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
