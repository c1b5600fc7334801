import Foundation
import Testing

@Suite struct Encrypted {
    private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/tls")

    @Test func `over TLS with an authority of one's own, and not with a stranger's`() throws {
        let site = try Site()
        try site.prepare(households: 1)
        try site.serve([
            "--tls-certificate", Self.fixtures.appending(path: "server.pem").path,
            "--tls-key", Self.fixtures.appending(path: "server-key.pem").path,
        ])
        #expect(site.url.hasPrefix("https://"))
        let code = try #require(try site.admin("enrol", "王芳", "--json").json()["code"].text)
        let stranger = try site.at(
            "王芳", "init", "--server", site.url, "--code", code, expecting: 77)
        #expect(stranger.errors.contains("SYNC-02"))
        try site.at(
            "王芳", "init", "--server", site.url, "--code", code, "--tls-ca",
            Self.fixtures.appending(path: "ca.pem").path)
        #expect(try site.at("王芳", "sync", "--json").json()["received"].int ?? 0 > 0)
        // A second enrolment is refused and changes nothing of what is trusted.
        let other = try site.write("other.pem", "none")
        let again = try site.at(
            "王芳", "init", "--server", site.url, "--code", code, "--tls-ca", other, expecting: 64)
        #expect(again.errors.contains("HOME-02"))
        try site.at("王芳", "sync")
        // The home may stand elsewhere.
        try FileManager.default.moveItem(at: site.home("王芳"), to: site.home("moved"))
        try site.at("moved", "sync")
    }
}
