import ArgumentParser
import Foundation
import ServerStore
import SurveyConsole
import SurveyModel

/// `--data`: the folder that everything is in.
struct DataOptions: ParsableArguments {
    @Option(
        help: .init(
            localized(
                zh: "数据目录（默认 LIANHU_DATA 或 ./lianhu-data）",
                en: "The data folder (default: LIANHU_DATA, else ./lianhu-data)."),
            valueName: "dir"))
    var data: String?

    var folder: URL {
        let path = data ?? ProcessInfo.processInfo.environment["LIANHU_DATA"] ?? "./lianhu-data"
        return URL(filePath: path, directoryHint: .isDirectory)
    }

    /// - Parameter creating: whether a folder that is not there is made.
    func open(creating: Bool = false) throws -> ServerStore {
        try ServerStore.open(folder, creating: creating)
    }
}

extension ServerStore {
    /// The areas that codes or managing units' names stand for.
    func areas(_ texts: [String]) throws -> [Area] {
        let tree = try areaTree()
        return try texts.flatMap { text in
            let found = tree.find(text)
            guard !found.isEmpty else { throw Failure(.unknownArea, text) }
            return found
        }
    }
}
