/// The medical-security check of a person. All that it asks is of health: exports have it only
/// when it is asked for by name.
public enum Medical {
    public static let insurance = Field<Insurance>(
        1, "insurance", zh: "参保类型", en: "insurance type", required: .always, health: true)
    private static let isInsured = insurance.isOne(of: .resident, .employee, .other)
    private static let isUninsured = insurance.isOne(of: .none)
    public static let uninsuredReason = Field<UninsuredReason>(
        2, "uninsured_reason", zh: "未参保原因", en: "reason not insured", when: isUninsured,
        required: isUninsured, health: true)
    public static let insuredYear = Field<Int64>(
        3, "insured_year", zh: "参保年度", en: "insurance year", type: .integer, unit: "年",
        range: 2016...2200, when: isInsured, required: isInsured, notInFuture: true,
        yearsAhead: 1, health: true)

    public static let chronic = Field<CodeSet<ChronicDisease>>(
        4, "chronic", zh: "四类慢病", en: "four chronic diseases",
        type: .codes(CodeList(ChronicDisease.self)), health: true)
    public static let followUps = Field<Int64>(
        5, "followups_year", zh: "年随访次数", en: "follow-ups this year", type: .integer,
        unit: "次", range: 0...52, usual: 0...12, health: true)

    public static let contract = Field<Bool>(
        6, "contract", zh: "家庭医生签约", en: "family-doctor contract", type: .boolean,
        required: .always, health: true)
    public static let contractDate = Field<CalendarDate>(
        7, "contract_date", zh: "签约日期", en: "contract date", type: .date,
        when: contract.isAnswered(true), notInFuture: true, health: true)

    public static let form = Form(
        .medical, "medical", zh: "医疗保障", en: "medical security", subject: .person,
        version: 2,
        [
            Section(
                1, "insurance", zh: "参保", en: "insurance", policy: .mostSevere,
                [insurance.definition, uninsuredReason.definition, insuredYear.definition]),
            Section(
                2, "chronic", zh: "慢病管理", en: "chronic diseases", policy: .union,
                [chronic.definition, followUps.definition]),
            Section(
                3, "contract", zh: "家庭医生签约", en: "family-doctor contract",
                [contract.definition, contractDate.definition]),
        ] + Remarks.sections,
        rules: [
            .unusual(
                .all([chronic.includes(.hypertension, .diabetes), followUps.isAtMost(3)]),
                zh: "高血压、糖尿病每年应随访不少于 4 次",
                en: "hypertension and diabetes take at least 4 follow-ups a year")
        ])
}
