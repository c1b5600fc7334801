import SurveyConsole
import SurveyCoverage
import SurveyModel
import SurveyStore

/// A column of an export, whatever the format.
struct ExportColumn {
    let key: String
    /// nil where a record has nothing to say.
    let value: (RecordRow) -> FieldValue?
}

extension ExportColumn {
    /// A column of texts.
    init(_ key: String, _ text: @escaping (RecordRow) -> String?) {
        self.init(key: key, value: { row in text(row).map { FieldValue.text($0) } })
    }
}

extension ExportSelection {
    /// - Parameters:
    ///   - rounds: all that there are.
    ///   - language: of sentences and labels.
    ///   - hasLabels: adds a column of labels to each column of codes.
    func columns(
        _ round: Round?, of rounds: [Round] = [], _ language: Language, hasLabels: Bool
    ) -> [ExportColumn] {
        let labels = hasLabels ? language : nil
        return leading(round) + fields.flatMap { columns($0, rounds, labels: labels) }
            + concluding(language, labels: labels)
    }

    private func leading(_ round: Round?) -> [ExportColumn] {
        var columns = [ExportColumn("record") { row in row.key.text }]
        if let round { columns.append(ExportColumn("round") { _ in round.code }) }
        columns.append(ExportColumn("village_code") { row in row.village.code })
        columns.append(ExportColumn("village_name") { row in row.village.name })
        columns.append(ExportColumn("subject") { row in row.subjectNo })
        columns.append(ExportColumn("household_no") { row in row.householdNo })
        if form.kind == .household || form.kind == .person {
            columns.append(ExportColumn("same_as") { row in row.sameAs })
        }
        return columns
    }

    private func columns(_ field: FieldDefinition, _ rounds: [Round], labels: Language?)
        -> [ExportColumn]
    {
        if field.tag == Household.visitRound.definition.tag, form.kind == .household {
            return [ExportColumn(field.key) { row in Self.visitRound(of: row, rounds)?.code }]
        }
        let answer = ExportColumn(key: field.key, value: { row in row.answers[field.tag] })
        guard let labels, field.hasLabels else { return [answer] }
        let label = ExportColumn("\(field.key)_label") { row in
            row.answers[field.tag].flatMap { field.label(of: $0, in: labels) }
        }
        return [answer, label]
    }

    /// A visit is one of a round; where the entry does not say of which, of the first.
    private static func visitRound(of row: RecordRow, _ rounds: [Round]) -> Round? {
        guard row.answers[Household.visitStatus] != nil else { return nil }
        guard let said = row.answers[Household.visitRound].flatMap(SubjectID.init) else {
            return rounds.last
        }
        return rounds.first { $0.id == RoundID(said) }
    }

    private func concluding(_ language: Language, labels: Language?) -> [ExportColumn] {
        var columns = [
            ExportColumn(
                key: "contested",
                value: { row in FieldValue.codes(normalizing: row.contestedSections.map(\.key)) })
        ]
        if form.isJudged {
            columns.append(
                ExportColumn(
                    key: "outcome",
                    value: { row in row.outcome.map { FieldValue.code($0.publicName) } }))
            if let labels {
                columns.append(
                    ExportColumn("outcome_label") { row in row.outcome.map { $0.label[labels] } })
            }
            columns.append(ExportColumn("standard") { row in row.assessment?.standard })
            if saysWhy {
                columns.append(
                    ExportColumn("because") { row in row.assessment?.because[language] })
            }
        }
        columns.append(ExportColumn("device_time") { row in row.lastDeviceTime.flatMap(isoText) })
        return columns
    }
}

extension FieldDefinition {
    /// Whether its answers are codes that have labels.
    fileprivate var hasLabels: Bool {
        switch type {
        case .code, .codes, .boolean: true
        default: false
        }
    }

    /// An answer's label; a code that this version does not know stands for itself.
    fileprivate func label(of value: FieldValue, in language: Language) -> String? {
        switch value {
        case .boolean(let boolean):
            (boolean ? Label(zh: "是", en: "yes") : Label(zh: "否", en: "no"))[language]
        case .code(let code): codes?.label(of: code)?[language] ?? code
        case .codes(let all):
            all.map { codes?.label(of: $0)?[language] ?? $0 }.joined(separator: "; ")
        default: nil
        }
    }
}
