import CCurl
import Foundation
import SurveySync
import SurveyWire
import Synchronization

/// HTTP through libcurl: one connection, kept open between round trips.
///
/// Safe because the handle is only used under the lock.
final class CurlTransport: Transport, @unchecked Sendable {
    private let server: String
    private let authority: String?
    private let curl: UnsafePointer<lianhu_curl>
    private let handle: OpaqueHandle
    private let lock = Mutex(())

    private typealias OpaqueHandle = UnsafeMutableRawPointer

    /// - Parameter authority: a PEM file of certificates to trust in place of the system's.
    init(server: String, authority: String?) throws(TransportError) {
        guard let curl = lianhu_curl_load(),
            curl.pointee.global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK,
            let handle = curl.pointee.easy_init()
        else { throw .unreachable(LinkProblem.noLibrary.rawValue) }
        self.curl = curl
        self.server = server
        self.authority = authority
        self.handle = handle
    }

    deinit { curl.pointee.easy_cleanup(handle) }

    func post(
        _ path: String, _ body: Data, arrived: (@Sendable (Int) -> Void)?
    ) async throws -> TransportReply {
        try lock.withLock { _ in try perform(path, body, arrived) }
    }

    private func perform(
        _ path: String, _ body: Data, _ arrived: (@Sendable (Int) -> Void)?
    ) throws(TransportError) -> TransportReply {
        curl.pointee.easy_reset(handle)
        var headers: UnsafeMutablePointer<curl_slist>?
        // An empty Expect saves the round trip that libcurl would wait for "100 Continue".
        for header in ["Content-Type: application/octet-stream", "Expect:"] {
            headers = curl.pointee.slist_append(headers, header)
        }
        defer { curl.pointee.slist_free_all(headers) }
        configure()
        lianhu_curl_set_text(curl, handle, CURLOPT_URL, server + path)
        lianhu_curl_set_headers(curl, handle, headers)
        var received = ReceivedBody(listener: arrived)
        let status = body.withUnsafeBytes { bytes in
            withUnsafeMutablePointer(to: &received) { received in
                lianhu_curl_set_long(curl, handle, CURLOPT_POST, 1)
                lianhu_curl_set_long(curl, handle, CURLOPT_POSTFIELDSIZE, body.count)
                lianhu_curl_set_pointer(
                    curl, handle, CURLOPT_POSTFIELDS,
                    UnsafeMutableRawPointer(mutating: bytes.baseAddress))
                lianhu_curl_set_write(curl, handle, ReceivedBody.write, received)
                return curl.pointee.easy_perform(handle)
            }
        }
        if received.isOversized { throw .oversized }
        guard status == CURLE_OK else { throw error(status) }
        var code = 0
        lianhu_curl_get_long(curl, handle, CURLINFO_RESPONSE_CODE, &code)
        return TransportReply(status: code, body: received.bytes)
    }

    private func configure() {
        lianhu_curl_set_long(curl, handle, CURLOPT_NOSIGNAL, 1)
        lianhu_curl_set_text(curl, handle, CURLOPT_PROTOCOLS_STR, "http,https")
        lianhu_curl_set_text(curl, handle, CURLOPT_USERAGENT, "lianhu/0.1.0")
        lianhu_curl_set_long(curl, handle, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        lianhu_curl_set_long(curl, handle, CURLOPT_CONNECTTIMEOUT, 20)
        // Slow is fine, silent is not: less than a byte a second for a minute.
        lianhu_curl_set_long(curl, handle, CURLOPT_LOW_SPEED_LIMIT, 1)
        lianhu_curl_set_long(curl, handle, CURLOPT_LOW_SPEED_TIME, 60)
        if let authority { lianhu_curl_set_text(curl, handle, CURLOPT_CAINFO, authority) }
    }

    /// The server did not answer: trying again at once would take as long.
    private var wasConnected: Bool {
        var port = 0
        lianhu_curl_get_long(curl, handle, CURLINFO_LOCAL_PORT, &port)
        return port > 0
    }

    private func error(_ status: CURLcode) -> TransportError {
        let isPlain = server.lowercased().hasPrefix("http://")
        let text =
            LinkProblem(status, isPlain: isPlain)?.rawValue
            ?? curl.pointee.easy_strerror(status).map { String(cString: $0) } ?? "libcurl"
        switch status {
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_ISSUER_ERROR:
            return .untrusted(text)
        case CURLE_OPERATION_TIMEDOUT where !wasConnected: return .unreachable(text)
        case CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_SEND_ERROR, CURLE_RECV_ERROR,
            CURLE_OPERATION_TIMEDOUT, CURLE_SSL_CONNECT_ERROR:
            return .interrupted(text)
        default: return .unreachable(text)
        }
    }
}

/// What libcurl has handed over so far, never more than the limit.
private struct ReceivedBody {
    let listener: (@Sendable (Int) -> Void)?
    var bytes = Data()
    var isOversized = false

    static let write:
        @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?) -> Int = {
            chunk, size, count, context in
            guard let chunk, let body = context?.assumingMemoryBound(to: ReceivedBody.self) else {
                return 0
            }
            guard body.pointee.bytes.count + size * count <= WireLimits.compressedBytes else {
                body.pointee.isOversized = true
                return 0
            }
            chunk.withMemoryRebound(to: UInt8.self, capacity: size * count) {
                body.pointee.bytes.append($0, count: size * count)
            }
            body.pointee.listener?(body.pointee.bytes.count)
            return size * count
        }
}
