import ServerStore
import SurveyConsole
import SurveyModel

extension AreaPlan.Kind {
    var label: Label {
        switch self {
        case .added: Label(zh: "新增", en: "added")
        case .unit: Label(zh: "管理单位", en: "managing unit")
        case .renamed: Label(zh: "改名", en: "renamed")
        case .renumbered: Label(zh: "改代码", en: "renumbered")
        case .moved: Label(zh: "改隶属", en: "moved")
        case .reinstated: Label(zh: "恢复", en: "reinstated")
        case .merged: Label(zh: "并入", en: "merged")
        case .split: Label(zh: "拆分", en: "split")
        case .withdrawn: Label(zh: "撤销", en: "withdrawn")
        case .ambiguous: Label(zh: "不确定", en: "ambiguous")
        }
    }
}

extension AreaPlan {
    /// Prints what changes the meaning of codes and names, one line each.
    func printText(_ tree: AreaTree) {
        let shown = changes.filter { $0.kinds != [.added] && $0.kinds != [.unit] }
        if !shown.isEmpty {
            var table = TextTable([
                (localized(zh: "变动", en: "change"), .left),
                (localized(zh: "原代码", en: "code"), .left),
                (localized(zh: "原名称", en: "name"), .left),
                (localized(zh: "现代码", en: "new code"), .left),
                (localized(zh: "现名称", en: "new name"), .left),
                (localized(zh: "涉及", en: "concerns"), .left),
            ])
            for change in shown {
                table.add([
                    change.kinds.map { $0.label[Console.language] }
                        .joined(separator: localized(zh: "、", en: ", ")),
                    change.before?.code ?? "", change.before?.name ?? "",
                    change.isGone ? "" : change.after?.code ?? "",
                    change.isGone ? "" : change.after?.name ?? "", change.concerns(tree),
                ])
            }
            table.print()
        }
        guard !users.isEmpty else { return }
        let names = users.joined(separator: localized(zh: "、", en: ", ")).printable
        Console.print(
            Label(
                zh: "负责区域随地方走，以下用户仍负责原来的村：\(names)。扩大范围请用 user assign",
                en: "Assignments follow places; these users keep the villages that they have: "
                    + "\(names). To give more: user assign"))
    }

    var json: JSONValue {
        [
            "changes": .array(changes.map(\.json)), "users": .array(users),
            "needs_decision": .bool(needsDecision), "undecided": JSONValue(undecided),
        ]
    }
}

extension AreaPlan.Change {
    /// No place any more.
    fileprivate var isGone: Bool { after?.isWithdrawn == true }

    /// What took it in, what it could be, or what it is part of now.
    fileprivate func concerns(_ tree: AreaTree) -> String {
        if !others.isEmpty {
            return others.map { "\($0.code) \($0.name)" }
                .joined(separator: localized(zh: "、", en: ", "))
        }
        guard kinds.contains(.moved) else { return "" }
        return after?.parent.flatMap { tree[$0] }.map { "\($0.code) \($0.name)" } ?? ""
    }

    fileprivate var json: JSONValue {
        [
            "kinds": .array(kinds.map(\.rawValue)), "level": .string(level.rawValue),
            "from": before?.json ?? .null, "to": after?.json ?? .null,
            "others": .array(others.map(\.json)),
        ]
    }
}

extension Area {
    var json: JSONValue {
        [
            "id": .string(id.text), "code": .string(code), "name": .string(name),
            "level": .string(level.rawValue), "parent": JSONValue(parent?.text),
            "managing_unit": JSONValue(managingUnit), "withdrawn": .bool(isWithdrawn),
            "merged_into": JSONValue(mergedInto?.text), "former_codes": .array(formerCodes),
        ]
    }
}
