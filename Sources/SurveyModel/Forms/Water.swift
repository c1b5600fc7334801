/// The drinking-water check of a household.
///
/// Source: T/CHES 18-2018 and the Guizhou criteria of 2021; limits of GB 5749-2022.
public enum Water {
    public static let supplyMode = Field<SupplyMode>(
        1, "supply_mode", zh: "供水方式", en: "supply mode", required: .always)
    public static let region = Field<WaterRegion>(
        2, "region", zh: "水源分区", en: "water region")
    public static let jmpSource = Field<DrinkingSource>(
        3, "jmp_source", zh: "主要饮用水源", en: "main drinking source (JMP)")

    public static let litresPerPersonDay = Field<ScaledDecimal>(
        4, "litres_pcd", zh: "人均日水量", en: "litres per person per day", type: .decimal,
        unit: "L/(人·d)", range: 0...500, usual: 10...300, required: .always)

    public static let qualityBasis = Field<QualityBasis>(
        5, "quality_basis", zh: "水质依据", en: "quality basis", required: .always)
    /// What the senses find belongs to their check, or says why the water failed.
    private static let isSensory: Condition = qualityBasis.isOne(of: .sensory, .failed)
    public static let visibleMatter = Field<Bool>(
        6, "visible_matter", zh: "肉眼可见杂质", en: "visible matter", type: .boolean,
        when: isSensory)
    public static let offColourOdour = Field<Bool>(
        7, "off_colour_odour", zh: "异色异味", en: "odd colour or smell", type: .boolean,
        when: isSensory)
    public static let adverseReaction = Field<Bool>(
        8, "adverse_reaction", zh: "长期饮用不良反应", en: "ill effects of long use",
        type: .boolean, when: isSensory)
    public static let turbidity = Field<ScaledDecimal>(
        9, "turbidity", zh: "浑浊度", en: "turbidity", type: .decimal, unit: "NTU",
        range: 0...1000, usual: 0...3)
    public static let ph = Field<ScaledDecimal>(
        10, "ph", zh: "pH", en: "pH", type: .decimal, range: 0...14,
        usual: ScaledDecimal("6.5")!...ScaledDecimal("8.5")!)
    public static let freeChlorine = Field<ScaledDecimal>(
        11, "free_chlorine", zh: "游离氯", en: "free chlorine", type: .decimal, unit: "mg/L",
        range: 0...10, usual: 0...2)
    public static let totalColiform = Field<Detection>(
        12, "total_coliform", zh: "总大肠菌群", en: "total coliform")

    public static let toHome = Field<Bool>(
        13, "to_home", zh: "供水入户", en: "piped to home or yard", type: .boolean,
        required: .always)
    private static let isFetched: Condition = toHome.isAnswered(false)
    public static let roundTripMinutes = Field<Int64>(
        14, "roundtrip_min", zh: "取水往返时间", en: "fetching round trip", type: .integer,
        unit: "min", range: 0...600, usual: 1...180, when: isFetched)
    public static let horizontalMetres = Field<Int64>(
        15, "horiz_m", zh: "水平距离", en: "horizontal distance", type: .integer, unit: "m",
        range: 0...20_000, usual: 0...3_000, when: isFetched)
    public static let verticalMetres = Field<Int64>(
        16, "vert_m", zh: "垂直高差", en: "vertical difference", type: .integer, unit: "m",
        range: 0...1_000, usual: 0...300, when: isFetched)

    public static let shortDaysYear = Field<Int64>(
        17, "short_days_year", zh: "年缺水天数", en: "short days in a year", type: .integer,
        unit: "d", range: 0...366, usual: 0...120)
    public static let longestDryRun = Field<Int64>(
        18, "consec_short_days", zh: "连续缺水天数", en: "longest dry run", type: .integer,
        unit: "d", range: 0...366, usual: 0...60)

    public static let form = Form(
        .water, "water", zh: "饮水安全", en: "drinking water", subject: .household,
        version: 3,
        [
            Section(
                1, "supply", zh: "供水", en: "supply",
                [supplyMode.definition, region.definition, jmpSource.definition]),
            Section(
                2, "quantity", zh: "水量", en: "quantity", policy: .mostSevere,
                [litresPerPersonDay.definition]),
            Section(
                3, "quality", zh: "水质", en: "quality", policy: .mostSevere,
                [
                    qualityBasis.definition, visibleMatter.definition,
                    offColourOdour.definition, adverseReaction.definition,
                    turbidity.definition, ph.definition, freeChlorine.definition,
                    totalColiform.definition,
                ]),
            Section(
                4, "access", zh: "用水方便程度", en: "access", policy: .mostSevere,
                [
                    toHome.definition, roundTripMinutes.definition,
                    horizontalMetres.definition, verticalMetres.definition,
                ]),
            Section(
                5, "reliability", zh: "供水保证率", en: "reliability", policy: .mostSevere,
                [shortDaysYear.definition, longestDryRun.definition]),
        ] + Remarks.sections,
        rules: [
            .ordered(longestDryRun, shortDaysYear),
            .unusual(
                .all([
                    qualityBasis.isOne(of: .standard),
                    .any([
                        totalColiform.isOne(of: .detected),
                        .all([.not(turbidity.isAtMost(3)), turbidity.isAtMost(1_000)]),
                    ]),
                ]), zh: "检测值超出 GB 5749 限值，但水质依据为符合标准",
                en: "a test value is outside GB 5749 but quality_basis says that it is met"),
            .unusual(
                .all([
                    qualityBasis.isOne(of: .sensory),
                    supplyMode.isOne(of: .urbanExtension, .tenThousand, .thousand, .small),
                ]), zh: "望闻问尝只适用于分散供水",
                en: "a sensory check counts for dispersed supply only"),
        ])
}
