import SurveyModel
import TestSupport
import Testing

@Suite struct CSVFieldTests {
    @Test(arguments: [
        ("", ""), ("龙宫", "龙宫"), ("a b", "a b"), ("a,b", "\"a,b\""),
        ("say \"hi\"", "\"say \"\"hi\"\"\""),
        ("two\nlines", "\"two\nlines\""), ("cr\rhere", "\"cr\rhere\""), ("\"", "\"\"\"\""),
    ])
    func `a field is quoted when it must be and only then`(text: String, field: String) {
        #expect(csvField(text) == field)
    }

    @Test(arguments: [
        ("=1+1", "'=1+1"), ("=HYPERLINK(\"http://x\")", "\"'=HYPERLINK(\"\"http://x\"\")\""),
        ("+cmd", "'+cmd"), ("-2+3", "'-2+3"), ("@SUM(A1)", "'@SUM(A1)"), ("\tx", "'\tx"),
    ])
    func `a spreadsheet formula is disarmed`(text: String, field: String) {
        #expect(csvField(text) == field)
    }

    @Test(arguments: [
        "＝1+1", " =1+1", "\n=1+1", "　＋cmd", "\u{200B}=1+1", "＠SUM(A1)", "-inf", "\u{FEFF}=1",
        "'=1", "''=1", "\u{1B}=1+1",
    ])
    func `a formula is disarmed however it is written, and an import takes it back`(text: String)
        throws
    {
        let field = csvField(text)
        #expect(try readBack([text])?.first?.first == "'", "\(field)")
        // White space at the ends is nobody's answer.
        let seen = text.filter {
            !$0.unicodeScalars.contains {
                $0.properties.generalCategory == .control
                    || $0.properties.generalCategory == .format
            }
        }
        #expect(try imported(text).trimmed == seen.trimmed)
    }

    @Test(arguments: ["'5", "'", "''", "'a=1", "'王", "‘=1"])
    func `another apostrophe stays`(text: String) throws {
        #expect(try imported(text) == text)
    }

    @Test func `what moves a cursor or turns the writing is left out, a line break stays`() {
        #expect(
            csvField("a\u{1B}[31m\u{0}b\u{202E}c\u{200E}d\u{2066}e\u{FEFF}\u{200B}") == "a[31mbcde")
        #expect(csvField("a\nb\tc") == "\"a\nb\tc\"")
        #expect(csvField("葛\u{E0100}") == "葛\u{E0100}")
    }

    @Test(arguments: ["-5", "-0.25", "+8", "12", "520402103201", "1=1"])
    func `numbers stay numbers`(text: String) {
        #expect(csvField(text) == text)
    }

    @Test(arguments: ["=\u{301}1+1", "@\u{FE0F}SUM(A1)", "+\u{200D}cmd"])
    func `a formula is disarmed behind a combining mark too`(text: String) {
        #expect(csvField(text).unicodeScalars.first == "'")
    }

    @Test(arguments: ["a\r\nb", "a,\u{301}b", "\"\u{301}b", "x\r\n"])
    func `line ends and marked commas survive reading back`(text: String) {
        let fields = try? readBack([text, "next"])
        #expect(fields == [text, "next"])
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func `what is written is read back`(seed: UInt64) throws {
        var random = SplitMix64(seed)
        let alphabet = Array("ab,\"\n 龙=é\t1")
        for _ in 0..<10 {
            let fields = (0..<3).map { _ in
                "x"
                    + String(
                        (0..<Int.random(in: 0...8, using: &random)).map { _ in
                            alphabet.randomElement(using: &random)!
                        })
            }
            #expect(try readBack(fields) == fields)
        }
    }

    /// As an import reads what an export wrote.
    private func imported(_ text: String) throws -> String {
        var parser = CSVParser()
        let rows = try parser.parse(Array("x\n\(csvField(text))\n".utf8))
        return try CSVHeader(rows[0], required: ["x"]).field("x", of: rows[1])
    }

    private func readBack(_ fields: [String]) throws -> [String]? {
        var parser = CSVParser()
        let line = fields.map(csvField).joined(separator: ",") + "\n"
        return try parser.parse(Array(line.utf8)).first?.fields
    }
}
