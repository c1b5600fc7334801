public import SurveyLog
public import SurveyModel

/// One surviving answer of a section, with every edit that says the same.
public struct Sibling: Sendable, Hashable {
    public let answers: SectionAnswers
    /// Ascending by id, never empty.
    public let edits: [Edit]

    /// The edit by which people choose this sibling.
    public var id: EditID { edits[0].id }
}

/// A section of a record: one sibling when agreed, two or more when contested.
public struct SectionState: Sendable, Hashable {
    public let section: SectionTag
    /// Ascending by id, never empty.
    public let siblings: [Sibling]
    /// What is shown meanwhile; the sibling's own answers when there is one.
    public let provisional: SectionAnswers

    public var isContested: Bool { siblings.count > 1 }
}

/// What a record says, folded from its edits.
public struct RecordState: Sendable {
    public let key: RecordKey
    public let sections: [SectionTag: SectionState]
    /// Included edits, ascending by id.
    public let included: [Edit]
    /// Edits that wait for review or were rejected; they count nowhere.
    public let excluded: [Edit]

    /// The state of a record of which there is one edit; nil when more is to be known of that than it says.
    init?(only edit: Edit, excluding excluded: Set<EditID>) {
        // One that names itself, by whatever search, covers itself.
        guard let body = edit.body, edit.header.seen.isEmpty,
            excluded.isEmpty || !excluded.contains(edit.id)
        else { return nil }
        var sections: [SectionTag: SectionState] = [:]
        for section in edit.header.sections {
            let answers = (body.sections[section] ?? [:]).canonical
            sections[section] = SectionState(
                section: section, siblings: [Sibling(answers: answers, edits: [edit])],
                provisional: answers)
        }
        self.init(key: edit.header.record, sections: sections, included: [edit], excluded: [])
    }

    init(
        key: RecordKey, sections: [SectionTag: SectionState], included: [Edit], excluded: [Edit]
    ) {
        (self.key, self.sections) = (key, sections)
        (self.included, self.excluded) = (included, excluded)
    }

    public var isContested: Bool { sections.values.contains(where: \.isContested) }

    public var contestedSections: [SectionState] {
        sections.values.filter(\.isContested).sorted { $0.section < $1.section }
    }

    /// The answers as shown, contested sections by their policy.
    public var answers: Answers {
        Answers(sections.mapValues(\.provisional), of: Form.form(of: key.kind))
    }

    /// What a form that is opened now shows of these sections: the `seen` of the next edit.
    ///
    /// - Parameter own: edits of their author that wait for review: should they count one day, what the
    ///   author says now is newer.
    public func references(writing sections: Set<SectionTag>, own: [Edit] = []) -> [Reference] {
        (included + own).filter { !sections.isDisjoint(with: $0.header.sections) }
            .map(\.reference).sorted()
    }
}

public enum MergeError: Error, Sendable, Equatable {
    /// An edit belongs to another record.
    case foreignRecord
}
