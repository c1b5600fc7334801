/// How a contested section is shown until a person decides. Always shown as contested too.
public enum ContestPolicy: Sendable {
    /// The answer with the greatest causal depth, then the greatest edit id.
    case deepest
    /// The answer that judges the subject worst.
    case mostSevere
    /// The union of sets of codes.
    case union
}

/// Fields that only mean something together: the unit of merging.
public struct Section: Sendable {
    public let tag: SectionTag
    public let key: String
    public let label: Label
    public let policy: ContestPolicy
    public let fields: [FieldDefinition]

    package init(
        _ tag: UInt32, _ key: String, zh: String, en: String, policy: ContestPolicy = .deepest,
        _ fields: [FieldDefinition]
    ) {
        self.tag = SectionTag(rawValue: tag)
        self.key = key
        self.label = Label(zh: zh, en: en)
        self.policy = policy
        self.fields = fields
    }
}

/// What a form is filled in about.
public enum SubjectKind: Sendable {
    case household
    case person
    case village
    /// A problem that was found, by an id of its own.
    case finding
    /// Two households, or two persons, that are the same.
    case pair
    /// A record of the register itself: area, round, user, device, decision.
    case register
}

/// A form as data.
public struct Form: Sendable {
    public let kind: RecordKind
    /// English, snake_case: `housing`.
    public let key: String
    public let label: Label
    public let subject: SubjectKind
    public let version: UInt32
    public let sections: [Section]
    /// What its answers must be to each other.
    public let rules: [Rule]
    /// By the fields' tags.
    private let sectionTags: [SectionTag?]

    package init(
        _ kind: RecordKind, _ key: String, zh: String, en: String, subject: SubjectKind,
        version: UInt32 = 1, _ sections: [Section], rules: [Rule] = []
    ) {
        self.kind = kind
        self.key = key
        self.label = Label(zh: zh, en: en)
        self.subject = subject
        self.version = version
        self.sections = sections
        self.rules = rules
        let fields = sections.flatMap { section in section.fields.map { ($0.tag, section.tag) } }
        var tags = [SectionTag?](
            repeating: nil, count: Int(fields.map(\.0.rawValue).max() ?? 0) + 1)
        for (field, section) in fields where tags[Int(field.rawValue)] == nil {
            tags[Int(field.rawValue)] = section
        }
        sectionTags = tags
    }

    /// The section that declares a field.
    public func sectionTag(of field: FieldTag) -> SectionTag? {
        field.rawValue < sectionTags.count ? sectionTags[Int(field.rawValue)] : nil
    }

    public var fields: [FieldDefinition] { sections.flatMap(\.fields) }

    /// Whether its records are folded with those about the subject's other entries: a check of a
    /// household or a person.
    public var joinsEntries: Bool {
        switch subject {
        case .household: kind != .household
        case .person: kind != .person
        case .village, .finding, .pair, .register: false
        }
    }

    public func section(_ tag: SectionTag) -> Section? { sections.first { $0.tag == tag } }

    public func section(key: String) -> Section? { sections.first { $0.key == key } }

    public func field(key: String) -> FieldDefinition? {
        sections.lazy.flatMap(\.fields).first { $0.key == key }
    }

    public func field(_ tag: FieldTag) -> FieldDefinition? {
        sections.lazy.flatMap(\.fields).first { $0.tag == tag }
    }

    public func section(containing tag: FieldTag) -> Section? {
        sections.first { $0.fields.contains { $0.tag == tag } }
    }

    /// Every form of this version.
    public static let all: [Form] = [
        Household.form, Person.form, Housing.form, Water.form, Medical.form, Schooling.form,
        Clinic.form, Monitored.form, Finding.form, SameAs.form, AreaForm.form, RoundForm.form,
        UserForm.form, DeviceForm.form, DecisionForm.form, ExcerptForm.form,
    ]

    /// The forms of a check: filled in once a round.
    public static let checks: [Form] = [
        Housing.form, Water.form, Medical.form, Schooling.form, Clinic.form, Monitored.form,
    ]

    private static let byKind = Dictionary(uniqueKeysWithValues: all.map { ($0.kind, $0) })
    private static let byKey = Dictionary(uniqueKeysWithValues: all.map { ($0.key, $0) })

    public static func form(of kind: RecordKind) -> Form? { byKind[kind] }

    public static func form(key: String) -> Form? { byKey[key] }
}

extension Form {
    /// Whether a body of these sections holds free text, a name or a number that points to someone.
    public func needsSalt(_ sections: [SectionTag: SectionAnswers]) -> Bool {
        sections.contains { tag, answers in
            section(tag)?.fields.contains { field in
                guard let value = answers[field.tag], value != .null else { return false }
                if case .text = field.type { return true }
                return field.isPersonal
            } ?? true
        }
    }
}
