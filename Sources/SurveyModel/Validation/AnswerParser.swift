internal import Foundation

/// Turns what a person or a script wrote into a value, or says where it is wrong.
extension FieldDefinition {
    /// - Parameter text: an empty text clears the answer.
    public func parse(_ text: String) throws(AnswerProblem) -> FieldValue {
        if case .text(let limit) = type {
            let trimmed = text.trimmed
            // What could not be decoded, here or by another program before: the words are gone.
            guard !trimmed.unicodeScalars.contains("\u{FFFD}") else { throw problem(.undecodable) }
            guard case .none = folding else { return try parseNumber(trimmed, limit: limit) }
            return trimmed.isEmpty ? .null : try parseText(trimmed, limit: limit)
        }
        // What a Chinese input method types: １２．５, ＹＥＳ, ，
        let trimmed = text.halfWidth.trimmed
        guard !trimmed.isEmpty else { return .null }
        switch type {
        case .text: return .null
        case .integer:
            guard let integer = Int64(trimmed) else { throw problem(.notAWholeNumber) }
            return try inRange(ScaledDecimal(integer), .integer(integer))
        case .decimal:
            guard let decimal = ScaledDecimal(trimmed) else { throw problem(.notANumber) }
            return try inRange(decimal, .decimal(decimal))
        case .boolean:
            guard let boolean = Self.booleans[trimmed.lowercased()] else {
                throw problem(.notABoolean)
            }
            return .boolean(boolean)
        case .date:
            guard let date = CalendarDate(iso: trimmed) ?? CalendarDate(written: trimmed) else {
                throw problem(.notADate(mayBeEmpty: mayBeEmpty))
            }
            return .date(date)
        case .code(let list): return .code(try code(trimmed, in: list))
        case .codes(let list): return try parseCodes(trimmed, in: list)
        case .identifier, .texts: throw problem(.notAsked)
        }
    }

    public func problem(_ reason: AnswerProblem.Reason) -> AnswerProblem {
        AnswerProblem(field: key, label: label, reason: reason)
    }

    /// The range as people read it: `0...500 L/(人·d)`.
    var rangeText: String {
        guard let range else { return "" }
        return "\(range.lowerBound.text)–\(range.upperBound.text)"
            + (unitName.map { $0.zh == $0.en ? " \($0.zh)" : "" } ?? "")
    }

    private static let booleans: [String: Bool] = [
        "yes": true, "y": true, "true": true, "1": true, "是": true,
        "no": false, "n": false, "false": false, "0": false, "否": false,
    ]

    private func parseText(_ text: String, limit: Int) throws(AnswerProblem) -> FieldValue {
        let value = FieldValue.text(normalizing: text)
        guard case .text(let normal) = value else { return value }
        guard normal.unicodeScalars.count <= limit else { throw problem(.tooLong(limit: limit)) }
        guard !normal.unicodeScalars.contains(where: \.isControl) else { throw problem(.notText) }
        return value
    }

    /// A number that people give out, as it is stored.
    private func parseNumber(_ text: String, limit: Int) throws(AnswerProblem) -> FieldValue {
        let folded = text.folded
        guard !folded.isEmpty else { return .null }
        if folded.holdsResidentNumber { throw problem(.residentNumber) }
        if folded.isMadeBySpreadsheet { throw problem(.madeBySpreadsheet) }
        return try parseText(folding(text), limit: limit)
    }

    /// May stay blank.
    private var mayBeEmpty: Bool {
        if case .never = required { true } else { false }
    }

    private func inRange(_ number: ScaledDecimal, _ value: FieldValue) throws(AnswerProblem)
        -> FieldValue
    {
        if let range, !range.contains(number) { throw problem(.outOfRange(rangeText)) }
        return value
    }

    private func code(_ text: String, in list: CodeList) throws(AnswerProblem) -> String {
        if let exact = list.entries.first(where: { $0.code == text }) { return exact.code }
        let key = text.folded.lowercased()
        let folded = list.entries.filter { $0.code.folded.lowercased() == key }
        if folded.count == 1 { return folded[0].code }
        let codes = list.entries.map(\.code).joined(separator: ", ")
        throw problem(.notACode(allowed: Label(zh: codes, en: codes)))
    }

    private func parseCodes(_ text: String, in list: CodeList) throws(AnswerProblem) -> FieldValue {
        var codes: [String] = []
        for part in text.split(whereSeparator: { " ,;、".contains($0) }) {
            codes.append(try code(String(part), in: list))
        }
        return codes.isEmpty ? .null : .codes(normalizing: codes)
    }
}

extension StringProtocol {
    /// Without white space at either end.
    public var trimmed: String {
        let scalars = unicodeScalars
        if scalars.first?.isInk != false, scalars.last?.isInk != false { return String(self) }
        var rest = Substring(self)
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}

extension Unicode.Scalar {
    /// A control character; a tab or a line break is none here, it may stand in a note.
    var isControl: Bool {
        properties.generalCategory == .control && value != 0x09 && value != 0x0A
    }
}
