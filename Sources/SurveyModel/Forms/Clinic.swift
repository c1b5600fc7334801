/// The check of a village's clinic and doctors.
///
/// A *blank spot* (空白点) is a village without a clinic arrangement or without a qualified doctor.
public enum Clinic {
    public static let arrangement = Field<ClinicArrangement>(
        1, "clinic", zh: "村卫生室", en: "village clinic", required: .always)
    public static let doctors = Field<Int64>(
        2, "doctors", zh: "合格村医数", en: "qualified doctors", type: .integer, unit: "人",
        range: 0...20, usual: 0...5)

    public static let form = Form(
        .clinic, "clinic", zh: "村卫生室", en: "village clinic", subject: .village,
        [
            Section(
                1, "clinic", zh: "村卫生室", en: "village clinic", policy: .mostSevere,
                [arrangement.definition, doctors.definition])
        ] + Remarks.sections,
        rules: [
            .unusual(
                .all([
                    arrangement.isOne(of: .none), .not(doctors.isAtMost(0)), doctors.isAtMost(20),
                ]), zh: "无卫生室安排却有村医",
                en: "doctors without a clinic arrangement")
        ])
}

/// How a village is served by a clinic.
public enum ClinicArrangement: String, SurveyCode {
    case own = "1"
    case shared = "2"
    case townshipCentre = "3"
    case visiting = "4"
    case none = "0"

    public static let listName = "clinic"

    public var label: Label {
        switch self {
        case .own: Label(zh: "本村卫生室", en: "own clinic")
        case .shared: Label(zh: "邻村联合设置", en: "shared with a neighbour")
        case .townshipCentre: Label(zh: "乡镇卫生院覆盖", en: "covered by township centre")
        case .visiting: Label(zh: "巡诊派驻", en: "visiting service")
        case .none: Label(zh: "空白", en: "none")
        }
    }
}
