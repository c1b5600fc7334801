import Foundation
import SurveyConsole
import SurveyModel
import TOMLKit

/// A value of a mapping; a number, yes or no, and a day as the text that stands for it.
indirect enum MappingNode {
    case text(String)
    case list([MappingNode])
    case table([String: MappingNode])
}

/// A mapping as it was written: what is wrong in it is told by its line.
struct MappingDocument {
    let name: String
    let root: [String: MappingNode]
    private let lines: MappingLines

    private static let byteLimit = 1 << 20

    init(_ file: URL) throws {
        let data: Data
        do {
            data = try Data(contentsOf: file)
        } catch {
            throw Failure(.badFile, file.path)
        }
        guard data.count <= Self.byteLimit, let text = String(validating: data, as: UTF8.self)
        else { throw Failure(.badFile, "\(file.path): UTF-8, ≤ 1 MiB") }
        try self.init(text, name: file.lastPathComponent)
    }

    init(_ text: String, name: String) throws {
        // The parser would stop there and leave out the rest.
        guard !text.utf8.contains(0) else { throw Failure(.badFile, "\(name): NUL") }
        let table: TOMLTable
        do {
            table = try TOMLTable(string: text)
        } catch {
            let parsing = error as? TOMLParseError
            let reason = parsing?.description ?? "TOML"
            throw Self.problem(
                name, line: parsing?.source.begin.line, [], zh: "不是有效的 TOML：\(reason)。",
                en: "is not valid TOML: \(reason).")
        }
        self.name = name
        root = Self.nodes(table)
        lines = MappingLines(text)
    }

    /// Says what is wrong at a place.
    func problem(_ path: [String], zh: String, en: String) -> Failure {
        Self.problem(name, line: lines.line(of: path), path, zh: zh, en: en)
    }

    private static func problem(
        _ name: String, line: Int?, _ path: [String], zh: String, en: String
    ) -> Failure {
        let key = path.isEmpty ? "" : " " + path.joined(separator: ".")
        let zhLine = line.map { " 第 \($0) 行" } ?? ""
        let enLine = line.map { " line \($0)" } ?? ""
        return Failure(
            .badMapping, line.map { "\(name):\($0)" } ?? name,
            message: Label(
                zh: "\(name)\(zhLine)\(key)：\(zh)没有导入任何内容。".printable,
                en: "\(name)\(enLine)\(key): \(en) Nothing was imported.".printable))
    }

    private static func nodes(_ table: TOMLTable) -> [String: MappingNode] {
        var nodes: [String: MappingNode] = [:]
        for (key, value) in table { nodes[key] = node(value) }
        return nodes
    }

    private static func node(_ value: any TOMLValueConvertible) -> MappingNode {
        switch value.type {
        case .table:
            guard let table = value.table else { return .table([:]) }
            return .table(nodes(table))
        case .array:
            var list: [MappingNode] = []
            if let array = value.array {
                for element in array { list.append(node(element)) }
            }
            return .list(list)
        case .string:
            return .text(value.string ?? "")
        case .int:
            return .text(value.int.map { "\($0)" } ?? "")
        case .double:
            return .text(value.double.map { "\($0)" } ?? "")
        case .bool:
            return .text(value.bool == true ? "true" : "false")
        case .date, .time, .dateTime:
            return .text(value.debugDescription)
        }
    }
}

/// On which lines a TOML text has its keys. The parser tells the place of its own errors only.
private struct MappingLines {
    private var lines: [[String]: Int] = [:]

    init(_ text: String) {
        var section: [String] = []
        let all = text.split(omittingEmptySubsequences: false) { $0.isNewline }
        for (offset, raw) in all.enumerated() {
            let line = raw.trimmed
            if line.first == "[" {
                section = Self.keys(String(line.drop { $0 == "[" }), until: "]") ?? section
                add(section, offset + 1)
            } else if let keys = Self.keys(line, until: "=") {
                add(section + keys, offset + 1)
            }
        }
    }

    private mutating func add(_ path: [String], _ line: Int) {
        if lines[path] == nil { lines[path] = line }
    }

    /// That of the key, else of what it stands in.
    func line(of path: [String]) -> Int? {
        var path = path
        while !path.isEmpty {
            if let line = lines[path] { return line }
            path.removeLast()
        }
        return nil
    }

    /// `a."b c".d` before a character; nil when there is none, as on a line of a comment.
    private static func keys(_ text: String, until end: Character) -> [String]? {
        var keys: [String] = []
        var key = ""
        var quote: Character?
        for character in text {
            if let open = quote {
                if character == open { quote = nil } else { key.append(character) }
            } else if character == "\"" || character == "'" {
                quote = character
            } else if character == "." || character == end {
                keys.append(key.trimmed)
                key = ""
                if character == end { return keys }
            } else if character == "#" {
                return nil
            } else {
                key.append(character)
            }
        }
        return nil
    }
}
