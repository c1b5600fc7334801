import SurveyModel

extension Mapping {
    /// The forms that a row can fill in.
    private static func possible(_ subject: Subject) -> [Form] {
        func checks(_ kind: SubjectKind) -> [Form] { Form.checks.filter { $0.subject == kind } }
        return switch subject {
        case .household: [Household.form] + checks(.household)
        case .person: [Person.form] + checks(.person)
        case .village: checks(.village)
        }
    }

    /// What the subject says of a register entry already.
    private static let derived = [
        Household.householdNo.key, Household.villageCode.key, Household.village.key,
        Person.personNo.key, Person.household.key,
    ]

    /// - Throws: `Failure` that names the place of what is wrong.
    init(_ document: MappingDocument) throws {
        let root = MappingTable(document)
        let about = try root.table("subject")
        subject = try Self.subject(about)
        let possible = Self.possible(subject)
        try root.allowOnly(["namespace", "missing", "subject"] + possible.map(\.key))
        let tokens = try root.texts("missing") ?? []
        missing = MissingTokens(tokens)
        namespace = try root.text("namespace")?.trimmed ?? ""
        guard !namespace.isEmpty else {
            throw root.problem(
                "namespace", zh: "必填：编号由谁发放。", en: "is required: who gave out the keys.")
        }
        guard let about else {
            throw root.problem("subject", zh: "必填。", en: "is required.")
        }
        if case .village = subject {
            try about.allowOnly(["of", "village"])
            key = []
        } else {
            var keys: Set = ["of", "village", "key", "prefix", "create", "person"]
            if case .person = subject { keys.insert("name") }
            try about.allowOnly(keys.sorted())
            key = try (about.texts("key") ?? []).map(\.trimmed)
            guard !key.isEmpty, !key.contains("") else {
                throw about.problem(
                    "key", zh: "必填：哪些列说明是哪一户。",
                    en: "is required: the columns that say which household it is.")
            }
        }
        if case .person = subject, about.nodes["village"] == nil {
            village = nil
        } else {
            village = try Self.village(of: about, missing: tokens)
        }
        nameColumn = try about.text("name")?.trimmed
        prefix = try about.text("prefix") ?? ""
        creates = try about.boolean("create") ?? false
        forms = try possible.compactMap { form in
            guard let table = try root.table(form.key) else {
                // A new entry of the register is written in any case.
                return Form.checks.contains { $0.kind == form.kind }
                    ? nil : MappedForm(form: form, fields: [])
            }
            return try Self.mapped(form, table, missing: tokens)
        }
    }

    /// `of = "person"` with `person` for the columns of its number; households by default.
    private static func subject(_ about: MappingTable?) throws -> Subject {
        let columns = try (about?.texts("person") ?? []).map(\.trimmed)
        switch try about?.text("of") ?? (columns.isEmpty ? "household" : "person") {
        case "household" where columns.isEmpty: return .household
        case "village" where columns.isEmpty: return .village
        case "person" where !columns.isEmpty && !columns.contains(""): return .person(columns)
        case "person":
            throw about!.problem(
                "person", zh: "必填：哪些列说明是哪个成员。",
                en: "is required: the columns that say which member it is.")
        default:
            throw about!.problem(
                "of", zh: "应为 \"household\"、\"person\" 或 \"village\"。",
                en: "takes \"household\", \"person\" or \"village\".")
        }
    }

    private static func village(of subject: MappingTable, missing: [String]) throws -> Village {
        switch subject.nodes["village"] {
        case .text("option")?: return .option
        case .text(let code)?: return .code(code)
        case .table?:
            guard let table = try subject.table("village") else { break }
            return .column(
                try FieldMapping(Household.villageCode.definition, table, missing: missing))
        case .list?, nil: break
        }
        throw subject.problem(
            "village", zh: "必填：村代码、\"option\" 或 { column = … }。",
            en: "is required: a code, \"option\" or { column = … }.")
    }

    private static func mapped(_ form: Form, _ table: MappingTable, missing: [String]) throws
        -> MappedForm
    {
        var fields: [FieldMapping] = []
        for key in table.nodes.keys.sorted() {
            guard let field = form.field(key: key) else {
                let problem = AnswerProblem(field: key, reason: .unknownField(form: form.key))
                throw table.problem(key, zh: problem.message.zh, en: problem.message.en)
            }
            guard Form.checks.contains(where: { $0.kind == form.kind }) || !derived.contains(key)
            else {
                throw table.problem(key, zh: "由 [subject] 决定。", en: "follows from [subject].")
            }
            switch field.type {
            case .identifier, .texts:
                let message = field.problem(.notAsked).message
                throw table.problem(key, zh: message.zh, en: message.en)
            default: break
            }
            guard let options = try table.table(key, short: "column") else { continue }
            fields.append(try FieldMapping(field, options, missing: missing))
        }
        return MappedForm(form: form, fields: fields)
    }
}

extension FieldMapping {
    private static let keys = [
        "column", "constant", "missing", "codes", "otherwise", "absent", "empty", "split",
        "factor", "offset", "decimals", "date",
    ]

    /// - Parameter missing: tokens of the file, unless the column has its own.
    init(_ field: FieldDefinition, _ table: MappingTable, missing: [String]) throws {
        try table.allowOnly(Self.keys)
        switch (try table.text("column")?.trimmed, try table.text("constant")) {
        case (let column?, nil) where !column.isEmpty:
            self.init(field, from: .column(column))
        case (nil, let constant?) where !constant.trimmed.isEmpty:
            try table.allowOnly(["constant"])
            self.init(
                field, from: .constant(try table.answer(constant, to: field, at: "constant")))
        default:
            throw table.problem(
                nil, zh: "需要 column 或 constant 其一。", en: "needs a column or else a constant.")
        }
        self.missing = MissingTokens(try table.texts("missing") ?? missing)
        separator = try table.text("split")
        if separator != nil, separator == "" || !field.isChosen {
            throw table.problem(
                "split", zh: "只用于选择题，且不能为空。",
                en: "is for fields that are chosen from a list, and not empty.")
        }
        absent = try Self.answer("absent", table, field)
        clears = try Self.clears(table)
        otherwise = try Self.answer("otherwise", table, field)
        try readCodes(table)
        try readScaling(table)
        dates = try Self.dates(table, field)
    }

    /// `empty = "clear"` or, as without it, `"keep"`.
    private static func clears(_ table: MappingTable) throws -> Bool {
        switch try table.text("empty") {
        case nil, "keep"?: return false
        case "clear"? where table.nodes["absent"] == nil: return true
        case "clear"?:
            throw table.problem(
                "empty", zh: "清除与 absent 只能取其一。", en: "clears, or else has an absent answer.")
        default:
            throw table.problem(
                "empty", zh: "应为 \"keep\" 或 \"clear\"。", en: "takes \"keep\" or \"clear\".")
        }
    }

    private static func answer(_ key: String, _ table: MappingTable, _ field: FieldDefinition)
        throws -> FieldValue?
    {
        guard let text = try table.texts(key)?.joined(separator: ",") else { return nil }
        return try table.answer(text, to: field, at: key)
    }

    private mutating func readCodes(_ table: MappingTable) throws {
        guard let list = try table.table("codes") else {
            if otherwise != nil { codes = [:] }
            return
        }
        var answers: [String: FieldValue] = [:]
        for key in list.nodes.keys.sorted() {
            let answer = try Self.answer(key, list, field)
            guard answers.updateValue(answer ?? .null, forKey: choiceKey(key)) == nil else {
                throw list.problem(
                    key, zh: "与另一个键只差写法（大小写、空格、全角等）。",
                    en: "differs from another key by case, spaces or width only.")
            }
        }
        codes = answers
    }

    private mutating func readScaling(_ table: MappingTable) throws {
        for key in ["factor", "offset", "decimals"]
        where table.nodes[key] != nil && !field.isNumber {
            throw table.problem(key, zh: "只用于数字。", en: "is for numbers only.")
        }
        if let text = try table.text("factor") {
            // `1/60`: seconds as minutes.
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
                .map { ExactNumber($0.trimmed) }
            guard parts.count <= 2, let factor = parts[0], factor.unscaled != 0,
                let divisor = parts.count == 2 ? parts[1] : ExactNumber.one, divisor.unscaled > 0
            else {
                throw table.problem(
                    "factor", zh: "应为 30 或 \"1/60\" 这样的数字。",
                    en: "takes a number such as 30 or \"1/60\".")
            }
            scaling.factor = factor
            scaling.divisor = divisor
        }
        scaling.offset = try table.number("offset") ?? .zero
        if let text = try table.text("decimals") {
            var limit = Int(ScaledDecimal.largestScale)
            if case .integer = field.type { limit = 0 }
            guard let decimals = Int(text), (0...limit).contains(decimals) else {
                throw table.problem(
                    "decimals", zh: "应为 0–\(limit)。", en: "takes a number in 0–\(limit).")
            }
            scaling.decimals = decimals
        }
    }

    private static func dates(_ table: MappingTable, _ field: FieldDefinition) throws
        -> [DatePattern]
    {
        var patterns: [DatePattern] = []
        for text in try table.texts("date") ?? [] {
            guard case .date = field.type, let pattern = DatePattern(text) else {
                throw table.problem(
                    "date", zh: "用于日期，写法如 \"DD/MM/YYYY\"，末尾可加 *。",
                    en: "is for days, written such as \"DD/MM/YYYY\", with * for whatever follows.")
            }
            patterns.append(pattern)
        }
        return patterns
    }
}
