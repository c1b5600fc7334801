public import Foundation

/// The value of one answer, canonical: two equal answers are equal values.
public enum FieldValue: Sendable, Hashable {
    /// The answer was cleared on purpose.
    case null
    /// NFC.
    case text(String)
    case integer(Int64)
    case decimal(ScaledDecimal)
    case boolean(Bool)
    case date(CalendarDate)
    case code(String)
    /// Strictly ascending by UTF-8 bytes.
    case codes([String])
    /// A subject, area, user, round, replica or edit id, or a public key.
    case identifier(Data)

    /// A text in canonical form.
    public static func text(normalizing text: String) -> FieldValue {
        .text(text.composed)
    }

    /// A set of codes in canonical form.
    public static func codes(normalizing codes: some Sequence<String>) -> FieldValue {
        // By bytes: two spellings that Unicode calls equal are two codes, in one order, everywhere.
        let bytes = Set(codes.map { Array($0.utf8) }).sorted { $0.lexicographicallyPrecedes($1) }
        return .codes(bytes.map { String(decoding: $0, as: UTF8.self) })
    }

    /// The value as people and scripts write it, without a label: `A`, `59.9`, `2026-03-05`.
    public var plainText: String {
        switch self {
        case .null: ""
        case .text(let text): text
        case .integer(let integer): String(integer)
        case .decimal(let decimal): decimal.text
        case .boolean(let boolean): boolean ? "true" : "false"
        case .date(let date): date.iso
        case .code(let code): code
        case .codes(let codes): codes.joined(separator: " ")
        case .identifier(let bytes): Base32.encode(bytes)
        }
    }
}

/// A Swift type that an answer can be read as and written from.
public protocol AnswerValue: Sendable {
    init?(_ value: FieldValue)
    var fieldValue: FieldValue { get }
}

extension String: AnswerValue {
    public init?(_ value: FieldValue) {
        guard case .text(let text) = value else { return nil }
        self = text
    }

    public var fieldValue: FieldValue { .text(normalizing: self) }
}

extension Int64: AnswerValue {
    public init?(_ value: FieldValue) {
        guard case .integer(let integer) = value else { return nil }
        self = integer
    }

    public var fieldValue: FieldValue { .integer(self) }
}

extension ScaledDecimal: AnswerValue {
    public init?(_ value: FieldValue) {
        guard case .decimal(let decimal) = value else { return nil }
        self = decimal
    }

    public var fieldValue: FieldValue { .decimal(self) }
}

extension Bool: AnswerValue {
    public init?(_ value: FieldValue) {
        guard case .boolean(let boolean) = value else { return nil }
        self = boolean
    }

    public var fieldValue: FieldValue { .boolean(self) }
}

extension CalendarDate: AnswerValue {
    public init?(_ value: FieldValue) {
        guard case .date(let date) = value else { return nil }
        self = date
    }

    public var fieldValue: FieldValue { .date(self) }
}

extension Data: AnswerValue {
    public init?(_ value: FieldValue) {
        guard case .identifier(let bytes) = value else { return nil }
        self = bytes
    }

    public var fieldValue: FieldValue { .identifier(self) }
}

/// A code list as an enumeration: the raw value is what is stored and exchanged.
public protocol SurveyCode: RawRepresentable<String>, CaseIterable, Hashable, AnswerValue {
    /// The list's name in the form reference and in exports.
    static var listName: String { get }
    var label: Label { get }
}

extension SurveyCode {
    public init?(_ value: FieldValue) {
        guard case .code(let code) = value else { return nil }
        self.init(rawValue: code)
    }

    public var fieldValue: FieldValue { .code(rawValue) }
}

/// Several codes of one list.
public struct CodeSet<Code: SurveyCode>: AnswerValue, Hashable {
    public let codes: Set<Code>

    public init(_ codes: Set<Code>) { self.codes = codes }

    public init?(_ value: FieldValue) {
        guard case .codes(let codes) = value else { return nil }
        let known = codes.compactMap { Code(rawValue: $0) }
        guard known.count == codes.count else { return nil }
        self.codes = Set(known)
    }

    public var fieldValue: FieldValue { .codes(normalizing: codes.map(\.rawValue)) }
}

/// Texts that are not from a code list, as a set: area ids of a scope.
public struct TextSet: AnswerValue, Hashable {
    public let texts: Set<String>

    public init(_ texts: Set<String>) { self.texts = texts }

    public init?(_ value: FieldValue) {
        guard case .codes(let codes) = value else { return nil }
        self.texts = Set(codes)
    }

    public var fieldValue: FieldValue { .codes(normalizing: texts) }
}
