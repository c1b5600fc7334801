import FieldStore
import Foundation
import GRDB
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore
import TestSupport

/// What surveyors do.
extension Fleet {
    func survey(_ kind: Action.Kind, _ random: inout SplitMix64) throws {
        let device = devices[anyDevice(&random)]
        switch kind {
        case .answer:
            guard let form = try open(device.store, &random) else { return }
            try save(device, device.store, form, &random)
        case .answerOtherVersion:
            guard let form = try open(device.store, form: FleetForms.newerHousing, &random) else {
                return
            }
            try save(device, device.store, form, &random)
        case .answerBeside:
            // Another process works in the same home.
            let beside = try FieldStore.open(device.home, environment: environment(of: device.name))
            defer { try? beside.close() }
            guard let form = try open(beside, &random) else { return }
            try save(device, beside, form, &random)
        case .openForm:
            guard let form = try open(device.store, &random) else { return }
            device.forms.append(form)
        case .saveForm:
            guard !device.forms.isEmpty else { return }
            try save(device, device.store, device.forms.removeFirst(), &random)
        case .resolve: try resolve(device, &random)
        case .moveHousehold: try moveHousehold(device, &random)
        case .movePerson: try movePerson(device, &random)
        case .joinHouseholds: try joinHouseholds(device, &random)
        case .splitHouseholds: try splitHouseholds(device, &random)
        case .findProblem: try findProblem(device, &random)
        case .rectify: try rectify(device, &random)
        default:
            let villages = try device.store.readableVillages()
            guard let village = villages.randomElement(using: &random) else { return }
            try device.store.open([village])
        }
    }

    /// Opens a check of somebody whom the device knows.
    func open(_ store: FieldStore, form: Form? = nil, _ random: inout SplitMix64) throws
        -> OpenForm?
    {
        guard let round = try store.round(nil) else { return nil }
        let form =
            form
            ?? [Housing.form, Housing.form, Medical.form, Schooling.form, Clinic.form]
            .randomElement(using: &random)!
        let subject: SubjectID?
        if form.subject == .village {
            subject = try store.readableVillages().randomElement(using: &random)?.id.subject
        } else if form.subject == .person {
            subject = try store.persons(in: nil, household: nil, round: round)
                .randomElement(using: &random)?.subject
        } else {
            subject = try store.households(in: nil, round: round)
                .randomElement(using: &random)?.subject
        }
        guard let subject else { return nil }
        let open = try store.openCheck(form, subject: subject.text, round: nil, resuming: false)
        try examineShown(open, store)
        return open
    }

    /// Who opens a form sees every answer that is here, counts, and was not superseded after it was
    /// shown: by the ledger, not by the fold.
    private func examineShown(_ open: OpenForm, _ store: FieldStore) throws {
        // Of joined entries each may have been answered about another one.
        let isJoined = try store.read { db in
            try Joined.entries(of: open.record.subject, in: db).count > 1
        }
        guard !isJoined else { return }
        try noteUnreported(in: store.writer)
        let here = try FleetDevice.edits(store.writer)
        let excluded = try store.writer.read { db in
            Set(try Data.fetchAll(db, sql: "SELECT edit FROM exclusion").compactMap(EditID.init))
        }
        let expected = ledger.surviving(open.record) {
            here.contains($0) && !excluded.contains($0)
        }
        for (section, answers) in expected {
            let shown =
                open.state.sections[section]?.siblings.map { Ledger.words($0.answers) } ?? []
            guard answers.isSubset(of: shown) else {
                throw Violation("\(open.record.text): an answer is here and was not shown")
            }
        }
    }

    /// Answers a section or two of an open form and saves it.
    func save(
        _ device: FleetDevice, _ store: FieldStore, _ open: OpenForm, _ random: inout SplitMix64
    ) throws {
        var form = open
        let sections = Self.fill(&form, &random)
        let attempt = Ledger.Attempt(
            record: form.record, shown: Self.covered(by: form), device: device.name)
        device.attempt = attempt
        let saved = try store.save(form, sections: sections)
        device.attempt = nil
        ledger.note(saved.edit, attempt)
        try examineHandedOn(saved.edit, form)
    }

    private static func fill(_ form: inout OpenForm, _ random: inout SplitMix64)
        -> Set<SectionTag>
    {
        let choice = Int.random(in: 0..<4, using: &random)
        var keys: Set<String> = []
        if form.form.kind == .clinic {
            keys = ["clinic"]
            form.answers[Clinic.arrangement] = ClinicArrangement.allCases.randomElement(
                using: &random)!
            form.answers[Clinic.doctors] = Int64.random(in: 0...2, using: &random)
        } else if form.form.kind == .schooling {
            keys = ["schooling"]
            form.answers[Schooling.state] = SchoolState.allCases.randomElement(using: &random)!
        } else if form.form.kind == .medical {
            keys =
                choice == 0 ? ["insurance", "contract"] : [choice == 1 ? "contract" : "insurance"]
            form.answers[Medical.insurance] = .resident
            form.answers[Medical.insuredYear] = Int64.random(in: 2025...2026, using: &random)
            form.answers[Medical.contract] = Bool.random(using: &random)
        } else {
            if choice != 0 {
                keys.insert("safety")
                // A better grade takes a reason.
                if let note = form.form.section(key: "note") {
                    keys.insert(note.key)
                    form.answers[Remarks.note] = "复核 \(random.next())"
                }
            }
            if choice < 2 { keys.insert("building") }
            form.answers[Housing.dwellingSource] = .own
            form.answers[Housing.occupied] = true
            form.answers[Housing.grade] = [HouseGrade.a, .b].randomElement(using: &random)!
            form.answers[Housing.floors] = Int64.random(in: 1...4, using: &random)
            if form.form.version > 1 {
                keys.formUnion(["building", "new_section"])
                form.answers[FleetForms.newField] = "新 \(random.next() % 4)"
                form.answers[FleetForms.newSectionField] = Int64.random(in: 0...3, using: &random)
            }
        }
        return Set(keys.compactMap { form.form.section(key: $0)?.tag })
    }

    /// Who writes a section with a version that does not know a field has not been shown its
    /// answer, so that answer must go on.
    private func examineHandedOn(_ edit: Edit, _ form: OpenForm) throws {
        for (tag, answers) in edit.body?.sections ?? [:] {
            guard let siblings = form.state.sections[tag]?.siblings, siblings.count == 1 else {
                continue
            }
            let known = Set(form.form.fields.map(\.tag))
            for (field, value) in siblings[0].answers where !known.contains(field) {
                guard answers[field] == value else {
                    throw Violation("an older version dropped an answer that it does not know")
                }
            }
        }
    }

    private func resolve(_ device: FleetDevice, _ random: inout SplitMix64) throws {
        let known = try device.store.conflicts().filter { $0.record.round != .register }
        guard let conflict = known.randomElement(using: &random) else { return }
        let chosen = conflict.state.siblings.randomElement(using: &random)!
        let shown = try included(conflict.record, device)
        let attempt = Ledger.Attempt(record: conflict.record, shown: shown, device: device.name)
        let saved = try device.store.resolve(
            conflict.record, section: conflict.section.key, .choose(chosen.id.bytes.hex),
            reason: "复核")
        ledger.note(saved.edit, attempt)
    }

    private func moveHousehold(_ device: FleetDevice, _ random: inout SplitMix64) throws {
        let round = try device.store.round(nil)
        let villages = try device.store.areaTree().villages
        guard
            let house = try device.store.households(in: nil, round: round)
                .randomElement(using: &random),
            let village = villages.randomElement(using: &random)
        else { return }
        let entries = try device.store.read { db in try Joined.entries(of: house.subject, in: db) }
        try amend(entries.map { RecordKey(kind: .household, subject: $0) }, device) {
            try device.store.move(house.subject.text, to: village, address: nil)
        }
    }

    /// Writes down a problem of a household.
    private func findProblem(_ device: FleetDevice, _ random: inout SplitMix64) throws {
        let houses = try device.store.households(in: nil, round: device.store.round(nil))
        guard let house = houses.randomElement(using: &random) else { return }
        var form = try device.store.openFinding(about: house.subject.text, round: nil)
        form.answers[Finding.category] = .housing
        form.answers[Finding.severity] = Severity.allCases.randomElement(using: &random)!
        form.answers[Finding.summary] = "问题 \(random.next() % 10)"
        form.answers[Finding.deadline] = CalendarDate(
            daysSinceEpoch: environment(of: device.name).today.daysSinceEpoch
                + Int32.random(in: -30...30, using: &random))
        try write(form, device)
    }

    /// Says that a problem is rectified, or was seen rectified.
    private func rectify(_ device: FleetDevice, _ random: inout SplitMix64) throws {
        guard let round = try device.store.round(nil),
            let finding = try device.store.findings(in: nil, round: round)
                .randomElement(using: &random)
        else { return }
        let id = finding.row.record.subject.text
        do {
            var form = try device.store.openFinding(id, verifying: finding.row.state == .rectified)
            if form.answers[Finding.done] == nil {
                form.answers[Finding.done] = "整改 \(random.next() % 10)"
            }
            // Clocks may be years apart.
            form.answers[Finding.rectifiedOn] = CalendarDate(daysSinceEpoch: 0)
            try write(form, device, only: "rectification")
        } catch let failure as Failure
            where [.ownRectification, .contestedSection, .verifiedFinding]
            .contains(failure.problem)
        {}
    }

    private func write(_ form: OpenForm, _ device: FleetDevice, only key: String? = nil) throws {
        let attempt = Ledger.Attempt(
            record: form.record, shown: Self.covered(by: form), device: device.name)
        let sections = form.form.sections.filter { key == nil || $0.key == key }.map(\.tag)
        ledger.note(try device.store.save(form, sections: Set(sections)).edit, attempt)
    }

    /// Says that two entries of a village are one household.
    private func joinHouseholds(_ device: FleetDevice, _ random: inout SplitMix64) throws {
        if Int.random(in: 0..<3, using: &random) == 0 { return try joinPersons(device, &random) }
        let houses = try device.store.households(in: nil, round: device.store.round(nil))
        guard let one = houses.randomElement(using: &random),
            let other = houses.filter({ $0.area == one.area && $0.subject != one.subject })
                .randomElement(using: &random)
        else { return }
        try amend([.sameAs(one.subject, other.subject)], device) {
            [try device.store.join(one.subject.text, other.subject.text, same: true, reason: nil)]
        }
    }

    /// Says that two entries of a village are one person.
    private func joinPersons(_ device: FleetDevice, _ random: inout SplitMix64) throws {
        let persons = try device.store.persons(in: nil, household: nil, round: nil)
        guard let one = persons.randomElement(using: &random),
            let other = persons.filter({ $0.area == one.area && $0.subject != one.subject })
                .randomElement(using: &random)
        else { return }
        let same = Int.random(in: 0..<4, using: &random) > 0
        try amend([.sameAs(one.subject, other.subject)], device) {
            [
                try device.store.join(
                    one.subject.text, other.subject.text, of: Person.form, same: same, reason: nil)
            ]
        }
    }

    /// Sets a household or a person aside, or takes one back.
    private func setAside(_ device: FleetDevice, _ random: inout SplitMix64) throws {
        let isOfPersons = Bool.random(using: &random)
        let (subjects, wasSetAside): ([SubjectID], Bool)
        if isOfPersons {
            let chosen = try device.store.persons(
                in: nil, household: nil, round: nil, setAside: true
            ).randomElement(using: &random)
            (subjects, wasSetAside) = (
                chosen.map { [$0.subject] } ?? [], chosen?.isSetAside ?? false
            )
        } else {
            let chosen = try device.store.households(in: nil, round: nil, setAside: true)
                .randomElement(using: &random)
            (subjects, wasSetAside) = (
                chosen.map { [$0.subject] } ?? [], chosen?.isSetAside ?? false
            )
        }
        guard let subject = subjects.first else { return }
        let entries = try device.store.read { db in try Joined.entries(of: subject, in: db) }
        let reason = wasSetAside ? nil : "误登 \(random.next() % 10)"
        try amend(
            entries.map { RecordKey(kind: isOfPersons ? .person : .household, subject: $0) },
            device
        ) {
            try isOfPersons
                ? device.store.setAside(person: subject.text, !wasSetAside, reason: reason)
                : device.store.setAside(household: subject.text, !wasSetAside, reason: reason)
        }
    }

    /// Takes back what is said of a pair.
    private func splitHouseholds(_ device: FleetDevice, _ random: inout SplitMix64) throws {
        if Int.random(in: 0..<2, using: &random) == 0 { return try setAside(device, &random) }
        let pairs = try device.store.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT \(subjectID("first")) AS one, \(subjectID("second")) AS other, 0 AS person
                    FROM same_as
                    JOIN household AS a ON a.subject = first
                    JOIN household AS b ON b.subject = second
                    WHERE same = 1 AND a.area = b.area
                    UNION ALL
                    SELECT \(subjectID("first")), \(subjectID("second")), 1 FROM same_as
                    JOIN person AS a ON a.subject = first
                    JOIN person AS b ON b.subject = second
                    WHERE same = 1 AND a.area = b.area ORDER BY one, other
                    """
            ).compactMap { row -> (SubjectID, SubjectID, Form)? in
                guard let first = SubjectID(row["one"] as Data),
                    let second = SubjectID(row["other"] as Data)
                else { return nil }
                return (first, second, row["person"] as Bool ? Person.form : Household.form)
            }
        }
        guard let (one, other, form) = pairs.randomElement(using: &random) else { return }
        try amend([.sameAs(one, other)], device) {
            [try device.store.join(one.text, other.text, of: form, same: false, reason: "误判")]
        }
    }

    private func movePerson(_ device: FleetDevice, _ random: inout SplitMix64) throws {
        let round = try device.store.round(nil)
        guard
            let person = try device.store.persons(in: nil, household: nil, round: round)
                .randomElement(using: &random),
            let house = try device.store.households(in: nil, round: round)
                .randomElement(using: &random)
        else { return }
        try amend([RecordKey(kind: .person, subject: person.subject)], device) {
            [try device.store.transfer(person.subject.text, to: house.subject.text)]
        }
    }

    /// A correction of the register; one that is contested takes somebody who looks at it.
    private func amend(
        _ records: [RecordKey], _ device: FleetDevice, _ write: () throws -> [SavedEdit]
    ) throws {
        let shown = try Dictionary(
            uniqueKeysWithValues: records.map { ($0, try included($0, device)) })
        do {
            for saved in try write() {
                let record = saved.edit.header.record
                ledger.note(
                    saved.edit,
                    Ledger.Attempt(
                        record: record, shown: shown[record] ?? [], device: device.name))
            }
        } catch let failure as Failure where failure.problem == .contestedSection {
        }
    }

    /// Edits that count, with the device's own ones that wait for review.
    private func included(_ record: RecordKey, _ device: FleetDevice) throws -> Set<EditID> {
        let own = try device.store.identity().replica
        return try device.store.read { db in
            let state = try Records.shown(record, in: db)
            let closed = try Data.fetchAll(db, sql: "SELECT public_key FROM closed_log")
            let family = Set(closed.map { ReplicaID(publicKey: $0) } + [own])
            let held = try state.excluded.filter { edit in
                guard family.contains(edit.dot.replica) else { return false }
                if case .held = try Records.exclusion(of: edit.id, in: db) { return true }
                return false
            }
            return Set((state.included + held).map(\.id))
        }
    }

    /// The same edits for an open form, as of its opening.
    private static func covered(by form: OpenForm) -> Set<EditID> {
        let known = Set(form.shown.map(\.reference))
        let held = form.state.excluded.filter { known.contains($0.reference) }
        return Set((form.state.included + held).map(\.id))
    }
}
