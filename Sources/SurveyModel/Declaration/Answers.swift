/// The answers of one section: field tag → value.
public typealias SectionAnswers = [FieldTag: FieldValue]

extension SectionAnswers {
    /// The answers with cleared ones left out: what two surveyors must agree on to agree.
    public var canonical: SectionAnswers {
        values.contains(.null) ? filter { $0.value != .null } : self
    }
}

/// The answers of a whole form, whatever the section.
public struct Answers: Sendable, Hashable {
    public private(set) var values: [FieldTag: FieldValue]

    public init(_ values: [FieldTag: FieldValue] = [:]) { self.values = values }

    /// The answers of sections of a form. A field is read from the section that declares it, and of one
    /// that the form does not have the first section counts: whoever writes a field into another
    /// section says nothing by it.
    public init(_ sections: [SectionTag: SectionAnswers], of form: Form?) {
        values = [:]
        values.reserveCapacity(sections.values.reduce(0) { $0 + $1.count })
        for (tag, answers) in sections.sorted(by: { $0.key < $1.key }) {
            for (field, value) in answers {
                let declared = form?.sectionTag(of: field)
                guard declared == tag || declared == nil && values[field] == nil else { continue }
                values[field] = value
            }
        }
    }

    /// Joins answers, the later ones before the earlier.
    public init(joining answers: some Sequence<[FieldTag: FieldValue]>) {
        values = answers.reduce(into: [:]) { $0.merge($1) { _, new in new } }
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
