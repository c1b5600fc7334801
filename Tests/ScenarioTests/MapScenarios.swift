import ArgumentParser
import FieldStore
import Foundation
import GRDB
import ServerStore
import SurveyConsole
import SurveyCoverage
import SurveyModel
import SurveyStore
import Testing

@testable import FieldClient

/// GeoJSON: households where they are, coverage where nobody is pointed at.
@Suite struct MapScenarios {
    private struct Collection: Decodable {
        let type: String
        let features: [Feature]
    }

    private struct Feature: Decodable {
        struct Geometry: Decodable, Equatable {
            let type: String
            let coordinates: [Double]
        }

        let type: String
        let geometry: Geometry?
        let properties: Properties
    }

    private struct Properties: Decodable {
        let householdNo: String?
        let datum: String?
        let gpsLat: Double?
        let gpsLon: Double?
        let headName: String?
        let outcome: String?
        let area: String?
        let households: Int?
    }

    private func features(_ data: Data) throws -> [Feature] {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let collection = try decoder.decode(Collection.self, from: data)
        #expect(collection.type == "FeatureCollection")
        #expect(collection.features.allSatisfy { $0.type == "Feature" })
        return collection.features
    }

    private func export(_ device: Device, _ arguments: String...) throws -> [Feature] {
        let file = device.world.folder.appending(path: "map-\(UUID().uuidString)")
        let home = device.world.folder.appending(path: device.name).path
        let options = ["--format", "geojson", "--home", home, "--output", file.path]
        try ExportCommand.parse(arguments + options).run()
        return try features(try Data(contentsOf: file))
    }

    private func place(
        _ device: Device, _ household: String, _ latitude: String, _ longitude: String,
        datum: String?
    ) throws {
        var answers = ["gps_lat": latitude, "gps_lon": longitude]
        if let datum { answers["gps_datum"] = datum }
        try device.save(try device.store.openHousehold(household), answers)
    }

    @Test func `households stand where they are, in WGS-84 and no other datum`() async throws {
        let world = try World()
        let wang = try await world.device("wang", ["5204"])
        try await wang.sync()
        let village = World.villages[0]
        try place(wang, "\(village)-1", "25.91", "105.9", datum: "wgs84")
        try place(wang, "\(village)-2", "25.92", "105.8", datum: "gcj02")
        try place(wang, "\(village)-3", "25.93", "105.7", datum: nil)
        try wang.check("housing", "\(village)-1", .graded("D"))
        for names in ["gps_lat,gps_lon", "personal"] {
            let found = try export(wang, "household", "--include", names)
            #expect(found.count == 12)
            #expect(
                found[0].geometry == Feature.Geometry(type: "Point", coordinates: [105.9, 25.91]))
            #expect(found[0].properties.datum == "wgs84")
            #expect(found[1].geometry == nil && found[1].properties.datum == "gcj02")
            #expect(found[1].properties.gpsLat == 25.92 && found[1].properties.gpsLon == 105.8)
            #expect(found[2].geometry?.coordinates == [105.7, 25.93])
            #expect(found[2].properties.datum == nil)
            #expect(found[3].geometry == nil && found[3].properties.gpsLat == nil)
            #expect((found[0].properties.headName != nil) == (names == "personal"))
        }
        // A check stands where its household is.
        let checks = try export(wang, "housing", "--include", "gps_lat,gps_lon")
        #expect(checks.map(\.properties.householdNo) == ["\(village)-1"])
        #expect(checks[0].geometry?.coordinates == [105.9, 25.91])
        #expect(checks[0].properties.outcome == "unsafe")
        #expect(try export(wang, "water", "--include", "personal").isEmpty)
    }

    @Test func `positions must be asked for, and only households have some`() async throws {
        let world = try World()
        let wang = try await world.device("wang", ["5204"])
        try await wang.sync()
        for names in [[], ["--include", "gps_lat"], ["--include", "head_name"]] {
            let home = world.folder.appending(path: "wang").path
            let command = try ExportCommand.parse(
                ["household", "--format", "geojson", "--home", home] + names)
            #expect(throws: Failure(.positionsNotAsked)) { try command.run() }
        }
        let failure = #expect(throws: Failure.self) {
            try export(wang, "medical", "--include", "personal")
        }
        #expect(failure?.problem == .usage)
    }

    @Test func `coverage has a point only where five households have a position`() async throws {
        let world = try World(households: 6)
        let wang = try await world.device("wang", ["5204"])
        try await wang.sync()
        let (five, four, another) = (World.villages[0], World.villages[1], World.villages[2])
        for number in 1...5 {
            try place(wang, "\(five)-\(number)", "25.9\(number)", "105.9\(number)", datum: "wgs84")
            try place(wang, "\(another)-\(number)", "25.9\(number)", "105.9", datum: "gcj02")
        }
        for number in 1...4 {
            try place(wang, "\(four)-\(number)", "25.9\(number)", "105.9\(number)", datum: nil)
        }
        try await wang.sync()
        let tree = try wang.store.areaTree()
        let here = CoverageReport(
            round: "spring", asOf: nil, table: try wang.coverage(),
            centroids: try wang.store.centroids(in: nil))
        let there = CoverageReport(
            round: "spring", asOf: nil, table: try wang.coverage(),
            centroids: try world.server.centroids(of: tree.villages))
        #expect(here.geoJSON == there.geoJSON)
        let rows = try features(Data(here.geoJSON.text.utf8))
        #expect(rows.map(\.properties.area) == [five, four, another])
        #expect(rows.map(\.properties.households) == [6, 6, 6])
        #expect(
            rows[0].geometry == Feature.Geometry(type: "Point", coordinates: [105.93, 25.93]))
        #expect(rows[1].geometry == nil && rows[2].geometry == nil)
        // Nine households of a town say where the town is.
        let town = CoverageReport(
            round: "spring", asOf: nil,
            table: try wang.store.coverage(
                round: try world.round(), villages: nil, by: .township
            ).table, centroids: here.centroids)
        let towns = try features(Data(town.geoJSON.text.utf8))
        #expect(towns.map { $0.geometry != nil } == [true, false])
    }
}
