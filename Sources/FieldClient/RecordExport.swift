import ArgumentParser
import FieldStore
import SurveyConsole
import SurveyModel
import SurveyStore

/// Records as the lines of a file.
struct RecordExport {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        /// UTF-8, quoted as RFC 4180 says; a cell that a spreadsheet would compute is disarmed.
        case csv
        /// One object a line.
        case jsonl
        /// A feature for each household, RFC 7946.
        case geojson
    }

    let format: Format
    let columns: [ExportColumn]
    /// Begins with a byte order mark, by which some spreadsheets know UTF-8.
    let hasMark: Bool
    /// With persons who do not live there any more.
    var hasGone = false

    /// What was written, and what was not.
    struct Summary {
        var records = 0
        /// Left out: persons who do not live there any more.
        var gone = 0
        /// Left out because the disk has changed them.
        var damaged = 0
        /// Positions in another datum than WGS-84, which have no geometry.
        var otherDatum = 0
        /// Positions of which nobody said the datum.
        var noDatum = 0

        fileprivate mutating func add(_ row: RecordRow) {
            records += 1
            guard let position = row.position else { return }
            if !position.isWGS84 { otherDatum += 1 }
            if position.datum == nil { noDatum += 1 }
        }
    }

    func write(
        _ form: Form, in villages: [Area], round: Round?, from store: FieldStore,
        to output: inout ExportOutput
    ) throws -> Summary {
        var summary = Summary()
        try output.write(head)
        let damaged = try store.forEachRecord(
            of: form, in: villages, round: round, locating: format == .geojson
        ) { row in
            guard hasGone || !row.isGone else {
                summary.gone += 1
                return
            }
            try output.write(text(of: row, isFirst: summary.records == 0))
            summary.add(row)
        }
        summary.damaged = damaged
        try output.write(tail)
        return summary
    }

    private var head: String {
        switch format {
        case .csv:
            (hasMark ? "\u{FEFF}" : "")
                + columns.map { csvField($0.key) }.joined(separator: ",") + "\n"
        case .jsonl: ""
        case .geojson: "{\"features\":["
        }
    }

    private var tail: String {
        switch format {
        case .csv, .jsonl: ""
        case .geojson: "\n],\"type\":\"FeatureCollection\"}\n"
        }
    }

    private func text(of row: RecordRow, isFirst: Bool) -> String {
        switch format {
        case .csv:
            columns.map { csvField($0.value(row)?.plainText ?? "") }.joined(separator: ",") + "\n"
        case .jsonl: JSONValue.object(object(row)).text + "\n"
        case .geojson: (isFirst ? "\n" : ",\n") + feature(row).text
        }
    }

    private func object(_ row: RecordRow) -> [String: JSONValue] {
        var object: [String: JSONValue] = [:]
        for column in columns {
            let cell: JSONValue = column.value(row)?.json ?? .null
            object[column.key] = cell
        }
        return object
    }

    /// GeoJSON knows WGS-84 alone. A position in another datum, some 500 m off, has its values and
    /// its datum as properties and no geometry.
    private func feature(_ row: RecordRow) -> JSONValue {
        var properties = object(row)
        var (latitude, longitude) = (JSONValue.null, JSONValue.null)
        var place: (latitude: ScaledDecimal, longitude: ScaledDecimal)?
        if let position = row.position {
            latitude = .number(position.latitude.text)
            longitude = .number(position.longitude.text)
            if position.isWGS84 { place = (position.latitude, position.longitude) }
        }
        properties[Household.latitude.key] = latitude
        properties[Household.longitude.key] = longitude
        properties["datum"] = JSONValue(row.position?.datum)
        return GeoJSON.feature(at: place, id: row.key.text, .object(properties))
    }
}
