import ArgumentParser
import SurveyConsole
import SurveyModel

struct FormsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forms", abstract: localized(zh: "表单", en: "Forms."),
        subcommands: [Show.self])

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: localized(zh: "表单的字段、代码和范围", en: "A form's fields, codes and ranges."))

        @Argument(
            help: .init(
                localized(zh: "表单（省略则列出全部）", en: "The form; without it all are listed."),
                valueName: "form"))
        var form: String?

        @OptionGroup var home: HomeOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            guard let form else {
                let forms = Form.all.filter { $0.subject != .register }
                if output.json { return JSONValue.array(forms.map(\.json)).print() }
                for form in forms { print("\(form.key)  \(form.label[Console.language])") }
                return
            }
            guard let form = Form.form(key: form), form.subject != .register else {
                throw Failure(.unknownForm, form)
            }
            if output.json { return form.json.print() }
            for section in form.sections {
                print("\(section.label[Console.language]) (\(section.key))")
                for field in section.fields { field.printReference() }
            }
        }
    }
}

extension FieldDefinition {
    fileprivate func printReference() {
        var notes = [typeText]
        if let unit { notes.append(unit) }
        if let range { notes.append("\(range.lowerBound.text)–\(range.upperBound.text)") }
        switch required {
        case .never: break
        case .always: notes.append(localized(zh: "必填", en: "required"))
        default: notes.append(localized(zh: "按条件必填", en: "required on condition"))
        }
        print("  \(key)  \(label[Console.language])  [\(notes.joined(separator: "; "))]")
        for entry in codes?.entries ?? [] {
            print("      \(entry.code.padded(to: 16))  \(entry.label[Console.language])")
        }
    }

    fileprivate var json: JSONValue {
        [
            "key": .string(key), "label": ["zh": .string(label.zh), "en": .string(label.en)],
            "type": .string(typeName), "unit": JSONValue(unit),
            "range": range.map {
                .array([.number($0.lowerBound.text), .number($0.upperBound.text)])
            } ?? .null,
            "codes": codes.map { list in
                .array(
                    list.entries.map {
                        [
                            "code": .string($0.code),
                            "label": ["zh": .string($0.label.zh), "en": .string($0.label.en)],
                        ]
                    })
            } ?? .null,
        ]
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

extension Form {
    fileprivate var json: JSONValue {
        [
            "form": .string(key), "version": .integer(Int64(version)),
            "sections": .array(
                sections.map { section in
                    [
                        "section": .string(section.key),
                        "label": [
                            "zh": .string(section.label.zh), "en": .string(section.label.en),
                        ],
                        "fields": .array(section.fields.map(\.json)),
                    ]
                }),
        ]
    }
}
