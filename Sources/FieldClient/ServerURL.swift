import Foundation
import SurveyConsole
import SurveyModel

/// A server's address as a user gave it, checked.
struct ServerURL {
    let text: String

    /// Plain HTTP only to this machine, unless it was allowed on purpose.
    init(_ text: String, allowsPlainHTTP: Bool) throws(Failure) {
        guard let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty,
            let scheme = parts.scheme?.lowercased(), ["http", "https"].contains(scheme),
            parts.user == nil, parts.query == nil
        else { throw Failure(.usage, Self.usage(text)) }
        let isLoopback =
            ["localhost", "::1", "[::1]"].contains(host)
            || host.hasPrefix("127.") && host.split(separator: ".").count == 4
                && host.allSatisfy { $0.isNumber || $0 == "." }
        guard scheme == "https" || isLoopback || allowsPlainHTTP else { throw Failure(.plainHTTP) }
        var text = text
        while text.hasSuffix("/") { text.removeLast() }
        self.text = text
    }

    /// What was probably meant: most who leave the scheme out mean https.
    private static func usage(_ text: String) -> Label {
        let guess = "https://\(text)"
        let isHost =
            !text.contains("://") && !text.contains("@")
            && URLComponents(string: guess)?.host?.isEmpty == false
        let example = isHost ? guess.printable : "https://server:8370"
        return Label(
            zh: "--server 的值是以 https:// 开头的地址，例如 \(example)",
            en: "--server takes an address that begins with https://, such as \(example)")
    }
}
