public import ArgumentParser
internal import Foundation
internal import SurveyConsole
internal import SurveyModel

/// `protocol-vectors`: writes every computation of the protocol with its bytes.
public struct VectorsProgram: ParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "protocol-vectors",
        abstract: "Writes Protocol/vectors: ids, chains, segments, receipts, folds, an exchange.",
        discussion: "The same bytes in every run: keys, clock and randomness are fixed.")

    @Argument(help: "The folder to write to.")
    var folder = "Protocol/vectors"

    public init() {}

    public func run() throws {
        let folder = URL(filePath: folder, directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, text) in try Vectors.all() {
            try Data(text.utf8).write(to: folder.appending(path: name))
            print(name)
        }
    }

    /// Runs the command line of this process.
    public static func start() -> Never { Program.run(VectorsProgram.self) }
}
