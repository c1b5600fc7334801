import ArgumentParser
import Foundation
import ServerStore
import SurveyConsole
import SurveyLog
import SurveyModel
import SurveyStore

struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: localized(
            zh: "在线备份（含服务器密钥，请加密保存）",
            en: "A consistent copy while the server works. It holds the server's key: keep it safe."
        ),
        discussion: localized(
            zh: """
                示例：
                  lianhu-server backup /mnt/monday.sqlite
                  lianhu-server backup /mnt/tuesday.sqlite --only  # 更早的备份不再使用
                """,
            en: """
                Examples:
                  lianhu-server backup /mnt/monday.sqlite
                  lianhu-server backup /mnt/tuesday.sqlite --only  # earlier ones are given up
                """))

    @Argument(help: .init(localized(zh: "备份文件", en: "The file to write."), valueName: "file"))
    var file: String

    @Flag(
        help: .init(
            localized(
                zh: "不会再恢复更早的备份（设备可据此清理）",
                en: "Earlier backups will not be restored any more.")))
    var only = false

    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let point = try data.open().backUp(to: URL(filePath: file), isOnly: only)
        guard !output.json else {
            return JSONValue.object([
                "file": .string(file), "sequence": .integer(Int64(clamping: point.sequence)),
                "hash": .string(point.hash.hex),
            ]).print()
        }
        Console.print(
            Label(
                zh: "已备份到 \(file)（第 \(point.sequence) 组更改为止）",
                en: "Backed up to \(file), through segment \(point.sequence)"))
    }
}

struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: localized(
            zh: "从备份恢复；现有数据保留在旁边", en: "Restore a backup. What is there is kept beside it."),
        discussion: localized(
            zh: """
                请先停止 serve。恢复后重新运行，各设备同步时补齐备份之后的内容。

                示例：
                  lianhu-server restore /mnt/monday.sqlite
                """,
            en: """
                Stop serve before. When it runs again, devices bring back what came after the \
                backup.

                Examples:
                  lianhu-server restore /mnt/monday.sqlite
                """))

    @Argument(help: .init(localized(zh: "备份文件", en: "The backup."), valueName: "file"))
    var file: String

    @OptionGroup var data: DataOptions
    @OptionGroup var language: LanguageOption

    func run() throws {
        guard FileManager.default.isReadableFile(atPath: file) else {
            throw Failure(.badFile, file)
        }
        // Nobody may work in the folder meanwhile.
        try data.takePart().makeExclusive()
        let aside = try ServerStore.restore(URL(filePath: file), to: data.folder)
        if let aside {
            Console.print(Label(zh: "原数据：\(aside.path)", en: "What was there: \(aside.path)"))
        }
        Console.print(
            Label(
                zh: """
                    已恢复。启动 serve 后，各设备同步时会补齐备份之后的内容。请等设备同步后再导入名册。
                    请核对备份之后停用的用户和设备（user list、device list），必要时重新停用。
                    """,
                en: """
                    Restored. Once it serves, devices bring back what came after the backup; import
                    rosters when they have synchronized.
                    Check who was revoked since (user list, device list) and revoke again if need be.
                    """))
    }
}

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: localized(
            zh: "核对全部签名，并由更改记录重算汇总作比较",
            en: "Verify every signature, and compare projections with a recomputation."),
        discussion: localized(
            zh: """
                示例：
                  lianhu-server check
                  lianhu-server check --repair  # 重新汇总，或抢救损坏的文件
                """,
            en: """
                Examples:
                  lianhu-server check
                  lianhu-server check --repair  # computes again, or salvages the file
                """))

    @Flag(
        help: .init(
            localized(
                zh: "重新计算汇总；文件或记录损坏时，把可读的内容写入新文件，原文件保留在旁边（需先停止 serve）",
                en: "Compute the projections again. Of a damaged file or log, write what can be "
                    + "read to a new file and keep the old one beside it; stop serve before.")))
    var repair = false

    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let store = try data.open()
        var report = try inspect(store)
        if repair, !report.isSound {
            let repaired = try mend(store, report)
            report = try inspect(repaired)
        }
        if output.json {
            JSONValue.object([
                "segments": JSONValue(report.segments), "edits": JSONValue(report.edits),
                "damaged_pages": .array(report.damagedPages),
                "bad_segments": .array(report.badSegments.map { .integer($0) }),
                "broken_feed": report.brokenFeed.map { .integer($0) } ?? .null,
                "differences": .object(report.differences.mapValues { JSONValue($0) }),
                "sound": .bool(report.isSound),
            ]).print()
        } else {
            Console.print(
                Label(
                    zh: "\(report.segments) 组、\(report.edits) 条更改已核对",
                    en: "\(report.segments) segments with \(report.edits) edits verified"))
        }
        guard !report.isSound else { return }
        throw Failure(.unsound, report.findings.joined(separator: "; "))
    }

    /// Projections are computed again in place. A damaged file or log is written anew, of all that
    /// can be read, while nobody else works in the folder.
    private func mend(_ store: ServerStore, _ report: CheckReport) throws -> ServerStore {
        guard !report.isLogSound || !report.damagedPages.isEmpty else {
            try store.repair()
            return store
        }
        try data.takePart().makeExclusive()
        try store.close()
        let line = ProgressLine()
        let salvaged = try ServerStore.salvage(data.folder) { done, total in
            line.show(localized(zh: "抢救", en: "salvaging"), done: done, total: total)
        }
        line.finish()
        let aside = salvaged.aside?.path ?? ""
        Console.note(
            Label(
                zh: "可读的 \(salvaged.segments) 组更改已写入新数据库，\(salvaged.lost) 组不可读，"
                    + "将由持有它们的设备补回。原数据：\(aside)",
                en: "\(salvaged.segments) segments that can be read are in a new database; "
                    + "\(salvaged.lost) cannot, and devices that have them bring them back. "
                    + "What was there: \(aside)"))
        return try data.open()
    }

    private func inspect(_ store: ServerStore) throws -> CheckReport {
        let line = ProgressLine()
        defer { line.finish() }
        return try store.check(in: data.folder) { done, total in
            line.show(localized(zh: "核对", en: "checking"), done: done, total: total)
        }
    }
}

extension CheckReport {
    /// What is wrong, in a few words each.
    fileprivate var findings: [String] {
        var findings = damagedPages.prefix(3).map { $0 }
        if !badSegments.isEmpty {
            findings.append(
                localized(
                    zh: "\(badSegments.count) 组更改验证不通过",
                    en: "\(badSegments.count) segments do not verify"))
        }
        if let brokenFeed {
            findings.append(
                localized(zh: "更改序列断在第 \(brokenFeed) 组", en: "feed broken at \(brokenFeed)"))
        }
        return findings + differences.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
    }
}
