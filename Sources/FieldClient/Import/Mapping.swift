import SurveyModel

/// How the rows of a foreign table become households, members or villages and their checks.
struct Mapping {
    /// What a row is about.
    enum Subject {
        case household
        /// A member of a household; the columns that say which one.
        case person([String])
        case village
    }

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
    let subject: Subject
    /// nil for members, whose household says where they are.
    let village: Village?
    /// The columns that say which household it is; none for villages.
    let key: [String]
    /// The column of a member's name, which has to be that of the register: a number that slipped a
    /// row must not answer for somebody else. nil: nobody compares.
    let nameColumn: String?
    /// Before the key it makes the household's number.
    let prefix: String
    /// Households, or members, that the register does not have are added to it.
    let creates: Bool
    /// The register entry first, where there is one.
    let forms: [MappedForm]

    var keyPlace: String {
        let columns = key + personColumns
        guard columns.isEmpty, case .column(let village)? = village else {
            return columns.joined(separator: "+")
        }
        return village.place
    }
    var hasChecks: Bool {
        forms.contains { mapped in Form.checks.contains { $0.kind == mapped.form.kind } }
    }

    var personColumns: [String] {
        if case .person(let columns) = subject { columns } else { [] }
    }

    /// The columns that the file must have, as its header is searched.
    var columns: [String] {
        var sources = (key + personColumns + [nameColumn].compactMap { $0 })
            .map { FieldMapping.Source.column($0) }
        if case .column(let field) = village { sources.append(field.source) }
        sources += forms.flatMap { $0.fields.map(\.source) }
        var columns: [String] = []
        for case .column(let name) in sources where !columns.contains(name.lowercased()) {
            columns.append(name.lowercased())
        }
        return columns
    }
}
