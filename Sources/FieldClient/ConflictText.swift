import FieldStore
import SurveyConsole
import SurveyLog
import SurveyMerge
import SurveyModel

/// A contested section in plain words, for lines and for screens: who gave each answer and when, and
/// what they had been shown.
struct ConflictText {
    /// `住房安全 · 住房安全`
    let what: String
    let siblings: [Sibling]

    struct Sibling {
        /// The edit by which people choose it.
        let id: EditID
        /// Everybody who said so.
        let authors: [Author]
        let answers: SectionAnswers
        /// The names of those whom an answer stands for.
        let names: [FieldTag: String]

        /// An answer as people read it.
        func text(_ field: FieldDefinition) -> String {
            names[field.tag] ?? answers[field.tag].map(field.display) ?? "—"
        }
    }

    struct Author {
        let edit: EditID
        let name: String
        let time: String
        /// What they had been shown when they answered.
        let shown: String
    }

    init(_ conflict: Conflict, _ store: FieldStore) throws {
        let language = Console.language
        what = "\(conflict.form.label[language]) · \(conflict.section.label[language])"
        siblings = try conflict.siblings.map { sibling in
            Sibling(
                id: sibling.id,
                authors: try sibling.edits.map { edit in
                    Author(
                        edit: edit.id, name: try store.authorText(edit.header.author).printable,
                        time: clockText(edit.header.deviceTime),
                        shown: try Self.shown(to: edit, conflict, store))
                }, answers: sibling.answers,
                names: try Self.names(in: sibling.answers, of: conflict.section, store))
        }
    }

    private static func names(
        in answers: SectionAnswers, of section: Section, _ store: FieldStore
    ) throws -> [FieldTag: String] {
        var names: [FieldTag: String] = [:]
        for field in section.fields {
            guard case .identifier(let bytes) = answers[field.tag], let subject = SubjectID(bytes)
            else { continue }
            names[field.tag] = try store.text(of: subject, as: field)
        }
        return names
    }

    private static func shown(to edit: Edit, _ conflict: Conflict, _ store: FieldStore) throws
        -> String
    {
        let seen = try (conflict.shown[edit.id] ?? []).map { seen in
            try store.authorText(seen.header.author).printable
                + " \(clockText(seen.header.deviceTime))"
        }
        guard !seen.isEmpty else {
            return localized(zh: "填写时没有看到别人的答案", en: "had been shown nobody's answer")
        }
        let list = seen.joined(separator: localized(zh: "、", en: ", "))
        return localized(
            zh: "填写时看过：\(list)；没有看过另一个答案",
            en: "had been shown: \(list); not the other answer")
    }
}

extension Conflict {
    /// Its number, or those of a pair, and by what people know it.
    var title: String { name.name.isEmpty ? subjectNo : "\(subjectNo) \(name.name)" }

    /// What is to be done about it, in a list of tasks.
    var task: Label {
        let count = state.siblings.count
        guard count > 2 else { return Label(zh: "两个答案不一致，请选定", en: "two answers: resolve") }
        return Label(zh: "\(count) 个答案：选定", en: "\(count) answers: resolve")
    }
}

extension FieldStore {
    /// An edit's author, for people: what the server wrote came with the register.
    func authorText(_ user: UserID) throws -> String {
        user == .server ? localized(zh: "名册", en: "the register") : try authorName(user)
    }
}
