import SurveyModel

/// A table of a mapping, with its place.
struct MappingTable {
    let document: MappingDocument
    let path: [String]
    let nodes: [String: MappingNode]

    init(_ document: MappingDocument) { self.init(document, path: [], document.root) }

    init(_ document: MappingDocument, path: [String], _ nodes: [String: MappingNode]) {
        self.document = document
        self.path = path
        self.nodes = nodes
    }

    /// Says what is wrong with a key, or with the table itself.
    func problem(_ key: String?, zh: String, en: String) -> Failure {
        document.problem(key.map { path + [$0] } ?? path, zh: zh, en: en)
    }

    /// A key that nothing reads is a slip.
    func allowOnly(_ keys: [String]) throws {
        let known = keys.joined(separator: ", ")
        for key in nodes.keys.sorted() where !keys.contains(key) {
            throw problem(
                key, zh: "这里没有这个键。可用：\(known)。", en: "is no key here. Known: \(known).")
        }
    }

    func text(_ key: String) throws -> String? {
        switch nodes[key] {
        case nil: return nil
        case .text(let text)?: return text
        case .list?, .table?:
            throw problem(key, zh: "只能是一个值。", en: "takes one value.")
        }
    }

    /// Several texts, or one.
    func texts(_ key: String) throws -> [String]? {
        switch nodes[key] {
        case nil: return nil
        case .text(let text)?: return [text]
        case .list(let list)?:
            var texts: [String] = []
            for node in list {
                guard case .text(let text) = node else {
                    throw problem(key, zh: "列表中只能是值。", en: "lists values only.")
                }
                texts.append(text)
            }
            return texts
        case .table?:
            throw problem(key, zh: "应为值或列表。", en: "takes a value or a list.")
        }
    }

    func boolean(_ key: String) throws -> Bool? {
        guard let text = try text(key) else { return nil }
        guard let boolean = Bool(text) else {
            throw problem(key, zh: "应为 true 或 false。", en: "is neither true nor false.")
        }
        return boolean
    }

    func number(_ key: String) throws -> ExactNumber? {
        guard let text = try text(key) else { return nil }
        guard let number = ExactNumber(text.trimmed) else {
            throw problem(key, zh: "不是数字。", en: "is not a number.")
        }
        return number
    }

    /// - Parameter short: a text alone stands for a table with this key.
    func table(_ key: String, short: String? = nil) throws -> MappingTable? {
        switch nodes[key] {
        case nil: return nil
        case .table(let nodes)?:
            return MappingTable(document, path: path + [key], nodes)
        case .text(let text)?:
            guard let short else { break }
            return MappingTable(document, path: path + [key], [short: .text(text)])
        case .list?: break
        }
        throw problem(key, zh: "应为一个表。", en: "takes a table.")
    }

    /// An answer as this project writes it.
    func answer(_ text: String, to field: FieldDefinition, at key: String) throws -> FieldValue {
        do throws(AnswerProblem) {
            return try field.parse(text)
        } catch {
            throw problem(key, zh: error.message.zh, en: error.message.en)
        }
    }
}
