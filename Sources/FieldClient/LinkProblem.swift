import CCurl
import SurveyModel
import SurveySync
import SurveyWire

/// Why there is no answer, in a few words. The raw value is what a `TransportError` carries.
enum LinkProblem: String, CaseIterable {
    case noLibrary = "libcurl is not installed"
    case unknownHost = "the server's name is not known"
    case noConnection = "nothing answers at this address"
    case timeout = "no answer in time"
    case noTLS = "no TLS there; if the server has none, its address begins with http://"
    case noHTTP = "no HTTP there; if the server has TLS, its address begins with https://"
    case broken = "the connection broke"
    case unknownAuthority = "whoever issued it is not trusted, or it is for another name"
    case badAuthority = "the file of trusted certificates cannot be used"

    /// nil: libcurl's own words will have to do.
    init?(_ status: CURLcode, isPlain: Bool) {
        switch status {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: self = .unknownHost
        case CURLE_COULDNT_CONNECT: self = .noConnection
        case CURLE_OPERATION_TIMEDOUT: self = .timeout
        case CURLE_SSL_CONNECT_ERROR: self = .noTLS
        // A server that has TLS answers plain HTTP with a record of its own, or with nothing.
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY: self = .noHTTP
        case CURLE_GOT_NOTHING: self = isPlain ? .noHTTP : .broken
        case CURLE_PARTIAL_FILE, CURLE_SEND_ERROR, CURLE_RECV_ERROR: self = .broken
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR: self = .unknownAuthority
        case CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM: self = .badAuthority
        default: return nil
        }
    }

    var label: Label {
        let zh =
            switch self {
            case .noLibrary: "没有安装 libcurl"
            case .unknownHost: "找不到服务器的域名"
            case .noConnection: "该地址没有服务器应答"
            case .timeout: "等待超时"
            case .noTLS: "对方没有使用 TLS；若服务器确实不用，地址应以 http:// 开头"
            case .noHTTP: "对方没有使用 HTTP；若服务器使用 TLS，地址应以 https:// 开头"
            case .broken: "连接中断"
            case .unknownAuthority: "签发者不受信任，或名称不符"
            case .badAuthority: "信任的证书文件不可用"
            }
        return Label(zh: zh, en: rawValue)
    }
}

extension Failure {
    init(_ error: TransportError) {
        switch error {
        case .unreachable(let why), .interrupted(let why): self.init(.unreachable, link: why)
        case .untrusted(let why): self.init(.untrustedServer, link: why)
        case .oversized: self.init(.badResponse, "> \(WireLimits.compressedBytes / 1024) KiB")
        }
    }

    init(_ error: BrokenConnection) { self.init(.unreachable, link: error.why) }

    /// - Parameter why: what a `TransportError` says.
    private init(_ problem: Problem, link why: String) {
        if let known = LinkProblem(rawValue: why) {
            self.init(problem, known.label)
        } else {
            self.init(problem, why)
        }
    }
}
