public import Foundation

/// The register entry of a household.
public enum Household {
    public static let householdNo = Field<String>(
        1, "household_no", zh: "户编号", en: "household number", type: .text(limit: 64),
        required: .always, personal: true, folding: .number)
    public static let headName = Field<String>(
        2, "head_name", zh: "户主姓名", en: "head of household", type: .text(limit: 200),
        personal: true)

    public static let villageCode = Field<String>(
        3, "village_code", zh: "村代码", en: "village code", type: .text(limit: 12),
        required: .always, folding: .number)
    /// The stable id of the village, where the household is now: codes are renumbered and reused.
    /// Without it the household is where its edits are.
    public static let village = Field<Data>(
        14, "village", zh: "村", en: "village", type: .identifier)
    public static let address = Field<String>(
        4, "address", zh: "住址", en: "address", type: .text(limit: 500), personal: true)
    public static let gridID = Field<String>(
        5, "grid_id", zh: "网格编号", en: "grid", type: .text(limit: 64),
        folding: .number)
    public static let tenHouseholdUnit = Field<String>(
        6, "ten_hh_unit", zh: "十联户单元", en: "ten-household unit", type: .text(limit: 64),
        folding: .number)

    public static let members = Field<Int64>(
        7, "members", zh: "家庭人口", en: "household members", type: .integer, unit: "人",
        range: 0...30)
    public static let residentMembers = Field<Int64>(
        8, "resident_members", zh: "常住人口", en: "usual residents", type: .integer, unit: "人",
        range: 0...30)

    public static let householdType = Field<HouseholdType>(
        9, "household_type", zh: "农户类型", en: "household type")
    public static let monitorClass = Field<MonitorClass>(
        10, "monitor_class", zh: "监测对象类别", en: "monitored class")

    public static let latitude = Field<ScaledDecimal>(
        11, "gps_lat", zh: "纬度", en: "latitude", type: .decimal, unit: "°", range: -90...90,
        usual: ScaledDecimal("25.2")!...ScaledDecimal("26.7")!, personal: true)
    public static let longitude = Field<ScaledDecimal>(
        12, "gps_lon", zh: "经度", en: "longitude", type: .decimal, unit: "°", range: -180...180,
        usual: ScaledDecimal("105.2")!...ScaledDecimal("106.6")!, personal: true)
    /// Of the two datums in use here, the one in which the position was read: they differ by some
    /// 500 m.
    public static let datum = Field<Datum>(15, "gps_datum", zh: "坐标系", en: "datum")

    public static let visitStatus = Field<VisitStatus>(
        13, "visit_status", zh: "入户状态", en: "visit status")
    /// The round of the visit; without it the first one that there was.
    public static let visitRound = Field<Data>(
        18, "visit_round", zh: "入户轮次", en: "round of the visit", type: .identifier)

    /// Not counted and not visited any more: gone, entered twice, or entered for training. The entry
    /// stays, and may be taken back.
    public static let setAside = Field<Bool>(
        16, "set_aside", zh: "移出名册", en: "set aside", type: .boolean)
    public static let setAsideReason = Field<String>(
        17, "set_aside_reason", zh: "移出理由", en: "why it is set aside", type: .text(limit: 500),
        required: setAside.isAnswered(true), personal: true)

    public static let form = Form(
        .household, "household", zh: "农户", en: "household", subject: .household, version: 3,
        [
            Section(
                1, "identity", zh: "户主", en: "identity",
                [householdNo.definition, headName.definition]),
            Section(
                2, "location", zh: "住址", en: "location",
                [
                    villageCode.definition, address.definition, gridID.definition,
                    tenHouseholdUnit.definition, village.definition,
                ]),
            Section(
                3, "size", zh: "人口", en: "size",
                [members.definition, residentMembers.definition]),
            Section(
                4, "classification", zh: "类型", en: "classification",
                [householdType.definition, monitorClass.definition]),
            Section(
                5, "position", zh: "坐标", en: "position",
                [latitude.definition, longitude.definition, datum.definition]),
            Section(
                6, "visit", zh: "入户", en: "visit",
                [visitStatus.definition, visitRound.definition]),
            Section(
                7, "standing", zh: "在册", en: "standing", policy: .mostSevere,
                [setAside.definition, setAsideReason.definition]),
        ],
        rules: [
            .notResidentNumber(householdNo),
            .ordered(residentMembers, members),
            .unusual(
                .all([.not(members.isAtMost(12)), members.isAtMost(30)]), zh: "家庭人口在 12 人以上",
                en: "more than 12 household members"),
            .unusual(
                .all([members.isAtMost(0), .not(visitStatus.isOne(of: .vacant))]),
                zh: "家庭人口为 0，但入户状态不是无人居住",
                en: "no household member, but visit_status does not say that nobody lives there"),
            .unusual(
                .all([
                    latitude.isAtMost(90), longitude.isAtMost(180),
                    .not(datum.isOne(of: .wgs84, .gcj02)),
                ]),
                zh: "没有坐标系：请注明 WGS-84 或 GCJ-02",
                en: "no datum: say whether the position is in WGS-84 or GCJ-02"),
        ])
}
