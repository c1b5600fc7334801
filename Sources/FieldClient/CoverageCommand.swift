import ArgumentParser
import FieldStore
import SurveyConsole
import SurveyModel
import SurveyStore

struct CoverageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coverage",
        abstract: localized(
            zh: "本人可读区域的覆盖情况", en: "Coverage of the areas that this user may read."),
        discussion: localized(
            zh: """
                示例：
                  lianhu coverage --by township                  # 各乡镇
                  lianhu coverage --area 520402 --format csv     # 一个县的各村
                  lianhu coverage --by unit --round 2026-autumn  # 各管理单位
                  lianhu coverage --by village --format geojson  # 供地图使用
                """,
            en: """
                Examples:
                  lianhu coverage --by township                  # each township
                  lianhu coverage --area 520402 --format csv     # a county by village
                  lianhu coverage --by unit --round 2026-autumn  # each managing unit
                  lianhu coverage --by village --format geojson  # for a map
                """))

    @OptionGroup var options: CoverageOptions
    @OptionGroup var home: HomeOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let store = try home.open()
        guard let round = try store.round(options.round) else { throw Failure(.noOpenRound) }
        var villages: [Area]?
        if !options.area.isEmpty {
            villages = try options.area.flatMap { try store.villages($0, of: round) }
            guard !(try store.readable(villages ?? [])).isEmpty else {
                throw Failure(.notPermitted, options.area.joined(separator: ", "))
            }
        }
        let (table, asOf) = try store.coverage(
            round: round, villages: villages, by: try options.rollUp())
        let centroids = try options.format == .geojson ? store.centroids(in: villages) : [:]
        try options.show(
            CoverageReport(round: round.code, asOf: asOf, table: table, centroids: centroids),
            json: output.json)
    }
}
