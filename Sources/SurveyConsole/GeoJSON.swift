internal import SurveyCoverage
public import SurveyModel

/// GeoJSON as RFC 7946 has it: WGS-84 and nothing else, longitude first.
public enum GeoJSON {
    /// - Parameters:
    ///   - place: degrees in WGS-84; nil for a feature that is nowhere on the map.
    ///   - id: what tells the feature from the others; nil when it has no such thing.
    public static func feature(
        at place: (latitude: ScaledDecimal, longitude: ScaledDecimal)?, id: String? = nil,
        _ properties: JSONValue
    ) -> JSONValue {
        var geometry = JSONValue.null
        if let place {
            let ordinates: [JSONValue] = [
                .number(place.longitude.text), .number(place.latitude.text),
            ]
            geometry = ["type": "Point", "coordinates": .array(ordinates)]
        }
        var feature: [String: JSONValue] = [
            "type": "Feature", "geometry": geometry, "properties": properties,
        ]
        if let id { feature["id"] = .string(id) }
        return .object(feature)
    }
}

extension CoverageReport {
    /// A feature for each row, with its counts. It has a point, the middle of its households, only
    /// when at least five of them have a position: fewer would point at homes.
    public var geoJSON: JSONValue {
        let features = table.rows.map { row in
            let centroid = row.villages.reduce(Centroid()) { sum, village in
                sum + (centroids[village] ?? Centroid())
            }
            return GeoJSON.feature(at: centroid.mean, Self.json(row))
        }
        return [
            "type": "FeatureCollection", "round": .string(round), "as_of": .time(asOf),
            "features": .array(features),
        ]
    }
}
