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
    /// What somebody has answered otherwise since the last import: then nothing of the row is saved.
    var left: [RowNote] = []
    /// Answers that stay because the cell is empty.
    var leftEmpty = 0

    /// Something is saved that was not there at all.
    var isNew: Bool { saves.contains { $0.form.state.included.isEmpty } }
}

extension TableImport {
    /// What a row is about, as this device has it.
    private struct Found {
        /// The subject, or the one that an import makes of the row.
        let subject: SubjectID
        let area: AreaID
        /// The register has it.
        let isKnown: Bool
        /// Of a member.
        let household: SubjectID?
    }

    /// Decides what a row comes to with what this device has now.
    ///
    /// - Throws: ``RowRejection``, or `Failure` when the store cannot be read.
    func plan(_ row: TableRow) throws -> RowPlan {
        let found: Found
        do {
            found = try find(row)
        } catch let failure as Failure where failure.problem == .ambiguousSubject {
            throw RowRejection(
                row.line, mapping.keyPlace, zh: "名册中有几个是这个编号。",
                en: "is the number of several in the register.")
        }
        guard found.isKnown || mapping.creates else {
            throw RowRejection(
                row.line, mapping.keyPlace, zh: "名册中没有，映射也不允许新增。",
                en: "is not in the register, and the mapping creates none.")
        }
        if found.isKnown, found.household != nil, let name = row.content.name,
            try store.name(of: found.subject).name.folded != name, let column = mapping.nameColumn
        {
            throw RowRejection(
                row.line, column, zh: "不是名册中这个成员的姓名：请核对编号。",
                en: "is not the name that the register has of this member: check the number.")
        }
        var plan = RowPlan()
        if found.isKnown, let village = row.content.village, found.area != village.id {
            plan.warnings.append(
                RowNote(
                    .warning, row.line, mapping.keyPlace,
                    Label(
                        zh: "名册中在另一个村，不会改动。",
                        en: "is in another village by the register, and stays there.")))
        }
        var notes: [RowNote] = []
        for (mapped, said) in zip(mapping.forms, row.content.forms) {
            guard let open = try open(mapped, row, found) else { continue }
            let change = FormChange(
                said, in: open, imports: try store.imported(of: open),
                FormChange.Policy(clock: clock, overwrites: overwrites))
            plan.records.append(open.record)
            plan.leftEmpty += said.empty.count { open.answers[$0] != nil }
            for field in change.left {
                plan.left.append(
                    RowNote(
                        .left, row.line, place(of: field, mapped),
                        Label(
                            zh: "上次导入之后有人改过，本行未导入；要以文件为准，加 --overwrite。",
                            en: "was changed by somebody since the last import; the row is left. "
                                + "--overwrite takes the file's.")))
            }
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
        if !plan.left.isEmpty { plan.saves = [] }
        return plan
    }

    private func find(_ row: TableRow) throws -> Found {
        if case .village = mapping.subject {
            let village = row.content.village!.id
            return Found(subject: village.subject, area: village, isKnown: true, household: nil)
        }
        let made = row.households(under: mapping.namespace)
        let household = try store.importedHousehold(made, number: row.number)
        guard let number = row.personNo else {
            return Found(
                subject: household?.subject ?? made[0],
                area: household?.area ?? row.content.village!.id, isKnown: household != nil,
                household: nil)
        }
        guard let household else {
            throw RowRejection(
                row.line, mapping.keyPlace, zh: "名册中没有这一户。",
                en: "is of a household that is not in the register.")
        }
        let person = row.persons(under: mapping.namespace)
        let known = try store.importedPerson(person, number: number.folded, in: household.subject)
        return Found(
            subject: known ?? person[0], area: household.area, isKnown: known != nil,
            household: household.subject)
    }

    /// Opens a form of the row's subject; nil when the row has nothing to say in it.
    private func open(_ mapped: Mapping.MappedForm, _ row: TableRow, _ found: Found) throws
        -> OpenForm?
    {
        switch mapped.form.kind {
        case .household where !found.isKnown:
            return try store.openNewHousehold(
                in: row.content.village!, as: found.subject, number: row.number)
        case .person where !found.isKnown:
            return try store.openNewPerson(
                in: found.household!.text, as: found.subject, number: row.personNo?.folded)
        case .household:
            return mapped.fields.isEmpty ? nil : try store.openHousehold(found.subject.text)
        case .person: return mapped.fields.isEmpty ? nil : try store.openPerson(found.subject.text)
        default:
            guard let round else { return nil }
            return try store.openCheck(
                mapped.form, ofImported: found.subject, in: found.area, round: round)
        }
    }

    private func place(of field: String, _ mapped: Mapping.MappedForm) -> String {
        let numbers = [Household.householdNo.key, Person.personNo.key]
        let isEntry = !Form.checks.contains { $0.kind == mapped.form.kind }
        return isEntry && numbers.contains(field) ? mapping.keyPlace : mapped.place(of: field)
    }
}

extension Mapping {
    /// A row as people recognize it.
    func sample(of row: TableRow) -> (line: Int, text: String) {
        var words = [row.label, ""]
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
