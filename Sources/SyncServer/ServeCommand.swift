import ArgumentParser
import Foundation
import Logging
import ServerStore
import SurveyConsole
import SurveyModel
import SurveyStore

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: localized(zh: "运行同步服务", en: "Serve devices until SIGTERM or SIGINT."),
        discussion: localized(
            zh: """
                不带 --listen 时只供本机使用。
                --allow-plain-http 仅用于前面另有程序处理 TLS 的情形。

                示例：
                  lianhu-server serve
                  lianhu-server serve --listen 0.0.0.0:8370 \\
                      --tls-certificate chain.pem --tls-key key.pem
                  lianhu-server serve --listen 0.0.0.0:8370 --allow-plain-http
                """,
            en: """
                Without --listen it serves this machine alone. --allow-plain-http is for a TLS \
                proxy in front.

                Examples:
                  lianhu-server serve
                  lianhu-server serve --listen 0.0.0.0:8370 \\
                      --tls-certificate chain.pem --tls-key key.pem
                  lianhu-server serve --listen 0.0.0.0:8370 --allow-plain-http
                """))

    @OptionGroup var data: DataOptions
    @OptionGroup var language: LanguageOption

    @Option(
        help: .init(
            localized(zh: "监听地址；端口 0 表示任选", en: "Where to listen; port 0 takes any free one."),
            valueName: "host:port"))
    var listen = "127.0.0.1:8370"

    @Option(
        help: .init(
            localized(zh: "证书链（PEM）", en: "Certificate chain, PEM."), valueName: "file"))
    var tlsCertificate: String?

    @Option(help: .init(localized(zh: "私钥（PEM）", en: "Private key, PEM."), valueName: "file"))
    var tlsKey: String?

    @Flag(
        help: .init(
            localized(
                zh: "允许在本机以外使用不加密的 HTTP（例如在反向代理之后）",
                en: "Allow plain HTTP beyond loopback, for example behind a TLS proxy.")))
    var allowPlainHttp = false

    @Option(help: .init(localized(zh: "日志级别", en: "Log level."), valueName: "level"))
    var logLevel = "info"

    func run() async throws {
        let address = try ListenAddress(listen)
        let tls = try tlsFiles()
        guard tls != nil || address.isLoopback || allowPlainHttp else {
            throw Failure(.plainHTTP)
        }
        guard let level = Logger.Level(rawValue: logLevel) else {
            let levels = Logger.Level.allCases.map(\.rawValue)
            throw Failure(
                .usage,
                Label(
                    zh: "--log-level 可选 \(levels.joined(separator: "、"))",
                    en: "--log-level takes \(levels.joined(separator: ", "))"))
        }
        var logger = Logger(label: "lianhu-server") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = level
        let store = try data.open(creating: true)
        let lock = try FileLock.serving(data.folder)
        try store.clearKilledBackups()
        try await SyncService(store: store, logger: logger).serve(at: address, tls: tls)
        withExtendedLifetime(lock) {}
    }

    private func tlsFiles() throws -> TLSFiles? {
        switch (tlsCertificate, tlsKey) {
        case (nil, nil): return nil
        case (let certificate?, let key?):
            for file in [certificate, key] where !FileManager.default.isReadableFile(atPath: file) {
                throw Failure(.badFile, file)
            }
            return TLSFiles(certificate: certificate, key: key)
        default:
            throw Failure(
                .usage,
                Label(
                    zh: "--tls-certificate 和 --tls-key 要一起给出",
                    en: "--tls-certificate and --tls-key go together"))
        }
    }
}

/// `host:port`; an IPv6 host in brackets.
struct ListenAddress: Equatable {
    let host: String
    let port: Int

    init(_ text: String) throws(Failure) {
        guard let colon = text.lastIndex(of: ":"),
            let port = UInt16(text[text.index(after: colon)...])
        else { throw Self.usage }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard !host.isEmpty else { throw Self.usage }
        self.host = host
        self.port = Int(port)
    }

    private static let usage = Failure(
        .usage,
        Label(
            zh: "--listen 写成 主机:端口，例如 127.0.0.1:8370",
            en: "--listen takes host:port, such as 127.0.0.1:8370"))

    var isLoopback: Bool {
        host == "localhost" || host == "::1"
            || host.hasPrefix("127.") && host.split(separator: ".").count == 4
    }

    /// As it stands in a URL.
    func url(scheme: String, port: Int) -> String {
        "\(scheme)://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }
}
