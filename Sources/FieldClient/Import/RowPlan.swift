import FieldStore
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore

/// What is to be saved of a row.
struct RowPlan {
    /// The household's entry first.
    var saves: [(form: OpenForm, sections: Set<SectionTag>)] = []
    /// Every record that the row speaks of, whether it says something new or not.
    var records: [RecordKey] = []
    var warnings: [RowNote] = []

    /// Something is saved that was not there at all.
    var isNew: Bool { saves.contains { $0.form.state.included.isEmpty } }
}

extension TableImport {
    /// Decides what a row comes to with what this device has now.
    ///
    /// - Throws: ``RowRejection``, or `Failure` when the store cannot be read.
    func plan(_ row: TableRow) throws -> RowPlan {
        let made = row.subject(under: mapping.namespace)
        let known: (subject: SubjectID, area: AreaID)?
        do {
            known = try store.importedHousehold(made, number: row.number)
        } catch let failure as Failure where failure.problem == .ambiguousSubject {
            throw RowRejection(
                row.line, mapping.keyPlace, zh: "名册中有几户是这个编号。",
                en: "is the number of several households in the register.")
        }
        guard known != nil || mapping.creates else {
            throw RowRejection(
                row.line, mapping.keyPlace, zh: "名册中没有这一户，映射也不允许新增。",
                en: "is not in the register, and the mapping does not create households.")
        }
        var plan = RowPlan()
        if let known, known.area != row.content.village.id {
            plan.warnings.append(
                RowNote(
                    .warning, row.line, mapping.keyPlace,
                    Label(
                        zh: "名册中这一户在另一个村，不会改动。",
                        en: "is in another village by the register, and stays there.")))
        }
        var notes: [RowNote] = []
        let today = store.environment.today
        for (mapped, said) in zip(mapping.forms, row.content.forms) {
            guard let open = try open(mapped, row, made, known) else { continue }
            let change = FormChange(said, in: open, today: today)
            plan.records.append(open.record)
            for problem in change.problems {
                notes.append(
                    RowNote(.rejected, row.line, place(of: problem.field, mapped), problem.reason))
            }
            for warning in change.warnings {
                plan.warnings.append(RowNote(.warning, row.line, mapped.form.key, warning))
            }
            if !change.sections.isEmpty { plan.saves.append((change.form, change.sections)) }
        }
        guard notes.isEmpty else { throw RowRejection(notes) }
        return plan
    }

    /// Opens a form of the row's household; nil when the row has nothing to say in it.
    private func open(
        _ mapped: Mapping.MappedForm, _ row: TableRow, _ made: SubjectID,
        _ known: (subject: SubjectID, area: AreaID)?
    ) throws -> OpenForm? {
        guard mapped.form.kind != .household else {
            guard let known else {
                return try store.openNewHousehold(
                    in: row.content.village, as: made, number: row.number)
            }
            return mapped.fields.isEmpty ? nil : try store.openHousehold(known.subject.text)
        }
        guard let round else { return nil }
        return try store.openCheck(
            mapped.form, ofImported: known?.subject ?? made,
            in: known?.area ?? row.content.village.id, round: round)
    }

    private func place(of field: String, _ mapped: Mapping.MappedForm) -> String {
        field == Household.householdNo.key && mapped.form.kind == .household
            ? mapping.keyPlace : mapped.place(of: field)
    }
}

extension Mapping {
    /// A row as people recognize it.
    func sample(of row: TableRow) -> (line: Int, text: String) {
        var words = [row.number, ""]
        for (mapped, said) in zip(forms, row.content.forms) {
            for field in mapped.fields {
                let tag = field.field.tag
                guard let answer = said.answers[tag] ?? said.defaults[tag] else { continue }
                words.append("\(field.field.key)=\(answer.plainText)")
            }
        }
        return (row.line, words.joined(separator: " "))
    }
}
