import Foundation
import TestSupport
import Testing

/// A form on a full screen whose program dies, as when a battery is empty: in a real terminal, with
/// SIGKILL, after one key after another.
@Suite struct FullScreenKills {
    private static let house = "520402109201-0001"

    /// The end of the form's last line.
    private static let keys = "^S 保存  Esc 离开"

    /// The questions of the form in their order, as long as its house is neither rented nor lost.
    private static let questions = [
        "住房来源", "是否居住", "评定等级", "场地安全程度", "地基基础", "上部承重结构", "承重墙柱", "梁",
        "楼屋盖", "围护结构", "房屋整体倾斜", "鉴定日期", "鉴定人员", "结构形式", "层数", "建成年份", "总长",
        "总宽", "总高", "建筑面积", "防灾措施", "改造状态", "备注",
    ]

    /// A key that the program handles, and then dies.
    private struct Scene {
        let question: String
        /// Keys before it.
        var before: [String] = []
        /// What is typed before it.
        var typed = ""
        let key: String
        /// What the form says at the question afterwards; nil when nothing is answered.
        var holds: String?
    }

    private static func scenes(_ random: inout SplitMix64) -> [Scene] {
        let floors = Int.random(in: 1...9, using: &random)
        let year = Int.random(in: 1950...2020, using: &random)
        let metres = Int.random(in: 5...50, using: &random)
        let isLivedIn = Bool.random(using: &random)
        let scenes = [
            Scene(question: "住房来源", key: "1", holds: "自有住房"),
            Scene(
                question: "是否居住", key: isLivedIn ? "y" : "n", holds: isLivedIn ? "是" : "否"),
            Scene(question: "评定等级", key: "b", holds: "基本安全 (B)"),
            Scene(question: "场地安全程度", key: "1", holds: "安全"),
            Scene(question: "房屋整体倾斜", before: ["1", "Up"], key: "C-x"),
            Scene(question: "鉴定日期", typed: "2026-01-05", key: "Enter", holds: "2026-01-05"),
            // A text is kept as far as it is typed, half a number is no answer.
            Scene(question: "鉴定人员", typed: "张伟明", key: "BSpace", holds: "张伟"),
            Scene(question: "备注", typed: "屋面渗漏", key: "严", holds: "屋面渗漏严"),
            Scene(question: "总高", typed: "6", key: "."),
            // What is typed is taken by the key that leads elsewhere.
            Scene(question: "层数", typed: "\(floors)", key: "Down", holds: "\(floors) 层"),
            Scene(question: "建成年份", typed: "\(year)", key: "Tab", holds: "\(year)"),
            Scene(question: "总长", typed: "\(metres)", key: "Up", holds: "\(metres) m"),
            Scene(question: "总宽", typed: "\(metres)", key: "PageDown", holds: "\(metres) m"),
            Scene(question: "建筑面积", typed: "95", key: "C-s", holds: "95 m²"),
            Scene(question: "防灾措施", key: "3", holds: "没有"),
            Scene(question: "改造状态", key: "C-k"),
            Scene(question: "改造状态", before: ["C-k"], key: "4"),
            Scene(question: "结构形式", key: "C-n"),
        ]
        return scenes.shuffled(using: &random)
    }

    @Test func `killed after any key, a form goes on where it was, and so does the terminal`()
        throws
    {
        let seed = UInt64.random(in: 0..<1_000_000)
        print("full screen: seed \(seed)")
        var random = SplitMix64(seed)
        let site = try Site()
        try site.prepare(households: 1)
        try site.serve()
        try site.enrol("王芳")
        try site.at("王芳", "sync")
        // A shell, as people have it: it outlives the program and has the same terminal.
        let window = try Window(
            line: "env LIANHU_LANG=zh bash --norc --noprofile", width: 100, height: 60)
        let file = try site.write("form.pid", "")
        let form =
            "clear; (echo $BASHPID > '\(file)'; exec '\(Programs.path("lianhu"))' check housing"
            + " \(Self.house) --home '\(site.home("王芳").path)')"

        var said: [String: String?] = [:]
        var isSkipped = false
        for scene in Self.scenes(&random) {
            try open(form, window)
            try play(scene, window)
            let text = try String(contentsOfFile: file, encoding: .utf8)
            let program = try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))
            try #require(kill(program, SIGKILL) == 0)
            try window.see("Killed")
            // The terminal takes lines, shows them, and runs them.
            try window.type("clear; stty -a | grep -q -e '-icanon' -e '-echo ' || echo us''able")
            try window.keys("Enter")
            try window.see("usable")

            said.updateValue(scene.holds, forKey: scene.question)
            isSkipped = isSkipped || scene.key == "4"
            let screen = try open(form, window)
            for (question, answer) in said {
                #expect(
                    Self.answer(question, screen) == answer,
                    "seed \(seed), killed after \(scene.key) at \(scene.question)")
            }
            #expect(screen.contains("跳过：无法测量") == isSkipped, "seed \(seed)")
            try window.keys("Escape")
            try window.lose(Self.keys)
        }
        let status = try site.at("王芳", "status", "--json").json()
        #expect(status["pending"].int == 0 && status["drafts"].int == 1)

        // And what all of it comes to is saved.
        try open(form, window)
        try window.keys("C-s")
        try window.see("保存？")
        try window.keys("Enter")
        try window.see("已保存")
        let house = try site.at("王芳", "export", "housing", "--format", "jsonl").jsonLines()[0]
        #expect(house["grade"].text == "B" && house["grade_date"].text == "2026-01-05")
        #expect(house["height_m"].isNull && house["tilt"].isNull)
        #expect(house["floor_area_m2"].int == 95)
    }

    /// Starts the program in the shell, and waits for its form.
    @discardableResult
    private func open(_ form: String, _ window: Window) throws -> String {
        try window.type(form)
        try window.keys("Enter")
        return try window.see(Self.keys)
    }

    private func play(_ scene: Scene, _ window: Window) throws {
        try reach(scene.question, window)
        for key in scene.before {
            let before = window.screen
            try window.keys(key)
            try window.change(from: before)
        }
        if !scene.typed.isEmpty {
            try window.type(scene.typed)
            try window.see(" > \(scene.typed)")
        }
        let before = window.screen
        try window.keys(scene.key)
        // What is on the screen was kept before.
        try window.change(from: before)
    }

    /// Moves to a question without answering any.
    private func reach(_ question: String, _ window: Window) throws {
        let line = try #require(
            window.screen.split(separator: "\n").first { $0.hasPrefix(" ▸ ") })
        let current = try #require(
            Self.questions.firstIndex { line.dropFirst(3).hasPrefix($0 + " ") }, "\(line)")
        let wanted = try #require(Self.questions.firstIndex(of: question))
        for _ in 0..<abs(wanted - current) {
            try window.keys(wanted > current ? "Down" : "Up")
        }
        try window.see(" ▸ \(question) ")
    }

    /// What the list of questions says; nil when it says that nothing is answered.
    private static func answer(_ question: String, _ screen: String) -> String? {
        let line = screen.split(separator: "\n").first {
            ($0.hasPrefix("   ") || $0.hasPrefix(" ▸ "))
                && $0.dropFirst(3).hasPrefix(question + " ")
        }
        let answer = line?.dropFirst(3 + question.count).trimmingCharacters(in: .whitespaces)
        return answer.flatMap { ["·", "*"].contains($0) ? nil : $0 }
    }
}
