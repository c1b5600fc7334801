/// The tag of a field, unique within its form, never reused.
public struct FieldTag: RawRepresentable, Sendable, Hashable, Comparable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    public static func < (a: FieldTag, b: FieldTag) -> Bool { a.rawValue < b.rawValue }
}

/// The tag of a section, unique within its form, never reused.
public struct SectionTag: RawRepresentable, Sendable, Hashable, Comparable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    public static func < (a: SectionTag, b: SectionTag) -> Bool { a.rawValue < b.rawValue }
}

/// A code list as data.
public struct CodeList: Sendable {
    public struct Entry: Sendable {
        public let code: String
        public let label: Label
    }

    public let name: String
    public let entries: [Entry]

    init<Code: SurveyCode>(_: Code.Type) {
        self.name = Code.listName
        self.entries = Code.allCases.map { Entry(code: $0.rawValue, label: $0.label) }
    }

    public func label(of code: String) -> Label? {
        entries.first { $0.code == code }?.label
    }
}

/// What kind of answer a field takes.
public enum FieldType: Sendable {
    /// At most this many Unicode scalars after NFC.
    case text(limit: Int)
    case integer
    case decimal
    case boolean
    case date
    case code(CodeList)
    case codes(CodeList)
    /// Written by the program, never asked.
    case identifier
    /// A set of texts written by the program, never asked.
    case texts

    public static let text = FieldType.text(limit: 4_000)
}

/// How a text is compared, and whether it is stored like that.
public enum FieldFolding: Sendable {
    /// Stored and compared as it was typed.
    case none
    /// A number, code or unit that people give out: stored as `folded`.
    case number
    /// A person's place in the household: stored as `foldedPlace`.
    case place

    /// The text as it is stored and looked up.
    public func callAsFunction(_ text: some StringProtocol) -> String {
        switch self {
        case .none: String(text)
        case .number: text.folded
        case .place: text.foldedPlace
        }
    }
}

/// A field as data: what prompts, validation, headings and exports derive from.
public struct FieldDefinition: Sendable {
    public let tag: FieldTag
    /// English, snake_case: the name in `--set`, CSV and JSON.
    public let key: String
    public let label: Label
    public let type: FieldType
    /// As printed, such as `L/(人·d)`.
    public let unit: String?
    /// The unit as it stands beside a number; nil where it says nothing, as of a year.
    public var unitName: Label? {
        guard let unit else { return nil }
        return switch unit {
        case "人": Label(zh: unit, en: "persons")
        case "次": Label(zh: unit, en: "times")
        case "层": Label(zh: unit, en: "storeys")
        case "年": nil
        case "元/年": Label(zh: unit, en: "CNY/year")
        case "L/(人·d)": Label(zh: "升/（人·天）", en: "L/(person·d)")
        default: Label(zh: unit, en: unit)
        }
    }
    /// Hard limits, both ends included.
    public let range: ClosedRange<ScaledDecimal>?
    /// A value outside is unusual, and kept when confirmed.
    public let usual: ClosedRange<ScaledDecimal>?
    /// Asked and kept only when this holds.
    public let relevance: Condition
    /// An answer is demanded when its section is written and this holds.
    public let required: Condition
    /// A date may not lie after today, a year not after this one.
    public let notInFuture: Bool
    /// So many years beyond this one are not in the future yet.
    public let yearsAhead: Int64
    /// A name, an address, a number that points to a person: salted, kept out of exports and logs.
    public let isPersonal: Bool
    var isDate: Bool { if case .date = type { true } else { false } }
    /// Tells of somebody's health, or of what was done for it: kept out of exports.
    public let isHealth: Bool
    /// How a text is stored and looked up. A number is never one by which the state knows a person.
    public let folding: FieldFolding
}

/// A field with the Swift type of its answer: `answers[Housing.grade]` is a `HouseGrade?`.
public struct Field<Value: AnswerValue>: Sendable {
    public let definition: FieldDefinition

    /// Declares a field. The caller gives each tag once, for ever.
    package init(
        _ tag: UInt32, _ key: String, zh: String, en: String, type: FieldType,
        unit: String? = nil, range: ClosedRange<ScaledDecimal>? = nil,
        usual: ClosedRange<ScaledDecimal>? = nil, when relevance: Condition = .always,
        required: Condition = .never, notInFuture: Bool = false, yearsAhead: Int64 = 0,
        personal: Bool = false,
        health: Bool = false, folding: FieldFolding = .none
    ) {
        self.definition = FieldDefinition(
            tag: FieldTag(rawValue: tag), key: key, label: Label(zh: zh, en: en), type: type,
            unit: unit, range: range, usual: usual, relevance: relevance, required: required,
            notInFuture: notInFuture, yearsAhead: yearsAhead, isPersonal: personal,
            isHealth: health,
            folding: folding)
    }

    public var key: String { definition.key }
}

extension Field where Value: SurveyCode {
    init(
        _ tag: UInt32, _ key: String, zh: String, en: String,
        when relevance: Condition = .always, required: Condition = .never, health: Bool = false
    ) {
        self.init(
            tag, key, zh: zh, en: en, type: .code(CodeList(Value.self)), when: relevance,
            required: required, health: health)
    }

    /// Holds when this field has one of the answers.
    func isOne(of codes: Value...) -> Condition {
        .oneOf(definition.tag, codes.map(\.fieldValue))
    }
}

extension Field {
    /// Holds when this field's set of codes has one of the codes.
    func includes<Code>(_ codes: Code...) -> Condition where Value == CodeSet<Code> {
        .includes(definition.tag, codes.map(\.rawValue))
    }

    /// Holds when this field's number is at most the limit.
    func isAtMost(_ limit: ScaledDecimal) -> Condition { .atMost(definition.tag, limit) }
}

extension Field where Value == Bool {
    func isAnswered(_ value: Bool) -> Condition { .oneOf(definition.tag, [.boolean(value)]) }
}
