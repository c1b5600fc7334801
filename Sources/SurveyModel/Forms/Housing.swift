/// The housing check of a household.
///
/// Source: guide 建村函〔2019〕200号 for one and two storeys; it rates danger and disaster
/// measures apart. `grade` is that of the dwelling named by `dwelling_source`.
public enum Housing {
    public static let dwellingSource = Field<DwellingSource>(
        1, "dwelling_source", zh: "住房来源", en: "dwelling source", required: .always)
    public static let occupied = Field<Bool>(
        2, "occupied", zh: "是否居住", en: "lived in", type: .boolean)
    private static let hasDwelling: Condition = .not(dwellingSource.isOne(of: .none))
    public static let grade = Field<HouseGrade>(
        3, "grade", zh: "评定等级", en: "safety grade", when: hasDwelling)
    private static let isDangerous: Condition = .all([hasDwelling, grade.isOne(of: .c, .d)])
    public static let siteSafe = Field<SiteSafety>(
        4, "site_safe", zh: "场地安全程度", en: "site safety", when: hasDwelling)
    public static let foundation = part(5, "foundation", zh: "地基基础", en: "foundation grade")
    public static let superstructure = part(
        6, "superstructure", zh: "上部承重结构", en: "load-bearing structure grade")
    public static let wallColumn = part(
        7, "wall_column", zh: "承重墙柱", en: "load-bearing walls and columns")
    public static let beam = part(8, "beam", zh: "梁", en: "beams")
    public static let floorRoof = part(9, "floor_roof", zh: "楼屋盖", en: "floors and roof")
    public static let enclosure = part(10, "enclosure", zh: "围护结构", en: "enclosure")
    public static let tilt = Field<Tilt>(
        11, "tilt", zh: "房屋整体倾斜", en: "overall tilt", when: hasDwelling)
    public static let gradeDate = Field<CalendarDate>(
        12, "grade_date", zh: "鉴定日期", en: "appraisal date", type: .date, when: hasDwelling,
        required: isDangerous, notInFuture: true)
    public static let appraiser = Field<String>(
        13, "appraiser", zh: "鉴定人员", en: "appraiser", type: .text(limit: 200),
        when: hasDwelling, required: isDangerous, personal: true)

    public static let structure = Field<Structure>(
        14, "structure", zh: "结构形式", en: "structure type")
    public static let floors = Field<Int64>(
        15, "floors", zh: "层数", en: "storeys", type: .integer, unit: "层", range: 1...10)
    public static let buildYear = Field<Int64>(
        16, "build_year", zh: "建成年份", en: "year built", type: .integer, unit: "年",
        range: 1850...2200, usual: 1950...2200, notInFuture: true)
    public static let length = metres(17, "length_m", zh: "总长", en: "length", 1...100)
    public static let width = metres(18, "width_m", zh: "总宽", en: "width", 1...60)
    public static let height = metres(19, "height_m", zh: "总高", en: "height", 1...40)
    public static let floorArea = Field<ScaledDecimal>(
        20, "floor_area_m2", zh: "建筑面积", en: "floor area", type: .decimal, unit: "m²",
        range: 5...2000, usual: 15...600)

    public static let disasterMeasures = Field<DisasterMeasures>(
        21, "disaster_measures", zh: "防灾措施", en: "disaster-resistance measures")

    public static let renovationState = Field<RenovationState>(
        22, "renov_state", zh: "改造状态", en: "renovation state")
    public static let renovationType = Field<RenovationType>(
        23, "renov_type", zh: "改造方式", en: "renovation type",
        when: renovationState.isOne(of: .waiting, .underWay, .completed, .accepted))

    public static let form = Form(
        .housing, "housing", zh: "住房安全", en: "housing", subject: .household, version: 2,
        [
            Section(
                1, "safety", zh: "住房安全", en: "safety", policy: .mostSevere,
                [
                    dwellingSource.definition, occupied.definition, grade.definition,
                    siteSafe.definition, foundation.definition, superstructure.definition,
                    wallColumn.definition, beam.definition, floorRoof.definition,
                    enclosure.definition, tilt.definition, gradeDate.definition,
                    appraiser.definition,
                ]),
            Section(
                2, "building", zh: "房屋概况", en: "building",
                [
                    structure.definition, floors.definition, buildYear.definition,
                    length.definition, width.definition, height.definition,
                    floorArea.definition,
                ]),
            Section(
                3, "disaster", zh: "防灾措施", en: "disaster measures",
                [disasterMeasures.definition]),
            Section(
                4, "renovation", zh: "改造", en: "renovation",
                [renovationState.definition, renovationType.definition]),
        ] + Remarks.sections, rules: rules)

    private static let parts = [foundation, superstructure, wallColumn, beam, floorRoof]

    private static let rules: [Rule] = [
        .unusual(
            .all([.not(floors.isAtMost(2)), floors.isAtMost(10)]),
            zh: "2 层以上不适用建村函〔2019〕200号，应按 GB 50292 鉴定",
            en: "of more than two storeys 建村函〔2019〕200号 does not speak: GB 50292 does"),
        .unusual(
            .all([grade.isOne(of: .a, .b), .any(parts.map { $0.isOne(of: .severe) })]),
            zh: "有部件为 d（严重破坏），但房屋评为 A 或 B 级",
            en: "a component is rated d (severe) but the dwelling is graded A or B"),
        .unusual(
            .all([
                superstructure.isOne(of: .intact, .slight),
                .any([wallColumn, beam, floorRoof].map { $0.isOne(of: .medium, .severe) }),
            ]), zh: "上部承重结构优于其中最差的构件",
            en: "superstructure is better than the worst of walls, beams and floors"),
        .unusual(
            .all([
                grade.isOne(of: .c, .d), renovationState.isOne(of: .notNeeded),
                .not(occupied.isAnswered(false)),
            ]), zh: "C、D 级住人房屋不应为“不需改造”",
            en: "a dwelling of grade C or D that is lived in needs renovation"),
        .unusual(
            .any([
                .all([grade.isOne(of: .c), renovationType.isOne(of: .rebuild)]),
                .all([grade.isOne(of: .d), renovationType.isOne(of: .repair)]),
            ]), zh: "C 级一般修缮加固，D 级一般拆除重建",
            en: "grade C is usually repaired, grade D rebuilt"),
        // A house does not become safer by itself.
        .explained(
            grade, from: [.c, .d], by: Remarks.note,
            unless: .not(
                .all([hasDwelling, .not(renovationState.isOne(of: .completed, .accepted))]))),
    ]

    private static func part(_ tag: UInt32, _ key: String, zh: String, en: String)
        -> Field<PartGrade>
    {
        Field(tag, key, zh: zh, en: en, when: hasDwelling)
    }

    private static func metres(
        _ tag: UInt32, _ key: String, zh: String, en: String,
        _ range: ClosedRange<ScaledDecimal>
    ) -> Field<ScaledDecimal> {
        Field(tag, key, zh: zh, en: en, type: .decimal, unit: "m", range: range)
    }
}
