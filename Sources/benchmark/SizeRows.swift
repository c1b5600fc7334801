import Foundation
import GRDB
import ServerStore
import SurveyLog
import SurveyModel
import SurveyStore
import SurveyWire
import TestSupport

/// Bytes: what travels for a check and what is stored for it.
struct SizeRows {
    let site: Site

    func figures() throws -> [Figure] {
        let folder = try site.copy("server-sizes")
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = try ServerStore.open(folder, creating: false)
        defer { try? store.close() }
        var figures = try [1, 10, 40, 300].flatMap { try travelling($0, store) }
        let entries = Double(site.scale.households + site.scale.persons)
        figures += try stored("a register entry", per: entries, beyond: [:], store).figures
        let before = try stored("", per: 1, beyond: [:], store).tables
        let load = try ServerRows.load(
            on: store, logs: site.scale.logs, checks: site.scale.checks, by: 40, seed: site.seed)
        for requests in load.requests { try ServerRows.store(requests, by: 50, in: store) }
        try store.catchUp()
        figures += try stored("a check", per: Double(load.count), beyond: before, store).figures
        return figures
    }

    private func travelling(_ count: Int, _ store: ServerStore) throws -> [Figure] {
        let households = try Site.households(of: store)
        let round = try store.round(nil)!.id
        var random = SplitMix64(site.seed)
        let checks = (0..<count).map { number in
            Writer.Check(
                number.isMultiple(of: 2) ? .housing : .water,
                of: households[number / 2 % households.count], in: round, &random)
        }
        var writer = try Writer(
            "sizes \(count)", areas: ["5204"], on: store, seed: site.seed + UInt64(count))
        let request = try writer.requests(checks, by: count, seed: site.seed)[0]
        let push = try store.authenticate(request).push
        let edits = push.segments.flatMap(\.edits)
        let headers = edits.map(\.encoded.header.count).reduce(0, +)
        let answers = edits.map(\.encoded.byteCount).reduce(0, +) - headers
        let frames = push.segments.map { $0.frameBytes.count + $0.signature.count }.reduce(0, +)
        let json = try JSONSerialization.data(
            withJSONObject: checks.map { check in
                ["subject": check.record.subject.text, "kind": "\(check.record.kind.rawValue)"]
                    .merging(
                        check.row.dropFirst(2).enumerated().map {
                            ("field\($0.offset)", $0.element.text)
                        }
                    ) { a, _ in a }
            })
        let zipped = try site.folder.appending(path: "answers.json").zipped(json)
        let per = Double(count)
        let what = "\(count) \(count == 1 ? "check" : "checks")"
        return [
            Figure(
                "bytes", "\(what) up, compressed and signed", "B/check",
                [Double(request.count) / per]
            )
            .beside("JSON, gzip", [Double(zipped) / per]),
            Figure("bytes", "\(what): headers", "B/check", [Double(headers) / per]),
            Figure("bytes", "\(what): answers", "B/check", [Double(answers) / per]),
            Figure("bytes", "\(what): frames and signatures", "B/check", [Double(frames) / per]),
        ]
    }

    /// Bytes of each table and its indexes.
    private func stored(
        _ what: String, per count: Double, beyond before: [String: Double], _ store: ServerStore
    ) throws -> (figures: [Figure], tables: [String: Double]) {
        try store.writer.writeWithoutTransaction {
            try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        }
        let rows = try store.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT tbl_name, sum(pgsize) AS bytes FROM dbstat
                    JOIN sqlite_schema AS s ON s.name = dbstat.name GROUP BY tbl_name
                    """
            ).map { ($0["tbl_name"] as String, Double($0["bytes"] as Int64)) }
        }
        let tables = Dictionary(uniqueKeysWithValues: rows)
        let grown = tables.map { ($0.key, ($0.value - (before[$0.key] ?? 0)) / count) }
            .filter { $0.1 >= 1 }.sorted { $0.1 > $1.1 }
        return (
            [Figure("bytes", "stored for \(what)", "B", [grown.map(\.1).reduce(0, +)])]
                + grown.map { Figure("bytes", "\(what): table \($0.0)", "B", [$0.1]) }, tables
        )
    }
}

extension URL {
    /// How small gzip makes something.
    fileprivate func zipped(_ data: Data) throws -> Int {
        try data.write(to: self)
        return try Child(["gzip", "-c", path]).wait().output.count
    }
}

extension BareSQLite.Value {
    fileprivate var text: String {
        switch self {
        case .integer(let integer): "\(integer)"
        case .text(let text): text
        case .bytes(let bytes): bytes.base64EncodedString()
        }
    }
}
