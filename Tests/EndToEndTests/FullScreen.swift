import Foundation
import Testing

/// A day at the full screen, in a terminal that tmux keeps: what stands on it is compared.
@Suite struct FullScreen {
    private func site() throws -> Site { try .surveyed(households: 12) }

    private func window(
        _ site: Site, _ arguments: String..., width: Int = 90, height: Int = 28,
        environment: [String] = []
    ) throws -> Window {
        try Window(site, arguments, width: width, height: height, environment: environment)
    }

    @Test func `from the worklist through a form to a finding`() throws {
        let site = try site()
        let window = try window(site)
        try window.see("待发送 0，草稿 0，争议 0，超期问题 0")
        // By initials, by number, and back to the worklist.
        try window.type("yzh")
        try window.see("520402109201-0001")
        try window.keys("Escape")
        try window.type("0007")
        try window.see("▸ 520402109201-0007")
        try window.lose("520402109201-0008")
        try window.keys("Enter")
        try window.see("▸ 住房安全")
        try window.keys("Enter")
        try window.see("▸ 住房来源")
        // One key answers a code; the conclusion appears as soon as it is there.
        try window.keys("1", "y", "d")
        try window.see("→ 不安全  居住D级危房")
        try window.keys("Down", "Down", "Down", "Down", "Down", "Down", "Down", "Down")
        try window.see("▸ 鉴定日期")
        try window.type("2026-13-05")
        try window.keys("Enter")
        try window.see("! 鉴定日期：不是日期")
        try window.keys("C-u")
        try window.type("2026-01-05")
        try window.keys("Enter")
        try window.see("▸ 鉴定人员")
        try window.type("张伟明")
        try window.keys("BSpace", "BSpace")
        try window.type("三")
        try window.see("> 张三")
        try window.keys("Enter")
        try window.see("▸ 结构形式")
        try window.keys("C-k")
        try window.see("为什么跳过“房屋概况”？")
        try window.keys("4")
        try window.see("房屋概况  跳过：无法测量")
        try window.keys("C-s")
        try window.see("保存？")
        try window.keys("Enter")
        // The answer calls for a finding, filled in.
        try window.see("建议登记")
        try window.see("紧急")
        try window.see("居住D级危房")
        try window.keys("C-s")
        try window.see("保存？")
        try window.keys("Enter")
        try window.see("▸ 饮水安全")
        try window.see("不安全")
        try window.see("未整改")
        try window.keys("Escape")
        try window.see("待发送 2")
        try window.keys("Escape", "Escape")
        try window.see("[ended]")
        let history = try site.at("王芳", "history", "520402109201-0007", "--json")
        #expect(history.output.contains("张三") && history.output.contains("building=4"))
        let findings = try site.at("王芳", "finding", "list", "--json").json()
        #expect(findings[0]["severity"] == .string("3") && findings[0]["state"] == .string("1"))
    }

    @Test func `a window that is made small goes on, and one that is too small asks in lines`()
        throws
    {
        let site = try site()
        let big = try window(site, "check", "water", "520402109201-0003")
        try big.see("▸ 供水方式")
        try big.resize(50, 14)
        let small = try big.see("回车 确认")
        #expect(small.contains("▸ 供水方式"))
        for line in small.split(separator: "\n") { #expect(line.count <= 50) }
        try big.keys("5")
        try big.see("▸ 水源分区")
        let tiny = try window(site, "check", "water", "520402109201-0004", width: 30, height: 8)
        try tiny.see("— 供水 (1/6) —")
    }

    @Test func `leaving, or being killed, keeps every answer, and the last round is only shown`()
        throws
    {
        let site = try site()
        let first = try window(site, "check", "water", "520402109201-0005")
        try first.see("▸ 供水方式")
        try first.keys("5")
        try first.see("▸ 水源分区")
        try first.keys("Escape")
        try first.see("[ended]")
        let status = try site.at("王芳", "status", "--json").json()
        #expect(status["drafts"].int == 1 && status["pending"].int == 0)
        let again = try window(site, "check", "water", "520402109201-0005")
        let screen = try again.see("▸ 水源分区")
        #expect(screen.contains("分散供水"))
    }

    @Test func `several lines are pasted into one answer, and leaving says that a draft is kept`()
        throws
    {
        let site = try site()
        let window = try window(site, "check", "housing", "520402109201-0008")
        try window.see("▸ 住房来源")
        try window.keys("C-n")
        try window.see("▸ 备注")
        try window.paste("屋面渗漏\n1\n墙面开裂")
        let pasted = try window.see("> 屋面渗漏 1 墙面开裂")
        #expect(pasted.contains("▸ 备注"))
        // Back to where the note was thought of.
        try window.keys("Enter")
        try window.see("▸ 住房来源")
        try window.keys("Escape")
        try window.see("草稿已保留。")
        try window.see("[ended]")
        let again = try self.window(site, "check", "housing", "520402109201-0008")
        try again.see("▸ 住房来源")
        try again.keys("C-n")
        try again.see("> 屋面渗漏 1 墙面开裂")
    }

    @Test func `keys that a terminal calls by other names work, and unknown ones type nothing`()
        throws
    {
        let site = try site()
        let window = try window(site)
        try window.see("待发送 0，草稿 0，争议 0，超期问题 0")
        try window.type("07")
        try window.see("查找：07")
        // The Home and End of the Linux console and of screen, control-right, a function key.
        for (sequence, letter, line) in [
            ("\u{1B}[1~", "x", "x07"), ("\u{1B}[4~", "y", "x07y"), ("\u{1B}[7~", "z", "zx07y"),
            ("\u{1B}[1;5C", "", "zx07y"), ("\u{1B}[8~", "1", "zx07y1"),
            ("\u{1B}[25~", "", "zx07y1"),
            ("\u{1B}[[A", "2", "zx07y12"),
        ] {
            try window.type(sequence)
            if !letter.isEmpty { try window.type(letter) }
            try window.see("查找：\(line)")
        }
        #expect(!window.screen.contains("~"))
        // Escape with a letter at once, as the meta key sends it: both keys count.
        try window.type("\u{1B}0")
        try window.lose("zx07y12")
        try window.see("查找：0")
    }

    @Test func `a search takes what is pasted, on one line`() throws {
        let site = try site()
        let window = try window(site)
        try window.see("待发送 0，草稿 0，争议 0，超期问题 0")
        try window.paste("520402109201-0007\n")
        try window.see("▸ 520402109201-0007")
        #expect(window.screen.contains("查找：520402109201-0007"))
    }

    @Test func `without colours, and in English`() throws {
        let site = try site()
        let plain = try window(
            site, "check", "water", "520402109201-0006", "--lang", "en",
            environment: ["NO_COLOR=1"])
        let screen = try plain.see("Enter confirm")
        #expect(screen.contains("supply mode") && !screen.contains("供水方式"))
    }
}
