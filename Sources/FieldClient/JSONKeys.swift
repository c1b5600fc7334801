import Foundation

/// Keys of a JSON text, which decoders do not tell apart when one is given twice.
enum JSONKeys {
    /// Whether an object gives one key twice; false for a text that is no JSON.
    static func areRepeated(in text: some StringProtocol) -> Bool {
        var objects: [Set<String>?] = []
        var string: String?
        var isEscaped = false
        var last: String?
        for scalar in text.unicodeScalars {
            if var open = string {
                if isEscaped || scalar != "\"" {
                    open.unicodeScalars.append(scalar)
                    isEscaped = !isEscaped && scalar == "\\"
                    string = open
                } else {
                    last = open
                    string = nil
                }
                continue
            }
            switch scalar {
            case "\"": string = ""
            case "{": objects.append([])
            case "[": objects.append(nil)
            case "}", "]": _ = objects.popLast()
            case ":":
                guard let raw = last, let keys = objects.last ?? nil else { continue }
                // A character may be written as an escape.
                let key =
                    (try? JSONDecoder().decode(String.self, from: Data("\"\(raw)\"".utf8))) ?? raw
                guard !keys.contains(key) else { return true }
                objects[objects.count - 1]?.insert(key)
            default: break
            }
        }
        return false
    }
}
