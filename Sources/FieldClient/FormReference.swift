import SurveyConsole
import SurveyModel

// The form reference: all that a form says of itself, for people and for programs.

extension Form {
    func printReference() {
        let language = Console.language
        let version = localized(zh: "版本 \(version)", en: "version \(version)")
        print("\(key)  \(label[language])  \(version)  #\(kind.rawValue)")
        for section in sections {
            print("\n\(section.label[language]) (\(section.key))  #\(section.tag.rawValue)")
            for field in section.fields { field.printReference(in: self) }
        }
        if !rules.isEmpty {
            print("\n" + localized(zh: "规则", en: "Rules"))
            for rule in rules { print("  " + rule.text(in: self)[language]) }
        }
        guard !conclusions.isEmpty else { return }
        print("\n" + localized(zh: "结论依据", en: "What concludes from it"))
        for standard in conclusions { print("  " + standard[language]) }
    }

    /// The standards that conclude something from its answers.
    private var conclusions: [Label] {
        switch kind {
        case .housing: [HousingAssessment.standard]
        case .water:
            WaterStandard.allCases.map(\.label)
                + [Label(zh: DrinkingWaterLadder.name, en: DrinkingWaterLadder.name)]
        case .medical: [Label(zh: "基本医疗有保障", en: "basic medical security")]
        case .schooling: [SchoolingAssessment.standard]
        case .clinic: [ClinicAssessment.standard]
        default: []
        }
    }

    var reference: JSONValue {
        [
            "form": .string(key), "tag": JSONValue(kind.rawValue), "label": label.json,
            "version": JSONValue(version),
            "sections": .array(sections.map { reference(of: $0) }),
            "rules": .array(rules.map { $0.reference(in: self) }),
            "standards": .array(conclusions.map(\.json)),
        ]
    }

    private func reference(of section: Section) -> JSONValue {
        [
            "section": .string(section.key), "tag": JSONValue(section.tag.rawValue),
            "label": section.label.json,
            "fields": .array(section.fields.map { $0.reference(in: self) }),
        ]
    }
}

extension FieldDefinition {
    fileprivate func printReference(in form: Form) {
        let language = Console.language
        let notes = notes.joined(separator: "; ")
        print("  \(key)  \(label[language])  [\(notes)]  #\(tag.rawValue)")
        if let condition = relevance.text(in: form) {
            print("      " + localized(zh: "仅当 \(condition.zh)", en: "only if \(condition.en)"))
        }
        if let condition = required.text(in: form) {
            print(
                "      " + localized(zh: "必填，当 \(condition.zh)", en: "required if \(condition.en)"))
        }
        for entry in codes?.entries ?? [] {
            print("      \(entry.code.padded(to: 16))  \(entry.label[language])")
        }
    }

    private var notes: [String] {
        var notes = [typeText]
        if let unitName { notes.append(unitName[Console.language]) }
        if let range { notes.append(range.text) }
        if let usual {
            notes.append(localized(zh: "通常 \(usual.text)", en: "usually \(usual.text)"))
        }
        if notInFuture {
            notes.append(
                yearsAhead == 0
                    ? localized(zh: "不晚于今天", en: "not after today")
                    : localized(zh: "不晚于明年", en: "not after next year"))
        }
        switch required {
        case .never: break
        case .always: notes.append(localized(zh: "必填", en: "required"))
        default: notes.append(localized(zh: "按条件必填", en: "required on condition"))
        }
        if isPersonal { notes.append(localized(zh: "个人信息", en: "personal")) }
        return notes
    }

    fileprivate func reference(in form: Form) -> JSONValue {
        [
            "key": .string(key), "tag": JSONValue(tag.rawValue), "label": label.json,
            "type": .string(typeName), "limit": limit, "unit": JSONValue(unit),
            "range": range?.json ?? .null, "usual": usual?.json ?? .null,
            "not_in_future": .bool(notInFuture), "years_ahead": .integer(yearsAhead),
            "personal": .bool(isPersonal),
            "required": .string(requirement), "required_if": required.reference(in: form),
            "relevant_if": relevance.reference(in: form), "list": JSONValue(codes?.name),
            "codes": codes.map { Self.json(of: $0) } ?? .null,
        ]
    }

    /// Unicode scalars of a text.
    private var limit: JSONValue {
        guard case .text(let limit) = type else { return .null }
        return JSONValue(limit)
    }

    private var requirement: String {
        switch required {
        case .always: "always"
        case .never: "never"
        default: "conditional"
        }
    }

    private static func json(of list: CodeList) -> JSONValue {
        .array(
            list.entries.map { entry -> JSONValue in
                ["code": .string(entry.code), "label": entry.label.json]
            })
    }

    private var typeName: String {
        switch type {
        case .text: "text"
        case .integer: "integer"
        case .decimal: "decimal"
        case .boolean: "boolean"
        case .date: "date"
        case .code: "code"
        case .codes: "codes"
        case .identifier: "identifier"
        case .texts: "texts"
        }
    }
}

extension Condition {
    /// In words and as XPath; null when it says nothing.
    fileprivate func reference(in form: Form) -> JSONValue {
        guard let text = text(in: form) else { return .null }
        return ["text": text.json, "xpath": .string(xpath(in: form))]
    }
}

extension Rule {
    /// `clue_date ≤ identified_date`.
    fileprivate func text(in form: Form) -> Label {
        func key(_ tag: FieldTag) -> String { form.field(tag)?.key ?? "?" }
        switch self {
        case .ordered(let small, let large):
            let text = "\(key(small)) ≤ \(key(large))"
            return Label(zh: text, en: text)
        case .different(let one, let other):
            let text = "\(key(one)) ≠ \(key(other))"
            return Label(zh: text, en: text)
        case .within(let days, let late, let early):
            let text = "\(key(late)) ≤ \(key(early)) + \(days) d"
            return Label(zh: "通常 \(text)", en: "usually \(text)")
        case .notResidentNumber(let number):
            return Label(zh: "\(key(number)) 不得是身份证号", en: "\(key(number)) is no identity number")
        case .explained(let grade, _, let weak, let reason, let condition):
            let otherwise = condition.text(in: form)
            return Label(
                zh: "\(key(grade)) 由 \(weak.sorted().joined(separator: "、")) 改为更好的等级时须填 "
                    + "\(key(reason))（\(otherwise?.zh ?? "") 除外）",
                en: "\(key(grade)) better than \(weak.sorted().joined(separator: ", ")) before "
                    + "takes \(key(reason)), unless \(otherwise?.en ?? "")")
        case .ahead(let date):
            return Label(zh: "\(key(date)) 通常不早于今天", en: "\(key(date)) is usually not past")
        case .recent(let years, let date):
            return Label(
                zh: "\(key(date)) 通常在 \(years) 年以内",
                en: "\(key(date)) is usually within \(years) years")
        case .unusual(let condition, let label):
            let when = condition.text(in: form)
            return Label(
                zh: "不常见：\(when?.zh ?? "")（\(label.zh)）",
                en: "unusual: \(when?.en ?? "") (\(label.en))")
        }
    }

    fileprivate func reference(in form: Form) -> JSONValue {
        func rule(_ name: String, _ fields: [FieldTag], if condition: Condition = .always)
            -> JSONValue
        {
            [
                "rule": .string(name), "fields": .array(fields.compactMap { form.field($0)?.key }),
                "text": text(in: form).json, "if": condition.reference(in: form),
            ]
        }
        switch self {
        case .ordered(let small, let large): return rule("ordered", [small, large])
        case .different(let one, let other): return rule("different", [one, other])
        case .within(_, let late, let early): return rule("within", [late, early])
        case .notResidentNumber(let number): return rule("not_resident_number", [number])
        case .explained(let grade, _, _, let reason, let condition):
            return rule("explained", [grade, reason], if: .not(condition))
        case .ahead(let date): return rule("ahead", [date])
        case .recent(_, let date): return rule("recent", [date])
        case .unusual(let condition, _):
            return rule("unusual", condition.fields.sorted(), if: condition)
        }
    }
}

extension Label {
    fileprivate var json: JSONValue { ["zh": .string(zh), "en": .string(en)] }
}

extension JSONValue {
    fileprivate init(_ number: UInt32) { self = .integer(Int64(number)) }
}

extension ClosedRange<ScaledDecimal> {
    fileprivate var text: String { "\(lowerBound.text)–\(upperBound.text)" }

    fileprivate var json: JSONValue { [.number(lowerBound.text), .number(upperBound.text)] }
}
