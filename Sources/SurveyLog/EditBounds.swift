import SurveyModel

/// How much of a record one device may take up, so that others can go on writing it: whoever writes a
/// section names every edit of it and hands on the answers that their form does not ask for.
package enum EditBounds {
    /// Edits of one log about one record that count.
    package static let editsOfRecord = 500
    /// Bytes of answers that the form here does not ask for.
    package static let unknownBytes = 8 << 10
}

extension Edit {
    /// Whether it answers more that the form here does not ask for than others can hand on.
    package var hasTooManyUnknownAnswers: Bool {
        guard let body, let form = Form.form(of: header.record.kind),
            encoded.byteCount > EditBounds.unknownBytes
        else { return false }
        var bytes = 0
        for (tag, answers) in body.sections {
            guard let section = form.section(tag) else { continue }
            let known = Set(section.fields.map(\.tag))
            for (field, value) in answers where !known.contains(field) { bytes += value.byteCount }
        }
        return bytes > EditBounds.unknownBytes
    }
}

extension FieldValue {
    /// About as many bytes as it has in an edit.
    fileprivate var byteCount: Int {
        switch self {
        case .text(let text): text.utf8.count + 6
        case .code(let code): code.utf8.count + 6
        case .codes(let codes): codes.reduce(6) { $0 + $1.utf8.count + 2 }
        case .identifier(let bytes): bytes.count + 6
        case .null, .integer, .decimal, .boolean, .date: 12
        }
    }
}
