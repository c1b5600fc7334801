import Foundation
import Testing

/// Entries that are added on a full screen: what may be there already, and what was left.
@Suite struct FullScreenEntries {
    private func site() throws -> Site { try .surveyed(households: 12) }

    private func window(_ site: Site, _ arguments: String...) throws -> Window {
        try Window(site, arguments)
    }

    /// Opens the form of a new household in the first village.
    private func addHousehold(_ window: Window) throws {
        try window.keys("C-t")
        try window.see("在哪个村？")
        try window.keys("Enter")
    }

    @Test func `a household that the register has is opened, and none is added`() throws {
        let site = try site()
        let window = try window(site)
        try window.see("待发送 0，草稿 0")
        try addHousehold(window)
        try window.see("▸ 户主姓名")
        try window.type("罗小妹")
        try window.keys("Enter")
        try window.see("▸ 住址")
        try window.type("三组")
        try window.keys("Enter")
        try window.see("▸ 网格编号")
        try window.save()
        let choice = try window.see("名册中可能已有这一户")
        #expect(choice.contains("▸ 1) 520402109201-0001  杨正华  三组  成员同名, 住址相同"))
        #expect(choice.contains("罗小妹  三组") && choice.contains("另有 3 户"))
        // Back to the form, with everything in it.
        try window.keys("Escape")
        let form = try window.see("▸ 网格编号")
        #expect(form.contains("罗小妹") && form.contains("三组"))
        try window.save()
        try window.see("0) 都不是")
        try window.keys("Down", "Enter")
        let page = try window.see("▸ 住房安全")
        #expect(page.contains("520402109201-0002 杨正华"))
        try window.keys("Escape")
        try window.see("待发送 0，草稿 0")
    }

    @Test func `a household that was left goes on, and another one than those there is saved`()
        throws
    {
        let site = try site()
        let window = try window(site)
        try window.see("待发送 0，草稿 0")
        try addHousehold(window)
        try window.see("▸ 户主姓名")
        try window.type("罗小妹")
        try window.keys("Enter")
        try window.see("▸ 住址")
        try window.keys("Escape")
        try window.see("草稿 1")
        try addHousehold(window)
        let form = try window.see("碧波村（草稿）")
        #expect(form.contains("罗小妹"))
        try window.save()
        try window.see("0) 都不是")
        try window.type("0")
        try window.see("待发送 1，草稿 0")
        let found = try site.at("王芳", "household", "search", "罗小妹", "--json").json()
        #expect(found.array.contains { $0["head_name"] == .string("罗小妹") })
    }

    @Test func `a member who was left goes on, from the page of the household`() throws {
        let site = try site()
        let window = try window(site)
        try window.type("0007")
        try window.see("▸ 520402109201-0007")
        try window.keys("Enter")
        try window.see("▸ 住房安全")
        try window.type("p")
        try window.see("▸ 姓名")
        try window.type("王小芳")
        try window.keys("Enter")
        try window.see("▸ 出生日期")
        try window.keys("Escape")
        try window.see("▸ 住房安全")
        try window.type("p")
        let form = try window.see("（草稿）")
        #expect(form.contains("王小芳") && form.contains("▸ 出生日期"))
        try window.save()
        let page = try window.see("▸ 住房安全")
        #expect(page.contains("3 王小芳"))
    }

    @Test func `what was left is marked in the list, and stands first at its household`() throws {
        let site = try site()
        let window = try window(site)
        try window.type("0007")
        try window.see("▸ 520402109201-0007")
        try window.keys("Enter")
        try window.see("▸ 住房安全")
        try window.keys("Enter")
        try window.see("▸ 住房来源")
        try window.keys("1", "Escape")
        let left = try window.see("▸ 住房安全")
        #expect(left.contains("没填完的"))
        try window.keys("Escape")
        let list = try window.see("520402109201-0007*")
        #expect(list.contains("*草稿") && list.contains("草稿 1"))
        try window.keys("Enter")
        try window.see("▸ 住房安全")
        try window.keys("Enter")
        let form = try window.see("（草稿）")
        #expect(form.contains("▸ 是否居住"))
    }

    @Test func `that nobody was at home takes three keys`() throws {
        let site = try site()
        let window = try window(site)
        try window.type("0007")
        try window.see("▸ 520402109201-0007")
        try window.keys("Enter")
        try window.see("▸ 住房安全")
        try window.keys("v")
        try window.see("▸ 入户状态")
        try window.keys("2")
        try window.see("保存？")
        try window.keys("Enter")
        let page = try window.see("已保存：农户")
        #expect(page.contains("无人在家"))
        try window.keys("Escape")
        try window.see("520402109201-0007")
        #expect(window.screen.contains("无人在家"))
    }

    @Test func `a village has its clinic, its findings, and those of its households`() throws {
        let site = try site()
        try site.at(
            "王芳", "finding", "add", "520402109201-0003", "--set", "category=9", "--set", "level=3",
            "--set", "severity=1", "--set", "deadline=2026-12-31", "--set", "description=道路积水")
        let window = try window(site)
        try window.see("待发送 1")
        try window.keys("C-v")
        let page = try window.see("▸ 村卫生室")
        #expect(page.contains("520402109201 碧波村") && page.contains("住房  "))
        #expect(page.contains("2026-12-31") && page.contains(" 0003 "))
        try window.keys("Enter")
        try window.see("1) 本村卫生室")
        try window.keys("1", "0", "Enter")
        try window.see("→ 不安全  空白点：无合格村医")
        try window.save()
        try window.see("建议登记 · 520402109201 碧波村")
        try window.keys("Escape")
        let unsafe = try window.see("问题未登记：")
        #expect(unsafe.contains("不安全"))
        try window.type("f")
        try window.see("问题")
        try window.keys("Escape")
        try window.see("本村全部问题")
        try window.keys("Escape")
        try window.see("待发送 2")
    }

    @Test func `a round of members is ended, or gone on with, from a list`() throws {
        let site = try site()
        let window = try window(site, "check", "medical", "520402109201-0001")
        try window.see("1/2")
        try window.keys("Escape")
        let choice = try window.see("继续下一位成员？")
        #expect(choice.contains("▸ 继续下一位：520402109201-0001/2"))
        try window.keys("Enter")
        try window.see("2/2")
        try window.keys("Escape")
        try window.see("[ended]")
        let again = try self.window(site, "check", "medical", "520402109201-0001")
        try again.see("1/2")
        try again.keys("Escape")
        try again.see("继续下一位成员？")
        try again.keys("Down", "Enter")
        try again.see("[ended]")
    }

    @Test func `the command shows them too, in English`() throws {
        let site = try site()
        let window = try window(
            site, "household", "add", "--village", "520402109201", "--lang", "en")
        try window.see("▸ head of household")
        try window.type("杨正华")
        try window.keys("Enter")
        try window.see("▸ address")
        try window.keys("C-s")
        try window.see("Save?")
        try window.keys("Enter")
        let choice = try window.see("The register may have this household already")
        #expect(choice.contains("same head of household"))
        #expect(!choice.contains("a member of that name"))
        #expect(choice.contains("3 more are somewhat like it"))
        // The Enter that saved may come twice.
        try window.keys("Enter")
        try window.see("! ")
        try window.type("1")
        try window.see("520402109201-0001 杨正华")
        try window.keys("Escape")
        try window.see("It is 520402109201-0001 of the register")
        let status = try site.at("王芳", "status", "--json").json()
        #expect(status["pending"].int == 0 && status["drafts"].int == 0)
    }
}
