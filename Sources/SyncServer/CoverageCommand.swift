import ArgumentParser
import ServerStore
import SurveyConsole
import SurveyCoverage
import SurveyModel
import SurveyStore

struct CoverageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coverage",
        abstract: localized(zh: "覆盖情况", en: "Coverage of a round, from the server's own records."))

    @OptionGroup var options: CoverageOptions
    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let store = try data.open()
        guard let round = try store.round(options.round) else { throw Failure(.noOpenRound) }
        let tree = try store.areaTree()
        let villages =
            options.area.isEmpty ? tree.villages : try store.areas(options.area).villages(in: tree)
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
