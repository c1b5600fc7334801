internal import GRDB
public import SurveyModel
internal import SurveyStore

/// By what people know a subject again.
public struct SubjectName: Sendable, Hashable {
    public let subject: SubjectID
    /// A household's number, a person's after its household's, a village's code; empty for a user.
    public let number: String
    /// The head of a household, a person, a village, a user.
    public let name: String
    /// Where it is; nil for a village itself.
    public let village: String?

    /// Takes texts as somebody wrote them, perhaps with another program.
    init(_ subject: SubjectID, number: String, name: String, village: String?) {
        self.subject = subject
        self.number = number.withoutControls
        self.name = name.withoutControls
        self.village = village?.withoutControls
    }

    /// `520402109201-0012 杨正华`
    public var brief: String { [number, name].filter { !$0.isEmpty }.joined(separator: " ") }

    /// `520402109201-0012（碧波村）`: without the name of anybody, for errors. A village's is no secret.
    public var place: Label {
        guard let village, !village.isEmpty else { return Label(zh: number, en: number) }
        return Label(zh: "\(number)（\(village)）", en: "\(number) (\(village))")
    }

    /// `520402109201-0012 杨正华（碧波村）`
    public var whole: Label {
        guard let village, !village.isEmpty else { return Label(zh: brief, en: brief) }
        return Label(zh: "\(brief)（\(village)）", en: "\(brief) (\(village))")
    }
}

extension String {
    /// Without what could move a terminal's cursor, turn the writing direction or hide.
    fileprivate var withoutControls: String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.filter { !$0.isUnprintable }))
    }
}

extension FieldStore {
    /// By what people know a household, a person, a village or a user again.
    public func name(of subject: SubjectID) throws -> SubjectName {
        try read { db in try Self.name(of: subject, db) }
    }

    /// The same of the entry that a number, an id or the start of an id stands for.
    public func entryName(_ text: String, of form: Form = Household.form) throws -> SubjectName {
        try read { db in try Self.name(of: Self.subject(text, of: form, db), db) }
    }

    static func name(of subject: SubjectID, _ db: Database) throws -> SubjectName {
        if let row = try db.row(
            """
            SELECT household_no AS number, head_name AS name, area FROM household
            WHERE subject = ?1
            UNION ALL
            SELECT coalesce(nullif(household_no, '') || '/', '') || person_no, person.name,
                person.area
            FROM person LEFT JOIN household ON household.subject = person.household
            WHERE person.subject = ?1
            """, [try db.number(of: subject)])
        {
            let area: Int64 = row["area"]
            return SubjectName(
                subject, number: row["number"], name: row["name"],
                village: try db.value("SELECT name FROM area WHERE id = ?", [area]))
        }
        let village = AreaID(subject)
        if village.subject == subject,
            let row = try db.row("SELECT code, name FROM area WHERE id = ?", [village.column])
        {
            return SubjectName(subject, number: row["code"], name: row["name"], village: nil)
        }
        if let user = try Accounts.find(UserID(subject), in: db) {
            return SubjectName(subject, number: "", name: user.name, village: nil)
        }
        return SubjectName(subject, number: subject.text, name: "", village: nil)
    }

    /// Which of several is meant? Each by its id, and by what people know it.
    static func ambiguous(_ subjects: some Sequence<SubjectID>, _ db: Database) throws -> Failure {
        let names = try Set(subjects).sorted().map { try name(of: $0, db) }
        func list(_ language: Language) -> String {
            names.map { "\($0.subject.text) = \($0.place[language])" }
                .joined(separator: Label(zh: "；", en: "; ")[language])
        }
        return Failure(.ambiguousSubject, Label(zh: list(.zh), en: list(.en)))
    }

    /// Which of several records is meant?
    static func ambiguous(records: [RecordKey], _ db: Database) throws -> Failure {
        let names = try records.map { ($0, try name(of: subject(of: $0, db), db)) }
        func list(_ language: Language) -> String {
            names.map { record, name in
                "\(record.text) = \(name.place[language])"
            }.joined(separator: Label(zh: "；", en: "; ")[language])
        }
        return Failure(.ambiguousSubject, Label(zh: list(.zh), en: list(.en)))
    }

    /// What to say of a text that stands for no subject of a form: perhaps for one of another kind.
    static func unknown(_ text: String, for form: Form, _ db: Database) throws -> Failure {
        let kinds: [(subject: SubjectKind, label: Label, isOne: Bool)] = [
            (
                .village, Label(zh: "一个村", en: "village"),
                try !Areas.find(village: text, in: db).isEmpty
            ),
            (
                .household, Label(zh: "一户", en: "household"),
                try !Subjects.find(household: text, db).isEmpty
            ),
            (
                .person, Label(zh: "一个人", en: "person"),
                try text.folded.contains("/") && !Subjects.find(person: text, db).isEmpty
            ),
        ]
        guard let wanted = kinds.first(where: { $0.subject == form.subject }),
            let found = kinds.first(where: { $0.isOne && $0.subject != form.subject })
        else { return Failure(.unknownSubject, text) }
        return Failure(
            .wrongSubject,
            Label(
                zh: "“\(text)”是\(found.label.zh)，“\(form.label.zh)”要的是\(wanted.label.zh)",
                en: "\"\(text)\" is a \(found.label.en), \(form.key) takes a \(wanted.label.en)"))
    }
}
