import Foundation
import ServerStore
import SurveyConsole
import SurveyModel

extension ImportReport {
    /// Says what was done; wrong rows go to standard error and into the exit status.
    ///
    /// - Parameter tree: the register, for a plan of areas.
    func finish(json: Bool, tree: AreaTree? = nil) throws {
        if json {
            self.json.print()
        } else {
            printText(tree)
        }
        if isStopped {
            guard let plan else { throw Failure(.manyMoves) }
            throw plan.undecided > 0
                ? Failure(.undecidedPlan, "\(plan.undecided)") : Failure(.unacceptedPlan)
        }
        guard wrong > 0 else { return }
        throw Failure(isRefused ? .nothingImported : .badRows, "\(wrong)")
    }

    private func printText(_ tree: AreaTree?) {
        for problem in problems { Console.note(problem.text(Console.language)) }
        if wrong > problems.count { Console.note("… \(wrong - problems.count)") }
        for clash in clashing { Console.note(clash.text(Console.language)) }
        if clashes > clashing.count { Console.note("… \(clashes - clashing.count)") }
        if let plan, let tree { plan.printText(tree) }
        if !moves.isEmpty { printMoves() }
        if !oldNumbers.isEmpty { printOldNumbers() }
        if !missing.isEmpty {
            Console.note(
                Label(
                    zh: "上次名册有、本次没有的：\(missing.count) 条，均保持不变（--missing 文件 可列出）",
                    en: "\(missing.count) entries of an earlier roster are not in this one; they "
                        + "stay (--missing FILE lists them)"))
        }
        guard !isRefused, !isStopped else { return }
        Console.print(
            Label(
                zh: "新增 \(added)，修改 \(changed)，未变 \(unchanged)，有误 \(wrong)",
                en: "\(added) added, \(changed) changed, \(unchanged) unchanged, "
                    + "\(wrong) wrong"))
    }

    private func printMoves() {
        var table = TextTable([
            (localized(zh: "原村", en: "from"), .left), ("", .left),
            (localized(zh: "新村", en: "to"), .left), ("", .left),
            (localized(zh: "户数", en: "households"), .right),
        ])
        for move in moves {
            table.add([
                move.from.code, move.from.name, move.to.code, move.to.name, "\(move.households)",
            ])
        }
        table.print()
    }

    private func printOldNumbers() {
        var table = TextTable([
            (localized(zh: "编号开头的旧代码", en: "old code in numbers"), .left),
            (localized(zh: "所在村", en: "village"), .left), ("", .left),
            (localized(zh: "户数", en: "households"), .right),
        ])
        for number in oldNumbers {
            table.add([
                number.code, number.village.code, number.village.name, "\(number.households)",
            ])
        }
        table.print()
    }

    private var json: JSONValue {
        .object([
            "plan": plan?.json ?? .null,
            "rows": JSONValue(rows), "added": JSONValue(added), "changed": JSONValue(changed),
            "unchanged": JSONValue(unchanged), "wrong": JSONValue(wrong),
            "problems": .array(problems.map(\.json)), "clashes": .array(clashing.map(\.json)),
            "stopped": .bool(isStopped),
            "moves": .array(
                moves.map {
                    [
                        "from": .string($0.from.code), "to": .string($0.to.code),
                        "households": JSONValue($0.households),
                    ]
                }),
            "old_numbers": .array(
                oldNumbers.map {
                    [
                        "code": .string($0.code), "village": .string($0.village.code),
                        "households": JSONValue($0.households),
                    ]
                }),
            "missing": .array(
                missing.map {
                    [
                        "village_code": .string($0.villageCode),
                        "household_no": .string($0.householdNo),
                        "person_no": JSONValue($0.personNo),
                    ]
                }),
        ])
    }

    /// Writes what this roster has no longer as a CSV that only its owner reads.
    func writeMissing(to path: String) throws {
        let lines = missing.map { entry in
            [entry.villageCode, entry.householdNo, entry.personNo ?? ""].map(csvField)
                .joined(separator: ",")
        }
        let text = (["village_code,household_no,person_no"] + lines).joined(separator: "\n") + "\n"
        let isWritten = FileManager.default.createFile(
            atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        guard isWritten else { throw Failure(.badFile, path) }
    }
}

extension RowProblem {
    var json: JSONValue {
        [
            "file": .string(file), "line": JSONValue(line), "column": .string(column),
            "message": .string(message.en),
        ]
    }
}
