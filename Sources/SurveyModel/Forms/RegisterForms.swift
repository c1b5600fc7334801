public import Foundation

/// An area of any level. Its subject carries the stable ``AreaID``.
public enum AreaForm {
    public static let code = Field<String>(
        1, "code", zh: "代码", en: "code", type: .text(limit: 12), required: .always,
        folding: .number)
    public static let name = Field<String>(
        2, "name", zh: "名称", en: "name", type: .text(limit: 200), required: .always)
    public static let level = Field<AreaLevel>(
        3, "level", zh: "级别", en: "level", required: .always)
    public static let parent = Field<Data>(4, "parent", zh: "上级", en: "parent", type: .identifier)
    public static let managingUnit = Field<String>(
        5, "managing_unit", zh: "管理单位", en: "managing unit", type: .text(limit: 200))
    public static let withdrawn = Field<Bool>(
        6, "withdrawn", zh: "已撤销", en: "withdrawn", type: .boolean)
    /// The area that took a withdrawn one in.
    public static let mergedInto = Field<Data>(
        7, "merged_into", zh: "并入", en: "merged into", type: .identifier)
    /// Rounds in which this edit does not count, as ids in text: they keep the register that they
    /// were opened with.
    public static let notInRounds = Field<TextSet>(
        8, "not_in_rounds", zh: "不适用的轮次", en: "rounds without this", type: .texts)

    public static let form = Form(
        .area, "area", zh: "区域", en: "area", subject: .register, version: 2,
        [
            Section(
                1, "identity", zh: "区域", en: "identity",
                [code.definition, name.definition, level.definition, parent.definition]),
            Section(2, "scope", zh: "管理单位", en: "scope list", [managingUnit.definition]),
            Section(
                3, "state", zh: "状态", en: "state",
                [withdrawn.definition, mergedInto.definition]),
            Section(4, "rounds", zh: "轮次", en: "rounds", [notInRounds.definition]),
        ])
}

public enum RoundState: String, SurveyCode {
    case open
    case closed

    public static let listName = "round_state"

    public var label: Label {
        switch self {
        case .open: Label(zh: "进行中", en: "open")
        case .closed: Label(zh: "已结束", en: "closed")
        }
    }
}

/// A round of checks. Its subject carries the stable ``RoundID``.
public enum RoundForm {
    public static let code = Field<String>(
        1, "code", zh: "轮次", en: "code", type: .text(limit: 64), required: .always)
    public static let title = Field<String>(
        2, "title", zh: "名称", en: "title", type: .text(limit: 200))
    /// The year whose insurance counts.
    public static let year = Field<Int64>(3, "year", zh: "年度", en: "year", type: .integer)
    public static let waterStandard = Field<WaterStandard>(
        4, "water_standard", zh: "饮水标准", en: "water standard")
    public static let formVersions = Field<String>(
        5, "form_versions", zh: "表单版本", en: "form versions", type: .text)
    /// Length of the register's part of the feed when the round was opened.
    public static let registerVersion = Field<Int64>(
        6, "register_version", zh: "名册版本", en: "register version", type: .integer)
    public static let state = Field<RoundState>(7, "state", zh: "状态", en: "state")
    public static let changedOn = Field<CalendarDate>(
        8, "changed_on", zh: "日期", en: "changed on", type: .date)

    public static let form = Form(
        .round, "round", zh: "轮次", en: "round", subject: .register,
        [
            Section(
                1, "identity", zh: "轮次", en: "identity",
                [
                    code.definition, title.definition, year.definition,
                    waterStandard.definition, formVersions.definition,
                    registerVersion.definition,
                ]),
            Section(
                2, "state", zh: "状态", en: "state", [state.definition, changedOn.definition]),
        ])
}

/// What a user may do.
public enum Role: String, SurveyCode {
    case surveyor
    case supervisor
    case administrator

    public static let listName = "role"

    public var label: Label {
        switch self {
        case .surveyor: Label(zh: "调查员", en: "surveyor")
        case .supervisor: Label(zh: "督导员", en: "supervisor")
        case .administrator: Label(zh: "管理员", en: "administrator")
        }
    }
}

/// A person who works with the system. Its subject carries the stable ``UserID``.
public enum UserForm {
    public static let name = Field<String>(
        1, "name", zh: "姓名", en: "name", type: .text(limit: 200), required: .always)
    public static let role = Field<Role>(2, "role", zh: "角色", en: "role", required: .always)
    /// Area ids as text; an area stands for its whole subtree.
    public static let areas = Field<TextSet>(
        3, "areas", zh: "负责区域", en: "areas", type: .texts)
    public static let revoked = Field<Bool>(
        4, "revoked", zh: "已停用", en: "revoked", type: .boolean)
    /// Areas that this edit takes away, as ids in text.
    public static let unassigned = Field<TextSet>(
        5, "unassigned", zh: "取消区域", en: "areas taken away", type: .texts)
    /// Ends of the user's logs as the server held them when it took areas away: what lies at or
    /// below them was in time.
    public static let unassignedAt = Field<TextSet>(
        6, "unassigned_at", zh: "取消时日志", en: "logs when taken away", type: .texts)
    /// The same for a revocation.
    public static let revokedAt = Field<TextSet>(
        7, "revoked_at", zh: "停用时日志", en: "logs when revoked", type: .texts)

    public static let form = Form(
        .user, "user", zh: "用户", en: "user", subject: .register,
        [
            Section(
                1, "identity", zh: "用户", en: "identity", [name.definition, role.definition]),
            // Assigned beside unassigned stays assigned until somebody decides.
            Section(
                2, "scope", zh: "负责区域", en: "scope", policy: .union,
                [areas.definition, unassigned.definition, unassignedAt.definition]),
            // Any revocation wins.
            Section(
                3, "state", zh: "状态", en: "state", policy: .mostSevere,
                [revoked.definition, revokedAt.definition]),
        ])
}

/// An enrolled device: the public key that its log is verified with, and whose it is.
public enum DeviceForm {
    public static let publicKey = Field<Data>(
        1, "public_key", zh: "公钥", en: "public key", type: .identifier, required: .always)
    public static let user = Field<Data>(
        2, "user", zh: "用户", en: "user", type: .identifier, required: .always)
    public static let enrolledOn = Field<CalendarDate>(
        3, "enrolled_on", zh: "登记日期", en: "enrolled on", type: .date)
    public static let revoked = Field<Bool>(
        4, "revoked", zh: "已停用", en: "revoked", type: .boolean)
    /// The root of the chain of endorsements that this log belongs to; absent for a first key.
    public static let endorsedBy = Field<Data>(
        5, "endorsed_by", zh: "背书密钥", en: "endorsed by", type: .identifier)
    /// Ends of the device's logs as the server held them when it was revoked.
    public static let revokedAt = Field<TextSet>(
        6, "revoked_at", zh: "停用时日志", en: "logs when revoked", type: .texts)

    public static let form = Form(
        .device, "device", zh: "设备", en: "device", subject: .register,
        [
            Section(
                1, "identity", zh: "设备", en: "identity",
                [
                    publicKey.definition, user.definition, enrolledOn.definition,
                    endorsedBy.definition,
                ]),
            Section(
                2, "state", zh: "状态", en: "state", policy: .mostSevere,
                [revoked.definition, revokedAt.definition]),
        ])
}

/// What a decision says of an edit.
public enum Verdict: String, SurveyCode {
    case hold
    case lift
    case accept
    case reject

    public static let listName = "verdict"

    public var label: Label {
        switch self {
        case .hold: Label(zh: "待审核", en: "held for review")
        case .lift: Label(zh: "解除待审", en: "hold lifted")
        case .accept: Label(zh: "采纳", en: "accepted")
        case .reject: Label(zh: "不采纳", en: "rejected")
        }
    }
}

/// Why an edit is held.
public enum HoldReason: String, SurveyCode {
    case outsideArea = "outside_area"
    case revokedUser = "revoked_user"
    case revokedDevice = "revoked_device"
    case reservedArea = "reserved_area"
    case wrongAuthor = "wrong_author"
    case wrongSubject = "wrong_subject"
    case tooManyEdits = "too_many_edits"
    case unknownAnswers = "unknown_answers"

    public static let listName = "hold_reason"

    public var label: Label {
        switch self {
        case .outsideArea: Label(zh: "不在负责区域内", en: "outside the writer's areas")
        case .revokedUser: Label(zh: "用户已停用", en: "the user was revoked")
        case .revokedDevice: Label(zh: "设备已停用", en: "the device was revoked")
        case .reservedArea: Label(zh: "不得修改名册", en: "the register is not the writer's")
        case .wrongAuthor: Label(zh: "署名与设备不符", en: "signed in another user's name")
        case .wrongSubject: Label(zh: "对象类型不符", en: "the subject is of another kind")
        case .tooManyEdits:
            Label(zh: "同一设备对同一记录修改次数过多", en: "too many edits of one record by one device")
        case .unknownAnswers:
            Label(zh: "无法识别的答案过多", en: "too many answers that no form here asks for")
        }
    }
}

/// A decision about one edit: hold, lift, accept or reject.
public enum DecisionForm {
    public static let edit = Field<Data>(
        1, "edit", zh: "编辑", en: "edit", type: .identifier, required: .always)
    public static let verdict = Field<Verdict>(
        2, "verdict", zh: "决定", en: "verdict", required: .always)
    public static let reason = Field<HoldReason>(3, "reason", zh: "原因", en: "reason")
    /// The dot of the edit, so that it is found by its place in its log.
    public static let replica = Field<Data>(
        4, "replica", zh: "副本", en: "replica", type: .identifier)
    public static let counter = Field<Int64>(5, "counter", zh: "序号", en: "counter", type: .integer)

    public static let form = Form(
        .decision, "decision", zh: "决定", en: "decision", subject: .register,
        [
            Section(
                1, "verdict", zh: "决定", en: "verdict",
                [
                    edit.definition, verdict.definition, reason.definition, replica.definition,
                    counter.definition,
                ])
        ])
}

/// An edit repeated, verbatim, in the area where its household is now.
public enum ExcerptForm {
    /// The edit's bytes: an `EditBytes` message.
    public static let edit = Field<Data>(
        1, "edit", zh: "编辑", en: "edit", type: .identifier, required: .always)

    public static let form = Form(
        .excerpt, "excerpt", zh: "摘录", en: "excerpt", subject: .register,
        [Section(1, "edit", zh: "编辑", en: "edit", [edit.definition])])
}
