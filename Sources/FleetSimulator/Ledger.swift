import SurveyLog
import SurveyModel

/// What really happened, written down by the simulator itself: an independent and deliberately
/// naive account that shares no code with the fold.
struct Ledger {
    struct Entry {
        let edit: EditID
        let record: RecordKey
        let area: AreaID
        /// Section → answers in words, cleared ones left out.
        let sections: [SectionTag: String]
        /// Every edit of the record that was in front of the author.
        let shown: Set<EditID>
        let device: String
    }

    /// The press of "save".
    struct Attempt {
        let record: RecordKey
        /// Every edit of the record that is in front of them.
        let shown: Set<EditID>
        let device: String
    }

    private(set) var entries: [EditID: Entry] = [:]
    /// Edits that nobody can have any more: every place that held them was destroyed.
    private(set) var lost: Set<EditID> = []
    /// Edits that the server counted once, and did not miss when somebody lost a right.
    private(set) var counted: Set<EditID> = []

    mutating func count(_ edits: Set<EditID>) {
        // A move may come to lead into an area that its author may not write.
        counted.formUnion(edits.filter { entries[$0].map { $0.record.kind > .person } ?? false })
    }

    /// A right was lost: what the server does not hold now comes late when it comes.
    mutating func loseRight(knowing known: Set<EditID>) { counted.formIntersection(known) }

    /// Rights that were given are gone with the server that gave them: who counted may not again.
    mutating func loseRegister() { counted = [] }

    /// A decision is gone: what it let count may wait again, and where a subject was moved by it,
    /// everything about any subject.
    mutating func loseDecision(about half: SubjectID) {
        let judged = entries.keys.first { $0.bytes.prefix(16) == half.bytes }
        if judged.map({ entries[$0]!.record.kind <= .person }) ?? true {
            counted = []
        } else if let judged {
            counted.remove(judged)
        }
    }

    func knows(_ edit: EditID) -> Bool { entries[edit] != nil }

    /// An import has been shown what the server has of earlier imports, and nothing else.
    mutating func note(imported edits: [Edit], knowing known: Set<EditID>) {
        for edit in edits where !knows(edit.id) {
            let before = entries.values.filter {
                $0.record == edit.header.record && $0.device == Self.importer
                    && known.contains($0.edit)
            }
            note(
                edit,
                Attempt(
                    record: edit.header.record, shown: Set(before.map(\.edit)),
                    device: Self.importer))
        }
    }

    private static let importer = "import"

    mutating func note(_ edit: Edit, _ attempt: Attempt) {
        var sections: [SectionTag: String] = [:]
        for (tag, answers) in edit.body?.sections ?? [:] {
            sections[tag] = Self.words(answers)
        }
        entries[edit.id] = Entry(
            edit: edit.id, record: edit.header.record, area: edit.header.area,
            sections: sections, shown: attempt.shown, device: attempt.device)
    }

    /// Answers in words, cleared ones left out.
    static func words(_ answers: SectionAnswers) -> String {
        answers.filter { $0.value != .null }
            .map { "\($0.key.rawValue)=\($0.value.plainText)" }.sorted()
            .joined(separator: " ")
    }

    /// A place that held edits is gone; `elsewhere` is everything that any other place holds.
    mutating func destroy(_ held: Set<EditID>, elsewhere: Set<EditID>) {
        let gone = held.subtracting(elsewhere).intersection(entries.keys)
        lost.formUnion(gone)
        // A move that nobody knows any more leaves its subject where it was.
        if gone.contains(where: { entries[$0]!.record.kind <= .person }) { counted = [] }
    }

    /// The answers of a section that must be there: written by an edit that counts, and not
    /// written again by somebody who was shown it and whose edit counts.
    func surviving(_ record: RecordKey, counting: (EditID) -> Bool) -> [SectionTag: Set<String>] {
        let edits = entries.values.filter { $0.record == record && counting($0.edit) }
        var surviving: [SectionTag: Set<String>] = [:]
        for entry in edits {
            for (section, answers) in entry.sections {
                let isSuperseded = edits.contains {
                    $0.sections[section] != nil && $0.shown.contains(entry.edit)
                }
                if !isSuperseded { surviving[section, default: []].insert(answers) }
            }
        }
        return surviving
    }
}
