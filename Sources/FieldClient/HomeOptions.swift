import ArgumentParser
import FieldStore
import Foundation
import SurveyConsole
import SurveyModel

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

    func open() throws -> FieldStore {
        do {
            return try FieldStore.open(folder)
        } catch let failure as Failure where failure.problem == .noHome {
            // A folder that was mistyped is no device that has to be enrolled again.
            let path = folder.path.printable
            throw Failure(
                .noHome, path,
                message: Label(
                    zh: "目录 \(path) 里没有已登记的数据。请核对 --home，或运行 lianhu init --server URL --code CODE。",
                    en:
                        "There is no enrolled home in \(path). Look at --home, or run \"lianhu init "
                        + "--server URL --code CODE\"."))
        }
    }
}

/// `--round`: which round a command is about.
struct RoundOption: ParsableArguments {
    @Option(
        help: .init(
            localized(zh: "轮次（默认当前）", en: "The round (default: the current one)."),
            valueName: "round"))
    var round: String?
}
