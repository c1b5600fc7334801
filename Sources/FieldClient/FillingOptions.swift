import ArgumentParser
import FieldStore
import SurveyConsole
import SurveyModel

/// What commands take that have a form filled in: answers by name, or somebody who is asked.
struct FillingOptions: ParsableArguments {
    @Option(
        help: .init(
            localized(zh: "字段=答案（可重复；空值清除）", en: "An answer. May be repeated; empty clears."),
            valueName: "field=value"))
    var set: [String] = []

    @Flag(
        help: .init(
            localized(
                zh: "逐行提问，不用全屏（读屏软件、简单终端）",
                en: "Ask line by line, not on a full screen: for screen readers, simple terminals.")
        ))
    var plain = false

    /// What was saved, and what was unusual about it; nil when the form was left.
    typealias Result = (saved: SavedEdit, warnings: [Label])

    /// Somebody is asked, at the terminal or by lines: they go on with a draft, which `--set` never
    /// does.
    var isAsked: Bool { self.set.isEmpty && Console.takesAnswers }

    /// Has a form filled in, by `--set` or by somebody at the terminal.
    ///
    /// - Parameter section: where somebody at the terminal begins; nil for the first open question.
    func fill(
        _ open: OpenForm, title: String, at section: SectionTag? = nil, json: Bool,
        _ store: FieldStore
    ) throws -> Result? {
        guard set.isEmpty else { return try apply(to: open, store) }
        let saved = try ask(json: json) { terminal in
            try FormRunner(store: store, terminal: terminal).run(
                open, title: title, at: section)
        }
        return saved.map { ($0, []) }
    }

    /// - Parameter check: looks at the form before it is saved.
    func apply(
        to open: OpenForm, _ store: FieldStore, check: (OpenForm) throws -> Void = { _ in }
    ) throws -> Result {
        let result = try AnswerSetter(store: store).apply(try assignments(set), to: open)
        try check(result.form)
        return (try store.save(result.form, sections: result.sections), result.warnings)
    }

    /// Has somebody at the terminal do something; lines can be printed as usual afterwards.
    ///
    /// - Parameter json: what is printed is read by a program, so nothing can be asked through a pipe.
    func ask<T>(json: Bool, _ body: (Terminal?) throws -> T) throws -> T {
        guard Console.takesAnswers, Console.isInteractive || !json else {
            throw Failure(.noTerminal)
        }
        let terminal = terminal()
        defer { terminal?.close() }
        return try body(terminal)
    }

    /// The full screen, where there is one and nobody wants plain lines.
    func terminal() -> Terminal? { plain ? nil : Terminal() }
}
