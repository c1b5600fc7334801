import Foundation
import Testing

/// Days at the full screen from home to home, in a terminal that tmux keeps, and what they come to.
@Suite struct FullScreenDay {
    private static let house = "520402109201-0100"

    /// A village with a household that no other is like.
    private func site(_ names: String...) throws -> Site {
        let site = try Site()
        try site.prepare(households: 3)
        let roster = try site.write(
            "more.csv",
            """
            household_no,village_code,head_name,household_type,address
            \(Self.house),520402109201,王小明,,五组

            """)
        let persons = try site.write(
            "more-persons.csv",
            """
            household_no,person_no,name,birth_date,sex,relation
            \(Self.house),1,王小明,1968-03-04,1,
            \(Self.house),2,李秀英,1970-07-08,2,
            \(Self.house),3,王小芳,1995-02-03,2,
            \(Self.house),4,王小宝,2015-10-01,1,

            """)
        try site.admin("households", "import", roster, "--persons", persons)
        try site.serve()
        for name in names {
            try site.enrol(name)
            try site.at(name, "sync")
        }
        return site
    }

    private func window(_ site: Site, _ name: String) throws -> Window {
        try Window(site, of: name, width: 110, height: 34)
    }

    // MARK: A day

    @Test func `a household from its initials to the server's coverage`() throws {
        let site = try site("王芳")
        let window = try window(site, "王芳")
        try window.see("待发送 0，草稿 0，争议 0，超期问题 0")
        try window.type("wxm")
        try window.see(
            page: """
                王芳  ·  spring 春季排查  ·  上次同步 …
                待发送 0，草稿 0，争议 0，超期问题 0
                碧波村 住房 0/4 饮水 0/4 医疗 0/10 教育 0/1
                查找：wxm
                ▸ \(Self.house)  王小明  碧波村  住房 未查 饮水 未查 医疗 未查 教育 未查
                """)
        try window.keys("Enter")
        try window.see(
            page: page(
                housing: "未查", water: "未查", medical: ["未查", "未查", "未查", "未查"], done: 0,
                chosen: "住房安全"))
        try housing(window)
        try water(window)
        try medicalRound(window)
        try window.see(
            page: page(
                housing: "安全", water: "不安全", medical: ["安全", "不安全", "安全", "安全"], done: 4,
                chosen: "义务教育",
                findings: ["问题", "饮水  …  未整改", "医疗  …  未整改  2 李秀英"],
                saying: "已保存：医疗保障 → 安全"))
        // All are done: there is nobody to go to.
        try window.keys("Home", "Down", "Down", "Down")
        try window.see("▸ 医疗保障：全体成员")
        try window.keys("Enter")
        try window.see("! 都已检查")
        try window.keys("Escape")
        try window.see(
            page: """
                王芳  ·  spring 春季排查  ·  上次同步 …
                待发送 8，草稿 0，争议 0，超期问题 0
                碧波村 住房 1/4 饮水 1/4 医疗 4/10 教育 0/1
                查找：wxm
                ▸ \(Self.house)  王小明  碧波村  住房 安全 饮水 不安全 医疗 不安全 教育 未查
                """)
        try window.keys("Escape")
        try window.see("520402109201-0001")
        try window.keys("Escape")
        try window.see("[ended]")
        try cover(site)
    }

    private func page(
        housing: String, water: String, medical: [String], done: Int, chosen: String,
        findings: [String] = [], saying: String? = nil
    ) -> String {
        var lines = [
            "\(Self.house) 王小明", "碧波村  五组", "本户", "住房安全  \(housing)", "饮水安全  \(water)", "监测对象",
            "逐人检查", "医疗保障：全体成员  已查 \(done)/4",
        ]
        for (number, name) in ["王小明", "李秀英", "王小芳", "王小宝"].enumerated() {
            lines += ["\(number + 1) \(name)  …", "医疗保障  \(medical[number])"]
            if number == 3 { lines.append("义务教育  未查") }
            lines.append("更正、迁出、死亡")
        }
        lines += findings + ["名册", "更正本户信息"]
        return
            (lines.map { $0.hasPrefix(chosen) ? "▸ \($0)" : $0 } + [saying].compactMap { $0 })
            .joined(separator: "\n")
    }

    /// A safe house, a section left out, and a note whose last character is another one.
    private func housing(_ window: Window) throws {
        try window.keys("Enter")
        try window.see("▸ 住房来源")
        try window.keys("1", "y", "a")
        try window.see("→ 安全  A级")
        try window.keys("PageDown")
        try window.see("▸ 结构形式")
        try window.keys("C-k")
        try window.see("为什么跳过“房屋概况”？")
        try window.keys("4")
        try window.see("房屋概况  跳过：无法测量")
        try window.keys("C-n")
        try window.see("▸ 备注")
        try window.type("屋面无渗漏水")
        try window.keys("BSpace")
        try window.type("。")
        try window.see("> 屋面无渗漏。")
        // What was typed is taken without an Enter of its own.
        try window.save()
        try window.see(
            page: page(
                housing: "安全", water: "未查", medical: ["未查", "未查", "未查", "未查"], done: 0,
                chosen: "饮水安全", saying: "已保存：住房安全 → 安全"))
    }

    /// Water that is left in the middle of an answer, gone on with, and unsafe: a finding follows.
    private func water(_ window: Window) throws {
        // What is done gives way to what is to be done next.
        try window.keys("Enter")
        try window.see("▸ 供水方式")
        try window.keys("5", "1", "5")
        try window.see("▸ 人均日水量")
        try window.type("62.5")
        try window.see("> 62.5")
        try window.keys("Escape")
        let left = try window.see("逐人检查")
        #expect(left.contains("草稿已保留。"))
        try window.keys("Escape")
        try window.see("待发送 1，草稿 1，争议 0，超期问题 0")
        try window.keys("Enter")
        // What was left stands first.
        try window.see("▸ 饮水安全")
        try window.keys("Enter")
        let resumed = try window.see("▸ 水质依据")
        #expect(resumed.contains("62.5 升/（人·天）") && resumed.contains("分散供水"))
        try window.keys("4", "n", "n", "n")
        try window.see("▸ 浑浊度")
        try window.keys("PageDown")
        try window.see("▸ 供水入户")
        try window.keys("y")
        try window.see("▸ 年缺水天数")
        try window.keys("3", "Enter", "1", "Enter")
        try window.see("→ 不安全  水质：不合格")
        try window.see("▸ 备注")
        try window.save()
        let finding = try window.see("建议登记 · \(Self.house) 王小明")
        #expect(finding.contains("较重") && finding.contains("水质：不合格"))
        try window.save()
        try window.see("逐人检查")
    }

    /// The members one after another: the second calls for a finding, the fourth is left and gone on
    /// with.
    private func medicalRound(_ window: Window) throws {
        func insured(_ kind: String) throws {
            try window.keys(kind)
            try window.see("▸ 参保年度")
            try window.type("2026")
            try window.keys("Enter")
            try window.see("→ 安全  2026年已参保")
            try window.save()
        }
        try window.see("▸ 医疗保障：全体成员")
        try window.keys("Enter")
        try window.see("医疗保障  1/4  \(Self.house)/1 王小明")
        try insured("1")
        try window.see("医疗保障  2/4  \(Self.house)/2 李秀英")
        try window.keys("0", "9")
        try window.see("→ 不安全  不合理未参保")
        try window.save()
        try window.see("建议登记 · 2/4  \(Self.house)/2 李秀英")
        try window.save()
        try window.see("医疗保障  3/4  \(Self.house)/3 王小芳")
        try insured("2")
        try window.see("医疗保障  4/4  \(Self.house)/4 王小宝")
        try window.keys("1")
        try window.see("▸ 参保年度")
        try window.keys("Escape")
        try window.see("已查 3/4")
        try window.keys("Enter")
        let again = try window.see("医疗保障  4/4  \(Self.house)/4 王小宝")
        #expect(again.contains("城乡居民医保"))
        try window.type("2026")
        try window.keys("Enter")
        try window.see("→ 安全  2026年已参保")
        try window.save()
    }

    /// The server counts what was entered, and nothing else.
    private func cover(_ site: Site) throws {
        let sync = try site.at("王芳", "sync", "--json").json()
        #expect(sync["sent"].int == 8 && sync["contested"].int == 0)
        let rows = try site.admin("coverage", "--by", "village", "--json").json()["rows"].array
        let row = try #require(rows.first { $0["area"].text == "520402109201" })
        #expect(row["households"].int == 4 && row["persons"].int == 10)
        let expected = [
            "housing": ["checked": 1, "safe": 1, "not_assessed": 3, "registered": 4],
            "water": ["checked": 1, "unsafe": 1, "not_assessed": 3, "registered": 4],
            "medical": [
                "checked": 4, "safe": 3, "unsafe": 1, "not_assessed": 6, "registered": 10,
            ],
            "schooling": ["not_assessed": 1, "registered": 1],
            "findings": ["received": 2],
        ]
        for (key, counts) in expected {
            for count in row[key].keys {
                #expect(row[key][count].int == counts[count] ?? 0, "\(key).\(count)")
            }
        }
        let housing = try site.at(
            "王芳", "export", "housing", "--format", "jsonl", "--include", "note"
        ).jsonLines()
        #expect(housing.count == 1)
        #expect(housing[0]["note"].text == "屋面无渗漏。" && housing[0]["grade"].text == "A")
        let water = try site.at("王芳", "export", "water", "--format", "jsonl").jsonLines()
        #expect(water.count == 1)
        #expect(water[0]["litres_pcd"] == .number(62.5) && water[0]["jmp_source"].text == "pspring")
        #expect(water[0]["short_days_year"].int == 3 && water[0]["consec_short_days"].int == 1)
    }

    // MARK: Two answers

    @Test func `two answers stand side by side, and one is chosen`() throws {
        let site = try site("王芳", "李明")
        func check(_ name: String, _ more: String...) throws {
            var arguments = ["check", "housing", Self.house]
            for answer in ["dwelling_source=1", "occupied=yes"] + more {
                arguments += ["--set", answer]
            }
            let finished = try site.start(name, arguments).wait()
            try #require(finished.status == 0, "\(finished.errors)")
        }
        try check("王芳", "grade=A")
        try check("李明", "grade=D", "grade_date=2026-02-03", "appraiser=甲")
        for name in ["王芳", "李明", "王芳"] { try site.at(name, "sync") }

        let window = try window(site, "王芳")
        try window.see("争议 1")
        try window.type("wxm")
        try window.see("住房 有争议")
        try window.keys("Enter")
        try window.see("▸ 两个答案不一致，请选定")
        try window.keys("Enter")
        let both = try window.see("哪个正确？")
        for text in ["王芳", "李明", "填写时没有看到别人的答案", "安全 (A)", "整幢危房 (D)", "≠ 评定等级"] {
            #expect(both.contains(text), "\(text)")
        }
        // Nothing is decided by a single key.
        try window.keys("Enter")
        try window.see("! 先按 1–2 选一个。")
        let worse = both.contains("2) 李明") ? "2" : "1"
        try window.keys(worse)
        try window.see("▸\(worse)) 李明")
        try window.keys("Enter")
        // It calls for a finding, like any answer that is unsafe.
        try window.see("建议登记")
        try window.keys("Escape")
        try window.see("▸ 住房安全")
        try window.see("不安全")
        #expect(!window.screen.contains("选定"))
        try window.keys("Escape")
        try window.see("待发送 1，草稿 0，争议 0")

        for name in ["王芳", "李明"] { try site.at(name, "sync") }
        #expect(try site.at("李明", "conflicts", "list", "--json").json().array.isEmpty)
        let housing = try site.at("李明", "export", "housing", "--format", "jsonl").jsonLines()
        #expect(housing.map { $0["grade"].text } == ["D"])
    }

    @Test func `neither of two answers holds, and a third is typed`() throws {
        let site = try site("王芳", "李明")
        for (name, floors) in [("王芳", "1"), ("李明", "3")] {
            try site.at(name, "check", "housing", Self.house, "--set", "floors=\(floors)")
        }
        for name in ["王芳", "李明", "王芳"] { try site.at(name, "sync") }
        let window = try window(site, "王芳")
        try window.see("争议 1")
        try window.type("wxm")
        try window.see("▸ \(Self.house)")
        try window.keys("Enter")
        try window.see("▸ 两个答案不一致，请选定")
        try window.keys("Enter")
        try window.see("哪个正确？")
        try window.keys("t")
        // The form begins at the section, and shows what the two of them said.
        let form = try window.see("▸ 结构形式")
        #expect(form.contains("层数: 1 层") && form.contains("层数: 3 层"))
        try window.keys("Down")
        try window.see("▸ 层数")
        try window.type("2")
        try window.save()
        try window.see("▸ 住房安全")
        #expect(!window.screen.contains("选定"))
        try window.keys("Escape")
        try window.see("争议 0")
        try site.at("王芳", "sync")
        try site.at("李明", "sync")
        let housing = try site.at("李明", "export", "housing", "--format", "jsonl").jsonLines()
        #expect(housing.map { $0["floors"].int } == [2])
    }
}
