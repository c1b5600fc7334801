public import ArgumentParser
internal import Foundation
internal import SurveyConsole
internal import SurveyModel

/// `protocol-vectors`: writes every computation of the protocol with its bytes.
public struct VectorsProgram: ParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "protocol-vectors",
        abstract: "Writes Protocol/vectors: ids, chains, segments, receipts, folds, an exchange;"
            + " and the forms in SYNC.md.",
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
        let contract = folder.deletingLastPathComponent().appending(path: "SYNC.md")
        guard let text = try? String(contentsOf: contract, encoding: .utf8),
            let updated = FormAppendix.updating(text)
        else { return }
        try Data(updated.utf8).write(to: contract)
        print(contract.lastPathComponent)
    }

    /// Runs the command line of this process.
    public static func start() -> Never { Program.run(VectorsProgram.self) }
}
