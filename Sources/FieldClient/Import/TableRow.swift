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
        /// Of the member that it is about, to be compared; nil when it is not said.
        let name: String?
        /// In the order of the mapping's forms.
        let forms: [Said]
    }

    /// From 1, the header included.
    let line: Int
    /// Of the household.
    let key: String
    /// Of the household.
    let number: String
    /// Of the member that it is about.
    let personNo: String?
    let content: Content

    /// What tells it from other rows.
    var id: String { personNo.map { "\(key)/\($0)" } ?? key }

    /// What people call its subject.
    var label: String { personNo.map { "\(number)/\($0)" } ?? number }

    /// The household that an import makes of the row.
    func household(under namespace: String) -> SubjectID {
        SubjectID(importing: namespace, key: key)
    }

    /// The member that an import makes of the row.
    func person(under namespace: String) -> SubjectID {
        SubjectID(importing: namespace, key: id)
    }
}

/// What is said of a row, and where in the file.
struct RowNote {
    enum Kind: String {
        case rejected
        case repeated
        /// Somebody has answered otherwise since the last import.
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
