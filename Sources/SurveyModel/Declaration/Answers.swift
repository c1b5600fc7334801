/// The answers of one section: field tag → value.
public typealias SectionAnswers = [FieldTag: FieldValue]

extension SectionAnswers {
    /// The answers with cleared ones left out: what two surveyors must agree on to agree.
    public var canonical: SectionAnswers { filter { $0.value != .null } }
}

/// The answers of a whole form, whatever the section.
public struct Answers: Sendable, Hashable {
    public private(set) var values: [FieldTag: FieldValue]

    public init(_ values: [FieldTag: FieldValue] = [:]) { self.values = values }

    /// Joins the sections of one form; tags are unique within it.
    public init(sections: some Sequence<SectionAnswers>) {
        self.values = sections.reduce(into: [:]) { $0.merge($1) { _, new in new } }
    }

    /// The answer, nil when missing or cleared.
    public subscript(tag: FieldTag) -> FieldValue? {
        get { values[tag].flatMap { $0 == .null ? nil : $0 } }
        set { values[tag] = newValue }
    }

    public subscript<Value>(field: Field<Value>) -> Value? {
        get { self[field.definition.tag].flatMap(Value.init) }
        set { values[field.definition.tag] = newValue?.fieldValue }
    }
}
