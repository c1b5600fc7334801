import Foundation
public import SurveyModel
public import Testing

/// Laws of every form that is declared.
@Suite struct FormLawsTests {
    @Test func `kinds and keys of forms are unique and found`() {
        #expect(Set(Form.all.map(\.kind)).count == Form.all.count)
        #expect(Set(Form.all.map(\.key)).count == Form.all.count)
        for form in Form.all {
            #expect(Form.form(of: form.kind)?.key == form.key)
            #expect(Form.form(key: form.key)?.kind == form.kind)
        }
        #expect(Form.form(of: RecordKind(rawValue: 999)) == nil)
    }

    @Test(arguments: Form.all)
    func `tags and keys are unique and above zero`(form: Form) {
        let fields = form.fields
        #expect(Set(fields.map(\.tag)).count == fields.count)
        #expect(Set(fields.map(\.key)).count == fields.count)
        #expect(Set(form.sections.map(\.tag)).count == form.sections.count)
        #expect(Set(form.sections.map(\.key)).count == form.sections.count)
        #expect(fields.allSatisfy { $0.tag.rawValue > 0 })
        #expect(form.sections.allSatisfy { $0.tag.rawValue > 0 && !$0.fields.isEmpty })
    }

    @Test(arguments: Form.all)
    func `fields and sections are found by tag and by key`(form: Form) {
        for section in form.sections {
            #expect(form.section(section.tag)?.key == section.key)
            #expect(form.section(key: section.key)?.tag == section.tag)
            for field in section.fields {
                #expect(form.field(field.tag)?.key == field.key)
                #expect(form.field(key: field.key)?.tag == field.tag)
                #expect(form.section(containing: field.tag)?.tag == section.tag)
            }
        }
    }

    @Test(arguments: Form.all)
    func `everything has a label in both languages`(form: Form) {
        var labels = [form.label] + form.sections.map(\.label)
        for field in form.fields {
            labels.append(field.label)
            labels += entries(of: field).map(\.label)
        }
        #expect(labels.allSatisfy { !$0.zh.trimmed.isEmpty && !$0.en.trimmed.isEmpty })
    }

    @Test(arguments: Form.all)
    func `keys are snake case, as they stand in commands and headings`(form: Form) {
        let letters = "abcdefghijklmnopqrstuvwxyz0123456789_"
        for key in [form.key] + form.sections.map(\.key) + form.fields.map(\.key) {
            #expect(!key.isEmpty && key.allSatisfy(letters.contains), "\(key)")
        }
    }

    @Test(arguments: Form.all)
    func `code lists are named, not empty and without doubles`(form: Form) {
        for field in form.fields {
            switch field.type {
            case .code(let list), .codes(let list):
                #expect(!list.name.isEmpty)
                #expect(!list.entries.isEmpty)
                #expect(Set(list.entries.map(\.code)).count == list.entries.count)
                #expect(
                    list.entries.allSatisfy {
                        !$0.code.contains(where: \.isWhitespace) || $0.code == "T/CHES 18-2018"
                            || $0.code == "Guizhou 2021"
                    })
            default: break
            }
        }
    }

    @Test func `a code list of one name is the same list everywhere`() {
        var lists: [String: [String]] = [:]
        for field in Form.all.flatMap(\.fields) {
            guard case .code(let list) = field.type else { continue }
            let codes = list.entries.map(\.code)
            #expect(lists[list.name, default: codes] == codes, "\(list.name)")
            lists[list.name] = codes
        }
    }

    @Test(arguments: Form.all)
    func `the usual range lies within the hard range`(form: Form) {
        for field in form.fields {
            guard let usual = field.usual, let range = field.range else { continue }
            #expect(
                usual.lowerBound >= range.lowerBound && usual.upperBound <= range.upperBound,
                "\(field.key)")
        }
    }

    @Test(arguments: Form.all)
    func `conditions look only at other fields of the same section`(form: Form) throws {
        for section in form.sections {
            let tags = Set(section.fields.map(\.tag))
            for field in section.fields {
                let named = field.relevance.values.keys + Array(field.required.values.keys)
                #expect(tags.isSuperset(of: named), "\(field.key)")
                #expect(!named.contains(field.tag), "\(field.key)")
            }
        }
    }

    @Test(arguments: Form.all)
    func `conditions name only answers that their field can have`(form: Form) throws {
        for field in form.fields {
            for (tag, values) in field.relevance.values.merging(
                field.required.values, uniquingKeysWith: +)
            {
                let other = try #require(form.field(tag))
                for value in values { #expect(try other.parse(value.plainText) == value) }
            }
        }
    }

    @Test(arguments: Form.all)
    func `every field can be asked, and what is required is asked`(form: Form) {
        for field in form.fields {
            let all = field.relevance.values.merging(field.required.values, uniquingKeysWith: +)
            let situations = Condition.situations(of: all)
            #expect(
                situations.contains(where: field.relevance.holds), "\(field.key) is never asked")
            for situation in situations where field.required.holds(in: situation) {
                #expect(field.relevance.holds(in: situation), "\(field.key)")
            }
        }
    }

    @Test(arguments: Form.all)
    func `a condition looks only back, so that one pass of clearing is enough`(form: Form) throws {
        let order = form.fields.map(\.tag)
        for (position, field) in form.fields.enumerated() {
            for tag in field.relevance.values.keys {
                #expect(try #require(order.firstIndex(of: tag)) < position, "\(field.key)")
            }
        }
    }

    @Test(arguments: Form.all)
    func `every rule is about fields of the form, and what is unusual can happen`(form: Form) {
        for rule in form.rules {
            #expect(rule.fields.allSatisfy { form.field($0) != nil })
            guard case .unusual(let condition, let label) = rule else { continue }
            #expect(!label.zh.isEmpty && !label.en.isEmpty)
            let situations = Condition.situations(of: condition.values)
            #expect(situations.contains(where: condition.holds), "\(label.en)")
            #expect(situations.contains { !condition.holds(in: $0) }, "\(label.en)")
            #expect(!condition.holds(in: Answers()), "nothing is unusual about no answer")
        }
    }

    @Test(arguments: Form.all)
    func `a condition can be read`(form: Form) {
        for field in form.fields {
            let text = field.relevance.text(in: form)
            switch field.relevance {
            case .always: #expect(text == nil)
            default: #expect(text?.en.contains("?") == false && text?.zh.isEmpty == false)
            }
        }
    }

    @Test func `every field and code of the domain is declared`() throws {
        for row in try Fixture.rows("fields.csv") where row["type"] != "derived" {
            let (form, key) = (row["form"] ?? "", row["field"] ?? "")
            let field = try #require(
                Form.form(key: form)?.field(key: key), "\(form).\(key)")
            #expect(field.label.zh == row["zh"], "\(form).\(key)")
            #expect((field.unit ?? "") == row["unit"] || field.unit == "°", "\(form).\(key)")
            if let codes = row["codes"], !codes.isEmpty, codes != "divisions" {
                switch field.type {
                case .code(let list), .codes(let list): #expect(list.name == codes)
                default: Issue.record("\(form).\(key) takes no codes")
                }
            }
        }
        let lists = Dictionary(
            Form.all.flatMap(\.fields).flatMap { field -> [(String, [String])] in
                switch field.type {
                case .code(let list), .codes(let list): [(list.name, list.entries.map(\.code))]
                default: []
                }
            }
        ) { a, _ in a }
        for row in try Fixture.rows("codes.csv") where row["list"] != "water_result" {
            let (list, code) = (row["list"] ?? "", row["code"] ?? "")
            #expect(lists[list]?.contains(code) == true, "\(list) \(code)")
        }
    }

    @Test(arguments: Form.all)
    func `free text fits in an edit`(form: Form) {
        var scalars = 0
        for field in form.fields {
            guard case .text(let limit) = field.type else { continue }
            #expect(limit <= 4_000)
            scalars += limit
        }
        // Four bytes for each scalar, so that no valid form can be too large to save.
        #expect(scalars * 4 < 60 * 1024)
    }

    @Test func `names, addresses and positions are marked as personal`() {
        let personal = Set(Form.all.flatMap(\.fields).filter(\.isPersonal).map(\.key))
        #expect(
            personal.isSuperset(of: [
                "head_name", "address", "gps_lat", "gps_lon", "name", "birth_date", "appraiser",
            ]))
    }

    @Test func `what tells of health is marked`() {
        let asked = Medical.form.fields.filter { !["note", "skipped"].contains($0.key) }
        let marked = asked.filter(\.isHealth)
        #expect(marked.count == asked.count)
        let others = Form.all.filter { $0.kind != .medical }.flatMap(\.fields).filter(\.isHealth)
        #expect(Set(others.map(\.key)) == ["risk", "measure", "presence_reason"])
    }

    @Test func `a body is salted when it holds text or something personal, and only then`() {
        let housing = Housing.form
        let safety = housing.section(key: "safety")!.tag
        var answers = Answers()
        answers[Housing.grade] = .a
        #expect(!housing.needsSalt([safety: answers.values]))
        answers[Housing.appraiser] = "王"
        #expect(housing.needsSalt([safety: answers.values]))
        let cleared: SectionAnswers = [Housing.appraiser.definition.tag: .null]
        #expect(!housing.needsSalt([safety: cleared]))
        var birth = Answers()
        birth[Person.birthDate] = CalendarDate(daysSinceEpoch: 0)
        #expect(Person.form.needsSalt([Person.form.section(key: "identity")!.tag: birth.values]))
        #expect(
            housing.needsSalt([SectionTag(rawValue: 99): [:]]),
            "an unknown section may hold anything")
    }

    private func entries(of field: FieldDefinition) -> [CodeList.Entry] {
        switch field.type {
        case .code(let list), .codes(let list): list.entries
        default: []
        }
    }
}

extension Condition {
    /// The fields that the condition names, with the answers it compares them with.
    fileprivate var values: [FieldTag: [FieldValue]] {
        switch self {
        case .always, .never: [:]
        case .oneOf(let tag, let values): [tag: values]
        case .includes(let tag, let codes): [tag: codes.map { .codes([$0]) }]
        case .atMost(let tag, let limit): [tag: [.decimal(limit), .decimal(limit.next)]]
        case .not(let condition): condition.values
        case .all(let conditions), .any(let conditions):
            conditions.reduce(into: [:]) { $0.merge($1.values, uniquingKeysWith: +) }
        }
    }

    /// Every combination of these answers, none of them, and another one.
    fileprivate static func situations(of values: [FieldTag: [FieldValue]]) -> [Answers] {
        values.reduce([Answers()]) { situations, entry in
            situations.flatMap { situation in
                (entry.value + [.null, .code("another")]).map { value in
                    var next = situation
                    next[entry.key] = value
                    return next
                }
            }
        }
    }
}

extension Form: CustomTestStringConvertible {
    public var testDescription: String { key }
}

extension ScaledDecimal {
    /// A number that is just above.
    fileprivate var next: ScaledDecimal {
        ScaledDecimal(unscaled: unscaled * 10 + 1, scale: scale + 1) ?? self
    }
}

/// The domain's own lists, as CSV.
private enum Fixture {
    static func rows(_ name: String) throws -> [[String: String]] {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Fixtures/\(name)")
        var rows: [[String]] = []
        var parser = CSVParser()
        for row in try parser.parse(Data(contentsOf: file)) { rows.append(row.fields) }
        let heading = rows.removeFirst()
        return rows.map { Dictionary(uniqueKeysWithValues: zip(heading, $0)) }
    }
}
