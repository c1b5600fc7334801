import SurveyCoverage
import SurveyModel
import Testing

@Suite struct CoverageTableTests {
    private static func area(
        _ id: UInt64, _ code: String, _ name: String, _ level: AreaLevel, in parent: UInt64?,
        unit: String? = nil
    ) -> Area {
        Area(
            id: AreaID(rawValue: id), code: code, name: name, level: level,
            parent: parent.map(AreaID.init), managingUnit: unit)
    }

    private static let areas = [
        area(1, "5204", "安顺市", .city, in: nil), area(2, "520402", "西秀区", .county, in: 1),
        area(3, "520423", "镇宁县", .county, in: 1), area(4, "520402103", "龙宫镇", .township, in: 2),
        area(5, "520423105", "黄果树镇", .township, in: 3),
        area(6, "520402103201", "龙潭村", .village, in: 4, unit: "黄果树旅游区"),
        area(7, "520402103202", "新寨村", .village, in: 4, unit: "西秀区"),
        area(8, "520423105201", "石头寨村", .village, in: 5, unit: "黄果树旅游区"),
        area(9, "520423105202", "新寨村", .village, in: 5),
    ]

    private static func count(_ village: UInt64, _ households: Int, safe: Int, heard: Int64?)
        -> VillageCount
    {
        VillageCount(
            village: AreaID(rawValue: village),
            tally: Tally([.households: households, .housingSafe: safe]),
            lastHeard: heard)
    }

    private func table(by level: RollUp) -> CoverageTable {
        let tree = AreaTree(Self.areas)
        return CoverageTable(
            [
                Self.count(6, 10, safe: 5, heard: 100), Self.count(7, 20, safe: 20, heard: 300),
                Self.count(8, 30, safe: 1, heard: 200),
            ],
            villages: tree.villages, tree: tree, by: level)
    }

    private func lines(_ table: CoverageTable) -> [String] {
        table.rows.map { "\($0.area) \($0.name) \($0.households) \($0.count(.housing).safe)" }
    }

    @Test func `by village, also those never heard from`() {
        let table = table(by: .village)
        #expect(
            lines(table) == [
                "520402103201 龙潭村 10 5", "520402103202 新寨村 20 20", "520423105201 石头寨村 30 1",
                "520423105202 新寨村 0 0",
            ])
        #expect(table.rows.map(\.lastHeard) == [100, 300, 200, nil])
        #expect(table.rows[3].count(.housing).lowRate.text == "—")
    }

    @Test func `by township and by county, along the statutory parents`() {
        #expect(lines(table(by: .township)) == ["520402103 龙宫镇 30 25", "520423105 黄果树镇 30 1"])
        #expect(lines(table(by: .county)) == ["520402 西秀区 30 25", "520423 镇宁县 30 1"])
        #expect(table(by: .county).rows.map(\.lastHeard) == [300, 200])
    }

    @Test func `by managing unit, across counties; without one by the county's name`() {
        #expect(
            lines(table(by: .unit)) == ["黄果树旅游区 黄果树旅游区 40 6", "西秀区 西秀区 20 20", "镇宁县 镇宁县 0 0"])
    }

    @Test(arguments: RollUp.allCases)
    func `whatever the rows, the sum is the same`(level: RollUp) {
        let table = table(by: level)
        let households = table.rows.reduce(0) { $0 + $1.households }
        #expect(households == 60)
        if level == .city {
            #expect(table.total == nil, "one row needs no sum")
        } else {
            #expect(table.total?.households == 60)
            #expect(table.total?.count(.housing).safe == 26)
            #expect(table.total?.lastHeard == 300)
        }
    }

    @Test func `counts of villages that are not asked for stay out`() {
        let tree = AreaTree(Self.areas)
        let table = CoverageTable(
            [Self.count(6, 10, safe: 5, heard: 100), Self.count(8, 30, safe: 1, heard: 200)],
            villages: tree.villages(under: AreaID(rawValue: 3)), tree: tree, by: .township)
        #expect(lines(table) == ["520423105 黄果树镇 30 1"])
    }

    @Test func `two areas with one code are two rows`() {
        let areas = [
            Self.area(1, "520402", "西秀区", .county, in: nil),
            Self.area(2, "520402103", "龙宫镇", .township, in: 1),
            Self.area(3, "520402103", "双堡镇", .township, in: 1),
            Self.area(4, "520402103201", "甲村", .village, in: 2),
            Self.area(5, "520402103201", "乙村", .village, in: 3),
        ]
        let tree = AreaTree(areas)
        for level in [RollUp.township, .village] {
            let table = CoverageTable(
                [Self.count(4, 1, safe: 0, heard: nil), Self.count(5, 2, safe: 0, heard: nil)],
                villages: tree.villages, tree: tree, by: level)
            #expect(Set(table.rows.map(\.households)) == [1, 2])
        }
    }
}
