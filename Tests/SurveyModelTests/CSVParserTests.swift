import SurveyModel
import Testing

@Suite struct CSVParserTests {
    /// Rows as (line, fields), with the bytes given in pieces.
    private func rows(_ pieces: [[UInt8]]) throws(CSVError) -> [[String]] {
        var parser = CSVParser()
        var rows: [CSVRow] = []
        for piece in pieces { rows += try parser.parse(piece) }
        if let last = try parser.finish() { rows.append(last) }
        return rows.map { ["\($0.line)"] + $0.fields }
    }

    private func rows(_ text: String) throws(CSVError) -> [[String]] {
        try rows([Array(text.utf8)])
    }

    private static let mess =
        "\u{FEFF}code,名称,note\r\n1,龙宫,\"a,b\"\r\n\r\n2,\"say \"\"hi\"\"\",\"two\nlines\r\n\"\n3,,\n4,\"\",x"

    @Test func `a messy file is read as its author meant it`() throws {
        #expect(
            try rows(Self.mess) == [
                ["1", "code", "名称", "note"], ["2", "1", "龙宫", "a,b"],
                ["4", "2", "say \"hi\"", "two\nlines\r\n"], ["7", "3", "", ""],
                ["8", "4", "", "x"],
            ])
    }

    @Test func `rows are the same wherever the bytes are split`() throws {
        let bytes = Array(Self.mess.utf8)
        let whole = try rows([bytes])
        for split in 0...bytes.count {
            #expect(try rows([Array(bytes[..<split]), Array(bytes[split...])]) == whole)
        }
        #expect(try rows(bytes.map { [$0] }) == whole)
    }

    @Test(arguments: ["a,b\n1,2\n", "a,b\r\n1,2\r\n", "\u{FEFF}a,b\n1,2", "\n\na,b\n\n1,2\n\n"])
    func `line ends, a byte order mark and blank lines do not matter`(text: String) throws {
        #expect(try rows(text).map { Array($0.dropFirst()) } == [["a", "b"], ["1", "2"]])
    }

    @Test(arguments: ["", "\u{FEFF}", "\n", "\r\n\r\n"])
    func `an empty file has no rows`(text: String) throws {
        #expect(try rows(text).isEmpty)
    }

    @Test func `a first character that begins like a byte order mark is kept`() throws {
        // U+FF21 and U+FEFC begin with the same byte, the second with two of the same.
        #expect(try rows("Ａ,1") == [["1", "Ａ", "1"]])
        #expect(try rows("\u{FEFC},1") == [["1", "\u{FEFC}", "1"]])
    }

    @Test func `a byte order mark further on is text`() throws {
        #expect(try rows("a,\u{FEFF}b") == [["1", "a", "\u{FEFF}b"]])
        #expect(try rows("\u{FEFF}\u{FEFF}a") == [["1", "\u{FEFF}a"]])
    }

    @Test(arguments: [
        ("a,b\n\"x\"y,1\n", 2), ("a\n\n\n\"never ends\n\n", 4), ("\"a\" ,b", 1),
        ("\"one\ntwo\"\n\"x\"y", 3),
    ])
    func `bad quoting is located by the line its row begins on`(text: String, line: Int) {
        #expect(throws: CSVError.badQuoting(line: line)) { try rows(text) }
    }

    @Test func `bytes that are not UTF-8 are located by line`() {
        // 龙宫 in GB 18030.
        #expect(throws: CSVError.notUTF8(line: 2)) {
            try rows([Array("name\n".utf8), [0xC1, 0xFA, 0xB9, 0xAC, 0x0A]])
        }
        #expect(throws: CSVError.notUTF8(line: 1)) { try rows([[0x61, 0xE9, 0x2C, 0x62]]) }
    }

    @Test func `a file of two bytes of a byte order mark is not taken for an empty one`() {
        #expect(throws: CSVError.notUTF8(line: 1)) { try rows([[0xEF, 0xBB]]) }
    }

    @Test func `a lone carriage return is refused, not swallowed`() {
        #expect(throws: CSVError.badLineEnd(line: 1)) { try rows("a\rb,1\n") }
    }

    @Test func `a field as long as the limit is kept and a longer one is refused`() throws {
        let limit = CSVParser.fieldLimit
        let longest = String(repeating: "x", count: limit)
        #expect(try rows("a\n\(longest)\n").last == ["2", longest])
        #expect(throws: CSVError.fieldTooLong(line: 2)) { try rows("a\n\(longest)x\n") }
        #expect(throws: CSVError.fieldTooLong(line: 2)) { try rows("a\n\"\(longest)x\"\n") }
    }

    @Test func `a row of endless columns is refused`() throws {
        let widest = String(repeating: ",", count: 1_023)
        #expect(try rows(widest).first?.count == 1 + 1_024)
        #expect(throws: CSVError.fieldTooLong(line: 1)) { try rows(widest + ",") }
    }

    @Test func `columns are found by name in any order and case`() throws {
        let header = try CSVHeader(
            try #require(try row("Name , CODE,extra")), required: ["code", "name"])
        let row = try #require(try row(" 龙宫 ,5204"))
        #expect(header.field("code", of: row) == "5204")
        #expect(header.field("name", of: row) == "龙宫")
        #expect(header.field("extra", of: row) == "")
        #expect(header.field("nothing", of: row) == "")
    }

    @Test func `missing columns are named, all of them`() throws {
        let row = try #require(try row("name,x"))
        #expect(throws: Failure(.missingColumns, "code, level")) {
            try CSVHeader(row, required: ["code", "name", "level"])
        }
    }

    private func row(_ text: String) throws -> CSVRow? {
        var parser = CSVParser()
        _ = try parser.parse(Array(text.utf8))
        return try parser.finish()
    }
}
