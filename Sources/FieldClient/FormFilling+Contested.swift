import FieldStore
import SurveyConsole
import SurveyLog
import SurveyMerge
import SurveyModel

extension OpenForm {
    /// Fields on which the answers to a contested section differ.
    var contestedFields: Set<FieldTag> {
        var fields: Set<FieldTag> = []
        for contested in state.contestedSections {
            guard let section = form.section(contested.section) else { continue }
            let sides = contested.siblings.map(\.answers.canonical)
            for field in section.fields where Set(sides.map { $0[field.tag] }).count > 1 {
                fields.insert(field.tag)
            }
        }
        return fields
    }
}

extension FormFilling {
    /// What others said of a section: what arrived since the draft was begun, or both answers of a
    /// contested one. Having been shown, they are settled by what is answered now.
    func news(of section: Section, _ store: FieldStore) throws -> [String] {
        let news = open.news(in: section.tag)
        let siblings = open.state.sections[section.tag]?.siblings ?? []
        var lines: [String] = []
        func add(_ edit: Edit, _ answers: SectionAnswers) throws {
            let author = try store.authorText(edit.header.author).printable
            lines.append("\(author)  \(clockText(edit.header.deviceTime))")
            lines += try section.lines(answers, store).map { "    " + $0 }
        }
        if !news.isEmpty {
            lines.append(
                localized(
                    zh: "草稿之后，别人对本栏目的回答（您现在的回答将取代它们）：",
                    en: "Answered by others since this draft was begun (what you answer now "
                        + "replaces it):"))
            for edit in news { try add(edit, edit.body?.sections[section.tag] ?? [:]) }
        } else if siblings.count > 1 {
            lines.append(
                localized(
                    zh: "有争议，以下答案都保留着；请逐项回答标 ≠ 的问题，您的回答将作为结论：",
                    en: "Contested: these answers are all kept; answer what is marked ≠, and that "
                        + "settles it:"))
            for sibling in siblings { try add(sibling.edits[0], sibling.answers) }
        }
        return lines
    }

    /// What each side says of the fields on which they differ: `王芳: 安全 (A) / 李明: —`.
    func sides(_ store: FieldStore) throws -> [FieldTag: String] {
        var sides: [FieldTag: String] = [:]
        for state in open.state.contestedSections {
            guard let section = open.form.section(state.section) else { continue }
            let names = try state.siblings.map { try authors(of: $0, store) }
            for field in section.fields where contested.contains(field.tag) {
                sides[field.tag] = zip(names, state.siblings).map { names, sibling in
                    let answer = sibling.answers[field.tag].map { field.display($0) } ?? "—"
                    return "\(names): \(answer)"
                }.joined(separator: " / ")
            }
        }
        return sides
    }

    private func authors(of sibling: Sibling, _ store: FieldStore) throws -> String {
        var names: [String] = []
        for edit in sibling.edits {
            let name = try store.authorText(edit.header.author).printable
            if !names.contains(name) { names.append(name) }
        }
        return names.joined(separator: localized(zh: "、", en: ", "))
    }
}
