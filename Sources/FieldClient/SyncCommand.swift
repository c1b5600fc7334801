import ArgumentParser
import FieldStore
import SurveyConsole
import SurveyModel

struct SyncCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync",
        abstract: localized(
            zh: "与服务器交换更改；连不上时内容都保留",
            en: "Exchange changes with the server. Without one, everything is kept."),
        discussion: localized(
            zh: """
                示例：
                  lianhu sync
                  lianhu sync --dry-run            # 只看有什么要发送
                  lianhu sync --watch              # 有网络时自动同步，直到被终止
                  lianhu sync --watch --every 300  # 每 5 分钟一次
                """,
            en: """
                Examples:
                  lianhu sync
                  lianhu sync --dry-run            # says what would be sent
                  lianhu sync --watch              # whenever there is a network
                  lianhu sync --watch --every 300  # every 5 minutes
                """))

    @Flag(help: .init(localized(zh: "只显示将发送的内容", en: "Only say what would be sent.")))
    var dryRun = false

    @Flag(
        help: .init(
            localized(
                zh: "持续运行：有网络就同步，仅在有变化时提示",
                en: "Go on for ever: synchronize when there is a network, speak when there is news."
            )))
    var watch = false

    @Option(
        help: .init(
            localized(zh: "--watch 的间隔（秒）", en: "Seconds between two synchronizations of --watch."),
            valueName: "seconds"))
    var every = 60

    @Flag(
        help: .init(
            localized(zh: "同时显示往返次数和流量", en: "Show round trips and bytes, too.")))
    var verbose = false

    @OptionGroup var home: HomeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let store = try home.open()
        if dryRun { return try show(store) }
        guard watch else {
            return try await synchronize(store, home, json: output.json, verbose: verbose)
        }
        guard (1...86_400).contains(every) else {
            throw Failure(
                .usage,
                Label(zh: "--every 是秒数，1 到 86400", en: "--every takes seconds, 1 to 86400"))
        }
        try await watch(store)
    }

    private func show(_ store: FieldStore) throws {
        let (status, waiting) = (try store.status(), try store.waitingBytes())
        guard !output.json else {
            return JSONValue.object([
                "pending": JSONValue(status.pending), "drafts": JSONValue(status.drafts),
                "bytes": JSONValue(waiting),
            ]).print()
        }
        Console.print(
            Label(
                zh: "将发送 \(status.pending) 条更改；草稿 \(status.drafts) 份不发送",
                en: "Would send \(counted(status.pending, "edit")), "
                    + "but not \(counted(status.drafts, "draft"))"))
        if verbose {
            Console.print(
                Label(zh: "压缩前约 \(waiting) B", en: "About \(waiting) B before compression"))
        }
    }

    /// Tries again and again. That the network is gone, or leads to somebody else, is said once, and
    /// that it is back; the home is free between two tries.
    private func watch(_ store: FieldStore) async throws {
        var pause = min(5, every)
        var link: Problem?
        var standing: [String] = []
        while true {
            do {
                let summary = try await exchange(store, home)
                if link != nil {
                    say(localized(zh: "已连上服务器", en: "The server can be reached again."), store)
                }
                link = nil
                let notices = summary.notices.map { $0.text[Console.language] }
                if summary.sent + summary.received > 0 || !Set(notices).isSubset(of: standing) {
                    tell(summary, try store.status(), store)
                }
                let unsent = summary.failures.map { $0.text(Console.language) }
                for text in unsent where !standing.contains(text) { say(text, store) }
                standing = notices + unsent
                pause = every
            } catch let failure as Failure where failure.problem.mayPass {
                if failure.problem.isOfTheLink, failure.problem != link {
                    link = failure.problem
                    say(failure.text(Console.language), store)
                }
                pause = min(every, pause * 2)
            }
            try await Task.sleep(for: .seconds(pause))
        }
    }

    /// Each line with the time: somebody reads it hours later.
    private func tell(_ summary: SyncSummary, _ status: HomeStatus, _ store: FieldStore) {
        let now = store.environment.now()
        if output.json, case .object(var object) = summary.json(status) {
            object["time"] = .time(now)
            JSONValue.object(object).print()
        } else {
            for line in summary.lines(status, verbose: verbose) {
                print("\(clockText(now))  \(line[Console.language])")
            }
        }
        Console.flush()
    }

    /// Of the network: beside the data when that is read by a program.
    private func say(_ text: String, _ store: FieldStore) {
        let line = "\(clockText(store.environment.now()))  \(text)"
        guard !output.json else { return Console.note(line) }
        print(line)
        Console.flush()
    }
}

extension Problem {
    /// Between here and the server: there is no network, or one that answers in its place until
    /// somebody logs in.
    fileprivate var isOfTheLink: Bool {
        [.unreachable, .untrustedServer, .badResponse].contains(self)
    }

    /// Another try may go through without anybody doing anything here.
    fileprivate var mayPass: Bool {
        isOfTheLink || [.busyHome, .busyServer, .serverFailed].contains(self)
    }
}
