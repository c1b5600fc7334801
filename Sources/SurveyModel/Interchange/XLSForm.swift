/// A form as an XLSForm workbook: the sheets from which ODK tools make a form for a phone.
///
/// One workbook holds one form. What the program writes itself has no question, and answers say
/// whom they are about in `subject`, as people type it for `lianhu check`. What is forbidden is a
/// constraint; what is only unusual is a hint, or a note that is shown while it is so.
///
/// Source: https://xlsform.org for sheets, columns and types; https://getodk.github.io/xforms-spec
/// for expressions.
public struct XLSForm: Sendable {
    /// A row of the survey sheet: a question, a note, or one end of a group.
    public struct Row: Sendable, Hashable {
        public var type: String
        public var name = ""
        public var label: Label?
        public var hint: Label?
        /// `yes`, or when an answer is demanded.
        public var required = ""
        public var relevant = ""
        public var constraint = ""
        public var constraintMessage: Label?
        public var appearance = ""
    }

    /// A row of the choices sheet.
    public struct Choice: Sendable, Hashable {
        public let list: String
        public let name: String
        public let label: Label
    }

    /// A sheet as texts; the first row is its heading.
    public struct Sheet: Sendable {
        public let name: String
        public let rows: [[String]]
    }

    /// The forms that can be filled in with other tools.
    public static let forms = Form.checks + [Household.form, Person.form, Finding.form]

    public let form: Form

    public init(_ form: Form) { self.form = form }

    // MARK: The survey sheet

    public var survey: [Row] {
        (subject.map { [$0] } ?? []) + form.sections.flatMap { rows(of: $0) }
    }

    /// Asks whom the answers are about, unless they say so themselves.
    private var subject: Row? {
        let label: Label? =
            switch form.subject {
            case .household where form.kind == .household: nil
            case .household: Label(zh: "户编号", en: "household number")
            case .person where form.kind == .person: Label(zh: "户编号", en: "household number")
            case .person: Label(zh: "户编号/人员编号", en: "HOUSEHOLD/PERSON number")
            case .village: Label(zh: "村代码", en: "village code")
            case .finding:
                Label(
                    zh: "户编号、户编号/人员编号或村代码",
                    en: "household number, HOUSEHOLD/PERSON number, or village code")
            case .pair, .register: nil
            }
        return label.map { Row(type: "text", name: "subject", label: $0, required: "yes") }
    }

    /// A section as a group that is shown at once; nothing when a person is asked nothing in it.
    private func rows(of section: Section) -> [Row] {
        let questions = section.fields.compactMap { question($0) }
        guard !questions.isEmpty else { return [] }
        // Expressions name questions without their group, so no group may be named like one.
        let isTaken = form.field(key: section.key) != nil
        let name = isTaken ? "\(section.key)_section" : section.key
        let begin = Row(
            type: "begin_group", name: name, label: section.label, appearance: "field-list")
        return [begin] + questions + notes(in: section) + [Row(type: "end_group", name: name)]
    }

    private func question(_ field: FieldDefinition) -> Row? {
        guard let type = field.questionType else { return nil }
        var row = Row(type: type, name: field.key, label: field.label, hint: field.hint)
        switch field.required {
        case .always: row.required = "yes"
        case .never: break
        default: row.required = field.required.xpath(in: form)
        }
        switch field.relevance {
        case .always: break
        default: row.relevant = field.relevance.xpath(in: form)
        }
        let demands = field.demands + form.rules.compactMap { demand(of: $0, on: field) }
        if !demands.isEmpty {
            row.constraint = demands.map(\.xpath).joined(separator: " and ")
            row.constraintMessage = Label(
                zh: demands.map(\.message.zh).joined(),
                en: demands.map(\.message.en).joined(separator: " "))
        }
        if case .text(let limit) = field.type, limit >= 500 { row.appearance = "multiline" }
        return row
    }

    // MARK: Rules

    /// The last question that a rule is about; nil when a person is not asked all of them.
    private func lastQuestion(of rule: Rule) -> FieldDefinition? {
        let tags = rule.fields
        let questions = form.fields.filter { tags.contains($0.tag) && $0.questionType != nil }
        return questions.count == tags.count ? questions.last : nil
    }

    /// What a rule demands of the last question that it is about. The one before may be blank, and
    /// a comparison with a blank does not hold.
    private func demand(of rule: Rule, on field: FieldDefinition) -> Demand? {
        guard lastQuestion(of: rule)?.tag == field.tag else { return nil }
        switch rule {
        case .ordered(let small, let large):
            let isLarge = field.tag == large
            guard let other = form.field(isLarge ? small : large) else { return nil }
            let reference = form.reference(to: other.tag)
            return Demand(
                xpath: "(\(reference) = '' or . \(isLarge ? ">=" : "<=") \(reference))",
                message: field.message(comparedWith: other, isLarge: isLarge))
        case .different(let one, let two):
            guard let other = form.field(field.tag == one ? two : one) else { return nil }
            return Demand(
                xpath: ". != \(form.reference(to: other.tag))",
                message: Label(
                    zh: "不得与“\(other.label.zh)”相同。",
                    en: "It must not be the same as \"\(other.label.en)\"."))
        // What it replaces is not on the form.
        case .notResidentNumber, .explained, .within, .ahead, .recent, .unusual: return nil
        }
    }

    /// What a person should look at again, shown below the last question that it is about.
    private func notes(in section: Section) -> [Row] {
        let tags = Set(section.fields.map(\.tag))
        return form.rules.enumerated().compactMap { number, rule -> Row? in
            guard let last = lastQuestion(of: rule), tags.contains(last.tag),
                let warning = warning(of: rule)
            else { return nil }
            return Row(
                type: "note", name: "unusual_\(number + 1)",
                label: Label(
                    zh: "请核对：\(warning.message.zh)", en: "Please check: \(warning.message.en)"),
                relevant: warning.xpath)
        }
    }

    private func warning(of rule: Rule) -> Demand? {
        switch rule {
        case .ordered, .different, .notResidentNumber, .explained: return nil
        case .within(let days, let late, let early):
            guard let last = form.field(late), let first = form.field(early) else { return nil }
            let (end, start) = (form.reference(to: late), form.reference(to: early))
            return Demand(
                xpath: "\(end) != '' and \(start) != '' and "
                    + "decimal-date-time(\(end)) - decimal-date-time(\(start)) > \(days)",
                message: Label(
                    zh: "\(last.label.zh)距\(first.label.zh)超过 \(days) 天",
                    en: "\(last.label.en) is more than \(days) days after \(first.label.en)"))
        case .ahead(let date):
            guard let field = form.field(date) else { return nil }
            let reference = form.reference(to: date)
            return Demand(
                xpath: "\(reference) != '' and \(reference) < today()",
                message: Label(
                    zh: "\(field.label.zh)已经过去", en: "\(field.label.en) is past already"))
        case .recent(let years, let date):
            guard let field = form.field(date) else { return nil }
            let reference = form.reference(to: date)
            return Demand(
                xpath: "\(reference) != '' and decimal-date-time(today()) - "
                    + "decimal-date-time(\(reference)) > \(years * 365 + years / 4)",
                message: Label(
                    zh: "\(field.label.zh)在 \(years) 年以前",
                    en: "\(field.label.en) is more than \(years) years ago"))
        case .unusual(let condition, let label):
            return Demand(xpath: condition.xpath(in: form), message: label)
        }
    }

    // MARK: The other sheets

    /// Every list that a question takes its answers from, once.
    public var choices: [Choice] {
        var listed: Set<Choice> = []
        return form.fields.flatMap(\.choices).filter { listed.insert($0).inserted }
    }

    /// Columns of the settings sheet with their values.
    public var settings: KeyValuePairs<String, String> {
        [
            "form_title": "\(form.label.zh) \(form.label.en)", "form_id": form.key,
            "version": "\(form.version)", "default_language": Self.chinese,
        ]
    }

    /// The workbook.
    public var sheets: [Sheet] {
        [
            Sheet(name: "survey", rows: [Row.heading] + survey.map(\.cells)),
            Sheet(name: "choices", rows: [Choice.heading] + choices.map(\.cells)),
            Sheet(name: "settings", rows: [settings.map(\.key), settings.map(\.value)]),
        ]
    }

    fileprivate static let chinese = "中文 (zh)"
    fileprivate static let english = "English (en)"

    /// A column in each language.
    fileprivate static func translated(_ column: String) -> [String] {
        ["\(column)::\(chinese)", "\(column)::\(english)"]
    }
}

extension XLSForm.Row {
    fileprivate static var heading: [String] {
        let groups: [[String]] = [
            ["type", "name"], XLSForm.translated("label"), XLSForm.translated("hint"),
            ["required", "relevant", "constraint"], XLSForm.translated("constraint_message"),
            ["appearance"],
        ]
        return groups.flatMap { $0 }
    }

    fileprivate var cells: [String] {
        [
            type, name, label?.zh ?? "", label?.en ?? "", hint?.zh ?? "", hint?.en ?? "", required,
            relevant, constraint, constraintMessage?.zh ?? "", constraintMessage?.en ?? "",
            appearance,
        ]
    }
}

extension XLSForm.Choice {
    fileprivate static var heading: [String] {
        ["list_name", "name"] + XLSForm.translated("label")
    }

    fileprivate var cells: [String] { [list, name, label.zh, label.en] }
}
