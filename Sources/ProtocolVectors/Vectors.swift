internal import Foundation
import SurveyConsole
import SurveyLog
import SurveyModel

/// The protocol's computations with their bytes, for whoever writes it in another language.
public enum Vectors {
    /// File name → JSON text, in the order in which SYNC.md explains them.
    public static func all() throws -> [(name: String, text: String)] {
        try [
            ("forms.json", forms()), ("identities.json", identities()), ("edits.json", edits()),
            ("logs.json", logs()), ("folds.json", folds()), ("severities.json", severities()),
            ("decisions.json", decisions()), ("exchange.json", Exchange.play()),
        ].map { name, value in (name, try value.indented()) }
    }

    static func hex(_ bytes: Data) -> JSONValue { .string(bytes.hex) }
}

extension JSONValue {
    /// Keys sorted, two spaces, a line break at the end.
    fileprivate func indented() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }
}
