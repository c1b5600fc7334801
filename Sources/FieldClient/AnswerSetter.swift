import FieldStore
import SurveyConsole
import SurveyMerge
import SurveyModel
import SurveyStore

/// Applies answers that were given by name to an open form, without a person looking.
///
/// Starts from what is shown and changes only the named fields; a contested section is refused.
struct AnswerSetter {
    private let clock: DeviceClock

    init(store: FieldStore) throws { clock = try store.clock() }

    struct Result {
        let form: OpenForm
        let sections: Set<SectionTag>
        let warnings: [Label]
    }

    private func warnings(_ form: OpenForm) -> [Label] {
        var warnings: [Label] = []
        if let closed = form.closedWarning { warnings.append(closed) }
        if let subject = form.subjectWarning { warnings.append(subject) }
        if form.hasDraftBeside {
            warnings.append(
                Label(
                    zh: "此表单另有草稿；继续草稿时请核对",
                    en: "a draft of this form was left; compare when you go on with it"))
        }
        return warnings
    }

    /// - Parameter texts: field key → answer; an empty one clears.
    /// - Throws: `Failure` that tells everything that is wrong.
    func apply(_ texts: [String: String], to form: OpenForm) throws(Failure) -> Result {
        guard !texts.isEmpty else { throw Failure(.nothingToSave) }
        var open = form
        var named: Set<FieldTag> = []
        var problems: [AnswerProblem] = []
        for (key, text) in texts.sorted(by: { $0.key < $1.key }) {
            do throws(AnswerProblem) {
                guard let field = form.form.field(key: key) else {
                    throw AnswerProblem(field: key, reason: .unknownField(form: form.form.key))
                }
                guard !form.settled.contains(field.tag) else { throw field.problem(.notAsked) }
                let value = try field.parse(text)
                if let reason = form.refusal(of: value, to: field) { throw field.problem(reason) }
                open.answers[field.tag] = value
                named.insert(field.tag)
            } catch {
                problems.append(error)
            }
        }
        // What follows from the others is only known when each of them can be read.
        if let failure = Failure(all: problems) { throw failure }
        let validator = form.validator(clock)
        open.answers = validator.clearingIrrelevant(open.answers, named: named)
        let changed = form.form.fields.filter {
            named.contains($0.tag) || open.answers[$0.tag] != form.answers[$0.tag]
        }
        // What a new entry begins with is written with it.
        let sections = Set(changed.compactMap { form.form.section(containing: $0.tag)?.tag })
            .union(form.answered)
        for section in form.state.contestedSections where sections.contains(section.section) {
            throw Failure(contested: form.form.section(section.section), of: form.form)
        }
        problems = validator.problems(in: open.answers, sections: sections)
        if let failure = Failure(all: problems) { throw failure }
        return Result(
            form: open, sections: sections,
            warnings: warnings(form) + [open.numberWarning].compactMap { $0 }
                + validator.warnings(in: open.answers, sections: sections))
    }
}

extension Failure {
    /// The same for whoever reads a log of what a file held: what stood there in place of a number or
    /// a form may be anything, a name too.
    var withoutContent: Failure {
        guard [.unknownSubject, .wrongSubject, .unknownForm].contains(problem) else { return self }
        let isNumber = detail.allSatisfy {
            $0.isASCII && ($0.isLetter || $0.isNumber || "-/_".contains($0))
        }
        return isNumber && !detail.holdsResidentNumber ? self : Failure(problem, "…")
    }

    /// Everything that is wrong with answers, a line each; nil when nothing is.
    init?(all problems: [AnswerProblem]) {
        guard let first = problems.first else { return nil }
        guard problems.count > 1 else {
            self.init(first)
            return
        }
        func lines(_ language: Language) -> String {
            // The code of the first line is written by whoever prints the failure.
            let texts = problems.map { Failure($0).text(language) }.joined(separator: "\n")
            return String(texts.dropFirst(Problem.badAnswer.rawValue.count + 1))
        }
        self.init(.badAnswer, message: Label(zh: lines(.zh), en: lines(.en)))
    }
}

extension OpenForm {
    /// What is unusual about a household's new number: it does not begin with its village's code.
    var numberWarning: Label? {
        guard record.kind == .household, let number = answers[Household.householdNo],
            number != state.answers[Household.householdNo],
            let code = answers[Household.villageCode], !number.hasPrefix(code)
        else { return nil }
        return Label(
            zh: "户编号不以本村代码 \(code) 开头，请核对",
            en: "the household's number does not begin with its village's code \(code); "
                + "please check")
    }

    /// What to say of a round that is closed.
    var closedWarning: Label? {
        guard let round, !round.isOpen else { return nil }
        return Label(
            zh: "轮次 \(round.code) 已结束；仍计入该轮次",
            en: "the round \(round.code) is closed; this still counts in it")
    }
}
