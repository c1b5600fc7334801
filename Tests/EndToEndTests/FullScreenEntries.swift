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
        try window.keys("Enter")
        try window.see("520402109201-0001 杨正华")
        try window.keys("Escape")
        try window.see("It is 520402109201-0001 of the register")
        let status = try site.at("王芳", "status", "--json").json()
        #expect(status["pending"].int == 0 && status["drafts"].int == 0)
    }
}
