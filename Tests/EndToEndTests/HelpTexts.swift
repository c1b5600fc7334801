import Foundation
import Testing

/// Every command's help shows how it is typed, in both languages.
@Suite struct HelpTexts {
    @Test(arguments: ["lianhu", "lianhu-server"], ["zh", "en"])
    func `every command has examples that fit a narrow terminal`(
        _ program: String, _ language: String
    ) throws {
        let commands = try Described(program, language).withAllBelow
        #expect(commands.count > 20)
        for command in commands {
            let examples = command.examples(language)
            #expect((1...4).contains(examples.count), "\(command.text)")
            let hasItsOwn = examples.contains { "\($0) ".hasPrefix("\(command.text) ") }
            #expect(hasItsOwn, "\(command.text)")
            for line in command.exampleLines(language) {
                #expect(line.hasPrefix("  "), "\(command.text): \(line)")
                // The last column stays free: a line that fills it is broken.
                #expect(columns(of: line) <= 79, "\(command.text): \(line)")
            }
        }
    }

    @Test(arguments: ["lianhu", "lianhu-server"], ["zh", "en"])
    func `every example is a command line that the program takes`(
        _ program: String, _ language: String
    ) throws {
        let roots = try ["lianhu", "lianhu-server"].map { try Described($0, language) }
        let fields = try fieldKeys()
        for command in try Described(program, language).withAllBelow {
            for example in command.examples(language) {
                let words = shellWords(example)
                let root = try #require(roots.first(where: { $0.name == words.first }))
                #expect(root.objection(to: words) == nil, "\(command.text): \(example)")
                for (option, answer) in zip(words, words.dropFirst()) where option == "--set" {
                    let parts = answer.components(separatedBy: "=")
                    #expect(parts.count == 2 && fields.contains(parts[0]), "\(example)")
                }
            }
        }
    }

    @Test(arguments: ["lianhu", "lianhu-server"])
    func `both languages show the same commands`(_ program: String) throws {
        let chinese = try Described(program, "zh").withAllBelow
        let english = try Described(program, "en").withAllBelow
        #expect(chinese.map(\.text) == english.map(\.text))
        for (zh, en) in zip(chinese, english) {
            let shapes = (zh.examples("zh").map(shape), en.examples("en").map(shape))
            #expect(shapes.0 == shapes.1, "\(zh.text)")
        }
    }

    /// A command line without what may differ between languages: the values.
    private func shape(_ example: String) -> [String] {
        shellWords(example).map { word in
            let isPlain = word.unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isLowercase || $0 == "-")
            }
            return isPlain ? word : "…"
        }
    }

    /// The keys of every field of every form.
    private func fieldKeys() throws -> Set<String> {
        let forms = try Programs.run("lianhu", ["forms", "show", "--json"]).json().array
        let fields = forms.flatMap { $0["sections"].array }.flatMap { $0["fields"].array }
        let keys = Set(fields.compactMap { $0["key"].text })
        try #require(keys.contains("dwelling_source"))
        return keys
    }
}

/// Columns of a terminal; a Chinese character takes two.
private func columns(of line: String) -> Int {
    line.unicodeScalars.reduce(0) { $0 + ($1.value >= 0x2E80 ? 2 : 1) }
}

/// The words of a command line as a shell takes them.
private func shellWords(_ line: String) -> [String] {
    var words: [String] = []
    var word = ""
    var isQuoted = false
    for character in line + " " {
        if character == "\"" {
            isQuoted.toggle()
        } else if character != " " || isQuoted {
            word.append(character)
        } else if !word.isEmpty {
            words.append(word)
            word = ""
        }
    }
    return words
}

/// A command as its program describes it to other programs.
struct Described {
    private let json: JSON
    private let path: [String]

    init(_ program: String, _ language: String) throws {
        let dump = try Programs.run(
            program, ["--experimental-dump-help"], environment: ["LIANHU_LANG": language])
        json = try dump.json()["command"]
        path = [program]
    }

    private init(_ json: JSON, _ path: [String]) {
        self.json = json
        self.path = path
    }

    var name: String { path[path.count - 1] }
    var text: String { path.joined(separator: " ") }

    var subcommands: [Described] {
        json["subcommands"].array.compactMap { child in
            guard let name = child["commandName"].text, name != "help" else { return nil }
            return Described(child, path + [name])
        }
    }

    var withAllBelow: [Described] { [self] + subcommands.flatMap(\.withAllBelow) }

    // MARK: Examples

    /// What stands below the heading, to the end of the help's text.
    func exampleLines(_ language: String) -> [String] {
        let lines = (json["discussion"].text ?? "").components(separatedBy: "\n")
        guard let heading = lines.firstIndex(of: language == "zh" ? "示例：" : "Examples:") else {
            return []
        }
        return Array(lines[(heading + 1)...])
    }

    /// Each as one line, without what is said about it.
    func examples(_ language: String) -> [String] {
        let lines = exampleLines(language).joined(separator: "\n")
            .replacingOccurrences(of: #" \\\n +"#, with: " ", options: .regularExpression)
            .components(separatedBy: "\n")
        return lines.filter { !$0.isEmpty }.map { line in
            let end = line.range(of: "  # ")?.lowerBound ?? line.endIndex
            return line[..<end].trimmingCharacters(in: .whitespaces)
        }
    }

    // MARK: Arguments

    /// What the parser would say against a command line; nil when it takes it.
    func objection(to words: [String]) -> String? {
        var command = self
        var rest = words.dropFirst()
        while let next = command.subcommands.first(where: { $0.name == rest.first }) {
            command = next
            rest = rest.dropFirst()
        }
        if let name = command.json["defaultSubcommand"].text,
            let usual = command.subcommands.first(where: { $0.name == name })
        {
            command = usual
        }
        guard command.subcommands.isEmpty else {
            return "\(command.text) has no command \(rest.first ?? "")"
        }
        return command.objection(toArguments: rest)
    }

    private func objection(toArguments words: ArraySlice<String>) -> String? {
        let arguments = json["arguments"].array
        var rest = words
        var given: Set<String> = []
        var values = 0
        while let word = rest.popFirst() {
            guard word.hasPrefix("-") else {
                values += 1
                continue
            }
            guard let option = arguments.first(where: { longNames($0).contains(word) }) else {
                return "no option \(word)"
            }
            given.insert(word)
            guard option["kind"].text == "option" else { continue }
            guard let value = rest.popFirst(), !value.hasPrefix("-") else {
                return "\(word) lacks its value"
            }
            let listed = choices(of: option, word)
            guard listed.isEmpty || listed.contains(value) else { return "\(word) \(value)" }
        }
        let demanded = arguments.filter {
            $0["kind"].text == "option" && $0["isOptional"] == .bool(false)
        }
        for names in demanded.map(longNames) where given.isDisjoint(with: names) {
            return "lacks \(names)"
        }
        let positional = arguments.filter { $0["kind"].text == "positional" }
        let least = positional.filter { $0["isOptional"] == .bool(false) }.count
        guard values >= least else { return "\(values) of \(least) arguments" }
        guard
            values <= positional.count
                || positional.contains(where: { $0["isRepeating"] == .bool(true) })
        else { return "\(values) arguments are too many" }
        return nil
    }

    private func longNames(_ argument: JSON) -> [String] {
        argument["names"].array.filter { $0["kind"].text == "long" }
            .compactMap { $0["name"].text }.map { "--" + $0 }
    }

    /// The values that an option takes; none when it takes any.
    private func choices(of option: JSON, _ word: String) -> [String] {
        let listed = option["allValues"].array.compactMap(\.text)
        guard listed.isEmpty, ["--by", "--role", "--water", "--lang"].contains(word) else {
            return listed
        }
        return (option["valueName"].text ?? "").components(separatedBy: "|")
    }
}
