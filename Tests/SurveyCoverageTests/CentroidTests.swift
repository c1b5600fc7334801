import SurveyCoverage
import SurveyModel
import Testing

@Suite struct CentroidTests {
    private func position(_ latitude: String, _ longitude: String, _ datum: Datum? = nil) throws
        -> Position
    {
        var household = Answers()
        household[Household.latitude] = ScaledDecimal(latitude)
        household[Household.longitude] = ScaledDecimal(longitude)
        household[Household.datum] = datum
        return try #require(Position(household))
    }

    @Test func `the mean of fewer than five is not told`() throws {
        var centroid = Centroid()
        for number in 1...4 { centroid.add(try position("25.\(number)", "105.9")) }
        #expect(centroid.mean == nil)
        centroid.add(try position("25.5", "105.9", .gcj02))
        #expect(centroid.count == 4 && centroid.mean == nil)
        centroid.add(try position("25.5", "-105.9", .wgs84))
        let mean = try #require(centroid.mean)
        #expect(mean.latitude.text == "25.3" && mean.longitude.text == "63.54")
    }

    @Test func `parts add up to the whole in any order`() throws {
        var (all, parts) = (Centroid(), [Centroid(), Centroid()])
        for number in 1...9 {
            let one = try position("25.12345678\(number)", "105.98765432\(number)")
            all.add(one)
            parts[number % 2].add(one)
        }
        #expect(parts[0] + parts[1] == all && parts[1] + parts[0] == all)
        #expect(all.mean?.latitude.text == "25.1234")
    }

    @Test(arguments: [("91", "0"), ("0", "180.1"), ("9223372036854775807", "0")])
    func `what is no place on earth is no position`(latitude: String, longitude: String) throws {
        var household = Answers()
        household[Household.latitude] = ScaledDecimal(latitude)
        household[Household.longitude] = ScaledDecimal(longitude)
        #expect(Position(household) == nil)
    }

    @Test func `a datum that this version does not know is not taken for WGS-84`() {
        var household = Answers()
        household[Household.latitude] = 25
        household[Household.longitude] = 105
        #expect(Position(household)?.isWGS84 == true)
        household[Household.datum.definition.tag] = .code("bd09")
        #expect(Position(household)?.isWGS84 == false)
    }
}
