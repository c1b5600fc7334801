import ArgumentParser
import Foundation
import ServerStore
import SurveyConsole
import SurveyModel
import SurveyStore
import Synchronization

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
        if creating || FileManager.default.fileExists(atPath: folder.path) { try takePart() }
        return try ServerStore.open(folder, creating: creating)
    }

    /// Keeps the database from being replaced until this process ends.
    @discardableResult
    func takePart() throws -> FileLock {
        try? FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        return try Self.lock.withLock { held in
            let lock = try held ?? FileLock.working(in: folder)
            held = lock
            return lock
        }
    }

    /// The lock of this process; one process works in one folder.
    private static let lock = Mutex<FileLock?>(nil)
}

extension ServerStore {
    /// The areas that codes or managing units' names stand for.
    ///
    /// - Parameter tree: the register whose codes and names are meant first; today's is asked next.
    func areas(_ texts: [String], in tree: AreaTree? = nil) throws -> [Area] {
        let today = try areaTree()
        return try texts.flatMap { text in
            let kept = tree?.find(text) ?? []
            let found = kept.isEmpty ? today.find(text) : kept
            guard !found.isEmpty else { throw Failure(.unknownArea, text) }
            return found
        }
    }
}
