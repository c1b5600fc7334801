internal import Foundation
internal import SurveyModel

/// What the argument parser says, in the words of this program: it speaks English only.
///
/// Every sentence of it is listed here; one that is not stays English and loses nothing.
enum ParserText {
    /// A text of wrong usage, with the code and the words that every other error has.
    static func usageError(_ text: String, in language: Language) -> String {
        let text = text.hasPrefix("Error: ") ? String(text.dropFirst("Error: ".count)) : text
        // Never what would skip a question.
        let safe = text.replacingOccurrences(of: " Did you mean '--yes'?", with: "")
        let lead = language == .zh ? "用法不对：" : "Wrong usage: "
        return "\(Problem.usage.rawValue) \(lead)\(translated(safe, into: language))"
    }

    static func translated(_ text: String, into language: Language) -> String {
        guard language == .zh else { return text }
        return sentences.reduce(text) { text, sentence in
            text.replacingOccurrences(
                of: sentence.pattern, with: sentence.chinese, options: .regularExpression)
        }
    }

    /// Says which word is no subcommand where one is expected, and which one it resembles.
    static func unknownCommand(in arguments: [String], of root: Command) -> String? {
        var command = root
        var path = [root.name]
        for word in arguments {
            guard !command.subcommands.isEmpty, !word.hasPrefix("-") else { return nil }
            guard let next = command.subcommands.first(where: { $0.name == word }) else {
                return unknownCommand(word, path.joined(separator: " "), command)
            }
            command = next
            path.append(word)
        }
        return nil
    }

    /// The names of a command and of what is below it.
    struct Command {
        let name: String
        let subcommands: [Command]
    }

    private static func unknownCommand(_ word: String, _ path: String, _ command: Command)
        -> String
    {
        let close = command.subcommands.map(\.name)
            .map { (name: $0, distance: distance($0, word)) }
            .filter { $0.distance <= max(1, $0.name.count / 3) || $0.name.hasPrefix(word) }
            .min { $0.distance < $1.distance }?.name
        let zh = "没有 \(path) \(word) 这个命令。" + (close.map { "是不是 \(path) \($0)？" } ?? "")
        let en =
            "there is no command \(path) \(word)."
            + (close.map { " Did you mean \(path) \($0)?" } ?? "")
        return "\(Problem.usage.rawValue) "
            + localized(
                zh: "用法不对：\(zh)全部命令见 \(path) --help。",
                en: "Wrong usage: \(en) \(path) --help lists all.")
    }

    /// How many characters must be inserted, left out or replaced.
    private static func distance(_ a: String, _ b: String) -> Int {
        var row = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, y) in b.enumerated() {
                let above = row[j + 1]
                row[j + 1] = min(min(above, row[j]) + 1, diagonal + (x == y ? 0 : 1))
                diagonal = above
            }
        }
        return row[b.count]
    }

    private static let sentences: [(pattern: String, chinese: String)] = [
        ("(?m)^OVERVIEW: ", ""),
        ("(?mi)^USAGE: ", "用法："),
        ("(?m)^ARGUMENTS:$", "参数："),
        ("(?m)^OPTIONS:$", "选项："),
        ("(?m)^SUBCOMMANDS:$", "子命令："),
        ("(?m)^Help:  ", "说明："),
        (#"<subcommand>"#, "<子命令>"),
        // As wide as before: what follows is a column.
        (#"\(default\)"#, "（默认） "),
        (#"\(default:\s+([^()]*)\)"#, "（默认 $1）"),
        (#"\(values: ([^();]*); default: ([^()]*)\)"#, "（可选：$1；默认 $2）"),
        (#"\(values: ([^()]*)\)"#, "（可选：$1）"),
        (#"Show the version\."#, "显示版本"),
        (#"Show help information\."#, "显示帮助"),
        (#"Show subcommand help information\."#, "显示子命令的帮助"),
        (#"(?m)^  See '(.*)' for detailed help\.$"#, "  详见 $1"),
        (#"(?m)^  See '(.*)' for more information\.$"#, "  详见 $1"),
        (#"Unknown option '([^']*)'\. Did you mean '([^']*)'\?"#, "没有选项 $1。是不是 $2？"),
        (#"Unknown option '([^']*)'"#, "没有选项 $1。"),
        (#"Missing value for '([^']*)'"#, "选项 $1 缺少值。"),
        (#"Unexpected argument '([^']*)'"#, "多余的参数 $1。"),
        (#"\d+ unexpected arguments: (.*)"#, "多余的参数：$1。"),
        (#"Missing expected argument '([^']*)'"#, "缺少参数 $1。"),
        (#"Missing one of: (.*)"#, "缺少其中之一：$1。"),
        (#"Missing required subcommand\."#, "缺少子命令。"),
        (
            #"The option '([^']*)' does not take any value, but '([^']*)' was specified\."#,
            "选项 $1 不带值，却给了“$2”。"
        ),
        (
            #"Value to be set with (.*) had already been set with (.*)"#,
            "$1 与前面的 $2 矛盾。"
        ),
        (#"The value '([^']*)' is invalid for '([^']*)'"#, "$2 的值“$1”无效"),
        (#"\. Please provide one of the following:"#, "。可选："),
        (#"\. Please provide one of (.*)\."#, "。可选：$1。"),
        (#"(?<='), (?=')|(?<=') or (?=')|(?<=') and (?=')"#, "、"),
    ]
}
