import ArgumentParser
import FieldStore
import SurveyConsole
import SurveyLog
import SurveyModel
import SurveyStore
import SurveyWire

struct PullCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull",
        abstract: localized(
            zh: "打开村的记录（督导员）并同步",
            en: "Open villages, so that their records come to this device, and synchronize."),
        discussion: localized(
            zh: """
                示例：
                  lianhu pull 520402109201  # 一个村
                  lianhu pull 520402109     # 一个乡镇的各村
                  lianhu pull 黄果树旅游区  # 一个管理单位的各村
                """,
            en: """
                Examples:
                  lianhu pull 520402109201  # a village
                  lianhu pull 520402109     # the villages of a township
                  lianhu pull 黄果树旅游区  # those of a managing unit
                """))

    @Argument(
        help: .init(
            localized(zh: "任一级代码或管理单位", en: "A code of any level or a managing unit."),
            valueName: "area"))
    var area: String

    @OptionGroup var home: HomeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let store = try home.open()
        let villages = try store.readable(try store.villages(area))
        guard !villages.isEmpty else { throw Failure(.notPermitted, area) }
        try store.open(villages)
        try await synchronize(store, home, json: output.json)
    }
}

/// Runs a synchronization and says what it did.
func synchronize(_ store: FieldStore, _ home: HomeOptions, json: Bool, verbose: Bool = false)
    async throws
{
    let summary = try await exchange(store, home)
    let status = try store.status()
    if json {
        summary.json(status).print()
    } else {
        for line in summary.lines(status, verbose: verbose) { Console.print(line) }
    }
    if let failure = summary.failures.first { throw failure }
}

/// One synchronization, alone in its home.
func exchange(_ store: FieldStore, _ home: HomeOptions) async throws -> SyncSummary {
    let lock = try FileLock.exchange(in: home.folder)
    defer { withExtendedLifetime(lock) {} }
    let reserve = Reserve(in: home.folder)
    defer { reserve.fill() }
    do {
        var session = try SyncSession(store)
        return try await session.run()
    } catch {
        guard (error as? Failure ?? Failure(storage: error))?.problem == .storage,
            reserve.release()
        else { throw error }
        var session = try SyncSession(store)
        return try await session.run()
    }
}

extension SyncSummary {
    /// What stays here, although it was to be sent.
    var failures: [Failure] {
        [(Problem.damaged, damaged), (.refusedSegment, refused)].filter { $0.1 > 0 }
            .map { Failure($0.0, "\($0.1)") }
    }

    func json(_ status: HomeStatus) -> JSONValue {
        [
            "sent": JSONValue(sent), "received": JSONValue(received),
            "contested": JSONValue(status.contested), "flagged": status.flaggedJSON,
            "probable_duplicates": JSONValue(status.probableDuplicates),
            "pairs_without_effect": JSONValue(status.pairsWithoutEffect),
            "held": JSONValue(status.held), "revoked": .bool(status.isRevoked),
            "round_trips": JSONValue(roundTrips), "retries": JSONValue(retries),
            "bytes_up": JSONValue(bytesUp),
            "bytes_down": JSONValue(bytesDown),
            "receipt": receipt.map {
                [
                    "counter": .integer(Int64(clamping: $0.counter)),
                    "chain": .string($0.chain.bytes.hex),
                ]
            } ?? ["counter": 0, "chain": nil],
            "notices": .array(
                notices.map {
                    [
                        "code": .string($0.code.rawValue), "count": JSONValue($0.count),
                        "text": .string($0.text[Console.language]),
                    ]
                }),
        ]
    }

    /// The lines for a person.
    ///
    /// - Parameter verbose: with round trips and bytes.
    func lines(_ status: HomeStatus, verbose: Bool) -> [Label] {
        var lines = [
            Label(
                zh: "发送 \(sent) 条更改，收到 \(received) 条",
                en: "Sent \(counted(sent, "edit")), received \(received)")
        ]
        if verbose {
            lines.append(
                Label(
                    zh: "往返 \(roundTrips) 次，上行 \(bytesUp) B，下行 \(bytesDown) B",
                    en: "\(counted(roundTrips, "round trip")), \(bytesUp) B up, \(bytesDown) B down"
                ))
        }
        if let receipt {
            lines.append(
                Label(
                    zh: "服务器已签收本机第 1–\(receipt.counter) 条更改",
                    en: "Receipt: the server holds this device's edits 1–\(receipt.counter)"))
        }
        if status.contested > 0 {
            lines.append(
                Label(
                    zh: "\(status.contested) 条记录有争议：lianhu conflicts list",
                    en: "\(counted(status.contested, "record")) contested: lianhu conflicts list"))
        }
        return lines + status.registerLines + notices.map(\.text)
    }
}

extension HomeStatus {
    var flaggedJSON: JSONValue {
        ["households": JSONValue(flaggedHouseholds), "persons": JSONValue(flaggedPersons)]
    }

    /// What somebody has to decide about the register, and how.
    var registerLines: [Label] {
        var lines: [Label] = []
        if probableDuplicates > 0 {
            lines.append(
                Label(
                    zh: "\(probableDuplicates) 对名册记录可能重复，请核对：lianhu household duplicates",
                    en:
                        "\(probableDuplicates) \(probableDuplicates == 1 ? "pair" : "pairs") of entries "
                        + "may be the same: lianhu household duplicates"))
        }
        if pairsWithoutEffect > 0 {
            lines.append(
                Label(
                    zh: "\(pairsWithoutEffect) 条“同一户（人）”说明没有生效：连在一起的记录太多。"
                        + "请用 lianhu household same-as --different 改正不对的",
                    en: "\(counted(pairsWithoutEffect, "statement")) that two entries are one "
                        + "without effect: too many hang together. Correct the wrong ones: "
                        + "lianhu household same-as --different"))
        }
        if flaggedHouseholds > 0 {
            let verb = flaggedHouseholds == 1 ? "household has" : "households have"
            lines.append(
                Label(
                    zh: "\(flaggedHouseholds) 户没有户编号或成员：lianhu household list --flagged；"
                        + "请补登，已不存在的用 lianhu household set-aside 移出",
                    en:
                        "\(flaggedHouseholds) \(verb) no number or no members: lianhu household list "
                        + "--flagged. Add what is missing, or lianhu household set-aside what is "
                        + "gone"))
        }
        if flaggedPersons > 0 {
            let verb = flaggedPersons == 1 ? "person has" : "persons have"
            lines.append(
                Label(
                    zh: "\(flaggedPersons) 人没有所属户：lianhu person list --flagged；"
                        + "请用 lianhu person move 转入一户",
                    en:
                        "\(flaggedPersons) \(verb) no household: lianhu person list --flagged. Give "
                        + "them one with lianhu person move"))
        }
        return lines
    }
}

extension HomeStatus {
    /// What is wrong with the device as a whole.
    var warnings: [Label] {
        let held = isRevoked && held > 0 ? Notice(.held, count: held).text : nil
        let revoked = isRevoked ? Notice(.revoked, count: 1).text : nil
        let clock = clock.warning.map { Label(zh: "! \($0.zh)", en: "! \($0.en)") }
        return [held, revoked, clock].compactMap { $0 }
    }
}

extension DeviceClock {
    /// `behind` or `ahead` of what is known without it; null when nothing speaks against it.
    var json: JSONValue { JSONValue(fault?.rawValue) }
}

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: localized(
            zh: "待发送、草稿、争议和上次同步", en: "What is pending, drafts, contested, last sync."),
        discussion: localized(
            zh: """
                示例：
                  lianhu status
                  lianhu status --json  # 供程序读取
                """,
            en: """
                Examples:
                  lianhu status
                  lianhu status --json  # for programs
                """))

    @OptionGroup var home: HomeOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let store = try home.open()
        let status = try store.status()
        guard !output.json else {
            return JSONValue.object([
                "pending": JSONValue(status.pending), "drafts": JSONValue(status.drafts),
                "contested": JSONValue(status.contested), "held": JSONValue(status.held),
                "flagged": status.flaggedJSON,
                "probable_duplicates": JSONValue(status.probableDuplicates),
                "pairs_without_effect": JSONValue(status.pairsWithoutEffect),
                "damaged": JSONValue(status.damaged), "last_sync": .time(status.lastSync),
                "round": JSONValue(status.round?.code),
                "round_open": status.round.map { .bool($0.isOpen) } ?? .null,
                "user": JSONValue(status.user?.name), "revoked": .bool(status.isRevoked),
                "clock": status.clock.json,
            ]).print()
        }
        Console.print(
            Label(
                zh: "待发送 \(status.pending)，草稿 \(status.drafts)，争议 \(status.contested)，"
                    + "待审 \(status.held)",
                en: "\(status.pending) pending, \(counted(status.drafts, "draft")), "
                    + "\(status.contested) contested, \(status.held) held"))
        let last = status.lastSync.map(clockText) ?? localized(zh: "从未", en: "never")
        let round = status.round.map {
            $0.isOpen ? $0.code : $0.code + localized(zh: "（已结束）", en: " (closed)")
        }
        Console.print(
            Label(
                zh: "轮次 \(round ?? "—")，上次同步 \(last)",
                en: "Round \(round ?? "—"), last sync \(last)"))
        for line in status.registerLines + status.warnings { Console.print(line) }
        if status.damaged > 0 {
            Console.note(Failure(.damaged, "\(status.damaged)").text(Console.language))
        }
        for draft in try store.drafts() {
            let round = draft.otherRound.map { "\($0.code) \($0.title)".printable }
            let place = round.map { Label(zh: "（轮次 \($0)）", en: " (round \($0))") }
            Console.print(
                Label(
                    zh: "  草稿\(place?.zh ?? "")：\(draft.command)",
                    en: "  draft\(place?.en ?? ""): \(draft.command)"))
        }
    }
}

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: localized(
            zh: "用签名回执证明服务器持有本机每一条更改",
            en: "Prove by a signed receipt that the server holds every edit of this device."),
        discussion: localized(
            zh: """
                示例：
                  lianhu verify
                  lianhu verify --json  # 供程序读取
                """,
            en: """
                Examples:
                  lianhu verify
                  lianhu verify --json  # for programs
                """))

    @OptionGroup var home: HomeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let store = try home.open()
        do {
            let lock = try FileLock.exchange(in: home.folder)
            var session = try SyncSession(store)
            _ = try await session.run(receiptOnly: true)
            withExtendedLifetime(lock) {}
        } catch let failure as Failure where failure.problem == .unreachable {
            Console.note(
                Label(
                    zh: "连不上服务器，按上次的回执核对。",
                    en: "The server cannot be reached; this goes by the last receipt."))
        }
        let damage = try store.damage()
        let proof = try store.verify()
        if output.json {
            JSONValue.object([
                "edits": .integer(Int64(clamping: proof.edits)),
                "receipted": .integer(Int64(clamping: proof.receipted)),
                "missing": .array(proof.missing.map { .integer(Int64(clamping: $0.counter)) }),
                "others_pending": JSONValue(proof.others),
                "as_of": .time(proof.asOf), "damaged": JSONValue(damage.count),
            ]).print()
        } else {
            let asOf = proof.asOf.map(clockText) ?? "—"
            Console.print(
                Label(
                    zh: "本机更改 \(proof.edits) 条，服务器已签收 \(proof.receipted) 条，"
                        + "缺 \(proof.missing.count) 条（截至 \(asOf)）",
                    en: "\(proof.edits) edits here, \(proof.receipted) proven by the receipt, "
                        + "\(proof.missing.count) missing (as of \(asOf))"))
            if !proof.missing.isEmpty {
                Console.print(
                    Label(
                        zh: "缺的还没有送达：有网络时运行 lianhu sync",
                        en: "The rest hasn't been sent. Run \"lianhu sync\" when online."))
            }
            if proof.others > 0 {
                Console.print(
                    Label(
                        zh: "另有其他设备的更改 \(proof.others) 条（如从损坏目录取回的）尚未送达："
                            + "运行 lianhu sync",
                        en: "\(proof.others) edits of other devices, such as those taken from a "
                            + "damaged home, are not sent yet: run \"lianhu sync\""))
            }
        }
        guard damage.isEmpty else { throw Failure(.damaged, "\(damage.count)") }
        if proof.isForked { throw Failure(.restoredHome) }
    }
}
