import SurveyLog
import SurveyModel

/// What a row says of one form.
struct Said: Hashable {
    var answers: [FieldTag: FieldValue] = [:]
    /// Answers for a record that has none: the row itself says nothing.
    var defaults: [FieldTag: FieldValue] = [:]
    /// Cells that say nothing: the answer that is there stays.
    var empty: Set<FieldTag> = []
}

/// A row of a foreign table in this project's own terms.
struct TableRow {
    struct Content: Hashable {
        /// nil for a member, who is where the household is.
        let village: Area?
        /// Of the member that it is about, folded, to be compared; nil when it is not said.
        let name: String?
        /// In the order of the mapping's forms.
        let forms: [Said]
    }

    /// From 1, the header included.
    let line: Int
    /// Of the household.
    let key: Key
    /// Of the household, as it is stored.
    let number: String
    /// Of the member that it is about, as it is stored.
    let personNo: Key?
    let content: Content

    /// What a row's columns say of whom it is about.
    struct Key {
        /// As it is compared, whatever its spelling.
        let folded: String
        /// As it stands in the file: by this, imports once told rows apart.
        let raw: String
    }

    /// What tells it from other rows.
    var id: String { id(\.folded) }

    private func id(_ form: KeyPath<Key, String>) -> String {
        personNo.map { "\(key[keyPath: form])/\($0[keyPath: form])" } ?? key[keyPath: form]
    }

    /// What people call its subject.
    var label: String { personNo.map { "\(number)/\($0.folded)" } ?? number }

    /// The household that an import makes of the row, and the one that it once made.
    func households(under namespace: String) -> [SubjectID] {
        Self.subjects(key.folded, key.raw, under: namespace)
    }

    /// The member that an import makes of the row, and the one that it once made.
    func persons(under namespace: String) -> [SubjectID] {
        Self.subjects(id(\.folded), id(\.raw), under: namespace)
    }

    private static func subjects(_ key: String, _ raw: String, under namespace: String)
        -> [SubjectID]
    {
        (key == raw ? [key] : [key, raw]).map { SubjectID(importing: namespace, key: $0) }
    }
}

/// What is said of a row, and where in the file.
struct RowNote {
    enum Kind: String {
        case rejected
        case repeated
        /// Answered otherwise by a surveyor since the last import.
        case left
        case warning
    }

    let kind: Kind
    let line: Int
    let column: String
    let reason: Label

    init(_ kind: Kind, _ line: Int, _ column: String, _ reason: Label) {
        self.kind = kind
        self.line = line
        self.column = column
        self.reason = reason
    }
}

/// A row is imported whole or not at all: everything that is wrong with it.
struct RowRejection: Error {
    let notes: [RowNote]

    init(_ notes: [RowNote]) { self.notes = notes }

    init(_ line: Int, _ column: String, zh: String, en: String) {
        notes = [RowNote(.rejected, line, column, Label(zh: zh, en: en))]
    }
}
