import ArgumentParser
import FieldStore
import SurveyConsole
import SurveyModel

/// What commands share that write one register entry or one finding.
struct EntryOptions: ParsableArguments {
    @OptionGroup var filling: FillingOptions
    @OptionGroup var home: HomeOptions
    @OptionGroup var output: OutputOptions

    /// Opens a form, has it filled in and saved, and says what became of it.
    ///
    /// - Parameters:
    ///   - isWhole: without `--set` and without a terminal the form is saved as it was opened.
    ///   - section: where somebody at the terminal begins who takes up no draft.
    ///   - confirm: asks about answers that were given by name, before they are saved.
    ///   - open: opens the form; where somebody is asked, they take up a draft that was left.
    func write(
        isWhole: Bool = false,
        at section: SectionTag? = nil,
        confirm: (_ store: FieldStore, _ form: OpenForm) throws -> Bool = { _, _ in true },
        _ open: (_ store: FieldStore, _ resuming: Bool) throws -> OpenForm
    ) throws {
        let store = try home.open()
        // What is whole already is asked about only where a person looks.
        let isAsked = filling.isAsked && (!isWhole || Console.isInteractive || filling.plain)
        let form = try open(store, isAsked)
        if isWhole, filling.set.isEmpty, !isAsked {
            let sections = Set(form.form.sections.map(\.tag))
            return try reportEntry(
                try store.save(form, sections: sections), store, json: output.json)
        }
        guard try isAsked || confirm(store, form) else { return }
        let title = try store.title(of: form)
        let start = form.isResumed ? nil : section
        guard
            let result = try filling.fill(
                form, title: title, at: start, json: output.json, store)
        else { return }
        try reportEntry(result.saved, store, result.warnings, json: output.json)
    }
}
