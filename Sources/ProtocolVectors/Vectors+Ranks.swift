import SurveyConsole
import SurveyLog
import SurveyModel
import TestSupport

/// Contested sections: which answer is shown meanwhile.
///
/// Ids are hashes, so the edits of a case are searched until theirs come in the order in which the
/// depth and the id speak for different siblings.
extension Vectors {
    static func ranks() throws -> [JSONValue] {
        try deepest() + depths() + severest() + unions() + unknownForms()
    }

    private static let record = RecordKey.test(.housing)
    private static let building = Housing.form.tag("building")

    /// A dwelling with so many storeys.
    static func floors(_ count: Int64) -> Answers {
        var answers = Answers()
        answers[Housing.floors] = count
        return answers
    }

    /// The edits of the first number for which there are some.
    private static func search(_ attempt: (Int64) throws -> [Edit]?) rethrows -> [Edit] {
        var number: Int64 = 1
        while true {
            if let edits = try attempt(number) { return edits }
            number += 1
        }
    }

    /// What several people wrote of a section, each having seen only their own edits: the first
    /// value has depth 1, the second 2, and so on; their ids are the other way round.
    private static func ladder(
        _ record: RecordKey, _ section: SectionTag, _ values: (Int64) -> [SectionAnswers]
    ) throws -> [Edit] {
        try search { number in
            var edits: [Edit] = []
            var ids: [EditID] = []
            for (steps, answers) in values(number).enumerated() {
                // Other people each time, so that every id is another one.
                var log = TestLog(UInt8((Int(number) * 7 + steps) % 250 + 1))
                var seen: [Reference] = []
                for _ in 0..<steps {
                    let step = try log.write(record, [section: [:]], seen: seen)
                    edits.append(step)
                    seen.append(step.reference)
                }
                let last = try log.write(record, [section: answers], seen: seen)
                edits.append(last)
                ids.append(last.id)
            }
            return ids == ids.sorted(by: >) ? edits : nil
        }
    }

    // MARK: Deepest

    private static func deepest() throws -> [JSONValue] {
        let deeper = try ladder(record, building) { number in
            [floors(1).values, floors(1 + number).values]
        }
        let alike = try [UInt8(1), 2, 3].map { seed in
            try TestLog(seed).writing(record, building, floors(Int64(seed)))
        }.sorted { $0.id < $1.id }
        // Two say the same: the first of all by id, and a deeper one.
        let same = try search { number in
            let count = 1 + number % 64
            let first = try TestLog(1).writing(record, building, floors(count))
            var two = TestLog(2)
            let before = try two.write(record, building, floors(100))
            let second = try two.write(
                record, building, floors(count), seen: [before.reference])
            let alone = try TestLog(3).writing(record, building, floors(101 + number / 64))
            return first.id < second.id && second.id < alone.id
                ? [first, before, second, alone] : nil
        }
        return [
            try fold("the deepest is shown, though its id is the lesser", record, deeper),
            try fold(
                "of equally deep ones the one with the greatest id is shown", record,
                [alike[0], alike[2], alike[1]]),
            try fold(
                "several that say the same have the rank of their greatest", record, same),
        ]
    }

    // MARK: Depth

    private static func depths() throws -> [JSONValue] {
        let missing = try search { number in
            var two = TestLog(2)
            let before = try two.write(record, building, floors(2))
            let after = try two.write(
                record, building, floors(2 + number), seen: [before.reference])
            let once = try TestLog(1).writing(record, building, floors(1))
            return after.id < once.id ? [once, after] : nil
        }
        let held = try search { number in
            var (one, two) = (TestLog(1), TestLog(2))
            let first = try one.write(record, building, floors(1))
            let middle = try one.write(record, building, floors(2), seen: [first.reference])
            let last = try one.write(
                record, building, floors(3), seen: [first.reference, middle.reference])
            let before = try two.write(record, building, floors(4))
            let after = try two.write(
                record, building, floors(4 + number), seen: [before.reference])
            return last.id < after.id ? [first, middle, last, before, after] : nil
        }
        let safety = Housing.form.tag("safety")
        let across = try search { number in
            var one = TestLog(1)
            let first = try one.write(record, safety, graded(.a))
            let both = try one.write(
                record, [safety: graded(.b).values, building: floors(number).values],
                seen: [first.reference])
            let other = try TestLog(2).writing(record, building, floors(100))
            return both.id < other.id ? [first, both, other] : nil
        }
        return [
            try fold(
                "an edit that saw one that is not here is deeper than one that saw none", record,
                missing),
            try fold("what is held adds no depth", record, held, [held[1].id]),
            try fold("depth counts the edits of every section", record, across),
        ]
    }

    // MARK: Most severe

    /// C and D are equally severe.
    private static func severest() throws -> [JSONValue] {
        let edits = try ladder(record, Housing.form.tag("safety")) { number in
            var partly = graded(.c)
            partly[Housing.gradeDate] = CalendarDate(daysSinceEpoch: 20_000 + Int32(number))
            return [graded(.d).values, partly.values]
        }
        return [try fold("of equally severe ones the deepest is shown", record, edits)]
    }

    // MARK: Union

    /// Sets of codes of several people at the same time: shown together until one saw all.
    private static func unions() throws -> [JSONValue] {
        let section = Medical.form.tag("chronic")
        let medical = RecordKey.test(.medical)
        let text: SectionAnswers = [Medical.chronic.definition.tag: .text("HTN")]
        func chronic(_ conditions: Set<ChronicDisease>, _ followUps: Int64?) -> SectionAnswers {
            var answers = Answers()
            answers[Medical.chronic] = CodeSet(conditions)
            if let followUps { answers[Medical.followUps] = followUps }
            return answers.values
        }
        func union(_ name: String, _ values: (Int64) -> [SectionAnswers]) throws -> JSONValue {
            try fold(name, medical, try ladder(medical, section, values))
        }
        return [
            try union("sets of codes are joined for showing") { number in
                [chronic([.diabetes], nil), chronic([.hypertension], number)]
            },
            try union("of what is no set the deepest is shown that there is") { number in
                [
                    chronic([.hypertension], number), chronic([.diabetes], 100),
                    chronic([.tuberculosis], nil),
                ]
            },
            try union("a set is joined with sets and nothing else") { number in
                [chronic([.hypertension], number), text, chronic([.diabetes], nil)]
            },
            try union("what is no set is joined with nothing") { number in
                [chronic([.hypertension], number), chronic([.diabetes], nil), text]
            },
        ]
    }

    // MARK: Unknown

    /// Sections and forms that this version does not have: the deepest, nothing joined.
    private static func unknownForms() throws -> [JSONValue] {
        func values(_ number: Int64) -> [SectionAnswers] {
            let (first, second) = (FieldTag(rawValue: 1), FieldTag(rawValue: 2))
            return [
                [first: .codes(normalizing: ["a"]), second: .integer(0)],
                [first: .codes(normalizing: ["b"]), second: .integer(number)],
            ]
        }
        let form = RecordKey.test(RecordKind(rawValue: 20))
        return [
            try fold(
                "a section that is not known shows the deepest", record,
                try ladder(record, SectionTag(rawValue: 99), values)),
            try fold(
                "so does a form that is not known", form,
                try ladder(form, SectionTag(rawValue: 1), values)),
        ]
    }
}
