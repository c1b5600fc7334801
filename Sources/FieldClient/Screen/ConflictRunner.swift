import FieldStore
import SurveyConsole
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore

/// One contested section on a full screen: somebody looks at the answers and says which one holds.
struct ConflictRunner {
    let store: FieldStore
    let terminal: Terminal
    /// The household on whose page it stands.
    let household: SubjectID
    /// What the page calls its subject.
    let title: String

    /// - Returns: what to say of it on the page.
    func run(_ conflict: Conflict) throws -> Label? {
        var conflict = conflict
        var screen = try makeScreen(conflict)
        while true {
            terminal.draw(
                screen.page(width: terminal.width, height: terminal.height, in: Console.language))
            guard let key = terminal.key() else { return nil }
            do {
                switch screen.handle(key) {
                case .none: continue
                case .leave: return nil
                case .third: return try fillAgain(conflict)
                case .choose(let number, let reason):
                    guard let current = try find(conflict) else { return nil }
                    if current.state == conflict.state {
                        return try choose(number, of: current, because: reason)
                    }
                    // What nobody has looked at is not decided about.
                    conflict = current
                    screen = try makeScreen(current)
                    screen.message = Label(
                        zh: "刚收到别的答案，请再看一遍。",
                        en: "Another answer arrived just now: look again.")
                }
            } catch let failure as Failure {
                screen.message = Label(zh: failure.text(.zh), en: failure.text(.en))
            }
        }
    }

    private func makeScreen(_ conflict: Conflict) throws -> ConflictScreen {
        let text = try ConflictText(conflict, store)
        return ConflictScreen(
            title: "\(text.what)  \(title)", section: conflict.section, siblings: text.siblings,
            takesThird: isCheck(conflict) || [.household, .person].contains(conflict.record.kind),
            takeReason: Set(
                conflict.siblings.indices.filter { conflict.takesReason(conflict.siblings[$0]) }))
    }

    private func isCheck(_ conflict: Conflict) -> Bool {
        Form.checks.contains { $0.kind == conflict.record.kind }
    }

    /// The same section as the home has it now; nil when it is settled.
    private func find(_ conflict: Conflict) throws -> Conflict? {
        try store.conflicts(about: household).first {
            $0.record == conflict.record && $0.section.tag == conflict.section.tag
        }
    }

    private func choose(_ number: Int, of conflict: Conflict, because reason: String?) throws
        -> Label?
    {
        let edit = conflict.siblings[number].id.hex
        let saved = try store.resolve(
            conflict.record, section: conflict.section.key, .choose(edit), shown: conflict.state,
            reason: reason)
        guard isCheck(conflict), let round = try findRound(conflict) else { return nil }
        var visit = visit(round)
        try visit.propose(after: saved, in: round, title: title)
        return visit.notes.asOne
    }

    /// None of them holds: the form is filled in from there on, and shows them.
    private func fillAgain(_ conflict: Conflict) throws -> Label? {
        let (subject, section) = (conflict.record.subject.text, conflict.section.tag)
        let runner = FormRunner(store: store, terminal: terminal, announces: true)
        switch conflict.record.kind {
        case .household:
            _ = try runner.show(
                try store.openHousehold(subject, resuming: true), title: title, at: section)
        case .person:
            _ = try runner.show(
                try store.openPerson(subject, resuming: true), title: title, at: section)
        default:
            var visit = visit(try findRound(conflict))
            _ = try visit.show(conflict.form, subject, title: title, at: section)
            return visit.notes.asOne
        }
        return nil
    }

    private func findRound(_ conflict: Conflict) throws -> Round? {
        let id = conflict.record.round
        return try store.read { db in try Rounds.find(id, in: db) }
    }

    private func visit(_ round: Round?) -> Visit {
        Visit(store: store, terminal: terminal, round: round?.code, announces: true)
    }
}
