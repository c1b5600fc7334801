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
    ///   - open: opens the form; where somebody is asked, they take up a draft that was left.
    func write(
        title: String, isWhole: Bool = false,
        _ open: (_ store: FieldStore, _ resuming: Bool) throws -> OpenForm
    ) throws {
        let store = try home.open()
        let form = try open(store, filling.isAsked)
        if isWhole, filling.set.isEmpty, !filling.isAsked {
            let sections = Set(form.form.sections.map(\.tag))
            return reportEntry(try store.save(form, sections: sections), json: output.json)
        }
        guard let result = try filling.fill(form, title: title, store) else { return }
        reportEntry(result.saved, result.warnings, json: output.json)
    }
}
