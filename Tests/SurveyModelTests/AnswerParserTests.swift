import SurveyModel
import Testing

@Suite struct AnswerParserTests {
    private func reason(_ field: FieldDefinition, _ text: String) -> AnswerProblem.Reason? {
        do {
            _ = try field.parse(text)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test(arguments: Form.all.flatMap(\.fields).map(\.key))
    func `an empty text clears the answer of any field`(key: String) throws {
        for form in Form.all {
            guard let field = form.field(key: key) else { continue }
            for text in ["", "  ", "\t\n", "\u{3000}"] { #expect(try field.parse(text) == .null) }
        }
    }

    @Test func `numbers are whole or have a point, within their range`() throws {
        let floors = Housing.floors.definition
        #expect(try floors.parse(" 2 ") == .integer(2))
        #expect(reason(floors, "2.5") == .notAWholeNumber)
        #expect(reason(floors, "two") == .notAWholeNumber)
        #expect(reason(floors, "0") == .outOfRange("1–10"))
        #expect(reason(floors, "11") == .outOfRange("1–10"))
        #expect(reason(floors, "99999999999999999999") == .notAWholeNumber)

        let litres = Water.litresPerPersonDay.definition
        #expect(try litres.parse("59.90") == .decimal(ScaledDecimal("59.9")!))
        #expect(try litres.parse("0") == .decimal(0))
        #expect(try litres.parse("500.000") == .decimal(500))
        #expect(reason(litres, "500.001") == .outOfRange("0–500"))
        #expect(reason(litres, "-0.1") == .outOfRange("0–500"))
        #expect(reason(litres, "60 L") == .notANumber)
    }

    @Test(arguments: [
        ("yes", true), ("Y", true), ("TRUE", true), ("1", true), ("是", true), ("no", false),
        ("N", false), ("False", false), ("0", false), ("否", false),
    ])
    func `yes and no have several spellings`(text: String, value: Bool) throws {
        #expect(try Water.toHome.definition.parse(text) == .boolean(value))
    }

    @Test func `other words are neither yes nor no`() {
        for text in ["maybe", "2", "有", "-"] {
            #expect(reason(Water.toHome.definition, text) == .notABoolean)
        }
    }

    @Test func `a date is a day that exists`() throws {
        let field = Housing.gradeDate.definition
        #expect(
            try field.parse(" 2024-02-29 ") == .date(CalendarDate(year: 2024, month: 2, day: 29)!))
        #expect(reason(field, "2023-02-29") == .notADate(mayBeEmpty: false))
        #expect(reason(field, "2023年2月29日") == .notADate(mayBeEmpty: false))
    }

    private func both(_ text: String) -> Label { Label(zh: text, en: text) }

    @Test func `a code is found in any case when that is unambiguous`() throws {
        #expect(try Housing.grade.definition.parse("c") == .code("C"))
        #expect(try Housing.beam.definition.parse("C") == .code("c"))
        #expect(try Water.qualityBasis.definition.parse("Sensory_OK") == .code("sensory_ok"))
        #expect(reason(Housing.grade.definition, "E") == .notACode(allowed: both("A, B, C, D")))
    }

    @Test(arguments: ["HTN DM", "dm,htn", "DM;HTN;DM", "htn、dm", " DM , HTN ", "DM HTN HTN"])
    func `several codes make one set, however they are parted`(text: String) throws {
        #expect(try Medical.chronic.definition.parse(text) == .codes(["DM", "HTN"]))
    }

    @Test func `one wrong code spoils the set`() {
        #expect(
            reason(Medical.chronic.definition, "HTN XX")
                == .notACode(allowed: both("HTN, DM, TB, SMD")))
    }

    @Test func `two ways to type one letter are one answer`() throws {
        let field = Person.name.definition
        #expect(try field.parse("e\u{301}") == field.parse("\u{E9}"))
        guard case .text(let text) = try field.parse("e\u{301}") else {
            Issue.record("not a text")
            return
        }
        #expect(Array(text.unicodeScalars) == ["\u{E9}"])
    }

    @Test func `a text is measured in scalars after it was composed`() throws {
        let field = Person.name.definition
        #expect(try field.parse(String(repeating: "e\u{301}", count: 200)) != .null)
        #expect(reason(field, String(repeating: "e\u{301}", count: 201)) == .tooLong(limit: 200))
        #expect(reason(field, String(repeating: "龙", count: 201)) == .tooLong(limit: 200))
    }

    @Test func `control characters are refused, line breaks and tabs are not`() throws {
        let field = Person.name.definition
        for text in ["a\u{0}b", "a\u{1B}[31mb", "a\u{7F}b", "a\u{85}b"] {
            #expect(reason(field, text) == .notText)
        }
        #expect(try field.parse("two\nlines\tand a tab") == .text("two\nlines\tand a tab"))
    }

    @Test func `what the program writes is never asked`() {
        #expect(reason(Person.household.definition, "00000000000000000000000000") == .notAsked)
        #expect(reason(UserForm.areas.definition, "x") == .notAsked)
        #expect(reason(DeviceForm.publicKey.definition, "x") == .notAsked)
    }

    @Test(arguments: Form.all)
    func `a value's plain text is read back as the value`(form: Form) throws {
        for field in form.fields {
            switch field.type {
            case .code(let list):
                for entry in list.entries {
                    #expect(
                        try field.parse(FieldValue.code(entry.code).plainText) == .code(entry.code))
                }
            case .codes(let list):
                let all = FieldValue.codes(normalizing: list.entries.map(\.code))
                #expect(try field.parse(all.plainText) == all)
            case .boolean:
                for value in [true, false] {
                    #expect(try field.parse(FieldValue.boolean(value).plainText) == .boolean(value))
                }
            case .date:
                let value = FieldValue.date(CalendarDate(daysSinceEpoch: 20_000))
                #expect(try field.parse(value.plainText) == value)
            default: break
            }
        }
    }

    @Test func `a message names the field and the remedy and never the answer`() throws {
        let secret = "张三丰13800000000"
        var reasons: Set<AnswerProblem.Reason> = []
        for form in Form.all {
            for field in form.fields {
                do {
                    _ = try field.parse(secret + String(repeating: secret, count: 400))
                } catch {
                    reasons.insert(error.reason)
                    for language in Language.allCases {
                        #expect(error.message[language].contains(field.key))
                        #expect(!error.message[language].contains("张三丰"))
                    }
                }
            }
        }
        #expect(reasons.count >= 8)
    }
}
