import Foundation
import Testing

/// `tools/manual` makes a page of every command, in both languages, from what the program says.
@Suite struct ManualPages {
    @Test(arguments: ["lianhu", "lianhu-server"])
    func `every command has a page with its options and examples`(_ program: String) throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "lianhu-man-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let process = try Child(
            "/usr/bin/env",
            ["python3", Self.script.path, Programs.path(program), "--out", folder.path],
            environment: ProcessInfo.processInfo.environment, input: .nullDevice,
            output: .nullDevice, errors: .nullDevice)
        try #require(process.wait() == 0)
        for (language, place, examples) in [
            ("en", "man1", ".SH EXAMPLES"), ("zh", "zh_CN/man1", ".SH 示例"),
        ] {
            let commands = try Described(program, language).withAllBelow
            for command in commands {
                let name = command.text.replacingOccurrences(of: " ", with: "-")
                let page = try String(
                    contentsOf: folder.appending(path: "\(place)/\(name).1"), encoding: .utf8)
                #expect(page.contains(examples), "\(name)")
                #expect(page.contains(".B \\-\\-version"), "\(name)")
            }
            let pages = try FileManager.default.contentsOfDirectory(
                atPath: folder.appending(path: place).path)
            #expect(pages.count == commands.count)
        }
    }

    private static let script = URL(filePath: #filePath)
        .deletingLastPathComponent().appending(path: "../../tools/manual").standardizedFileURL
}
