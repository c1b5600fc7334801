import FieldStore
import SurveyConsole
import SurveyCoverage
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore

/// A visit to a household or a village: forms one after another, and what they call for.
struct Visit {
    let store: FieldStore
    let terminal: Terminal?
    let round: String?
    /// What is to be said when the forms are done: problems that were not registered.
    private(set) var notes: [Label] = []

    /// Says on the next page what was saved.
    private let announces: Bool

    init(store: FieldStore, terminal: Terminal?, round: String?, announces: Bool = false) {
        self.store = store
        self.terminal = terminal
        self.round = round
        self.announces = announces
    }

    private var runner: FormRunner {
        FormRunner(store: store, terminal: terminal, announces: announces)
    }

    /// Has a check filled in; a check of persons by a household's number goes through its members.
    mutating func check(_ form: Form, _ subject: String) throws -> [SavedEdit] {
        guard form.subject == .person, !subject.contains("/"),
            let members = try members(of: subject, asked: form)
        else { return try [one(form, subject, title: nil)].compactMap { $0 } }
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
    mutating func checkMissing(_ form: Form, of members: [PersonRow]) throws {
        for (number, member) in members.enumerated() where !member.isChecked(form) {
            let place = "\(number + 1)/\(members.count)"
            let name = "\(member.householdNo)/\(member.personNo) \(member.name)".printable
            let title = "\(place)  \(name)"
            if case .left = try show(form, member.subject.text, title: title) { return }
        }
    }

    /// Fills in one form, and the finding that it calls for.
    ///
    /// - Parameter title: nil names the subject as people know it.
    mutating func one(_ form: Form, _ subject: String, title: String?) throws -> SavedEdit? {
        guard case .saved(let saved) = try show(form, subject, title: title) else { return nil }
        return saved
    }

    /// The same.
    ///
    /// - Parameter section: where to begin on a full screen.
    mutating func show(
        _ form: Form, _ subject: String, title: String?, at section: SectionTag? = nil
    ) throws -> FormEnd {
        let open = try store.openCheck(form, subject: subject, round: round, resuming: true)
        return try show(open, title: try title ?? store.title(of: open), at: section)
    }

    private mutating func show(
        _ check: OpenForm, title: String, at section: SectionTag? = nil
    ) throws -> FormEnd {
        let end = try runner.show(check, title: title, at: section)
        if case .saved(let saved) = end, let round = check.round {
            try propose(after: saved, in: round, title: title)
        }
        return end
    }

    /// Goes on with a form that was left: with a check, and with what it calls for then.
    mutating func goOn(with draft: LeftDraft) throws {
        let open = try store.open(draft)
        let title = try store.title(of: open)
        guard Form.checks.contains(where: { $0.kind == draft.record.kind }) else {
            guard let saved = try runner.run(open, title: title) else { return }
            notes += try store.twinWarnings(saved)
            return
        }
        _ = try show(open, title: title)
    }

    /// Has the finding filled in that an answer calls for.
    mutating func propose(after saved: SavedEdit, in round: Round, title: String) throws {
        let finding = try store.proposeFinding(
            after: saved, round: round, in: Console.language, resuming: true)
        if let finding { try register(finding, title: title) }
    }

    /// Has a proposed finding filled in. Whoever leaves it is told that it is not registered.
    mutating func register(_ finding: OpenForm, title: String) throws {
        let comesAgain = finding.state.answers[Finding.state]?.isRectified == true
        let heading =
            comesAgain
            ? localized(zh: "整改后再次出现 · \(title)", en: "back again · \(title)")
            : localized(zh: "建议登记 · \(title)", en: "proposed · \(title)")
        do {
            if case .saved = try runner.show(finding, title: heading) { return }
        } catch let failure as Failure where failure.problem == .inputEnded {
            // The check itself is saved: lines that say nothing of the finding leave it to others.
        }
        // Of the two, this is what has to be said.
        terminal?.notice = nil
        let what = finding.answers[Finding.category]?.label ?? Finding.form.label
        notes.append(
            Label(
                zh: "问题未登记：\(what.zh)（\(title)）",
                en: "The problem is not registered: \(what.en) (\(title))"))
    }

    /// Members of a household who are asked for this form, for schooling those of school age; nil
    /// when the text stands for no household.
    private func members(of household: String, asked form: Form) throws -> [PersonRow]? {
        let all: [PersonRow]
        do {
            guard let round = try store.round(round) else { throw Failure(.noOpenRound) }
            all = try store.persons(in: nil, household: household, round: round)
        } catch let failure as Failure
            where [.unknownSubject, .wrongSubject].contains(failure.problem)
        {
            return nil
        }
        let asked = all.filter { $0.isPresent && (form.kind != .schooling || $0.isChild) }
        guard asked.isEmpty else { return asked }
        let name = try store.entryName(household).place
        throw Failure(
            .nobodyAsked,
            form.kind == .schooling
                ? Label(zh: "\(name.zh)没有学龄儿童", en: "\(name.en) has no child of school age")
                : Label(zh: "\(name.zh)没有在册的成员", en: "\(name.en) has no member"))
    }

    private func goOn(to next: PersonRow) throws -> Bool {
        if let terminal { return goOn(to: next, on: terminal) }
        let answer = Console.ask(
            localized(
                zh: "继续下一位成员 \(next.name.printable)？y=继续（回车）  q=结束 > ",
                en: "Go on with \(next.name.printable)? y goes on (Enter)  q ends > "))
        return answer.map { ["", "y", "yes", "是"].contains($0.trimmed.halfWidth.lowercased()) }
            ?? false
    }

    private func goOn(to next: PersonRow, on terminal: Terminal) -> Bool {
        let name = "\(next.householdNo)/\(next.personNo) \(next.name)".printable
        let choices = [
            Label(zh: "继续下一位：\(name)", en: "go on with \(name)"),
            Label(zh: "到此为止", en: "end here"),
        ]
        let screen = ListScreen(
            title: localized(zh: "继续下一位成员？", en: "Go on with the next member?"), heading: [],
            items: choices.map { .init(line: ScreenLine($0[Console.language])) }, searches: false,
            keys: Label(zh: "↑↓ 选择  回车 确定  Esc 到此为止", en: "↑↓ choose  Enter take it  Esc end here"))
        return terminal.choose(from: screen) == 0
    }
}

extension PersonRow {
    /// Whether this check of theirs was begun in the round.
    func isChecked(_ form: Form) -> Bool {
        Guarantee.allCases.contains { $0.kind == form.kind && checks[$0] != nil }
    }
}
