import FieldStore
import SurveyConsole
import SurveyLog
import SurveyModel
import SurveyStore

/// Says what became of a register entry or a finding, and whom it is about.
func reportEntry(
    _ saved: SavedEdit, _ store: FieldStore, _ warnings: [Label] = [], json: Bool
) throws {
    let warnings = warnings + (try store.twinWarnings(saved))
    guard !json else {
        var object = saved.entryJSON
        object["edit"] = .string(saved.edit.id.hex)
        object["warnings"] = .array(warnings.map { $0[Console.language] })
        return JSONValue.object(object).print()
    }
    Console.print(saved.text(about: try store.whom(saved)))
    for warning in warnings { print("  ! \(warning[Console.language])") }
}

extension SavedEdit {
    fileprivate var entryJSON: [String: JSONValue] {
        let record = edit.header.record
        guard record.kind != .finding else {
            return [
                "finding": .string(record.subject.text),
                "state": JSONValue(answers[Finding.state]?.rawValue),
            ]
        }
        return [
            "record": .string(record.text), "id": .string(record.subject.text),
            "household_no": JSONValue(
                record.kind == .household ? answers[Household.householdNo] : nil),
            "person_no": JSONValue(record.kind == .person ? answers[Person.personNo] : nil),
        ]
    }

    fileprivate func text(about name: SubjectName) -> Label {
        let record = edit.header.record
        guard record.kind == .finding else {
            return Label(zh: "已保存：\(name.whole.zh)", en: "Saved: \(name.whole.en)")
        }
        let id = String(record.subject.text.prefix(10))
        let state = answers[Finding.state]?.label ?? Label(zh: "—", en: "—")
        let category = answers[Finding.category]?.label ?? Label(zh: "—", en: "—")
        return Label(
            zh: "问题 \(id)：\(state.zh)  \(name.whole.zh) · \(category.zh)",
            en: "Finding \(id): \(state.en)  \(name.whole.en) · \(category.en)")
    }
}

extension LeftDraft {
    /// What it is, in a list of tasks.
    var task: Label {
        guard isNew else { return form.label }
        guard let check = after.flatMap({ Form.form(of: $0.kind) }) else {
            return Label(zh: "新增：\(form.label.zh)", en: "new: \(form.label.en)")
        }
        return Label(
            zh: "新增：\(form.label.zh)（\(check.label.zh)）",
            en: "new: \(form.label.en) (\(check.label.en))")
    }

    /// The command that goes on with it.
    var command: String {
        // A finding that is there already is found in every round.
        if let after { return "lianhu finding add --after \(after.text)" }
        guard let round = otherRound, record.kind != .finding || isNew else { return base }
        return "\(base) --round \(round.code.printable)"
    }

    private var base: String {
        let number = subjectNo.printable
        return switch record.kind {
        case .household:
            isNew
                ? "lianhu household add --village \(number)" : "lianhu household edit \(number)"
        case .person: isNew ? "lianhu person add \(number)" : "lianhu person edit \(number)"
        case .finding:
            isNew
                ? "lianhu finding add \(number)"
                : "lianhu finding rectify \(record.subject.text.prefix(10))"
        default: "lianhu check \(form.key) \(number)"
        }
    }
}
