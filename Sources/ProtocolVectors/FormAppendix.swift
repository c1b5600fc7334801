internal import Foundation
import SurveyModel

/// Appendix A of SYNC.md: every form with its tags, from the declarations.
public enum FormAppendix {
    private static let begin = "<!-- Written by protocol-vectors. -->\n"
    private static let end = "<!-- End of what is written. -->\n"

    /// A document with the list of forms as they are declared in the place of the one that it has; nil
    /// when it has no such place.
    public static func updating(_ document: String) -> String? {
        guard let begin = document.range(of: begin), let end = document.range(of: end),
            begin.upperBound <= end.lowerBound
        else { return nil }
        return document[..<begin.upperBound] + text + document[end.lowerBound...]
    }

    /// One paragraph a form, in lines of at most 100 characters.
    static var text: String { Form.all.map { wrapped(words(of: $0)) }.joined() }

    private static func words(of form: Form) -> [String] {
        let version = form.version == 1 ? "" : ", version \(form.version)"
        return ["-", "**\(form.key)**,", "\(form.kind.rawValue)\(version)."]
            + form.sections.flatMap { section in
                let policy = section.policy == .deepest ? "" : " `\(section.policy)`"
                return words("*\(section.key)* \(section.tag.rawValue)\(policy):")
                    + section.fields.enumerated().flatMap { place, field in
                        // A tag stands in one line with its key.
                        [self.text(of: field) + (place + 1 < section.fields.count ? "," : ".")]
                    }
            }
    }

    private static func text(of field: FieldDefinition) -> String {
        let type =
            switch field.type {
            case .code: ""
            case .text: " text"
            case .integer: " integer"
            case .decimal: " decimal"
            case .boolean: " boolean"
            case .date: " date"
            case .codes, .texts: " codes"
            case .identifier: " identifier"
            }
        var isText = false
        if case .text = field.type { isText = true }
        let personal = field.isPersonal && !isText ? " (personal)" : ""
        return "\(field.tag.rawValue) \(field.key)\(type)\(personal)"
    }

    private static func words(_ text: String) -> [String] {
        text.split(separator: " ").map(String.init)
    }

    private static func wrapped(_ words: [String]) -> String {
        var lines = [""]
        for word in words {
            if lines[lines.count - 1].count + 1 + word.count > 100 {
                lines.append("  " + word)
            } else if lines[lines.count - 1].isEmpty {
                lines[lines.count - 1] = word
            } else {
                lines[lines.count - 1] += " " + word
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
