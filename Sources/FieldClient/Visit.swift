import FieldStore
import SurveyConsole
import SurveyCoverage
import SurveyLog
import SurveyModel
import SurveyStore

/// A visit to a household or a village: forms one after another, and what they call for.
struct Visit {
    let store: FieldStore
    let terminal: Terminal?
    let round: String?

    private var runner: FormRunner { FormRunner(store: store, terminal: terminal) }

    /// Has a check filled in; a check of persons by a household's number goes through its members.
    func check(_ form: Form, _ subject: String) throws -> [SavedEdit] {
        guard form.subject == .person, !subject.contains("/"),
            let members = try? members(of: subject, asked: form), !members.isEmpty
        else { return try [one(form, subject, title: subject)].compactMap { $0 } }
        var saved: [SavedEdit] = []
        for (number, member) in members.enumerated() {
            let title =
                "\(member.householdNo)/\(member.personNo) \(member.name)  ".printable
                + "\(number + 1)/\(members.count)"
            // Leaving one member's form goes on with the next; leaving twice ends the round.
            guard let result = try one(form, member.subject.text, title: title) else {
                guard number + 1 < members.count, try goOn(to: members[number + 1]) else { break }
                continue
            }
            saved.append(result)
        }
        return saved
    }

    /// Goes through the members whose check is missing, each with their place among all of them,
    /// until a form is left. One that is discarded leaves its member for another day.
    func checkMissing(_ form: Form, of members: [PersonRow]) throws {
        for (number, member) in members.enumerated() where !member.isChecked(form) {
            let place = "\(number + 1)/\(members.count)"
            let title = "\(place)  \(member.personNo) \(member.name)".printable
            if case .left = try show(form, member.subject.text, title: title) { return }
        }
    }

    /// Fills in one form, and the finding that it calls for.
    func one(_ form: Form, _ subject: String, title: String) throws -> SavedEdit? {
        guard case .saved(let saved) = try show(form, subject, title: title) else { return nil }
        return saved
    }

    /// The same.
    ///
    /// - Parameter section: where to begin on a full screen.
    func show(_ form: Form, _ subject: String, title: String, at section: SectionTag? = nil) throws
        -> FormEnd
    {
        let open = try store.openCheck(form, subject: subject, round: round, resuming: true)
        let end = try runner.show(open, title: title, at: section)
        if case .saved(let saved) = end, let round = open.round {
            try propose(after: saved, in: round, title: title)
        }
        return end
    }

    /// Has the finding filled in that an answer calls for.
    func propose(after saved: SavedEdit, in round: Round, title: String) throws {
        let finding = try store.proposeFinding(
            after: saved, round: round, in: Console.language, resuming: true)
        guard let finding else { return }
        _ = try runner.run(
            finding, title: localized(zh: "建议登记 · \(title)", en: "proposed · \(title)"))
    }

    /// Members of a household who are asked for this form: for schooling those of school age.
    private func members(of household: String, asked form: Form) throws -> [PersonRow] {
        try store.persons(in: nil, household: household, round: try store.round(round)).filter {
            $0.isPresent && (form.kind != .schooling || $0.isChild)
        }
    }

    private func goOn(to next: PersonRow) throws -> Bool {
        terminal?.pause()
        let answer = Console.ask(
            localized(
                zh: "继续下一位成员 \(next.name.printable)？y=继续（回车）  q=结束 > ",
                en: "Go on with \(next.name.printable)? y goes on (Enter)  q ends > "))
        return answer.map { ["", "y", "yes", "是"].contains($0.trimmed.halfWidth.lowercased()) }
            ?? false
    }
}

extension PersonRow {
    /// Whether this check of theirs was begun in the round.
    func isChecked(_ form: Form) -> Bool {
        Guarantee.allCases.contains { $0.kind == form.kind && checks[$0] != nil }
    }
}
