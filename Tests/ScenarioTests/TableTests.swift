import Testing

@testable import SurveyConsole

/// Tables and bars as a terminal shows them.
@Suite struct TableTests {
    private func table() -> TextTable {
        var table = TextTable([
            ("户编号", .left), ("户主", .left), ("人口", .right), ("村", .left), ("住房", .left),
            ("饮水", .left), ("医疗", .left),
        ])
        table.add(["520402109201-0001", "王小明", "4", "碧波村", "安全", "有争议", "未查 2 人"])
        table.add(["520402109201-0002", "李", "12", "碧波村", "不安全", "未查", ""])
        return table
    }

    @Test(arguments: [24, 30, 40, 60, 80, 200])
    func `no line is wider than the terminal, and nothing is left out`(width: Int) {
        let lines = table().lines(within: width)
        for line in lines { #expect(line.displayWidth <= width, "\(line)") }
        let text = lines.joined(separator: "\n")
        for word in ["520402109201-0001", "王小明", "有争议", "未查 2 人", "不安全"] {
            #expect(text.contains(word), "\(text)")
        }
        #expect(lines.count == 3 || width < 80)
    }

    @Test func `a cell that is wider than the terminal is broken between words`() {
        var table = TextTable([("", .left), ("", .left)])
        table.add(["1", "住房 未查  饮水 未查  医疗 未查"])
        let lines = table.lines(within: 24)
        #expect(lines == ["1", "    住房 未查  饮水 未查", "    医疗 未查"])
        #expect("安全饮水安全住房".wrapped(to: 8, indent: 2) == ["安全饮水", "  安全住", "  房"])
        for width in -3...1 { #expect("安全a".wrapped(to: width, indent: 2) == ["安", "全", "a"]) }
    }

    @Test(arguments: [(0, 0), (5, 3), (7, 7), (-1, 4), (3, -2), (Int.max, 1)])
    func `more may be done than was to be done`(done: Int, total: Int) {
        ProgressLine(isShown: false).show("", done: done, total: total)
    }

    @Test func `what hides, turns the writing or breaks a line is shown as a mark`() {
        for scalar
            in "\u{0}\u{1B}\u{9B}\u{200B}\u{200E}\u{200F}\u{2028}\u{2029}\u{202E}\u{2066}\u{FEFF}\u{3164}\u{E0041}"
            .unicodeScalars
        {
            #expect("a\(Character(scalar))b".printable == "a\u{FFFD}b", "\(scalar.value)")
            #expect(
                !JSONValue.string("a\(Character(scalar))b").text.unicodeScalars.contains(scalar))
        }
        for text in ["王　芳", "葛\u{E0100}", "👨\u{200D}👩", "买买提·艾山"] {
            #expect(text.printable == text)
        }
        #expect(JSONValue.string("\u{E0041}").text == "\"\\udb40\\udc41\"")
    }

    @Test(arguments: [
        (0, 0, 0, 430, "░░░░░░░░░░"), (1, 0, 0, 429, "▏░░░░░░░░░"),
        (430, 0, 0, 0, "██████████"), (215, 0, 0, 215, "█████░░░░░"),
        (43, 0, 0, 387, "█░░░░░░░░░"), (42, 0, 0, 388, "▉░░░░░░░░░"),
        (0, 1, 0, 429, "!░░░░░░░░░"), (0, 86, 0, 344, "▒▒░░░░░░░░"),
        (408, 22, 0, 0, "█████████!"), (0, 0, 2, 428, "?░░░░░░░░░"),
    ])
    func `a bar shows every part, and none as more than it is`(
        safe: Int, bad: Int, contested: Int, rest: Int, bar: String
    ) {
        let text = CoverageBar.text(
            safe: safe, bad: bad, contested: contested, rest: rest, of: 430)
        #expect(text == bar)
        #expect(text.count == 10)
    }
}
