import ArgumentParser
import ServerStore
import SurveyConsole
import SurveyCoverage
import SurveyModel
import SurveyStore

struct CoverageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coverage",
        abstract: localized(zh: "覆盖情况", en: "Coverage of a round, from the server's own records."),
        discussion: localized(
            zh: """
                示例：
                  lianhu-server coverage --by township                  # 各乡镇
                  lianhu-server coverage --area 520402 --format csv     # 一个县的各村
                  lianhu-server coverage --by unit --round 2026-autumn  # 各管理单位
                  lianhu-server coverage --by village --format geojson  # 供地图使用
                """,
            en: """
                Examples:
                  lianhu-server coverage --by township                  # each township
                  lianhu-server coverage --area 520402 --format csv     # a county by village
                  lianhu-server coverage --by unit --round 2026-autumn  # each managing unit
                  lianhu-server coverage --by village --format geojson  # for a map
                """))

    @OptionGroup var options: CoverageOptions
    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let store = try data.open()
        guard let round = try store.round(options.round) else { throw Failure(.noOpenRound) }
        let tree = try store.areaTree(of: round)
        let villages =
            try options.area.isEmpty
            ? tree.villages : store.areas(options.area, in: tree).villages(in: tree)
        let table = CoverageTable(
            try store.coverage(round), villages: villages, tree: tree, by: try options.rollUp())
        let centroids = try options.format == .geojson ? store.centroids(of: villages) : [:]
        try options.show(
            CoverageReport(
                round: round.code, asOf: store.environment.now(), table: table,
                centroids: centroids),
            json: output.json)
    }
}
