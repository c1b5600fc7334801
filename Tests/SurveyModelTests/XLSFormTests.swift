import SurveyModel
import Testing

/// Forms as ODK tools read them.
@Suite struct XLSFormTests {
    // MARK: Laws of every form

    @Test(arguments: XLSForm.forms)
    func `names are XML names and none is there twice`(form: Form) {
        let names = XLSForm(form).survey.filter { $0.type != "end_group" }.map(\.name)
        #expect(Set(names).count == names.count)
        let (first, rest) = ("abcdefghijklmnopqrstuvwxyz_", "0123456789")
        for name in names {
            #expect(name.first.map { first.contains($0) } == true, "\(name)")
            #expect(name.allSatisfy { first.contains($0) || rest.contains($0) }, "\(name)")
        }
    }

    @Test(arguments: XLSForm.forms)
    func `groups begin and end in turn, and none is empty`(form: Form) {
        var group: String?
        var questions = 0
        for row in XLSForm(form).survey {
            switch row.type {
            case "begin_group":
                #expect(group == nil, "\(row.name)")
                group = row.name
                questions = 0
            case "end_group":
                #expect(group == row.name && questions > 0, "\(row.name)")
                group = nil
            default: questions += 1
            }
        }
        #expect(group == nil)
    }

    @Test(arguments: XLSForm.forms)
    func `every list that a question uses is there, and only those`(form: Form) {
        let xlsform = XLSForm(form)
        let used = Set(xlsform.survey.filter { $0.type.hasPrefix("select_") }.map(\.list))
        #expect(Set(xlsform.choices.map(\.list)) == used)
        for list in used {
            let codes = xlsform.choices.filter { $0.list == list }.map(\.name)
            #expect(Set(codes).count == codes.count, "\(list)")
            #expect(codes.allSatisfy { !$0.isEmpty && !$0.contains(where: \.isWhitespace) })
        }
    }

    @Test(arguments: XLSForm.forms)
    func `no code list is called like that of yes and no`(form: Form) {
        for field in form.fields {
            switch field.type {
            case .code(let list), .codes(let list): #expect(list.name != "yes_no")
            default: break
            }
        }
    }

    @Test(arguments: XLSForm.forms)
    func `what is asked on a condition comes after what it depends on`(form: Form) {
        let rows = XLSForm(form).survey
        let questions = Set(rows.filter { !$0.type.hasSuffix("_group") }.map(\.name))
        var asked: Set<String> = []
        for row in rows where !row.type.hasSuffix("_group") {
            #expect(asked.isSuperset(of: references(row.relevant)), "\(row.name)")
            #expect(asked.isSuperset(of: references(row.constraint)), "\(row.name)")
            #expect(questions.isSuperset(of: references(row.required)), "\(row.name)")
            asked.insert(row.name)
        }
    }

    @Test(arguments: XLSForm.forms)
    func `whatever a person is asked has a question, and nothing else has`(form: Form) {
        let names = Set(XLSForm(form).survey.map(\.name))
        for field in form.fields {
            switch field.type {
            case .identifier, .texts: #expect(!names.contains(field.key), "\(field.key)")
            default: #expect(names.contains(field.key), "\(field.key)")
            }
        }
    }

    @Test(arguments: XLSForm.forms)
    func `every row has labels, and a constraint says what is wrong`(form: Form) {
        for row in XLSForm(form).survey where row.type != "end_group" {
            #expect(row.label != nil, "\(row.name)")
            #expect(row.constraint.isEmpty == (row.constraintMessage == nil), "\(row.name)")
        }
    }

    @Test(arguments: XLSForm.forms)
    func `sheets are rectangles with a heading`(form: Form) {
        let sheets = XLSForm(form).sheets
        #expect(sheets.map(\.name) == ["survey", "choices", "settings"])
        for sheet in sheets {
            let heading = sheet.rows[0]
            #expect(Set(heading).count == heading.count)
            #expect(sheet.rows.allSatisfy { $0.count == heading.count }, "\(sheet.name)")
        }
    }

    @Test(arguments: XLSForm.forms)
    func `parentheses and quotes are balanced`(form: Form) {
        for row in XLSForm(form).survey {
            for expression in [row.relevant, row.required, row.constraint] {
                #expect(expression.count { $0 == "(" } == expression.count { $0 == ")" })
                #expect(expression.count { $0 == "'" }.isMultiple(of: 2), "\(expression)")
            }
        }
    }

    // MARK: Worked cases

    @Test func `conditions as XPath`() {
        let form = Medical.form
        let chronic = Medical.chronic.definition.tag
        let followUps = Medical.followUps.definition.tag
        let ill = Condition.includes(chronic, ["HTN", "DM"])
        let few = Condition.atMost(followUps, 3)
        let either = "selected(${chronic}, 'HTN') or selected(${chronic}, 'DM')"
        for (condition, xpath) in [
            (ill, either),
            (few, "${followups_year} <= 3"),
            (.all([ill, few]), "(\(either)) and ${followups_year} <= 3"),
            (.any([few, .all([ill])]), "${followups_year} <= 3 or (\(either))"),
            (.all([ill]), either),
            (.not(ill), "not(\(either))"),
            (.all([.not(ill), few]), "not(\(either)) and ${followups_year} <= 3"),
            (
                .oneOf(followUps, [.integer(0), .integer(-1)]),
                "${followups_year} = 0 or ${followups_year} = -1"
            ),
            (.oneOf(chronic, [.text("it's")]), "${chronic} = \"it's\""),
            (.all([]), "true()"), (.any([]), "false()"), (.oneOf(chronic, []), "false()"),
            (.always, "true()"), (.never, "false()"),
        ] as [(Condition, String)] {
            #expect(condition.xpath(in: form) == xpath)
        }
    }

    @Test func `when something is asked and demanded`() throws {
        let date = try row("grade_date", of: Housing.form)
        #expect(date.relevant == "not(${dwelling_source} = '6')")
        #expect(
            date.required == "not(${dwelling_source} = '6') and (${grade} = 'C' or ${grade} = 'D')")
        #expect(date.constraint == ". <= today()")
        #expect(try row("dwelling_source", of: Housing.form).required == "yes")
        let signed = try row("contract_date", of: Medical.form)
        #expect(signed.relevant == "${contract} = 'true'")
        #expect(signed.required.isEmpty)
        #expect(try row("contract", of: Medical.form).type == "select_one yes_no")
        #expect(try row("chronic", of: Medical.form).type == "select_multiple chronic")
    }

    @Test func `what is forbidden and what is only unusual`() throws {
        let year = try row("build_year", of: Housing.form)
        #expect(
            year.constraint
                == ". >= 1850 and . <= 2200 and . <= number(format-date(today(), '%Y'))")
        #expect(year.hint == Label(zh: "通常 1950–2200", en: "usually 1950–2200"))
        let latitude = try row("gps_lat", of: Household.form)
        #expect(latitude.constraint == ". >= -90 and . <= 90")
        let residents = try row("resident_members", of: Household.form)
        #expect(
            residents.constraint
                == ". >= 0 and . <= 30 and (${members} = '' or . <= ${members})")
        #expect(
            residents.constraintMessage?.en
                == "It must be 0–30. It must not be more than \"household members\".")
        let identified = try row("identified_date", of: Monitored.form)
        #expect(
            identified.constraint
                == ". <= today() and (${clue_date} = '' or . >= ${clue_date})")
        #expect(identified.constraintMessage?.zh == "不得晚于今天。不得早于“线索日期”。")
        let note = try row("note", of: Water.form)
        #expect(note.constraint == "string-length(.) <= 1000" && note.appearance == "multiline")
    }

    @Test func `a warning is a note, below the last question that it is about`() throws {
        let rows = XLSForm(Clinic.form).survey
        let note = try #require(rows.firstIndex { $0.type == "note" })
        #expect(
            rows[note].relevant
                == "${clinic} = '0' and not(${doctors} <= 0) and ${doctors} <= 20")
        #expect(rows[note].label?.zh == "请核对：无卫生室安排却有村医")
        #expect(rows[note - 1].name == "doctors" && rows[note + 1].type == "end_group")
        let late = try row("unusual_2", of: Monitored.form)
        #expect(
            late.relevant
                == "${identified_date} != '' and ${clue_date} != '' and "
                + "decimal-date-time(${identified_date}) - decimal-date-time(${clue_date}) > 15")
    }

    @Test func `whom the answers are about is asked first, unless they say so`() {
        for form in XLSForm.forms {
            #expect((XLSForm(form).survey[0].name == "subject") == (form.kind != .household))
        }
    }

    @Test func `a group gives its name to a question that is called like it`() {
        let groups = XLSForm(Clinic.form).survey.filter { $0.type == "begin_group" }
        #expect(groups.map(\.name) == ["clinic_section", "note_section"])
        #expect(XLSForm(Household.form).survey[0].name == "identity")
    }

    @Test func `what identifies the form`() {
        let settings = XLSForm(Water.form).sheets[2].rows
        #expect(settings[0] == ["form_title", "form_id", "version", "default_language"])
        #expect(settings[1] == ["饮水安全 drinking water", "water", "3", "中文 (zh)"])
        let heading = XLSForm(Water.form).sheets[0].rows[0]
        #expect(heading.contains("label::中文 (zh)") && heading.contains("hint::English (en)"))
    }

    private func row(_ name: String, of form: Form) throws -> XLSForm.Row {
        try #require(XLSForm(form).survey.first { $0.name == name })
    }

    /// The names in `${name}`.
    private func references(_ expression: String) -> [String] {
        expression.split(separator: "${", omittingEmptySubsequences: false).dropFirst()
            .map { String($0.prefix { $0 != "}" }) }
    }
}

extension XLSForm.Row {
    /// The list of a question that takes its answer from one.
    fileprivate var list: String { type.split(separator: " ").last.map(String.init) ?? "" }
}
