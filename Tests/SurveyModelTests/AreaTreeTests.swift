import SurveyModel
import Testing

@Suite struct AreaTreeTests {
    private static func area(
        _ id: UInt64, _ code: String, _ name: String, _ level: AreaLevel, in parent: UInt64?,
        unit: String? = nil
    ) -> Area {
        Area(
            id: AreaID(rawValue: id), code: code, name: name, level: level,
            parent: parent.map(AreaID.init), managingUnit: unit)
    }

    private static let tree = AreaTree([
        area(1, "5204", "安顺市", .city, in: nil), area(2, "520402", "西秀区", .county, in: 1),
        area(3, "520423", "镇宁县", .county, in: 1), area(4, "520402103", "龙宫镇", .township, in: 2),
        area(5, "520423105", "黄果树镇", .township, in: 3),
        area(6, "520402103201", "龙潭村", .village, in: 4, unit: "黄果树旅游区"),
        area(7, "520402103202", "新寨村", .village, in: 4),
        area(8, "520423105201", "石头寨村", .village, in: 5, unit: "黄果树旅游区"),
        area(9, "520423105202", "新寨村", .village, in: 5, unit: "镇宁县"),
    ])

    private func found(_ text: String) -> [UInt64] { Self.tree.find(text).map(\.id.rawValue) }

    @Test func `an area is found by its code at every level`() {
        #expect(found("5204") == [1])
        #expect(found("520402") == [2])
        #expect(found("520402103") == [4])
        #expect(found("520402103201") == [6])
    }

    @Test func `a part of a code stands for the villages that begin with it`() {
        #expect(found("52042310520") == [8, 9])
        #expect(found("52") == [6, 7, 8, 9])
        #expect(found("9") == [])
        #expect(found("") == [])
    }

    @Test func `a managing unit stands for its villages across counties`() {
        #expect(found("黄果树旅游区") == [6, 8])
    }

    @Test func `a name may stand for several areas, all of them`() {
        #expect(found("新寨村") == [7, 9])
        #expect(found("龙宫镇") == [4])
        #expect(found("无此村") == [])
    }

    @Test func `villages under an area, and the way up from one`() {
        func under(_ id: UInt64) -> [UInt64] {
            Self.tree.villages(under: AreaID(rawValue: id)).map(\.id.rawValue)
        }
        #expect(under(1) == [6, 7, 8, 9])
        #expect(under(3) == [8, 9])
        #expect(under(7) == [7])
        #expect(under(99) == [])
        #expect(Self.tree.path(of: AreaID(rawValue: 6)).map(\.id.rawValue) == [6, 4, 2, 1])
    }

    @Test func `a register that points in a circle ends all the same`() {
        let circle = AreaTree([
            Self.area(1, "520401", "甲", .county, in: 2),
            Self.area(2, "520402", "乙", .county, in: 1),
            Self.area(3, "520402103201", "村", .village, in: 1),
        ])
        #expect(circle.villages(under: AreaID(rawValue: 1)).map(\.id.rawValue) == [3])
        #expect(circle.path(of: AreaID(rawValue: 1)).count <= 8)
    }

    @Test func `levels go from the city down`() {
        #expect(
            [AreaLevel.village, .city, .township, .county].sorted() == [
                .city, .county, .township, .village,
            ])
    }
}
