import SurveyConsole
import SurveyModel

/// The declared forms.
extension Vectors {
    static func forms() -> JSONValue { .array(Form.all.map(json)) }

    private static func json(_ form: Form) -> JSONValue {
        [
            "kind": .integer(Int64(form.kind.rawValue)), "key": .string(form.key),
            "version": .integer(Int64(form.version)),
            "sections": .array(
                form.sections.map { section in
                    [
                        "tag": .integer(Int64(section.tag.rawValue)), "key": .string(section.key),
                        "policy": .string("\(section.policy)"),
                        "fields": .array(section.fields.map(json)),
                    ]
                }),
        ]
    }

    private static func json(_ field: FieldDefinition) -> JSONValue {
        var type: (name: String, codes: CodeList?)
        switch field.type {
        case .text: type = ("text", nil)
        case .integer: type = ("integer", nil)
        case .decimal: type = ("decimal", nil)
        case .boolean: type = ("boolean", nil)
        case .date: type = ("date", nil)
        case .identifier: type = ("identifier", nil)
        case .texts: type = ("codes", nil)
        case .code(let list): type = ("code", list)
        case .codes(let list): type = ("codes", list)
        }
        return [
            "tag": .integer(Int64(field.tag.rawValue)), "key": .string(field.key),
            "type": .string(type.name), "personal": .bool(field.isPersonal),
            "unit": JSONValue(field.unit),
            "codes": type.codes.map { .array($0.entries.map { .string($0.code) }) } ?? .null,
            "range": field.range.map {
                .array([.string($0.lowerBound.text), .string($0.upperBound.text)])
            } ?? .null,
        ]
    }
}
