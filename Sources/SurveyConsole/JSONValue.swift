internal import Foundation
internal import SurveyModel

/// What `--json` prints: keys sorted, absent values an explicit `null`.
public indirect enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    /// A decimal number in digits, exact.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    public init(_ text: String?) { self = text.map(JSONValue.string) ?? .null }
    public init(_ number: Int) { self = .integer(Int64(number)) }

    public static func array(_ texts: some Sequence<String>) -> JSONValue {
        .array(texts.map(JSONValue.string))
    }

    /// An instant in milliseconds as ISO 8601.
    public static func time(_ milliseconds: Int64?) -> JSONValue {
        JSONValue(milliseconds.flatMap(isoText))
    }

    public var text: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let text = (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) }
        // The encoder escapes the controls below space; the others could move a cursor as well.
        return (text ?? "null").unicodeScalars.reduce(into: "") { text, scalar in
            if scalar.isUnprintable {
                for unit in UTF16.encode(scalar)! {
                    text += "\\u" + String(0x10000 + UInt32(unit), radix: 16).suffix(4)
                }
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
    }

    public func print() { Swift.print(text) }
}

extension JSONValue: Encodable {
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let digits): try container.encode(Decimal(string: digits) ?? 0)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
    ExpressibleByNilLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements) { _, last in last })
    }
    public init(nilLiteral: ()) { self = .null }
}
