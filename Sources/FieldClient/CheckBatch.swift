import FieldStore
import Foundation
import SurveyConsole
import SurveyModel

/// Checks from JSON lines: every line is validated first, then all are saved in one transaction.
struct CheckBatch {
    let store: FieldStore
    let round: String?

    /// Lines of one batch, so that it fits in memory.
    static let limit = 100_000

    private struct Line: Decodable {
        let kind: String
        let subject: String
        let set: [String: Answer]

        private struct Key: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }

            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        /// A key that is not known is a slip: what it says would be left out silently.
        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            guard Set(container.allKeys.map(\.stringValue)) == ["kind", "subject", "set"] else {
                throw Failure(.badLine)
            }
            kind = try container.decode(String.self, forKey: Key(stringValue: "kind"))
            subject = try container.decode(String.self, forKey: Key(stringValue: "subject"))
            set = try container.decode([String: Answer].self, forKey: Key(stringValue: "set"))
        }
    }

    /// An answer as JSON has it.
    private struct Answer: Decodable {
        let text: String

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                text = ""
            } else if let boolean = try? container.decode(Bool.self) {
                text = boolean ? "true" : "false"
            } else if let number = try? container.decode(Decimal.self) {
                text = "\(number)"
            } else if let codes = try? container.decode([String].self) {
                text = codes.joined(separator: ",")
            } else {
                text = try container.decode(String.self)
            }
        }
    }

    func run(_ source: String, report: (SavedEdit, [Label]) throws -> Void) throws {
        let results = try validate(try read(source))
        guard !results.isEmpty else { throw Failure(.nothingToSave) }
        let saved = try store.save(results.map { ($0.form, $0.sections) })
        for (saved, result) in zip(saved, results) { try report(saved, result.warnings) }
    }

    private func read(_ source: String) throws -> [(number: Int, text: Substring)] {
        let handle: FileHandle
        if source == "-" {
            handle = .standardInput
        } else {
            guard let file = FileHandle(forReadingAtPath: source) else {
                throw Failure(.badFile, source)
            }
            handle = file
        }
        let bytes: Data
        do {
            bytes = try handle.readToEnd() ?? Data()
        } catch {
            throw Failure(.badFile, source)
        }
        guard var text = String(validating: bytes, as: UTF8.self) else {
            throw Failure(.badFile, "\(source): UTF-8")
        }
        if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
        guard lines.count <= Self.limit else {
            throw Failure(.badFile, "\(source): > \(Self.limit)")
        }
        return lines.enumerated().filter { !$0.element.trimmed.isEmpty }
            .map { ($0.offset + 1, $0.element) }
    }

    /// Every line's problem is told; one is enough that nothing is saved.
    private func validate(_ lines: [(number: Int, text: Substring)]) throws
        -> [AnswerSetter.Result]
    {
        let setter = try AnswerSetter(store: store)
        var results: [AnswerSetter.Result] = []
        var firstLine: [RecordKey: Int] = [:]
        var problems: [(line: Int, failure: Failure)] = []
        for (number, text) in lines {
            do {
                guard !JSONKeys.areRepeated(in: text),
                    let line = try? JSONDecoder().decode(Line.self, from: Data(text.utf8))
                else { throw Failure(.badLine) }
                let open = try store.openCheck(
                    try Form.check(line.kind), subject: line.subject, round: round,
                    resuming: false)
                if let first = firstLine.updateValue(number, forKey: open.record) {
                    throw Failure(.repeatedLine, "\(first)")
                }
                results.append(try setter.apply(line.set.mapValues(\.text), to: open))
            } catch let failure as Failure {
                problems.append((number, failure.withoutContent))
            }
        }
        guard !problems.isEmpty else { return results }
        for (line, failure) in problems { Console.note(Self.text(line, failure)) }
        throw Failure(.badLines, "\(problems.count)")
    }

    /// Everything that is wrong with a line, each with its number.
    private static func text(_ line: Int, _ failure: Failure) -> String {
        let place = localized(zh: "第 \(line) 行：", en: "line \(line): ")
        return failure.text(Console.language).split(separator: "\n").map { place + $0 }
            .joined(separator: "\n")
    }
}
