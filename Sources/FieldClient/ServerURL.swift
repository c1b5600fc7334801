import Foundation
import SurveyModel

/// A server's address as a user gave it, checked.
struct ServerURL {
    let text: String

    /// Plain HTTP only to this machine, unless it was allowed on purpose.
    init(_ text: String, allowsPlainHTTP: Bool) throws(Failure) {
        guard let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty,
            let scheme = parts.scheme?.lowercased(), ["http", "https"].contains(scheme),
            parts.user == nil, parts.query == nil
        else { throw Failure(.usage, "--server takes https://host[:port]") }
        let isLoopback =
            ["localhost", "::1", "[::1]"].contains(host)
            || host.hasPrefix("127.") && host.split(separator: ".").count == 4
                && host.allSatisfy { $0.isNumber || $0 == "." }
        guard scheme == "https" || isLoopback || allowsPlainHTTP else { throw Failure(.plainHTTP) }
        var text = text
        while text.hasSuffix("/") { text.removeLast() }
        self.text = text
    }
}
