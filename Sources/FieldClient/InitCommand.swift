import ArgumentParser
import FieldStore
import Foundation
import SurveyConsole
import SurveyLog
import SurveyModel
import SurveyStore
import SurveySync
import SurveyWire

struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: localized(
            zh: "登记此设备（登记码由管理员发放）",
            en: "Enrol this device with a code that the administrator issued."),
        discussion: localized(
            zh: """
                命令行里的登记码本机其他用户也能看到；在终端上输入或放在文件里就不会。

                示例：
                  lianhu init --server https://server:8370  # 在终端上输入登记码
                  lianhu init --server https://server:8370 --tls-ca ca.pem --code XXXX-XXXX-…
                  lianhu init --server https://server:8370 --code-file code.txt
                """,
            en: """
                Other users of this machine can see a command line, but not what is typed when asked
                or stands in a file.

                Examples:
                  lianhu init --server https://server:8370  # asks for the code, on a terminal
                  lianhu init --server https://server:8370 --tls-ca ca.pem --code XXXX-XXXX-…
                  lianhu init --server https://server:8370 --code-file code.txt
                """))

    @Option(
        help: .init(
            localized(zh: "服务器地址", en: "The server's address."), valueName: "url"))
    var server: String

    @Option(
        help: .init(
            localized(
                zh: "登记码；- 表示从标准输入读取；不写就在终端上询问",
                en: "The code; - reads it from standard input; without it a terminal is asked."),
            valueName: "code"))
    var code: String?

    @Option(
        help: .init(
            localized(zh: "含有登记码的文件", en: "A file with the code."), valueName: "file"))
    var codeFile: String?

    @Option(
        help: .init(
            localized(
                zh: "信任的证书（PEM），代替系统证书",
                en: "Certificates to trust in place of the system's, PEM."),
            valueName: "file"))
    var tlsCa: String?

    @Flag(
        help: .init(
            localized(
                zh: "允许对本机以外使用不加密的 HTTP", en: "Allow plain HTTP beyond loopback.")))
    var allowPlainHttp = false

    @OptionGroup var home: HomeOptions
    @OptionGroup var language: LanguageOption

    func run() async throws {
        guard let code = EnrolmentCode(text: try codeText()) else { throw Failure(.badCode) }
        let url = try ServerURL(server, allowsPlainHTTP: allowPlainHttp)
        if let tlsCa, !FileManager.default.isReadableFile(atPath: tlsCa) {
            throw Failure(.badFile, tlsCa)
        }
        let isNew = !FileManager.default.fileExists(atPath: FieldStore.file(in: home.folder).path)
        let store = try FieldStore.open(home.folder, creating: true)
        let lock = try FileLock.exchange(in: home.folder)
        do {
            try await enrol(store, at: url, code)
        } catch let failure as Failure where isNew && failure.problem.meansNotEnrolled {
            // The server said no, so this key is not registered: leave nothing behind.
            try? store.close()
            FieldStore.remove(home.folder)
            throw failure
        }
        withExtendedLifetime(lock) {}
        Console.print(
            Label(
                zh: "已登记。下一步：lianhu sync", en: "This device is enrolled. Next: lianhu sync"))
    }

    /// The code from wherever it is to come.
    private func codeText() throws -> String {
        switch (code, codeFile) {
        case (let code?, nil) where code != "-": return code
        case (nil, let file?):
            guard let bytes = FileManager.default.contents(atPath: file),
                let text = String(validating: bytes.prefix(4_096), as: UTF8.self)
            else { throw Failure(.badFile, file) }
            return text
        case (.some, .some):
            throw Failure(
                .usage,
                Label(
                    zh: "--code 和 --code-file 只用其一", en: "--code and --code-file exclude each other"
                ))
        case (let code, nil):
            guard code != nil || Console.isInteractive else {
                throw Failure(
                    .usage,
                    Label(
                        zh: "缺少登记码：--code、--code - 或 --code-file",
                        en: "a code is missing: --code, --code - or --code-file"))
            }
            let prompt = localized(zh: "登记码 > ", en: "Code > ")
            guard let line = Console.ask(Console.isInteractive ? prompt : "", echoing: false) else {
                throw Failure(.inputEnded)
            }
            return line
        }
    }

    private func enrol(_ store: FieldStore, at url: ServerURL, _ code: EnrolmentCode) async throws {
        let authority = tlsCa.map { _ in FieldStore.authority(in: home.folder).path }
        let key = try store.beginEnrolment(
            at: ServerAddress(
                url: url.text, tlsAuthority: authority, allowsPlainHTTP: allowPlainHttp),
            code: code)
        if let tlsCa, let authority { try keep(tlsCa, at: authority) }
        let transport: CurlTransport
        do throws(TransportError) {
            transport = try CurlTransport(server: url.text, authority: authority)
        } catch { throw Failure(error) }
        try await store.enrol(code, key: key, over: transport)
    }

    /// Copies the certificates into the home, so that the home can be moved.
    private func keep(_ path: String, at copy: String) throws {
        guard let bytes = FileManager.default.contents(atPath: path),
            FileManager.default.createFile(
                atPath: copy, contents: bytes, attributes: [.posixPermissions: 0o600])
        else { throw Failure(.badFile, path) }
    }
}

extension Problem {
    /// The key was surely not registered. After any other failure the same key must be tried again.
    fileprivate var meansNotEnrolled: Bool {
        switch self {
        case .unknownCode, .expiredCode, .usedCode, .revokedUser, .untrustedServer, .badFile:
            true
        default: false
        }
    }
}
