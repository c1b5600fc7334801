import Foundation
import SurveyConsole
import SurveyLog
import SurveyModel
import TestSupport

/// Keys, ids, edits, chains, segments, endorsements and receipts.
extension Vectors {
    static func identities() -> JSONValue {
        let keys = (1...3).map { LogKey.test($0) }
        return [
            "keys": .array(
                keys.map { key in
                    [
                        "seed": hex(key.seed), "public_key": hex(key.publicKey),
                        "replica": hex(key.replica.bytes),
                        "fingerprint": hex(ServerKeyID.fingerprint(key.publicKey)),
                        "chain_0": hex(ChainValue(publicKey: key.publicKey).bytes),
                        "device_subject": hex(
                            SubjectID(sha256(key.publicKey).prefix(16))!.bytes),
                    ]
                }),
            "subjects": .array(
                [1, 2_026, UInt64.max].map { id in
                    [
                        "id": .string(String(id)), "subject": hex(SubjectID(id).bytes),
                        "text": .string(AreaID(rawValue: id).text),
                    ]
                }),
            "same_as": [
                "households": [
                    hex(SubjectID(1).bytes), hex(SubjectID(2).bytes),
                ],
                "subject": hex(
                    RecordKey.sameAs(SubjectID(2), SubjectID(1)).subject.bytes),
            ],
            "finding": finding(
                .water,
                about: RecordKey(
                    kind: .water, subject: SubjectID(1), round: RoundID(rawValue: 3))),
            "enrolment_code": [
                "secret": hex(Data(0..<10)), "fingerprint": hex(Data(10..<20)),
                "text": .string(
                    EnrolmentCode(secret: Data(0..<10), fingerprint: Data(10..<20)).text),
            ],
        ]
    }

    private static func finding(_ category: FindingCategory, about check: RecordKey) -> JSONValue {
        [
            "kind": JSONValue(Int(check.kind.rawValue)), "check_subject": hex(check.subject.bytes),
            "round": .string(String(check.round.rawValue)), "category": .string(category.rawValue),
            "subject": hex(RecordKey.finding(category, about: check).subject.bytes),
        ]
    }

    static func edits() throws -> JSONValue {
        let log = try sampleLog()
        return .array(try log.edits.map(json))
    }

    static func json(_ edit: Edit) throws -> JSONValue {
        let (body, hash): (JSONValue, Data) =
            switch edit.encoded.content {
            case .body(let bytes): (hex(bytes), sha256(bytes))
            case .erased(let hash): (.null, hash)
            }
        return [
            "header": hex(edit.encoded.header), "body": body,
            "body_sha256": hex(hash), "id": hex(edit.id.bytes),
            "check": hex(edit.id.check), "replica": hex(edit.dot.replica.bytes),
            "counter": .integer(Int64(edit.dot.counter)),
            "record": [
                "kind": .integer(Int64(edit.header.record.kind.rawValue)),
                "subject": hex(edit.header.record.subject.bytes),
                "round": .string(String(edit.header.record.round.rawValue)),
            ],
            "area": .string(String(edit.header.area.rawValue)),
            "author": .string(String(edit.header.author.rawValue)),
            "device_time": .integer(edit.header.deviceTime),
            "form_version": .integer(Int64(edit.header.formVersion)),
            "salt": edit.body?.salt.map(hex) ?? .null,
            "seen": .array(edit.header.seen.map(json)),
            "sections": .object(
                Dictionary(
                    uniqueKeysWithValues: (edit.body?.sections ?? [:]).map {
                        (String($0.key.rawValue), json($0.value))
                    })),
        ]
    }

    static func json(_ reference: Reference) -> JSONValue {
        [
            "replica": hex(reference.dot.replica.bytes),
            "counter": .integer(Int64(reference.dot.counter)), "check": hex(reference.check),
        ]
    }

    /// Field tag → [kind of value, value as people write it].
    static func json(_ answers: SectionAnswers) -> JSONValue {
        .object(
            Dictionary(
                uniqueKeysWithValues: answers.map { field, value in
                    (
                        String(field.rawValue),
                        .array([.string(kind(of: value)), .string(value.plainText)])
                    )
                }))
    }

    private static func kind(of value: FieldValue) -> String {
        switch value {
        case .null: "null"
        case .text: "text"
        case .integer: "integer"
        case .decimal: "decimal"
        case .boolean: "boolean"
        case .date: "date"
        case .code: "code"
        case .codes: "codes"
        case .identifier: "identifier"
        }
    }

    /// One log with every kind of value: chains, segments that overlap, an endorsement, receipts.
    static func logs() throws -> JSONValue {
        let log = try sampleLog()
        let server = LogKey.test(2)
        let count = log.edits.count
        let segments = [try log.segment(1...2), try log.segment(2...count)]
        var head = FeedCursor.start
        let feed = segments.map { segment in
            head = head.appending(segment.id)
            return JSONValue.object([
                "segment": hex(segment.id.bytes), "sequence": .integer(Int64(head.sequence)),
                "hash": hex(head.hash),
            ])
        }
        let branch = try branch()
        return [
            "public_key": hex(log.key.publicKey), "server_public_key": hex(server.publicKey),
            "chain": .array((0...count).map { hex(log.chain($0).bytes) }),
            "branch_chain": .array((0...branch.edits.count).map { hex(branch.chain($0).bytes) }),
            "segments": .array(try segments.map(json)), "feed": .array(feed),
            "server_segment": try json(serverSegment(by: server)),
            "excerpt": try excerpt(of: log.edits[0]),
            "next_log": try nextLog(log.key),
            "receipts": try receipts(log, branch, server, head),
        ]
    }

    static func json(_ segment: Segment) throws -> JSONValue {
        let frame = segment.frame
        return [
            "frame": hex(segment.frameBytes), "signature": hex(segment.signature),
            "id": hex(segment.id.bytes), "encoded": hex(segment.encoded()),
            "first": .integer(Int64(frame.first)), "count": .integer(Int64(frame.count)),
            "previous": hex(frame.previous.bytes), "resulting": hex(frame.resulting.bytes),
            "edits": .array(segment.edits.map { hex($0.id.bytes) }),
            "about": frame.about.map { hex($0.bytes) } ?? .null,
        ]
    }

    /// A decision in a server's log, endorsed by the server key (seed 2).
    private static func serverSegment(by server: LogKey) throws -> Segment {
        let log = LogKey.test(3)
        let judged = try sampleLog().edits[0]
        var answers = Answers()
        answers[DecisionForm.edit] = judged.id.bytes
        answers[DecisionForm.verdict] = .hold
        answers[DecisionForm.reason] = .outsideArea
        answers[DecisionForm.replica] = judged.dot.replica.bytes
        answers[DecisionForm.counter] = Int64(judged.dot.counter)
        let section = DecisionForm.form.sections[0].tag
        let edit = try Edit(
            header: EditHeader(
                dot: Dot(replica: log.replica, counter: 1),
                record: RecordKey(
                    kind: .decision, subject: SubjectID(judged.id.bytes.prefix(16))!),
                area: .village, sections: [section], seen: [], author: .server,
                deviceTime: 1_767_225_600_000, formVersion: 1),
            body: EditBody(sections: [section: answers.values], salt: nil))
        return try Segment.seal(
            [edit], after: ChainValue(publicKey: log.publicKey), key: log,
            endorsement: try Endorsement(of: log, by: server), about: judged.dot.replica)
    }

    /// An edit of a household that moved, repeated in its new area.
    private static func excerpt(of edit: Edit) throws -> JSONValue {
        var answers = Answers()
        answers[ExcerptForm.edit] = edit.excerpted()
        let section = ExcerptForm.form.sections[0].tag
        var server = TestLog(3)
        let holder = try server.write(
            RecordKey(kind: .excerpt, subject: edit.header.record.subject), section, answers)
        return ["repeats": hex(edit.id.bytes), "edit": try json(holder)]
    }

    private static func nextLog(_ key: LogKey) throws -> JSONValue {
        let endorsement = try Endorsement(of: .test(4), by: key)
        return [
            "endorser": hex(key.publicKey), "public_key": hex(endorsement.publicKey),
            "signature": hex(endorsement.signature),
        ]
    }

    /// What the server holds of a log and of another branch of it, and the ends that this makes.
    private static func receipts(
        _ log: TestLog, _ branch: TestLog, _ server: LogKey, _ head: FeedCursor
    ) throws -> JSONValue {
        func ranges(_ spans: [ClosedRange<Int>]) -> JSONValue {
            .array(spans.map { .array([JSONValue($0.lowerBound), JSONValue($0.count)]) })
        }
        func receipt(_ own: [ClosedRange<Int>], branch other: [ClosedRange<Int>] = []) throws
            -> JSONValue
        {
            let spans = own.map(log.span) + other.map(branch.span)
            let (tips, leaves) = LogGraph(publicKey: log.key.publicKey, spans: spans).ends()
            let signed = try SignedReceipt(
                Receipt(
                    serverKey: ServerKeyID.make(server.publicKey), replica: log.replica,
                    tips: tips, leaves: leaves, feedHead: head, time: 1_767_225_600_000),
                key: server)
            func json(_ tip: Tip) -> JSONValue {
                [
                    "counter": .integer(Int64(tip.counter)), "chain": hex(tip.chain.bytes),
                    "first": .integer(Int64(tip.first)), "text": .string(tip.text),
                ]
            }
            return [
                "spans": ranges(own), "branch_spans": ranges(other),
                "tips": .array(tips.map(json)), "leaves": .array(leaves.map(json)),
                "receipt": hex(signed.bytes), "signature": hex(signed.signature),
            ]
        }
        let count = log.edits.count
        return .array([
            try receipt([1...count]), try receipt([1...2, 2...3]),
            try receipt([1...1, 3...count]), try receipt([]),
            // A run beyond a gap is as long as its segments are joined, overlaps and all.
            try receipt([1...1, 3...4, 5...count]), try receipt([1...1, 3...5, 4...count]),
            try receipt([2...3, 5...count]), try receipt([2...3, 5...count, 4...4]),
            // Two branches: each has its own end, in one run or beyond a gap.
            try receipt([1...2, 3...count], branch: [3...4]),
            try receipt([1...count], branch: [1...3]), try receipt([1...2], branch: [4...4]),
            try receipt([2...count], branch: [2...4]), try receipt([4...count], branch: [4...4]),
        ])
    }

    /// Another branch of the sample log: a copy of the home went on after two edits.
    private static func branch() throws -> TestLog {
        var log = try firstEdits()
        var answers = Answers()
        answers[Housing.floors] = 2
        try log.write(.test(.housing), Housing.form.tag("building"), answers)
        answers[Housing.floors] = 1
        try log.write(
            .test(.housing), Housing.form.tag("building"), answers,
            seen: [log.edits[2].reference])
        return log
    }

    private static func firstEdits() throws -> TestLog {
        var log = TestLog(1)
        var answers = Answers()
        answers[Housing.dwellingSource] = .own
        answers[Housing.occupied] = true
        answers[Housing.grade] = .c
        answers[Housing.gradeDate] = CalendarDate(iso: "2026-03-05")
        answers[Housing.appraiser] = "王芳"
        let first = try log.write(
            .test(.housing), [Housing.form.tag("safety"): answers.values],
            salt: Data(repeating: 9, count: 16))
        var better = Answers()
        better[Housing.dwellingSource] = .own
        better[Housing.grade] = .b
        better[Housing.gradeDate] = CalendarDate?.none
        try log.write(
            .test(.housing), Housing.form.tag("safety"), better, seen: [first.reference])
        return log
    }

    private static func sampleLog() throws -> TestLog {
        var log = try firstEdits()
        let person = RecordKey(kind: .person, subject: SubjectID(3))
        let household = RecordKey(kind: .household, subject: SubjectID(1))
        var water = Answers()
        water[Water.litresPerPersonDay] = ScaledDecimal(unscaled: 595, scale: 1)
        try log.write(.test(.water), Water.form.tag("quantity"), water)
        var medical = Answers()
        medical[Medical.followUps] = 4
        medical[Medical.chronic] = CodeSet([.hypertension, .diabetes])
        try log.write(.test(.medical), Medical.form.tag("chronic"), medical)
        var identity = Answers()
        identity[Person.personNo] = "1"
        identity[Person.name] = "李明"
        identity[Person.birthDate] = CalendarDate(iso: "1956-02-29")
        try log.write(
            person, [Person.form.tag("identity"): identity.values],
            salt: Data(repeating: 7, count: 16))
        var membership = Answers()
        membership[Person.household] = SubjectID(1).bytes
        try log.write(person, Person.form.tag("membership"), membership)
        // Cleared on purpose, and one that is south of the equator.
        var position = Answers()
        position[Household.latitude] = ScaledDecimal(unscaled: -15, scale: 1)
        var sections = [Household.form.tag("position"): position.values]
        sections[Household.form.tag("position")]?[Household.longitude.definition.tag] = .null
        try log.write(household, sections, salt: Data(repeating: 8, count: 16))
        return log
    }

    private static func sha256(_ bytes: Data) -> Data { TestSupport.sha256(bytes) }
}
