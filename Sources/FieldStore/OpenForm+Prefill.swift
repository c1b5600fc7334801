internal import SurveyMerge
internal import SurveyModel

/// What a form begins with, before anybody answers.
extension OpenForm {
    /// Changes what stands in the form, under the answers of a draft that was left.
    ///
    /// - Parameter writing: it is written with the form, whether it is asked or not; false writes it
    ///   with what somebody answers beside it.
    mutating func prefill(writing: Bool = true, _ change: (inout Answers) -> Void) {
        let left = answers.values.filter { touched.contains($0.key) }
        var beneath = state.answers
        change(&beneath)
        prefilled = beneath
        answers = Answers(joining: [beneath.values, left])
        guard writing else { return }
        touched.formUnion(beneath.values.keys)
        answered = Set(touched.compactMap { form.section(containing: $0)?.tag })
    }

    /// The field is not asked, and written with its section.
    mutating func settle<Value>(_ field: Field<Value>) { settled.insert(field.definition.tag) }

    /// Whether an entry is set aside is said on purpose, with a command of its own.
    mutating func settleStanding() {
        settled.formUnion(form.section(key: "standing")?.fields.map(\.tag) ?? [])
    }

    /// Has an answer beyond those the form began with.
    public var isBegun: Bool {
        touched.contains { tag in
            prefilled.values[tag].map { $0 != answers.values[tag] } ?? true
        }
    }
}
