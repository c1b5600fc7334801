import Foundation
import Testing

/// A tmux session with a program in it: keys go in, and what stands on the screen is looked at.
final class Window {
    private let socket: String

    /// Runs a program in Chinese, and says `[ended]` when it has.
    convenience init(
        _ command: [String], width: Int = 90, height: Int = 28, environment: [String] = []
    ) throws {
        let line = (["env", "LIANHU_LANG=zh"] + environment + command)
            .map { "'\($0)'" }.joined(separator: " ")
        try self.init(line: line + "; echo '[ended]'; sleep 60", width: width, height: height)
    }

    /// Runs a line of shell.
    init(line: String, width: Int, height: Int) throws {
        socket = "lianhu-\(UUID().uuidString)"
        try tmux(
            "-u", "-f", "/dev/null", "new-session", "-d", "-x", "\(width)", "-y", "\(height)", line)
    }

    deinit { _ = try? tmux("kill-server") }

    @discardableResult
    private func tmux(_ arguments: String...) throws -> String {
        // Into a file: the server that the first call starts would keep a pipe open for ever.
        let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try Data().write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let output = try FileHandle(forWritingTo: file)
        let child = try Child(
            "/usr/bin/tmux", ["-L", socket] + arguments,
            environment: Programs.environment.merging([
                "TERM": "xterm-256color", "LANG": "C.UTF-8",
            ]) { $1 },
            input: .nullDevice, output: output, errors: .nullDevice)
        try output.close()
        child.wait()
        return String(decoding: try Data(contentsOf: file), as: UTF8.self)
    }

    func keys(_ keys: String...) throws {
        for key in keys { try tmux("send-keys", key) }
    }

    func type(_ text: String) throws { try tmux("send-keys", "-l", text) }

    /// Pastes a text as terminals do: between marks, where the program has asked for them.
    func paste(_ text: String) throws {
        try tmux("set-buffer", text)
        try tmux("paste-buffer", "-p")
    }

    func resize(_ width: Int, _ height: Int) throws {
        try tmux("resize-window", "-x", "\(width)", "-y", "\(height)")
    }

    var screen: String { (try? tmux("capture-pane", "-p")) ?? "" }

    /// Waits until a text stands on the screen, and gives the screen.
    @discardableResult
    func see(_ text: String) throws -> String { try wait(for: text) { $0.contains(text) } }

    /// Waits until a text stands on the screen no longer.
    func lose(_ text: String) throws {
        try wait(for: "no \(text)") { !$0.contains(text) }
    }

    /// Waits until the screen is another one.
    @discardableResult
    func change(from before: String) throws -> String {
        try wait(for: "another screen") { $0 != before }
    }

    /// Waits until the screen says what is expected, but for rules, the widths of gaps, days, ages and the
    /// last line, which tells the keys.
    func see(page expected: String) throws {
        try wait(for: expected) { Self.gist(of: $0) == expected }
    }

    private static func gist(of screen: String) -> String {
        var lines = screen.split(separator: "\n").map { line in
            line.trimmingCharacters(in: .whitespaces)
                .replacingOccurrences(of: " {2,}", with: "  ", options: .regularExpression)
                .replacingOccurrences(
                    of: "[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9]{2}:[0-9]{2})?|[0-9]+岁", with: "…",
                    options: .regularExpression)
        }
        lines.removeAll { line in line.allSatisfy { $0 == "─" } }
        return lines.dropLast().joined(separator: "\n")
    }

    /// Gives the screen once it is there and stands still: it is drawn line by line.
    @discardableResult
    private func wait(for what: String, _ isThere: (String) -> Bool) throws -> String {
        let end = Date() + 20
        var last = ""
        while true {
            let screen = screen
            if isThere(screen), screen == last { return screen }
            last = screen
            try #require(Date() < end, "waited for \(what), saw:\n\(screen)")
            usleep(50_000)
        }
    }
}

extension Window {
    /// `lianhu` in somebody's home, in Chinese.
    convenience init(
        _ site: Site, of name: String = "王芳", _ arguments: [String] = [], width: Int = 90,
        height: Int = 28, environment: [String] = []
    ) throws {
        try self.init(
            [Programs.path("lianhu")] + arguments + ["--home", site.home(name).path],
            width: width, height: height, environment: environment)
    }

    /// Saves the form that is open, through its last question.
    func save() throws {
        try keys("C-s")
        try see("保存？")
        try keys("Enter")
    }
}
