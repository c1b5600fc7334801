import SurveyModel

/// Versions of a form that other installations have.
enum FleetForms {
    /// What a newer version asks in the section "building".
    static let newField = Field<String>(
        90, "new_field", zh: "新字段", en: "new field", type: .text(limit: 64))
    /// What it asks in a section that this version does not have.
    static let newSectionField = Field<Int64>(
        91, "new_section_field", zh: "新栏目字段", en: "field of a new section", type: .integer)

    static let newerHousing = Form(
        .housing, "housing", zh: "住房安全", en: "housing", subject: .household, version: 2,
        Housing.form.sections.map { section in
            guard section.key == "building" else { return section }
            return Section(
                section.tag.rawValue, section.key, zh: section.label.zh, en: section.label.en,
                policy: section.policy, section.fields + [newField.definition])
        } + [
            Section(
                40, "new_section", zh: "新栏目", en: "new section", [newSectionField.definition])
        ])
}
