import ArgumentParser
import FieldStore
import Foundation
import SurveyConsole

/// `--home`: the folder of this device's data.
struct HomeOptions: ParsableArguments {
    @Option(
        help: .init(
            localized(
                zh: "数据目录（默认 LIANHU_HOME 或 ~/.lianhu）",
                en: "The home folder (default: LIANHU_HOME, else ~/.lianhu)."),
            valueName: "dir"))
    var home: String?

    var folder: URL {
        if let path = home ?? ProcessInfo.processInfo.environment["LIANHU_HOME"] {
            return URL(filePath: path, directoryHint: .isDirectory)
        }
        return FileManager.default.homeDirectoryForCurrentUser
            .appending(path: ".lianhu", directoryHint: .isDirectory)
    }

    func open() throws -> FieldStore { try FieldStore.open(folder) }
}

/// `--round`: which round a command is about.
struct RoundOption: ParsableArguments {
    @Option(
        help: .init(
            localized(zh: "轮次（默认当前）", en: "The round (default: the current one)."),
            valueName: "round"))
    var round: String?
}
