public import ArgumentParser
public import SurveyCoverage
public import SurveyModel

/// What `coverage` takes on both sides.
public struct CoverageOptions: ParsableArguments, Sendable {
    public enum Format: String, ExpressibleByArgument, CaseIterable, Sendable {
        case table
        case csv
        case json
        case geojson
    }

    @Option(
        help: .init(
            localized(
                zh: "区域：任一级代码或管理单位（可重复）",
                en: "An area: a code of any level or a managing unit. May be repeated."),
            valueName: "code|unit"))
    public var area: [String] = []

    @Option(
        help: .init(
            localized(zh: "汇总层级", en: "What rows stand for."),
            valueName: RollUp.allCases.map(\.rawValue).joined(separator: "|")))
    public var by = RollUp.village.rawValue

    @Option(
        help: .init(
            localized(zh: "轮次（默认当前）", en: "The round (default: the current one)."),
            valueName: "round"))
    public var round: String?

    @Option(
        help: .init(
            localized(
                zh: "输出格式。geojson：至少 5 户有坐标的区域才有中心点",
                en: "How to print it. geojson has a point, the middle of its households, only for "
                    + "an area where at least 5 have a position.")))
    public var format = Format.table

    public init() {}

    public func rollUp() throws(Failure) -> RollUp {
        guard let level = RollUp(rawValue: by) else {
            let levels = RollUp.allCases.map(\.rawValue)
            throw Failure(
                .usage,
                Label(
                    zh: "--by 没有“\(by.printable)”，可选 \(levels.joined(separator: "、"))",
                    en: "--by takes \(levels.joined(separator: ", ")), not \(by.printable)"))
        }
        return level
    }

    public func show(_ report: CoverageReport, json: Bool) throws {
        switch json ? .json : format {
        case .json: report.json.print()
        case .csv: for line in report.csv { print(line) }
        case .geojson: report.geoJSON.print()
        case .table: report.print()
        }
    }
}
