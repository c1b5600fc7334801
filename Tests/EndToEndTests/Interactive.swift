import Foundation
import Testing

/// `lianhu check` on a terminal.
@Suite struct Interactive {
    private static let house = "520402109201-0001"

    private func site() throws -> Site { try .surveyed(households: 2) }

    private func check(_ site: Site) throws -> Terminal {
        try Terminal(
            "lianhu", ["check", "water", Self.house, "--home", site.home("王芳").path])
    }

    @Test func `a form is asked question by question, with reasons, and saved`() throws {
        let site = try site()
        let terminal = try check(site)
        try terminal.expect("供水方式")
        try terminal.expect("5) ")
        terminal.type("9")
        try terminal.expect("不在代码表中")
        terminal.type("")
        try terminal.expect("必填")
        terminal.type("2")  // by number
        try terminal.expect("水源分区")
        terminal.type("wet")  // by code
        try terminal.expect("主要饮用水源")
        terminal.type("")  // an empty line leaves no question
        try terminal.expect("还没有填")
        terminal.type(">")
        try terminal.expect("人均日水量 (升/（人·天）)")
        terminal.type("501")
        try terminal.expect("超出范围 0–500")
        terminal.type("62.5")
        try terminal.expect("水质依据")
        terminal.type("s")  // leaves this section for another day
        try terminal.expect("跳过的原因")
        terminal.type("7")
        try terminal.expect("跳过的原因")
        terminal.type("4")
        try terminal.expect("供水入户")
        terminal.type("否")
        try terminal.expect("取水往返时间")
        terminal.type("<")  // back
        try terminal.expect("供水入户")
        terminal.type("是")
        try terminal.expect("年缺水天数")
        terminal.type("s")
        try terminal.expect("跳过的原因")
        terminal.type("3")
        try terminal.expect("备注")
        terminal.type("》")
        try terminal.expect("未评价")
        try terminal.expect("未填 1 项：主要饮用水源")
        try terminal.expect("保存？")
        terminal.type("")
        try terminal.expect("已保存")
        #expect(terminal.finish() == 0)
        let status = try site.at("王芳", "status", "--json").json()
        #expect(status["pending"].int == 1 && status["drafts"].int == 0)
    }

    @Test func `a form that is left, or killed, keeps every answer`() throws {
        let site = try site()
        var terminal = try check(site)
        try terminal.expect("供水方式")
        terminal.type("3")
        try terminal.expect("水源分区")
        terminal.kill9()
        #expect(try site.at("王芳", "status", "--json").json()["drafts"].int == 1)

        terminal = try check(site)
        try terminal.expect("继续上次的草稿")
        try terminal.expect("[千人工程")  // the answer from before is the default
        terminal.type("")
        try terminal.expect("水源分区")
        terminal.type("q")
        try terminal.expect("草稿已保留")
        #expect(terminal.finish() == 0)
        let status = try site.at("王芳", "status", "--json").json()
        #expect(status["pending"].int == 0 && status["drafts"].int == 1)
    }

    @Test func `who presses ^C in the middle of a form is told that the draft is kept`() throws {
        let site = try site()
        // A shell that goes on after ^C, as the one does in which people type.
        let command = [
            Programs.path("lianhu"), "check", "water", Self.house, "--plain", "--home",
            site.home("王芳").path,
        ].map { "'\($0)'" }.joined(separator: " ")
        func window() throws -> Window {
            try Window(
                line: "trap : INT; LIANHU_LANG=zh \(command); echo \"[ended $?]\"; sleep 60",
                width: 90, height: 28)
        }
        let empty = try window()
        try empty.see("供水方式")
        try empty.keys("C-c")
        let nothing = try empty.see("[ended 130]")
        #expect(!nothing.contains("草稿已保留"), "nothing is answered yet")
        #expect(try site.at("王芳", "status", "--json").json()["drafts"].int == 0)

        let begun = try window()
        try begun.see("供水方式")
        try begun.type("3")
        try begun.keys("Enter")
        try begun.see("水源分区")
        try begun.keys("C-c")
        let kept = try begun.see("[ended 130]")
        #expect(kept.contains("草稿已保留。"))
        #expect(try site.at("王芳", "status", "--json").json()["drafts"].int == 1)
    }

    @Test func `a form takes its lines from a pipe`() throws {
        let site = try site()
        func check(_ lines: String) throws -> Finished {
            try Programs.run(
                "lianhu", ["check", "water", Self.house, "--home", site.home("王芳").path],
                environment: ["LIANHU_LANG": "zh"], input: lines)
        }
        let cut = try check("5\n1\n")
        #expect(cut.status == 64 && cut.errors.contains("USE-16"))
        #expect(cut.output.contains("供水方式") && cut.output.contains("草稿已保留"))
        #expect(try site.at("王芳", "status", "--json").json()["drafts"].int == 1)
        // It goes on where the lines ended.
        let whole = try check(
            "\n>\n62.5\n9\n1\n>\n>\n>\n>\ny\n3\n1\n>\ny\n")
        #expect(whole.output.contains("不在代码表中"))
        #expect(whole.status == 0, "\(whole.output)")
        #expect(try site.at("王芳", "status", "--json").json()["pending"].int == 1)
        // What is unsafe calls for a finding, of which these lines say nothing.
        let unsafe = try Programs.run(
            "lianhu", ["check", "housing", Self.house, "--home", site.home("王芳").path],
            environment: ["LIANHU_LANG": "zh"],
            input: "1\ny\nD\n" + String(repeating: ">\n", count: 8) + "2026-01-05\n甲\n"
                + String(repeating: ">\n", count: 11) + "y\n")
        #expect(unsafe.status == 0, "\(unsafe.output)\(unsafe.errors)")
        #expect(unsafe.output.contains("问题未登记"))
        #expect(try site.at("王芳", "status", "--json").json()["pending"].int == 2)
        let nothing = try check("")
        #expect(nothing.status == 64 && nothing.errors.contains("USE-12"))
        #expect(nothing.output.isEmpty)
    }

    // MARK: What is not in the register yet

    private func start(_ site: Site, _ arguments: String...) throws -> Terminal {
        try Terminal("lianhu", arguments + ["--home", site.home("王芳").path])
    }

    private func addHousehold(_ site: Site) throws -> Terminal {
        try start(site, "household", "add", "--village", "520402109201")
    }

    /// Answers a household's entry from a question to the end, and saves it.
    private func fill(
        _ terminal: Terminal, from first: String = "户编号", name: String = ">", address: String = ">"
    ) throws {
        let answers = [
            ("户编号", ">"), ("户主姓名", name), ("住址", address), ("网格编号", ">"),
            ("十联户单元", ">"), ("家庭人口", ">"), ("常住人口", ">"), ("农户类型", ">"),
            ("监测对象类别", ">"), ("纬度", ">"), ("经度", ">"), ("坐标系", ">"), ("入户状态", ">"),
            ("保存？", ""),
        ]
        for (label, answer) in answers.drop(while: { $0.0 != first }) {
            try terminal.expect(label)
            terminal.type(answer)
        }
    }

    @Test func `a household that is being added survives being killed`() throws {
        let site = try site()
        var terminal = try addHousehold(site)
        try terminal.expect("户编号")
        terminal.type(">")
        try terminal.expect("户主姓名")
        terminal.type("王小明")
        try terminal.expect("住址")
        terminal.kill9()
        let waiting = try site.at("王芳", "status").output
        #expect(waiting.contains("lianhu household add --village 520402109201"))
        // A script adds another one beside it.
        try site.at(
            "王芳", "household", "add", "--village", "520402109201", "--set", "head_name=李四")
        #expect(try site.at("王芳", "status", "--json").json()["drafts"].int == 1)

        terminal = try addHousehold(site)
        try terminal.expect("继续上次的草稿，从离开的地方开始")
        try fill(terminal, from: "户主姓名", address: "五组")
        try terminal.expect("已保存")
        #expect(terminal.finish() == 0)
        let status = try site.at("王芳", "status", "--json").json()
        #expect(status["pending"].int == 2 && status["drafts"].int == 0)
        let found = try site.at("王芳", "household", "search", "王小明", "五组", "--json").json()
        #expect(found.array.count == 1)
    }

    @Test func `a household that the register has is not added again`() throws {
        let site = try site()
        var terminal = try addHousehold(site)
        try fill(terminal, name: "罗小妹", address: "三组")
        try terminal.expect("名册中可能已有这一户")
        try terminal.expect("1) 520402109201-0001  杨正华  三组 (成员同名, 住址相同)")
        try terminal.expect("是其中哪一户")
        terminal.type("3")
        try terminal.expect("请输入编号")
        terminal.type("b")
        try terminal.expect("户编号")
        terminal.type("q")
        try terminal.expect("草稿已保留")
        #expect(terminal.finish() == 0)
        var status = try site.at("王芳", "status", "--json").json()
        #expect(status["pending"].int == 0 && status["drafts"].int == 1)

        terminal = try addHousehold(site)
        try terminal.expect("继续上次的草稿")
        try fill(terminal)
        try terminal.expect("是其中哪一户")
        terminal.type("2")
        try terminal.expect("就是名册中的 520402109201-0002")
        #expect(terminal.finish() == 0)
        status = try site.at("王芳", "status", "--json").json()
        #expect(status["pending"].int == 0 && status["drafts"].int == 0)

        terminal = try addHousehold(site)
        try fill(terminal, name: "罗小妹", address: "三组")
        try terminal.expect("是其中哪一户")
        terminal.type("0")
        try terminal.expect("已保存")
        #expect(terminal.finish() == 0)
        #expect(try site.at("王芳", "status", "--json").json()["pending"].int == 1)
    }

    @Test func `a member and a finding that are being written down survive being killed`() throws {
        let site = try site()
        var terminal = try start(site, "person", "add", Self.house)
        try terminal.expect("人员编号")
        terminal.type(">")
        try terminal.expect("姓名")
        terminal.type("王小芳")
        try terminal.expect("出生日期")
        terminal.kill9()
        terminal = try start(site, "finding", "add", Self.house)
        try terminal.expect("问题类别")
        terminal.type("9")
        try terminal.expect("问题层级")
        terminal.kill9()
        let status = try site.at("王芳", "status").output
        #expect(status.contains("lianhu person add \(Self.house)"))
        #expect(status.contains("lianhu finding add \(Self.house)"))

        terminal = try start(site, "person", "add", Self.house)
        try terminal.expect("继续上次的草稿")
        try terminal.expect("[王小芳]> ")
        terminal.type("q")
        try terminal.expect("草稿已保留")
        #expect(terminal.finish() == 0)
        terminal = try start(site, "finding", "add", Self.house)
        try terminal.expect("继续上次的草稿")
        try terminal.expect("[其他]> ")
        terminal.kill9()
    }

    @Test func `a Chinese character is deleted whole while a line is typed`() throws {
        let site = try site()
        let terminal = try Terminal(
            "lianhu",
            ["check", "housing", Self.house, "--plain", "--home", site.home("王芳").path],
            environment: ["TERM": "xterm"])
        try terminal.expect("住房来源")
        for _ in 0..<20 { terminal.type("<") }  // back at the first question stays there
        try terminal.expect("住房来源")
        terminal.type("1")
        try terminal.expect("是否居住")
        terminal.type("y")
        try terminal.expect("评定等级")
        terminal.type("C")
        let parts = ["场地", "地基", "上部", "墙柱", "梁", "楼屋盖", "围护", "倾斜"]
        for label in parts {
            try terminal.expect(label)
            terminal.type(">")
        }
        try terminal.expect("鉴定日期")
        terminal.type("2026-01-05")
        try terminal.expect("鉴定人员")
        // The prompt stands when the line can be edited, and not before.
        try terminal.expect("> ")
        terminal.type("张伟明\u{7F}\u{7F}三")
        try terminal.expect("结构形式")
        terminal.type("q")
        try terminal.expect("草稿已保留")
        #expect(terminal.finish() == 0)
        let again = try Terminal(
            "lianhu", ["check", "housing", Self.house, "--home", site.home("王芳").path])
        // It goes on where it was left; the questions before are reached by going back.
        try again.expect("结构形式")
        try again.expect("> ")
        again.type("<")
        try again.expect("[张三]")
        again.kill9()
    }
}
