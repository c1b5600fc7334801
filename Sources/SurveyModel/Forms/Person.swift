public import Foundation

/// The register entry of a member of a household.
public enum Person {
    public static let household = Field<Data>(
        1, "household", zh: "所属户", en: "household", type: .identifier, required: .always)

    public static let personNo = Field<String>(
        2, "person_no", zh: "人员编号", en: "person number", type: .text(limit: 64),
        required: .always, folding: .place)
    public static let name = Field<String>(
        3, "name", zh: "姓名", en: "name", type: .text(limit: 200), personal: true)
    public static let birthDate = Field<CalendarDate>(
        4, "birth_date", zh: "出生日期", en: "date of birth", type: .date, notInFuture: true,
        personal: true)
    public static let sex = Field<Sex>(5, "sex", zh: "性别", en: "sex")

    public static let relation = Field<Relation>(
        6, "relation", zh: "与户主关系", en: "relation to head")

    public static let presence = Field<Presence>(
        7, "presence", zh: "人员状态", en: "presence", required: .always)
    private static let hasLeft = presence.isOne(of: .movedOut, .died)
    public static let presenceReason = Field<String>(
        8, "presence_reason", zh: "变动原因", en: "reason for leaving", type: .text(limit: 500),
        when: hasLeft, required: hasLeft, health: true)
    public static let presenceDate = Field<CalendarDate>(
        9, "presence_date", zh: "变动日期", en: "date of leaving", type: .date, when: hasLeft,
        required: hasLeft, notInFuture: true)

    /// Not counted any more: entered twice, or by mistake. The entry stays, and may be taken back.
    public static let setAside = Field<Bool>(
        10, "set_aside", zh: "移出名册", en: "set aside", type: .boolean)
    public static let setAsideReason = Field<String>(
        11, "set_aside_reason", zh: "移出理由", en: "why they are set aside",
        type: .text(limit: 500), required: setAside.isAnswered(true), personal: true)

    public static let form = Form(
        .person, "person", zh: "人员", en: "person", subject: .person, version: 2,
        [
            Section(1, "membership", zh: "所属户", en: "membership", [household.definition]),
            Section(
                2, "identity", zh: "身份", en: "identity",
                [personNo.definition, name.definition, birthDate.definition, sex.definition]),
            Section(3, "relation", zh: "关系", en: "relation", [relation.definition]),
            Section(
                4, "presence", zh: "状态", en: "presence",
                [presence.definition, presenceReason.definition, presenceDate.definition]),
            Section(
                5, "standing", zh: "在册", en: "standing", policy: .mostSevere,
                [setAside.definition, setAsideReason.definition]),
        ], rules: [.notResidentNumber(personNo), .recent(years: 110, birthDate)])
}
