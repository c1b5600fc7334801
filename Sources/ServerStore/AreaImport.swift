public import Foundation
internal import GRDB
internal import SurveyLog
internal import SurveyModel
internal import SurveyStore
internal import SurveyWire

/// Imports a register of areas: counties, townships and villages under one city.
extension ServerStore {
    /// Compares a file with the register and writes what differs; importing it again changes
    /// nothing.
    ///
    /// - Parameters:
    ///   - strict: imports all or nothing.
    ///   - isPartial: the file does not list every village of its townships: what it leaves out
    ///     stays.
    ///   - acceptPlan: also writes what makes codes and names mean other places.
    public func importAreas(
        _ file: URL, cityCode: String, cityName: String, strict: Bool, isPartial: Bool = false,
        acceptPlan: Bool = false
    ) throws -> ImportReport {
        guard cityCode.isDigits(4) else {
            throw Failure(
                .usage,
                Label(
                    zh: "--city 是区划代码的前 4 位",
                    en: "--city takes the first 4 digits of the codes"))
        }
        let (areas, read) = try Self.read(file, cityCode, cityName)
        if read.wrong > 0, strict || areas.contradictsItself || read.wrong == read.rows {
            var report = read
            report.isRefused = true
            return report
        }
        return try append { [derived] db, draft, settlement in
            var report = read
            let tree = try Areas.tree(in: db)
            // A row that cannot be read says nothing of the place that it may stand for.
            var planner = AreaPlanner(areas, tree, isPartial: isPartial || read.wrong > 0) { key in
                derived.id("area", key) { _ in false }
            }
            var (plan, result) = try planner.make()
            try Self.refuseTooMany(result)
            let scopes = AreaRegister.keepingScopes(of: try Accounts.all(in: db), tree, result)
            plan.users = scopes.map(\.user.name)
            report.plan = plan
            guard !plan.needsDecision || (acceptPlan && plan.undecided == 0) else {
                report.isStopped = true
                return report
            }
            let register = try AreaRegister(db)
            for change in plan.changes {
                guard let after = change.after else { continue }
                try register.write(after, over: change.before, &draft)
                if change.before != nil {
                    report.changed += 1
                } else if change.level == .village {
                    report.added += 1
                }
            }
            report.unchanged = plan.unchanged
            for scope in scopes {
                try Self.assign(scope.user, scope.areas, db, &draft, &settlement)
            }
            return report
        }
    }

    private static func read(_ file: URL, _ cityCode: String, _ cityName: String) throws
        -> (AreaFile, ImportReport)
    {
        let csv = CSVFile(file)
        var report = ImportReport()
        var areas = AreaFile(cityCode: cityCode, cityName: cityName)
        try csv.forEachRow(required: AreaFile.columns) { header, row in
            report.rows += 1
            do throws(RowProblem) {
                try areas.add(header, row, file: csv.name)
            } catch {
                report.add(error)
            }
        }
        return (areas, report)
    }

    private static func refuseTooMany(_ result: AreaTree) throws(Failure) {
        guard result.villages.count <= WireLimits.areas else {
            throw Failure(
                .badFile,
                Label(
                    zh: "一个服务器最多 \(WireLimits.areas) 个村",
                    en: "a server has at most \(WireLimits.areas) villages"))
        }
    }
}
