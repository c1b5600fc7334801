import SurveyModel

/// How the rows of a foreign table become households and their checks.
struct Mapping {
    /// Where the villages of rows come from.
    enum Village {
        /// `--village`
        case option
        case code(String)
        case column(FieldMapping)
    }

    /// A form and where its answers stand.
    struct MappedForm {
        let form: Form
        let fields: [FieldMapping]

        /// Where a field's answer stands in the file.
        func place(of key: String) -> String {
            fields.first { $0.field.key == key }?.place ?? key
        }
    }

    /// Names whoever gave out the keys.
    let namespace: String
    let missing: MissingTokens
    let village: Village
    /// The columns that say which household it is.
    let key: [String]
    /// Before the key it makes the household's number.
    let prefix: String
    /// Households that the register does not have are added to it.
    let creates: Bool
    /// The household's entry first.
    let forms: [MappedForm]

    var keyPlace: String { key.joined(separator: "+") }
    var hasChecks: Bool { forms.count > 1 }

    /// The columns that the file must have, as its header is searched.
    var columns: [String] {
        var sources = key.map { FieldMapping.Source.column($0) }
        if case .column(let field) = village { sources.append(field.source) }
        sources += forms.flatMap { $0.fields.map(\.source) }
        var columns: [String] = []
        for case .column(let name) in sources where !columns.contains(name.lowercased()) {
            columns.append(name.lowercased())
        }
        return columns
    }
}
