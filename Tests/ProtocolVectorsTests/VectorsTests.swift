import Foundation
import ProtocolVectors
import Testing

@Suite struct VectorsTests {
    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Protocol/vectors")

    @Test func `the committed vectors are what this code computes`() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
            .filter { $0.hasSuffix(".json") }
        let vectors = try Vectors.all()
        #expect(Set(names) == Set(vectors.map(\.name)))
        for (name, text) in vectors {
            let committed = try String(
                contentsOf: Self.folder.appending(path: name), encoding: .utf8)
            #expect(
                Self.comparable(committed) == Self.comparable(text),
                "\(name) differs: swift run protocol-vectors")
        }
    }

    @Test func `the contract lists the forms as they are declared`() throws {
        let contract = Self.folder.deletingLastPathComponent().appending(path: "SYNC.md")
        let text = try String(contentsOf: contract, encoding: .utf8)
        #expect(FormAppendix.updating(text) == text, "swift run protocol-vectors")
    }

    /// Compressed bytes depend on the version of zstd; what they hold does not.
    private static func comparable(_ text: String) -> [Substring] {
        text.split(separator: "\n").filter { !$0.contains("\"compressed\"") }
    }
}
